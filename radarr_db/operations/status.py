"""What a database is like: its server, its schema and its tables. Only reads."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from radarr_db import connections
from radarr_db.errors import translate
from radarr_db.operations import migrations

# What the migrations create.
EXTENSIONS = ("fuzzystrmatch", "pg_stat_statements", "pg_trgm", "unaccent")


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a database.

    ``version`` is the highest migration applied, 0 for none; ``pending`` are the ids of those that are not.
    ``extensions`` has the version of each one that the schema uses, None where it is absent;
    ``statements_tracked`` tells whether the server loaded pg_stat_statements. ``tables`` has the estimated
    number of rows of each table, partitions added up.
    """

    server: str
    version: int
    pending: list[str]
    extensions: dict[str, str | None]
    statements_tracked: bool
    tables: dict[str, int]


def read(conninfo: str) -> Status:
    """The status of a database; MigrationError when an applied migration was changed, UnavailableError."""
    version, pending = migrations.version(conninfo), migrations.pending(conninfo)
    with connections.connect(conninfo, fallback_application_name="radarr_db status") as connection:
        try:
            return Status(
                server=connection.info.parameter_status("server_version") or "",
                version=version,
                pending=pending,
                extensions=dict.fromkeys(EXTENSIONS) | dict(_extensions(connection)),
                statements_tracked=_statements_tracked(connection),
                tables=dict(_tables(connection)),
            )
        except psycopg.Error as error:
            raise translate(error, "status") from error


def _extensions(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT extname, extversion FROM pg_extension WHERE extname = ANY(%s)", (list(EXTENSIONS),)
    ).fetchall()


def _statements_tracked(connection: psycopg.Connection) -> bool:
    # The setting is there only in a server that loaded the library: to create the extension is not enough.
    row = connection.execute("SELECT current_setting('pg_stat_statements.max', TRUE) IS NOT NULL").fetchone()
    return row == (True,)


def _tables(connection: psycopg.Connection) -> list[tuple[str, int]]:
    return connection.execute(
        """
        SELECT
            coalesce(pg_partition_root(t.relid), t.relid)::regclass::text AS name,
            sum(CASE WHEN c.reltuples < 0 THEN t.n_live_tup ELSE c.reltuples END)::bigint AS rows
        FROM pg_stat_user_tables AS t
        INNER JOIN pg_class AS c ON c.oid = t.relid
        WHERE t.relname !~ '^_?yoyo_' AND c.relkind <> 'p'
        GROUP BY name
        ORDER BY name
        """
    ).fetchall()
