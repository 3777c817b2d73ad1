"""JSON columns that are decoded when they are read: most rows that are fetched never have theirs looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from radarr_db.rawjson import RawJson

C = TypeVar("C", bound=type)


class _LazyJson:
    """Stands before the slot of a field, and decodes what it holds once."""

    __slots__ = ("slot",)

    def __init__(self, slot: Any) -> None:
        self.slot = slot

    def __get__(self, row: object, owner: type | None = None) -> Any:
        if row is None:
            return self
        value = self.slot.__get__(row, owner)
        if type(value) is RawJson:
            value = json.loads(value)
            self.slot.__set__(row, value)
        return value

    def __set__(self, row: object, value: object) -> None:
        self.slot.__set__(row, value)


def lazy(*names: str) -> Callable[[C], C]:
    """Decode the named JSON fields of a slotted dataclass at their first reading."""

    def wrap(row: C) -> C:
        for name in names:
            setattr(row, name, _LazyJson(row.__dict__[name]))
        return row

    return wrap
