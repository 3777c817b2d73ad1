"""What a database is like: its server, its schema and its tables. Only reads."""

from __future__ import annotations

from dataclasses import dataclass

from radarr_db.operations import migrations
from radarr_db.operations.sessions import connected, run
from radarr_db.repositories import monitoring, schema

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
    with connected(conninfo, "status") as connection:
        extensions = [found for found in run(connection, schema.list_extensions()) if found.name in EXTENSIONS]
        return Status(
            server=connection.info.parameter_status("server_version") or "",
            version=version,
            pending=pending,
            extensions=dict.fromkeys(EXTENSIONS) | {found.name: found.version for found in extensions},
            # To create the extension is not enough: the server must have loaded its library.
            statements_tracked=run(connection, monitoring.server()).statements_loaded,
            tables={table.name: table.rows for table in run(connection, schema.list_sizes())},
        )
