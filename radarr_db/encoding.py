"""From models and changed fields, each checked, to the JSON that becomes rows."""

from __future__ import annotations

import datetime as dt
import json
import typing
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any

from radarr_db import checks
from radarr_db.errors import InvalidArgumentError

# The checks of types that say all there is to check.
_PLAIN: dict[type, checks.Check] = {
    bool: checks.boolean,
    dt.date: checks.date,
    dt.datetime: checks.timestamp,
    dt.timedelta: checks.duration,
}


@cache
def _fields(kind: type) -> tuple[tuple[str, checks.Check], ...]:
    """The checks of the annotated fields of a model or a TypedDict."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return tuple((name, _check_of(hint)) for name, hint in hints.items())


def _check_of(hint: Any) -> checks.Check:
    options = typing.get_args(hint)
    if hasattr(hint, "__metadata__"):
        return typing.cast("checks.Check", hint.__metadata__[0])
    if type(None) in options:
        return partial(checks.maybe, _check_of(options[0]))
    return _PLAIN[hint]


def record(argument: str, new: object, kind: type, *, place: int | None = None) -> checks.Json:
    """A model as the JSON object that becomes a row.

    A field at fault is named as such, ``title``; in a list with its ``place``, ``movies[3].title``.
    """
    if place is not None:
        argument = f"{argument}[{place}]"
    if not isinstance(new, kind):
        raise InvalidArgumentError(argument, f"must be a {kind.__name__}, not {checks.kind_of(new)}")
    within = "" if place is None else f"{argument}."
    return _object((name, check(within + name, getattr(new, name))) for name, check in _fields(kind))


def changes(given: Mapping[str, object], kind: type) -> checks.Json:
    """The given fields of a model as the JSON object that is laid over a row."""
    known = dict(_fields(kind))
    for name in given:
        if name not in known:
            raise InvalidArgumentError(name, f"is no field to change; one of {', '.join(known)}")
    return _object((name, known[name](name, value)) for name, value in given.items())


def array(rows: Iterable[checks.Json]) -> checks.Json:
    """Rows as one JSON array."""
    return checks.Json(f"[{','.join(rows)}]")


def _object(pairs: Iterable[tuple[str, object]]) -> checks.Json:
    plain: dict[str, object] = {}
    documents = ""
    for name, value in pairs:
        if isinstance(value, checks.Json):
            documents += f',"{name}":{value}'
        else:
            plain[name] = value
    encoded = json.dumps(plain, ensure_ascii=False, default=_json_value)
    if not plain:
        return checks.Json("{" + documents[1:] + "}")
    return checks.Json(encoded[:-1] + documents + "}")


def _json_value(value: object) -> str:
    if isinstance(value, dt.timedelta):
        return f"{value // dt.timedelta(microseconds=1)} microseconds"
    return str(value)
