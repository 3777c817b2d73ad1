"""From models and changed fields, each checked, to the JSON that becomes rows."""

from __future__ import annotations

import datetime as dt
import json
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from radarr_db import checks
from radarr_db.errors import InvalidArgumentError

# The checks of types that say all there is to check.
_PLAIN: dict[type, checks.Check] = {
    bool: checks.boolean,
    dt.date: checks.date,
    dt.datetime: checks.timestamp,
    dt.timedelta: checks.duration,
}


class _Fields(NamedTuple):
    """The fields of a model or a TypedDict: the check of each, and whether None may stand in it."""

    names: tuple[str, ...]
    checks: tuple[tuple[checks.Check, bool], ...]


@cache
def _fields(kind: type) -> _Fields:
    hints = typing.get_type_hints(kind, include_extras=True)
    return _Fields(tuple(hints), tuple(map(_check_of, hints.values())))


def _check_of(hint: Any) -> tuple[checks.Check, bool]:
    options = typing.get_args(hint)
    if hasattr(hint, "__metadata__"):
        return hint.__metadata__[0], False
    if type(None) in options:
        return _check_of(options[0])[0], True
    return _PLAIN[hint], False


@cache
def _values(kind: type) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*_fields(kind).names)


def record(argument: str, new: object, kind: type, *, place: int | None = None) -> checks.Json:
    """A model as the JSON object that becomes a row; what is None is left out.

    A field at fault is named as such, ``title``; in a list with its ``place``, ``movies[3].title``.
    """
    if place is not None:
        argument = f"{argument}[{place}]"
    if not isinstance(new, kind):
        raise InvalidArgumentError(argument, f"must be a {kind.__name__}, not {checks.kind_of(new)}")
    names, checked = _fields(kind)
    members: list[str] = []
    try:
        for name, (check, optional), value in zip(names, checked, _values(kind)(new), strict=True):
            if value is not None or not optional:
                found = check(name, value)
                members.append(f'"{name}":{_WRITERS[type(found)](found)}')
    except InvalidArgumentError as error:
        if place is None:
            raise
        name, problem = error.args
        raise InvalidArgumentError(f"{argument}.{name}", problem) from error.__cause__
    return _object(members)


def changes(given: Mapping[str, object], kind: type) -> checks.Json:
    """The given fields of a model as the JSON object that is laid over a row."""
    known = dict(zip(*_fields(kind), strict=True))
    members: list[str] = []
    for name, value in given.items():
        if name not in known:
            raise InvalidArgumentError(name, f"is no field to change; one of {', '.join(known)}")
        check, optional = known[name]
        found = None if value is None and optional else check(name, value)
        members.append(f'"{name}":{_WRITERS[type(found)](found)}')
    return _object(members)


def array(rows: Iterable[checks.Json]) -> checks.Json:
    """Rows as one JSON array."""
    return checks.Json(f"[{','.join(rows)}]")


def _object(members: Iterable[str]) -> checks.Json:
    return checks.Json(f"{{{','.join(members)}}}")


def _json_value(value: object) -> str:
    if isinstance(value, dt.timedelta):
        return f"{value // dt.timedelta(microseconds=1)} microseconds"
    return str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_json_value)

# How a checked value is written: what is common without a call of the encoder, which takes longer than the rest.
_WRITERS: defaultdict[type, Callable[[Any], str]] = defaultdict(
    lambda: _ENCODER.encode,
    {
        checks.Json: str,
        str: json.encoder.encode_basestring,
        int: repr,
        float: repr,
        dt.date: lambda value: f'"{value}"',
        dt.datetime: lambda value: f'"{value}"',
    },
)
