"""What a sealed secret is: its stored text, its column, and where in a JSON document secrets stand.

The text is ``sealed:1:KEY:BASE64``: the version of this form, the id of the key, and a nonce with what AES-256-GCM made
of the secret. Keys, and who opens what is sealed, are in ``radarr_db.secrets``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

KEY_ID = r"[A-Za-z0-9._-]{1,64}"

_SEALED = re.compile(rf"sealed:1:({KEY_ID}):([A-Za-z0-9+/]{{38,540000}}={{0,2}})")

# With a character damaged it is one still: nobody shall take it for a plain secret, and seal it again.
_ONCE_SEALED = re.compile(r"sealed:\d+:|(?:seal|.{4}ed:1:).*:[A-Za-z0-9+/]{38,}={0,2}\Z", re.DOTALL)

# In a name, whatever its case and without all that is no letter or digit. The decision on secrets tells this list.
_SECRET_NAME = re.compile(
    r"passw|passphrase|passkey|^pass$|pwd|secret|token|cookie|credential|bearer|authori[sz]ation"
    r"|(?:api|app|auth|rss|feed|user|access|private|session|torrent)key"
)
_SECRET_PRIVACY = ("apiKey", "password")


class Sealed:
    """A secret of a column as it is stored. ``Keyring.seal`` makes one, ``Keyring.open`` gives what is in it.

    There is a class for each column, so that neither a plain text nor the secret of another column fits there.
    """

    __slots__ = ("text",)

    column: ClassVar[str]

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.text == self.text

    def __hash__(self) -> int:
        return hash((type(self), self.text))


class ApiKey(Sealed):
    """The sealed API key of an indexer."""

    __slots__ = ()
    column = "indexers.api_key"


class ClientPassword(Sealed):
    """The sealed password of a download client."""

    __slots__ = ()
    column = "download_clients.password"


KINDS: tuple[type[Sealed], ...] = (ApiKey, ClientPassword)


def parsed(text: str) -> tuple[str, str] | None:
    """The id of the key and the Base64 text of what is sealed; None for a text of another form."""
    found = _SEALED.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_plain(text: str) -> bool:
    """Whether a text was never sealed. One that was, and is damaged, is not plain."""
    return not _ONCE_SEALED.match(text)


class Place(NamedTuple):
    """Where a text stands in a document: its path, the name of the entry that it belongs to, and whether it is secret.

    All below a secret entry belongs to that one. Names are without case, hyphens and the like: ``apiKey`` and
    ``api_key`` are the name ``apikey``.
    """

    path: str
    name: str
    is_secret: bool


Change = Callable[[Place, str], str]


def mapped(path: str, document: Any, change: Change) -> Any:
    """A copy of a JSON document in which each text that is not empty is what ``change`` makes of it.

    A text is secret when it stands below a key with the name of a secret, or as the value of an entry with such a
    name: ``{"name": "apiKey", "value": "..."}``, or with a ``privacy`` that says so.
    """
    return _mapped(Place(path, "", is_secret=False), document, change)


def _mapped(place: Place, item: Any, change: Change) -> Any:
    if isinstance(item, str):
        return change(place, item) if item else item
    if isinstance(item, dict):
        return {key: _mapped(_member(place, item, key), value, change) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_mapped(place._replace(path=f"{place.path}[{n}]"), each, change) for n, each in enumerate(item)]
    return item


def _member(place: Place, entry: dict[str, Any], key: str) -> Place:
    path = f"{place.path}.{key}"
    if place.is_secret:
        return place._replace(path=path)
    is_value = key == "value" and isinstance(entry.get("name"), str)
    name, is_secret = _named(entry["name"] if is_value else key)
    return Place(path, name, is_secret or (is_value and entry.get("privacy") in _SECRET_PRIVACY))


@lru_cache(maxsize=1024)
def _named(name: str) -> tuple[str, bool]:
    """A name as it is compared, and whether it is that of a secret."""
    compared = re.sub(r"[^a-z0-9]", "", name.casefold())
    return compared, bool(_SECRET_NAME.search(compared))
