"""A migrated database made ready for rows that come with all that triggers and migrations would add to them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from radarr_db.errors import BackupError
from radarr_db.models.schema import Relation
from radarr_db.operations.sessions import run
from radarr_db.repositories import partitions, schema

_PARTITION = re.compile(r"history_(?!0000)(\d{4})_(0[1-9]|1[0-2])")


@contextmanager
def prepared(connection: psycopg.Connection, names: Collection[str]) -> Iterator[None]:
    """Empty tables of these names without triggers and foreign keys in the block, and all of them again after it.

    Not --disable-triggers, which needs a superuser: a table's owner may disable its own triggers, and drop and make
    its foreign keys. And pg_restore does not know in which order the rows of partitions please theirs.
    """
    tables = _tables(connection, names)
    keys = run(connection, schema.list_foreign_keys())
    views = run(connection, schema.list_materialized_views())
    with connection.transaction():
        for key in keys:
            connection.execute(key.drop.encode())
        _switch_triggers(connection, tables, "DISABLE")
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(_name, tables))))
    yield
    with connection.transaction():
        for key in keys:
            connection.execute(key.add.encode())
        _switch_triggers(connection, tables, "ENABLE")
        for view in views:
            connection.execute(f"REFRESH MATERIALIZED VIEW {view}".encode())


def _tables(connection: psycopg.Connection, names: Collection[str]) -> list[Relation]:
    """All tables but those that tell of migrations; BackupError when one of ``names`` is not among them."""
    for month in filter(None, map(_PARTITION.fullmatch, names)):
        run(connection, partitions.create(dt.date(int(month[1]), int(month[2]), 1)))
    tables = [table for table in run(connection, schema.list_relations()) if table.is_table and not table.of_schema]
    if missing := sorted({*names} - {table.label for table in tables}):
        raise BackupError(f"no migration makes the table {missing[0]}: only a full backup can be restored here")
    return tables


def _switch_triggers(connection: psycopg.Connection, tables: Iterable[Relation], switch: str) -> None:
    for table in tables:
        connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(_name(table), sql.SQL(switch)))


def _name(table: Relation) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)
