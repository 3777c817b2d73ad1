"""The schema's migrations, applied with yoyo's tables so that nothing is ever left half done.

A file's statements, its log entry and its mark are one transaction, under a lock that dies with its holder:
a migrator killed anywhere leaves the schema before or after the file, and the next run goes on from there. A
file that starts with ``-- transactional: false`` has no such transaction, so it must be fit to run again.

The connection must go to the server itself: behind PgBouncer in transaction mode there is no lock.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import psycopg
from psycopg import errors as pg
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import default_migration_table

from radarr_db.errors import (
    InvalidArgumentError,
    MigrationError,
    RadarrDbError,
    RetryableError,
    UnavailableError,
    translate,
)
from radarr_db.operations import migration_files
from radarr_db.operations.migration_files import MigrationFile
from radarr_db.operations.scripts import Step
from radarr_db.operations.sessions import connected, lock, run
from radarr_db.repositories import schema

LOCK_KEY = 0x72616461_72720001

Direction = Literal["apply", "rollback"]


def apply(
    conninfo: str,
    *,
    to: int | None = None,
    folder: Path | None = None,
    lock_timeout: float = 60,
    on_step: Callable[[str], None] | None = None,
) -> list[str]:
    """Apply what is pending, up to and with number ``to``; gives the ids in the order applied.

    ``on_step`` is called with each id before it runs. ``lock_timeout`` is how many seconds to wait for
    another migrator. Raises MigrationError when a file fails or an applied one was changed, RetryableError
    when the users of a table did not make room for a file, and UnavailableError.
    """
    files = migration_files.read(folder)
    last = files[-1].number if to is None else _target(to, files)
    with connected(conninfo, "migrations") as connection:
        lock(connection, LOCK_KEY, "another migrator", lock_timeout)
        applied = _applied(connection)
        migration_files.check_unchanged(applied, files)
        todo = [file for file in files if file.id not in applied and file.number <= last]
        return _run(connection, "apply", todo, on_step)


def rollback(
    conninfo: str,
    *,
    to: int,
    folder: Path | None = None,
    lock_timeout: float = 60,
    on_step: Callable[[str], None] | None = None,
) -> list[str]:
    """Undo every applied migration numbered above ``to``, 0 for all; gives the ids in the order undone.

    All else is as in ``apply``. A missing ``.rollback.sql`` raises MigrationError before anything is undone.
    """
    files = migration_files.read(folder)
    last = _target(to, files)
    with connected(conninfo, "migrations") as connection:
        lock(connection, LOCK_KEY, "another migrator", lock_timeout)
        applied = _applied(connection)
        migration_files.check_unchanged(applied, files)
        todo = [file for file in reversed(files) if file.id in applied and file.number > last]
        return _run(connection, "rollback", todo, on_step)


def version(conninfo: str) -> int:
    """The highest number applied, 0 when there is none. Only reads."""
    with connected(conninfo, "migrations") as connection:
        return version_of(connection)


def version_of(connection: psycopg.Connection) -> int:
    """As ``version``, of the database of a connection; errors are the driver's."""
    return max(map(migration_files.number, _applied(connection)), default=0)


def pending(conninfo: str, *, folder: Path | None = None) -> list[str]:
    """The ids that ``apply`` would apply, in order. Only reads.

    Raises MigrationError where ``apply`` would: when an applied file was changed.
    """
    files = migration_files.read(folder)
    with connected(conninfo, "migrations") as connection:
        applied = _applied(connection)
    migration_files.check_unchanged(applied, files)
    return [file.id for file in files if file.id not in applied]


def _target(to: int, files: Sequence[MigrationFile]) -> int:
    last = files[-1].number
    if type(to) is not int or not 0 <= to <= last:
        raise InvalidArgumentError("to", f"must be a whole number from 0 to {last}")
    return to


def _applied(connection: psycopg.Connection) -> dict[str, str | None]:
    """The checksum by id of what is applied; None for what was applied without this library."""
    if not run(connection, schema.is_migrated()):
        return {}
    return {found.id: found.checksum for found in run(connection, schema.list_applied())}


