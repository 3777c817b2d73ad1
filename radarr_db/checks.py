"""What an argument must be, checked before any SQL runs.

A check takes the argument's name and its value, and returns the value as it goes to the server or raises
InvalidArgumentError. Checks stand in the types of the models, ``Annotated[int, integer(1, 10)]``, and repository
functions call them for single arguments.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, TypeVar

from radarr_db.errors import InvalidArgumentError
from radarr_db.sealed import Place, Sealed, is_plain, mapped

Check = Callable[[str, Any], Any]
E = TypeVar("E", bound=enum.StrEnum)

INT4 = 2**31 - 1
INT8 = 2**63 - 1
JSON_BYTES = 1024 * 1024
JSON_DEPTH = 64

# What holds nothing. An unusual class of these is looked into in vain.
_SCALARS = frozenset({str, int, float, bool, type(None)})

# As this the queue sorts a time left that is not known.
_LONGEST = dt.timedelta(days=100_000_000)

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_CLIMBS = re.compile(r"(^|[/\\])\.\.([/\\]|$)")
_IMDB = re.compile(r"(?:tt)?([0-9]{1,18})")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_LARGE_FLOAT = re.compile(r"\de\+")


class Json(str):
    """A JSON text: the checked form of a document."""

    __slots__ = ()


def integer(low: int, high: int) -> Check:
    """A whole number from ``low`` to ``high``."""

    def check(argument: str, value: object) -> int:
        if type(value) is not int:
            raise InvalidArgumentError(argument, f"must be a whole number, not {kind_of(value)}")
        if not low <= value <= high:
            raise InvalidArgumentError(argument, f"must be from {low} to {high}")
        return value

    return check


def number(low: float, high: float) -> Check:
    """A finite number from ``low`` to ``high``."""

    def check(argument: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidArgumentError(argument, f"must be a number, not {kind_of(value)}")
        if not low <= value <= high:
            raise InvalidArgumentError(argument, f"must be from {low:g} to {high:g}")
        return value

    return check


def text(longest: int, *, empty: bool = False) -> Check:
    """A text of at most ``longest`` characters that PostgreSQL can hold."""

    def check(argument: str, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidArgumentError(argument, f"must be a text, not {kind_of(value)}")
        if not (empty or value.strip()):
            raise InvalidArgumentError(argument, "must not be empty")
        if len(value) > longest:
            raise InvalidArgumentError(argument, f"must have at most {longest} characters")
        if "\0" in value:
            raise InvalidArgumentError(argument, "must not contain the NUL character")
        try:
            value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return value
        # Not inside the handler: that error holds the value, which may be secret.
        raise InvalidArgumentError(argument, "must not contain a lone surrogate")

    return check


def path(*, relative: bool = False) -> Check:
    """A path without ``..``; a relative one does not start at the root either."""
    is_text = text(4096)

    def check(argument: str, value: object) -> str:
        checked: str = is_text(argument, value)
        if _CLIMBS.search(checked):
            raise InvalidArgumentError(argument, "must not contain '..'")
        if relative and checked[0] in "/\\":
            raise InvalidArgumentError(argument, "must be relative")
        return checked

    return check


def boolean(argument: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise InvalidArgumentError(argument, f"must be True or False, not {kind_of(value)}")
    return value


def date(argument: str, value: object) -> dt.date:
    """A day."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise InvalidArgumentError(argument, f"must be a date, not {kind_of(value)}")
    return value


def timestamp(argument: str, value: object) -> dt.datetime:
    """A moment: a datetime with a time zone."""
    if not isinstance(value, dt.datetime):
        raise InvalidArgumentError(argument, f"must be a datetime, not {kind_of(value)}")
    if value.utcoffset() is None:
        raise InvalidArgumentError(argument, "must have a time zone: a naive datetime is no moment")
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise InvalidArgumentError(argument, "must be in the years 1 to 9999 of UTC") from None


def duration(argument: str, value: object) -> dt.timedelta:
    """A length of time."""
    if not isinstance(value, dt.timedelta):
        raise InvalidArgumentError(argument, f"must be a timedelta, not {kind_of(value)}")
    if abs(value) >= _LONGEST:
        raise InvalidArgumentError(argument, f"must be less than {_LONGEST.days} days")
    return value


def member(kind: type[E]) -> Check:
    """A member of the enum, or its value."""
    known = {option.value: option.value for option in kind}
    expected = ", ".join(known)

    def check(argument: str, value: object) -> str:
        try:
            return known[value]  # type: ignore[index]  # any key may be looked up, and misses
        except (KeyError, TypeError):
            raise InvalidArgumentError(argument, f"unknown: {_shown(value)}; one of {expected}") from None

    return check


