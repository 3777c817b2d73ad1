"""What a database holds beside its rows."""

from __future__ import annotations

from dataclasses import dataclass

# What tells which migrations are applied: it belongs to the schema.
_MIGRATIONS = ("_yoyo_", "yoyo_")


@dataclass(slots=True)
class AppliedMigration:
    """A migration that is applied, and the checksum of its file; None when it was applied without this library."""

    id: str
    checksum: str | None


@dataclass(slots=True)
class Relation:
    """A table, or a sequence."""

    schema: str
    name: str
    is_table: bool

    @property
    def label(self) -> str:
        """Its name, with the schema where that is not the usual one."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def pattern(self) -> str:
        """A pattern of pg_dump that fits nothing else."""
        return ".".join('"{}"'.format(part.replace('"', '""')) for part in (self.schema, self.name))

    @property
    def of_schema(self) -> bool:
        """Whether its rows belong to the schema, and not to the data."""
        return self.name.startswith(_MIGRATIONS)


@dataclass(slots=True)
class TableSize:
    """A table, and its estimated number of rows."""

    name: str
    rows: int


@dataclass(slots=True)
class ForeignKey:
    """The statements that drop a foreign key, and make it again."""

    drop: str
    add: str


@dataclass(slots=True)
class Extension:
    """An extension of the database."""

    name: str
    version: str