def _run(
    connection: psycopg.Connection,
    direction: Direction,
    todo: Sequence[MigrationFile],
    on_step: Callable[[str], None] | None,
) -> list[str]:
    # All are read before the first runs: a bad file must not stop the run half-way.
    paths = [file.path if direction == "apply" else file.rollback_path for file in todo]
    scripts = [migration_files.steps(path) for path in paths]
    yoyo = _Yoyo(connection)
    if todo:
        yoyo.ensure_internal_schema_updated()
    for file, path, steps in zip(todo, paths, scripts, strict=True):
        if on_step:
            on_step(file.id)
        _run_one(yoyo, direction, file, path.name, steps)
    return [file.id for file in todo]


def _run_one(yoyo: _Yoyo, direction: Direction, file: MigrationFile, name: str, steps: Sequence[Step]) -> None:
    connection = yoyo.connection
    connection.execute("RESET ALL")  # what the file before it SET
    with suppress(pg.InvalidParameterValue):  # not to be had on a Windows server
        # The server soon drops a killed migrator, and its locks, even inside a long statement.
        connection.execute("SET client_connection_check_interval = '1s'")
    step: Step | None = None
    try:
        with connection.transaction() if file.transactional else nullcontext():
            if file.transactional:
                # Whoever comes after a statement that queues for a lock queues behind it.
                connection.execute("SET LOCAL lock_timeout = '5s'")
            for step in steps:
                connection.execute(step.text)
            step = None
            yoyo.record(file, direction)
    except psycopg.Error as error:
        raise _failure(error, connection, file, name, step) from error


def _failure(
    error: psycopg.Error, connection: psycopg.Connection, file: MigrationFile, name: str, step: Step | None
) -> RadarrDbError:
    translated = translate(error, name)
    # The kind of error is told too: where the message could quote a value, translate has replaced it.
    text = f"{error} ({type(error).__name__})"
    if step is None:
        text = f"{name}: {text}"
    else:
        line = step.line + step.text.count("\n", 0, int(error.diag.statement_position or 1) - 1)
        text = f"{name}, line {line}: {text}, in: {step.summary}"
    if connection.closed:
        return UnavailableError(f"{text}; the connection broke off: run again")
    if not file.transactional:
        return MigrationError(f"{text}; the file is not transactional: what ran before stays")
    if isinstance(translated, RetryableError):
        return RetryableError(f"{text}; nothing of the file was kept: run again")
    return MigrationError(f"{text}; nothing of the file was kept")


class _Yoyo(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """yoyo's tables, kept on a connection of ours."""

    # yoyo's own lock is a table row, which a killed holder leaves behind; LOCK_KEY is held instead.
    _is_locked = True

    def __init__(self, connection: psycopg.Connection) -> None:
        # Not yoyo's own: it connects by a URL that cannot say all that a conninfo can.
        self._connection = connection
        self.uri = SimpleNamespace(database=connection.info.dbname)
        self.migration_table = default_migration_table

    def record(self, file: MigrationFile, direction: Direction) -> None:
        """Log and mark in one transaction."""
        with self._connection.transaction():
            # The file may have SET what would keep yoyo's tables from being found or written.
            self._connection.execute("RESET ROLE; RESET search_path")
            self.log_migration(file, direction)
            if direction == "apply":
                self.mark_one(file, log=False)
            else:
                self.unmark_one(file, log=False)

    def log_migration(self, file: MigrationFile, operation: Direction) -> None:
        # yoyo's own has no checksum, goes by the client's clock and fails for a user without a passwd entry.
        self._connection.execute(
            """
            INSERT INTO _yoyo_log (
                id, migration_hash, migration_id, operation, username, hostname, comment, created_at_utc
            )
            SELECT gen_random_uuid(), %s, %s, %s, session_user, %s, %s, clock_timestamp() AT TIME ZONE 'UTC'
            """,
            (file.hash, file.id, operation, socket.gethostname(), file.checksum),
        )
