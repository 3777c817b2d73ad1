"""Keys, and the secrets that are sealed with them before they reach SQL: AES-256-GCM, from the extra ``secrets``.

A server, its log, its statistics and its dumps see what is sealed, and never a key. Each sealed text has a nonce of its
own and is tied to its column: moved to another one, or with a bit changed, it cannot be opened.
"""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from radarr_db import checks, sealed
from radarr_db.errors import InvalidArgumentError, SecretError
from radarr_db.sealed import KINDS, Place, Sealed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

S = TypeVar("S", bound=Sealed)

ENVIRONMENT = "RADARR_DB_KEYS"

# The tables with a column ``fields``.
Table = Literal["indexers", "download_clients"]
TABLES: tuple[Table, ...] = ("indexers", "download_clients")

_KEY_BYTES = 32
_NONCE_BYTES = 12
_plain = checks.text(100_000, empty=True)
_ID = re.compile(sealed.KEY_ID)
_A_KEY = "`radarr-db new-key ID` makes one"


class Keyring:
    """The keys of a service: the first one seals, all of them open.

    ``keys`` has them as ``id:base64 of 32 bytes``, separated by commas or in lines of their own; lines that start with
    ``#`` are remarks. InvalidArgumentError when they cannot be read, SecretError without the extra ``secrets``.
    """

    __slots__ = ("_ciphers", "_current")

    def __init__(self, keys: str) -> None:
        self._ciphers = _ciphers(keys)
        self._current = next(iter(self._ciphers))

    @classmethod
    def from_environment(cls, variable: str = ENVIRONMENT) -> Keyring:
        """The keys that an environment variable holds; SecretError when it is not set."""
        keys = os.environ.get(variable)
        if not keys:
            raise SecretError(f"no keys: set the environment variable {variable}, or name a file of keys; {_A_KEY}")
        return cls(keys)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Keyring:
        """The keys in a file; SecretError when it cannot be read, or when others than its owner can.

        As for PostgreSQL's own keys, a file of root may be read by its group.
        """
        try:
            with Path(path).open(encoding="utf-8") as file:
                status = os.fstat(file.fileno())
                allowed = 0o740 if status.st_uid == 0 else 0o700
                if stat.S_IMODE(status.st_mode) & ~allowed & 0o777:
                    raise SecretError(f"others can read the keys in {path}: `chmod 600 {path}`")
                keys = file.read()
        except (OSError, UnicodeDecodeError) as error:
            problem = getattr(error, "strerror", None) or "it is no UTF-8 text"
        else:
            return cls(keys)
        # Not inside the handler: a UnicodeDecodeError holds what was read.
        raise SecretError(f"cannot read the keys in {path}: {problem}")

    @staticmethod
    def new_key(key_id: str) -> str:
        """A new key of this id, as a line for a keyring. The line is a secret itself."""
        if not _ID.fullmatch(key_id):
            raise InvalidArgumentError("key_id", "must have 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'")
        return f"{key_id}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys; the first one is that of the key that seals."""
        return tuple(self._ciphers)

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._ciphers)}>"

    def seal(self, kind: type[S], plain: str) -> S:
        """A secret sealed for the column of ``kind``: ``keyring.seal(ApiKey, "...")``."""
        return kind(self._seal(_column(kind), plain))

    def open(self, secret: Sealed) -> str:
        """What is in a sealed secret; SecretError when this keyring cannot open it."""
        column = _column(type(secret))
        return self._open(column, column, secret.text)

    def seal_fields(self, table: Table, fields: Sequence[Any]) -> list[Any]:
        """The ``fields`` of an indexer or a client with the secrets among them sealed, but for those that are already.

        Which entries are secret is told by their names; what is no text is left as it is.
        """
        column = _fields_column(table)

        def change(place: Place, text: str) -> str:
            is_new = place.is_secret and sealed.is_plain(text)
            return self._seal(f"{column}.{place.name}", text) if is_new else text

        return _mapped("fields", fields, change)

    def open_fields(self, table: Table, fields: Sequence[Any]) -> list[Any]:
        """The ``fields`` of a row, with what is sealed in them opened; SecretError names the entry that cannot be."""
        column = _fields_column(table)

        def change(place: Place, text: str) -> str:
            if sealed.is_plain(text) and not place.is_secret:
                return text
            return self._open(f"{table}.{place.path}", f"{column}.{place.name}", text)

        return _mapped("fields", fields, change)

    def reseal(self, where: str, column: str, text: str) -> str:
        """A stored text, plain or sealed, as the first key seals it; as it is when that key sealed it.

        ``where`` is how SecretError calls it when this keyring cannot open it.
        """
        if sealed.is_plain(text):
            return self._seal(column, text)
        plain = self._open(where, column, text)
        found = sealed.parsed(text)
        return text if found and found[0] == self._current else self._seal(column, plain)

    def _seal(self, column: str, plain: str) -> str:
        secret = _plain("plain", plain).encode()
        nonce, context = os.urandom(_NONCE_BYTES), _context(self._current, column)
        box = self._ciphers[self._current].encrypt(nonce, secret, context)
        return f"sealed:1:{self._current}:{base64.b64encode(nonce + box).decode()}"

    def _open(self, where: str, column: str, text: str) -> str:
        if sealed.is_plain(text):
            raise SecretError(f"{where}: is stored in plain: `radarr-db rotate-keys` seals it")
        found = sealed.parsed(text)
        box = found and _box(found[1])
        if not found or not box:
            raise SecretError(f"{where}: is damaged, or a newer version of radarr_db sealed it")
        key = found[0]
        if key not in self._ciphers:
            raise SecretError(f'{where}: is sealed with the key "{key}"; the keyring has {_named(self._ciphers)}')
        plain = self._opened(key, column, box)
        if plain is not None:
            return plain
        for other in _elsewhere(column):
            if self._opened(key, other, box) is not None:
                raise SecretError(f"{where}: belongs to {other}, and was moved or copied")
        raise SecretError(
            f'{where}: the key "{key}" does not open it: it is damaged or was moved from elsewhere, '
            f"or the keyring has another key of that name"
        )

    def _opened(self, key: str, column: str, box: bytes) -> str | None:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - an extra, and here it is there

        nonce, sealed_bytes = box[:_NONCE_BYTES], box[_NONCE_BYTES:]
        try:
            return self._ciphers[key].decrypt(nonce, sealed_bytes, _context(key, column)).decode()
        except InvalidTag:
            return None