def imdb_id(argument: str, value: object) -> str | None:
    """An IMDb id as ``tt`` and at least seven digits; None for the empty text."""
    if value == "":
        return None
    found = _IMDB.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise InvalidArgumentError(argument, "must be an IMDb id: 'tt' and digits")
    return f"tt{found[1]:0>7}"


def year(argument: str, value: object) -> int:
    """A year of release, up to ten years ahead."""
    checked: int = integer(1800, dt.datetime.now(dt.UTC).year + 10)(argument, value)
    return checked


def maybe(check: Check, argument: str, value: object) -> Any:
    """None, or what ``check`` makes of the value."""
    return None if value is None else check(argument, value)


def iterable(argument: str, value: object) -> Iterable[Any]:
    """What gives values one by one, and is no text or mapping."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise InvalidArgumentError(argument, f"must be a list, not {kind_of(value)}")
    return value


def items(check: Check) -> Check:
    """A list of values that each pass ``check``."""

    def check_items(argument: str, value: object) -> list[object]:
        return [check(f"{argument}[{i}]", item) for i, item in enumerate(iterable(argument, value))]

    return check_items


def document(kind: type[dict[str, Any] | list[Any]]) -> Check:
    """A JSON object (dict) or array (list): at most 1 MiB, 64 levels deep, and only what JSON knows."""
    empty = Json(json.dumps(kind()))

    def check(argument: str, value: object) -> Json:
        if not isinstance(value, kind):
            raise InvalidArgumentError(argument, f"must be a {kind.__name__}, not {kind_of(value)}")
        return _encode(argument, value) if value else empty

    return check


def sealed(kind: type[Sealed]) -> Check:
    """A secret that is sealed for the column of ``kind``, as the text to store."""

    def check(argument: str, value: object) -> str:
        if type(value) is not kind or is_plain(value.text):
            raise InvalidArgumentError(argument, f"must be sealed: Keyring.seal({kind.__name__}, ...)")
        return value.text

    return check


def fields(argument: str, value: object) -> Json:
    """A JSON array as ``document`` has it, in which no secret is plain."""
    encoded: Json = document(list)(argument, value)

    def check(place: Place, text: str) -> str:
        if place.is_secret and is_plain(text):
            raise InvalidArgumentError(place.path, "must be sealed: Keyring.seal_fields(...)")
        return text

    mapped(argument, value, check)
    return encoded


def _encode(argument: str, value: object) -> Json:
    problem = ""
    try:
        encoded = _ENCODER.encode(value)
        size = len(encoded.encode())
    except RecursionError:
        problem = f"must be at most {JSON_DEPTH} levels deep"
    except UnicodeEncodeError:
        problem = "must not contain a lone surrogate"
    except (TypeError, ValueError) as error:
        problem = f"must be JSON: {error}"
    if problem:  # not inside the handlers: an error there holds the value, which may be secret
        raise InvalidArgumentError(argument, problem)
    if size > JSON_BYTES:
        raise InvalidArgumentError(argument, f"must have at most {JSON_BYTES} bytes as JSON")
    # The plain search first: it takes a twentieth of the time, and almost always settles the question.
    if "\\u0000" in encoded and _ESCAPED_NUL.search(encoded):
        raise InvalidArgumentError(argument, "must not contain the NUL character")
    _check_containers(argument, value)
    if "e+" in encoded and _LARGE_FLOAT.search(encoded):
        encoded = json.dumps(_whole(value), ensure_ascii=False, separators=(",", ":"))
    return Json(encoded)


def _check_containers(argument: str, value: object) -> None:
    level: list[Any] = [value]
    for _ in range(JSON_DEPTH):
        objects = [item for item in level if isinstance(item, dict)]
        arrays = [item for item in level if isinstance(item, (list, tuple))]
        try:
            "".join(chain.from_iterable(objects))  # looks at all keys in C
        except TypeError:
            raise InvalidArgumentError(argument, "must have texts as keys") from None
        values = chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(arrays))
        level = [item for item in values if type(item) not in _SCALARS]
        if not level:
            return
    if any(isinstance(item, (dict, list, tuple)) for item in level):
        raise InvalidArgumentError(argument, f"must be at most {JSON_DEPTH} levels deep")


def _whole(value: Any) -> Any:
    """The value with each float of 1e16 and more as the integer it equals.

    JSONB keeps numbers as decimals: 1e23 would come back as the integer 10**23, which is not the float 1e23.
    """
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    if isinstance(value, float) and abs(value) >= 1e16:  # noqa: PLR2004 - from here on repr has an exponent
        return int(value)
    return value


def kind_of(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _shown(value: object) -> str:
    return repr(value)[:40]
