"""From a row as the driver gives it to a typed row: a maker compiled once per row class."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

Row = tuple[Any, ...]
R = TypeVar("R")


def row_maker(row: type[R]) -> Callable[[Row], R]:
    """A function that builds the dataclass ``row`` from columns in the order of its fields."""
    found: Callable[[Row], R] = _compiled(row)  # type: ignore[arg-type]  # a class is hashable
    return found


@cache
def _compiled(row: Any) -> Callable[[Row], Any]:
    """A column whose field is an enum is looked up in a dict: a call of the enum would cost more than the row."""
    hints = typing.get_type_hints(row)
    names = [field.name for field in dataclasses.fields(row)]
    lookups = {f"of_{name}": found for name in names if (found := _members(hints[name]))}
    arguments = ", ".join(f"of_{name}[{name}]" if f"of_{name}" in lookups else name for name in names)
    # Source instead of a loop over the fields: a page is thousands of fields.
    source = f"def make(values):\n    {', '.join(names)}, = values\n    return row({arguments})"
    namespace: dict[str, Any] = {"row": row, **lookups}
    exec(source, namespace)  # noqa: S102 - made of field names
    return typing.cast("Callable[[Row], Any]", namespace["make"])


def _members(hint: object) -> dict[str | None, enum.Enum | None] | None:
    """The members by value of an enum, or of ``Enum | None``; None for any other type."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for option in options:
        if isinstance(option, type) and issubclass(option, enum.Enum):
            return {None: None, **{member.value: member for member in option}}
    return None
