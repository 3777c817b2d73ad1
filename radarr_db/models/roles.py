"""What roles have rights to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class CurrentDatabase:
    """The database of a session: its name as SQL has it, and whether its schema ``public`` is migrated."""

    name: str
    is_migrated: bool


@dataclass(slots=True)
class SchemaObject:
    """A table, function or the like: what ALTER calls its kind, and its name as SQL has it."""

    kind: str
    name: str
    is_partition: bool
    is_owned: bool
