"""What of a database goes into a dump of it: its tables, their rows, and the words that tell pg_dump."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import psycopg
from psycopg import sql

from radarr_db.errors import InvalidArgumentError
from radarr_db.models.schema import Relation
from radarr_db.operations.manifests import Kind
from radarr_db.operations.sessions import run
from radarr_db.repositories import schema

# The owner of a database may not create it, so a restore must do without.
OPTIONAL_EXTENSION = "pg_stat_statements"


def chosen(relations: Iterable[Relation], kind: Kind, tables: Sequence[str]) -> list[Relation]:
    """The tables whose rows go into a dump; InvalidArgumentError when one of ``tables`` is not there."""
    by_label = {relation.label: relation for relation in relations if relation.is_table}
    for table in tables:
        if table not in by_label:
            raise InvalidArgumentError("tables", f"there is no table {table!r} that holds rows")
    if tables:
        return [by_label[table] for table in tables]
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


def options(
    connection: psycopg.Connection, relations: Sequence[Relation], kind: Kind, tables: Sequence[str]
) -> list[str]:
    """What to tell pg_dump for a dump of this kind."""
    if tables:
        only = [f"--table={table.pattern}" for table in relations if table.is_table and table.label in tables]
        return ["--format=custom", *only]
    if kind == "data":
        return [
            "--format=custom",
            "--data-only",
            *(f"--exclude-table={relation.pattern}" for relation in relations if relation.of_schema),
        ]
    if kind == "schema":
        # Not --schema-only: without the marks of the migrations nothing could go on from that schema.
        plain = ("--format=plain", "--no-owner", "--no-privileges")
        others = (relation for relation in relations if not relation.of_schema)
        return [*plain, *(f"--exclude-table-data={relation.pattern}" for relation in others), *_extensions(connection)]
    return ["--format=custom", *_extensions(connection)]


def _extensions(connection: psycopg.Connection) -> list[str]:
    """All extensions but the one that may be missing."""
    names = [found.name for found in run(connection, schema.list_extensions())]
    return [f'--extension="{name}"' for name in names if name != OPTIONAL_EXTENSION]
