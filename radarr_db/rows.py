"""From a row as the driver gives it to a typed row: a maker compiled once per row class."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from radarr_db.errors import StatementError
from radarr_db.sealed import Sealed

Row = tuple[Any, ...]
R = TypeVar("R")
K = TypeVar("K")


def row_maker(row: type[R]) -> Callable[[Row], R]:
    """A function that builds the dataclass ``row`` from columns in the order of its fields."""
    found: Callable[[Row], R] = _compiled(row)  # type: ignore[arg-type]  # a class is hashable
    return found


@cache
def _compiled(row: Any) -> Callable[[Row], Any]:
    """Source instead of a loop over the fields, since a page is thousands of fields, and slots that are set without
    ``__init__``, whose call takes as long again. An enum's member is looked up in a dict: a call of the enum would
    cost more than the row.
    """
    hints = typing.get_type_hints(row)
    targets, settings = [], []
    namespace: dict[str, Any] = {"row": row, "new": row.__new__}
    for name in (field.name for field in dataclasses.fields(row)):
        found, secret = _members(hints[name]), _option(hints[name], Sealed)
        lazy = getattr(row.__dict__.get(name), "slot", None)
        if found:
            namespace[f"of_{name}"] = found
            settings.append(f"made.{name} = of_{name}[{name}]")
        elif secret:
            namespace[f"of_{name}"] = secret
            settings.append(f"made.{name} = None if {name} is None else of_{name}({name})")
        elif lazy:
            namespace[f"set_{name}"] = lazy.__set__
            settings.append(f"set_{name}(made, {name})")
        targets.append(name if found or secret or lazy else f"made.{name}")
    lines = ("made = new(row)", f"{', '.join(targets)}, = values", *settings, "return made")
    exec("\n    ".join(("def make(values):", *lines)), namespace)  # noqa: S102 - made of field names
    return typing.cast("Callable[[Row], Any]", namespace["make"])


def _members(hint: object) -> dict[str | None, enum.Enum | None] | None:
    """The members by value of an enum, or of ``Enum | None``; None for any other type."""
    found = _option(hint, enum.Enum)
    return _Members({None: None, **{member.value: member for member in found}}) if found else None


def _option(hint: object, kind: type[K]) -> type[K] | None:
    """The class below ``kind`` that a type is, or is besides None; None for any other type."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((option for option in options if isinstance(option, type) and issubclass(option, kind)), None)


class _Members(dict[str | None, enum.Enum | None]):
    """Members by their value; one that a newer schema has, and this code does not know, is an error."""

    def __missing__(self, value: str | None) -> enum.Enum | None:
        kind = next(type(member).__name__ for member in self.values() if member is not None)
        raise StatementError(f"the server gave a {kind} that this version of radarr_db does not know: upgrade it")
