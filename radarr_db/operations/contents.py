"""What of a database goes into a dump of it: its tables, their rows, and the words that tell pg_dump."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from radarr_db.errors import InvalidArgumentError
from radarr_db.operations import migration_files
from radarr_db.operations.manifests import Kind

# The owner of a database may not create it, so a restore must do without.
OPTIONAL_EXTENSION = "pg_stat_statements"
# What tells which migrations are applied: it belongs to the schema.
_MIGRATIONS = ("_yoyo_", "yoyo_")


@dataclass(frozen=True, slots=True)
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
        return self.name.startswith(_MIGRATIONS)


def relations(connection: psycopg.Connection) -> list[Relation]:
    """All tables with rows of their own, and all sequences, except those of extensions.

    A standby has no rows of unlogged tables, and may not even look for them.
    """
    rows = connection.execute(
        """
        SELECT n.nspname, c.relname, c.relkind = 'r'
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'S')
            AND c.relpersistence <> 't'
            AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
            AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
        ORDER BY n.nspname, c.relname
        """
    )
    return [Relation(*row) for row in rows]


def chosen(relations: Iterable[Relation], kind: Kind, tables: Sequence[str]) -> list[Relation]:
    """The tables whose rows go into a dump; InvalidArgumentError when one of ``tables`` is not there."""
    by_label = {relation.label: relation for relation in relations if relation.is_table}
    for table in tables:
        if table not in by_label:
            raise InvalidArgumentError("tables", f"there is no table {table!r} that holds rows")
    if tables:
        return [] if kind == "schema" else [by_label[table] for table in tables]
    return [table for table in by_label.values() if kind == "full" or table.of_schema == (kind == "schema")]


def count(
    connection: psycopg.Connection, tables: Sequence[Relation], on_progress: Callable[[str, float], None]
) -> dict[str, int]:
    """The number of rows by table; ``on_progress`` is told each one before it is counted, and the share done."""
    counts = {}
    for place, table in enumerate(tables):
        on_progress(table.label, place / len(tables))
        statement = sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(table.schema, table.name))
        [(counts[table.label],)] = connection.execute(statement).fetchall()
    return counts


def schema_version(connection: psycopg.Connection) -> int:
    """The highest migration applied, 0 for none."""
    if connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone() == (None,):
        return 0
    applied = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    return max((migration_files.number(id_) for (id_,) in applied), default=0)


def options(
    connection: psycopg.Connection, relations: Sequence[Relation], kind: Kind, tables: Sequence[str]
) -> list[str]:
    """What to tell pg_dump for a dump of this kind."""
    if tables:
        only = [f"--table={table.pattern}" for table in relations if table.is_table and table.label in tables]
        return [*only, *{"full": ["--format=custom"], "schema": _PLAIN, "data": [*_DATA]}[kind]]
    if kind == "data":
        return [*_DATA, *(f"--exclude-table={relation.pattern}" for relation in relations if relation.of_schema)]
    if kind == "schema":
        # Not --schema-only: without the marks of the migrations nothing could go on from that schema.
        others = (relation for relation in relations if not relation.of_schema)
        return [*_PLAIN, *(f"--exclude-table-data={relation.pattern}" for relation in others), *_extensions(connection)]
    return ["--format=custom", *_extensions(connection)]


_DATA = ("--format=custom", "--data-only")
_PLAIN = ("--format=plain", "--no-owner", "--no-privileges")


def _extensions(connection: psycopg.Connection) -> list[str]:
    """All extensions but the one that may be missing."""
    names = [name for (name,) in connection.execute("SELECT extname FROM pg_extension")]
    return [f'--extension="{name}"' for name in names if name != OPTIONAL_EXTENSION]
