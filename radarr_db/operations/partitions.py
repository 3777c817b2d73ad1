"""History by the month: partitions made before their rows come, and old ones put into an archive.

A month is taken out of history, dumped into a file, and dropped once that file was read back and has as many rows.
Stopped anywhere, the next run goes on from there. ``attach`` brings back what pg_restore has restored. A file that has
its name is never deleted nor overwritten: it may be all that is left of a month.

The connection must go to the server itself: behind PgBouncer in transaction mode there is no lock.
"""

from __future__ import annotations

import builtins
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import errors as pg

from radarr_db.errors import BackupError, NotFoundError, RetryableError
from radarr_db.models.partitions import DetachedPartition, MissingPartition
from radarr_db.operations import dumps, manifests
from radarr_db.operations.dumps import OnProgress
from radarr_db.operations.sessions import lock, run, session
from radarr_db.query import Query
from radarr_db.repositories import partitions
from radarr_db.repositories.partitions import (
    create,
    detach,
    drop,
    list,  # noqa: A004 - named as in the other modules
    list_detached,
    list_missing,
    list_old,
    list_strays,
)

__all__ = [
    "Archived",
    "archive",
    "attach",
    "create",
    "detach",
    "drop",
    "list",
    "list_detached",
    "list_missing",
    "list_old",
    "list_strays",
    "premake",
]

T = TypeVar("T")

LOCK_KEY = 0x72616461_72720003

# Whoever comes after a statement that queues for a lock queues behind it, so that history stands still. And a wait that
# ends before the server looks for a deadlock (after a second) never costs somebody else their transaction.
_LOCK_WAIT_S = 0.8
_ATTEMPTS = 10
_PAUSE_S = 0.2

_KEPT = (
    "the table was kept: drop it if it was restored from that file and only in part, "
    "else move the file away and run again"
)


@dataclass(frozen=True, slots=True)
class Archived:
    """A month that is in the archive and no longer in the database."""

    partition: str
    path: Path
    rows: int


def premake(conninfo: str, *, months: int = 4, today: dt.date | None = None) -> builtins.list[str]:
    """Make the partitions that are missing, from last month to ``months`` ahead, and give their names.

    Rows that came before their partition are moved there from DEFAULT. ``today`` is the server's day of UTC unless
    given. Raises RetryableError when the users of history did not make room, and UnavailableError.
    """
    missing = list_missing(months, today)
    with session(conninfo, "partitions", lock_timeout=_LOCK_WAIT_S) as connection:
        return [_patiently(connection, create(found.day)) for found in run(connection, missing)]


def archive(
    conninfo: str,
    folder: Path,
    *,
    keep_months: int = 24,
    today: dt.date | None = None,
    programs: Path | None = None,
    lock_timeout: float = 10,
    on_progress: OnProgress | None = None,
) -> builtins.list[Archived]:
    """Move the months before this one and the ``keep_months`` before it into files in ``folder``; the oldest first.

    Their events are no longer part of history then, nor counted by the popular movies. What an earlier run has left
    undone comes first. ``programs`` is the folder of pg_dump, where it is not to be looked for; ``lock_timeout`` is
    how many seconds to wait for another archiver; ``on_progress`` is told what is being done and which share of all
    is done. Raises BackupError when a file is not what it should be, the table stays then; RetryableError when the
    users of history did not make room; and UnavailableError.
    """
    old, strays = list_old(keep_months, today), list_strays(keep_months, today)
    folder = Path(folder)
    if not folder.is_dir():
        raise BackupError(f"{folder} is no folder: make it, or name another one")
    with session(conninfo, "archive", lock_timeout=_LOCK_WAIT_S) as connection:
        lock(connection, LOCK_KEY, "another archiver", lock_timeout)
        total = len(run(connection, list_detached())) + len(run(connection, strays)) + len(run(connection, old))
        return [
            _archive(connection, conninfo, found, folder, programs=programs, tell=_share(on_progress, number, total))
            for number, found in enumerate(_detached(connection, strays, old))
        ]


def attach(conninfo: str, partition: str) -> int:
    """Make a partition that pg_restore has restored from its archive a part of history again; gives its rows.

    The events of movies that are gone are left out. The next archive takes it out again, unless that keeps so many
    months. Raises NotFoundError when there is no such table, RetryableError and UnavailableError.
    """
    with session(conninfo, "partitions", lock_timeout=_LOCK_WAIT_S) as connection:
        attached = _patiently(connection, partitions.attach(partition))
    if attached is None:
        raise NotFoundError(f"{partition} is no archived partition: restore its file with pg_restore first")
    return attached.rows


def _detached(
    connection: psycopg.Connection,
    strays: Query[builtins.list[MissingPartition]],
    old: Query[builtins.list[str]],
) -> Iterator[DetachedPartition]:
    """The months to archive, each taken out of history when it is its turn."""
    yield from run(connection, list_detached())
    # Not before: as long as its table waits, a month that has come again cannot be made.
    for stray in run(connection, strays):
        _patiently(connection, create(stray.day))
    for name in run(connection, old):
        if found := _patiently(connection, detach(name)):
            yield found


def _archive(
    connection: psycopg.Connection,
    conninfo: str,
    found: DetachedPartition,
    folder: Path,
    *,
    programs: Path | None,
    tell: OnProgress,
) -> Archived:
    """A detached partition, from wherever an earlier run left it to the end."""
    name, path = found.name, folder / found.file
    if not path.exists():
        # A writer that was killed between the two names has left it.
        manifests.path_of(path).unlink(missing_ok=True)
        tell(f"archiving {name}", 0)
        dumps.write(conninfo, path, tables=[name], programs=programs, on_progress=tell)
    tell(f"verifying {name}", 1)
    try:
        rows = dumps.verify(path).rows.get(name, 0)
    except BackupError as error:
        raise BackupError(f"{error}; {_KEPT}") from error
    if not _patiently(connection, drop(name, rows)):
        raise BackupError(f"{path} has {rows:,} rows, and table {name} has another number; {_KEPT}")
    return Archived(name, path, rows)


def _share(on_progress: OnProgress | None, number: int, total: int) -> OnProgress:
    """Tells the share of all from the share of one."""
    if on_progress is None:
        return lambda _text, _share: None
    return lambda text, share: on_progress(text, (number + share) / total)


def _patiently(connection: psycopg.Connection, query: Query[T]) -> T:
    """The result of a query that needs a table for itself: it asks for it again and again, and never for long."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return run(connection, query)
        except (pg.LockNotAvailable, pg.DeadlockDetected):
            time.sleep(_PAUSE_S)
    try:
        return run(connection, query)
    except (pg.LockNotAvailable, pg.DeadlockDetected) as error:
        raise RetryableError(
            f"{query.name}: the users of history did not make room, {_ATTEMPTS} times: run again when less is going on"
        ) from error