def _ciphers(keys: str) -> dict[str, AESGCM]:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an extra, which may be missing
    except ModuleNotFoundError as error:
        raise SecretError("secrets need an extra: pip install 'radarr-db[secrets]'") from error
    found: dict[str, AESGCM] = {}
    for place, (key_id, encoded) in enumerate(_lines(keys), 1):
        key = _box(encoded)
        if not _ID.fullmatch(key_id) or key is None or len(key) != _KEY_BYTES:
            raise InvalidArgumentError("keys", f"key {place} must be id:base64 of {_KEY_BYTES} bytes; {_A_KEY}")
        if key_id in found:
            raise InvalidArgumentError("keys", f'there are two keys of the name "{key_id}"')
        found[key_id] = AESGCM(key)
    if not found:
        raise InvalidArgumentError("keys", f"there is none; {_A_KEY}")
    return found


def _lines(keys: str) -> Iterator[tuple[str, str]]:
    for line in map(str.strip, re.split(r"[,\n]", keys)):
        if line and not line.startswith("#"):
            key_id, _, encoded = line.partition(":")
            yield key_id, encoded


def _box(encoded: str) -> bytes | None:
    """The bytes of a Base64 text; None when it is none, or not the one that encoding them gives."""
    try:
        found = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return found if base64.b64encode(found).decode() == encoded else None


def _context(key: str, column: str) -> bytes:
    """What a sealed text is tied to, beside its key."""
    return f"radarr_db:1:{key}:{column}".encode()


def _elsewhere(column: str) -> Iterator[str]:
    """The other columns that a sealed text may have come from, and the fields of the same name."""
    name = column.rpartition(".")[2].replace("_", "")
    known = (*(kind.column for kind in KINDS), *(f"{table}.fields.{name}" for table in TABLES))
    return (other for other in known if other != column)


def _column(kind: type[Sealed]) -> str:
    if kind not in KINDS:
        known = " or ".join(known.__name__ for known in KINDS)
        raise InvalidArgumentError("secret", f"must be of {known}, not of {kind.__name__}")
    return kind.column


def _fields_column(table: Table) -> str:
    if table not in TABLES:
        raise InvalidArgumentError("table", f"must be one of {', '.join(TABLES)}")
    return f"{table}.fields"


def _mapped(path: str, fields: Sequence[Any], change: sealed.Change) -> list[Any]:
    checks.document(list)(path, fields)
    changed: list[Any] = sealed.mapped(path, fields, change)
    return changed


def _named(keys: Mapping[str, object]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
