"""From which value on something is wrong, and how the words of it go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from radarr_db.models.monitoring import (
    Bloat,
    BlockedSession,
    Checkpoints,
    LongTransaction,
    Readiness,
    Replica,
    ReplicationSlot,
    SequenceUsage,
    Server,
    ServerRole,
    TableStatistics,
    UnindexedForeignKey,
    UnusedIndex,
    Wraparound,
)
from radarr_db.operations.findings import Severity, server, sessions, storage
from radarr_db.operations.findings.base import duration, size

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
GIB = 1 << 30
MIB = 1 << 20
CRITICAL, WARNING, NOTICE = Severity

SERVER = Server("18.0", False, NOW, None, True, True, "app", True, True, True, True, True)
READINESS = Readiness(ServerRole.PRIMARY, 9, 9, 10, 90)
WRAPAROUND = Wraparound("table", "movies", 1, 1, 0.0)
REPLICA = Replica("spare", "10.0.0.2", "streaming", "async", 0, 0.0)
SLOT = ReplicationSlot("spare", "physical", True, "reserved", 0)
CHECKPOINTS = Checkpoints(50, 50, 1.0, 1.0, 1, NOW)
TRANSACTION = LongTransaction(7, "app", "psql", "active", 0.0, 0.0)
UNUSED = UnusedIndex("movies", "movies_x_idx", False, MIB, 1000)
KEY = UnindexedForeignKey("files", "files_movie_fkey", "movie_id", "movies", False, 0)
TABLE = TableStatistics("movies", MIB, 0, 0, 0, NOW, NOW)
BLOAT = Bloat("index", "movies_x_idx", 100, 0)
SEQUENCE = SequenceUsage("movies_id_seq", "movies", "id", "bigint", 1, 2**63 - 1, 0.0)


@pytest.mark.parametrize(
    ("check", "row", "severity"),
    [
        (server.no_schema, SERVER, None),
        (server.no_schema, replace(SERVER, has_schema=False), CRITICAL),
        (server.unreadable_schema, SERVER, None),
        (server.unreadable_schema, replace(SERVER, reads_schema=False), NOTICE),
        (server.unreadable_schema, replace(SERVER, has_schema=False, reads_schema=False), None),
        (server.unreadable_checkpoints, replace(SERVER, reads_checkpoints=False), NOTICE),
        (server.unreadable_checkpoints, replace(SERVER, reads_checkpoints=None), None),
        (server.narrow_view, SERVER, None),
        (server.narrow_view, replace(SERVER, sees_all=False), NOTICE),
        (server.statements_not_tracked, SERVER, None),
        (server.statements_not_tracked, replace(SERVER, statements_loaded=False), NOTICE),
        (server.statements_not_tracked, replace(SERVER, statements_created=False), NOTICE),
        (server.old_schema, replace(READINESS, schema_version=8), CRITICAL),
        (server.old_schema, replace(READINESS, schema_version=10), None),
        (server.few_connections_left, replace(READINESS, connections=79, connections_left=21), None),
        (server.few_connections_left, replace(READINESS, connections=80, connections_left=20), WARNING),
        (server.few_connections_left, replace(READINESS, connections=95, connections_left=5), CRITICAL),
        (server.wraparound, replace(WRAPAROUND, used=0.39), None),
        (server.wraparound, replace(WRAPAROUND, used=0.4), WARNING),
        (server.wraparound, replace(WRAPAROUND, used=0.75), CRITICAL),
        (server.replica, REPLICA, None),
        (server.replica, replace(REPLICA, lag_bytes=None, lag_seconds=None), None),
        (server.replica, replace(REPLICA, lag_seconds=30.0), WARNING),
        (server.replica, replace(REPLICA, lag_seconds=30.0, lag_bytes=16 * GIB), CRITICAL),
        (server.slot, SLOT, None),
        (server.slot, replace(SLOT, retained_bytes=GIB), WARNING),
        (server.slot, replace(SLOT, active=False), WARNING),
        (server.slot, replace(SLOT, active=False, retained_bytes=GIB), CRITICAL),
        (server.slot, replace(SLOT, active=False, wal_status="lost", retained_bytes=None), WARNING),
        (server.checkpoints, replace(CHECKPOINTS, requested=49), None),
        (server.checkpoints, CHECKPOINTS, NOTICE),
        (server.checkpoints, replace(CHECKPOINTS, timed=0, requested=49), None),
        (sessions.long_transaction, replace(TRANSACTION, seconds=3599.0), None),
        (sessions.long_transaction, replace(TRANSACTION, seconds=3600.0), WARNING),
        (sessions.long_transaction, replace(TRANSACTION, state="idle in transaction", state_seconds=59.0), None),
        (sessions.long_transaction, replace(TRANSACTION, state="idle in transaction", state_seconds=60.0), WARNING),
        (storage.unindexed_foreign_key, KEY, NOTICE),
        (storage.unindexed_foreign_key, replace(KEY, live_tuples=1000), WARNING),
        (storage.dead_tuples, replace(TABLE, dead_tuples=9_999), None),
        (storage.dead_tuples, replace(TABLE, dead_tuples=10_000, live_tuples=25_000), WARNING),
        (storage.dead_tuples, replace(TABLE, dead_tuples=10_000, live_tuples=25_001), None),
        (storage.never_analyzed, replace(TABLE, live_tuples=1000), None),
        (storage.never_analyzed, replace(TABLE, live_tuples=1000, last_analyze=None), NOTICE),
        (storage.never_analyzed, replace(TABLE, live_tuples=999, last_analyze=None), None),
        (storage.bloat, replace(BLOAT, bytes=32 * MIB, wasted_bytes=16 * MIB), NOTICE),
        (storage.bloat, replace(BLOAT, bytes=33 * MIB, wasted_bytes=16 * MIB), None),
        (storage.bloat, replace(BLOAT, bytes=16 * MIB, wasted_bytes=15 * MIB), None),
        (storage.bloat, replace(BLOAT, bytes=2 * GIB, wasted_bytes=GIB), WARNING),
        (storage.sequence, replace(SEQUENCE, used=0.69), None),
        (storage.sequence, replace(SEQUENCE, used=0.7), WARNING),
        (storage.sequence, replace(SEQUENCE, used=0.9), CRITICAL),
        (storage.default_partition, 0, None),
        (storage.default_partition, 1, WARNING),
    ],
)
def test_something_is_wrong_from_its_threshold_on(
    check: Callable[[Any], Any], row: object, severity: Severity | None
) -> None:
    finding = check(row)
    assert (finding and finding.severity) == severity
    if finding:
        assert finding.advice


def waiting(seconds: float, pid: int = 1, blocker: int = 9, *, blocker_waits: bool = False) -> BlockedSession:
    return BlockedSession(
        pid, "app", "a", "ShareLock", "movies", seconds, blocker, "app", "b", "active", 60.0, blocker_waits
    )


@pytest.mark.parametrize(("seconds", "severity"), [(0.9, None), (1.0, WARNING), (30.0, CRITICAL)])
def test_a_wait_is_wrong_from_a_second_on(seconds: float, severity: Severity | None) -> None:
    assert [finding.severity for finding in sessions.blockers([waiting(seconds)])] == ([severity] if severity else [])


def test_who_holds_up_many_is_one_finding_and_who_only_stands_between_is_none() -> None:
    rows = [waiting(5, 1), waiting(40, 2), waiting(40, 3, blocker=2, blocker_waits=True)]
    (finding,) = sessions.blockers(rows)
    assert finding.subject == "process 9"
    assert finding.problem.startswith("2 sessions wait for movies behind it, the longest for 40 s (user app, ")
    assert finding.advice.endswith("SELECT pg_terminate_backend(9)")


def test_of_a_prepared_transaction_no_process_is_to_be_ended() -> None:
    (finding,) = sessions.blockers([replace(waiting(5, blocker=0), blocker_user_name=None, blocker_seconds=None)])
    assert finding.subject == "a prepared transaction"
    assert "pg_prepared_xacts" in finding.advice


def test_an_index_of_a_partitioned_table_cannot_be_dropped_or_made_concurrently() -> None:
    (finding,) = storage.unused_indexes([replace(UNUSED, is_partitioned=True)])
    assert finding.advice.endswith(": DROP INDEX movies_x_idx")
    assert storage.unindexed_foreign_key(replace(KEY, is_partitioned=True)).advice == "CREATE INDEX ON files (movie_id)"


@pytest.mark.parametrize("change", [{"bytes": MIB - 1}, {"bytes": None}, {"table_scans": 999}])
def test_an_index_that_is_small_or_hardly_tried_is_not_said_to_be_unused(change: dict[str, Any]) -> None:
    assert list(storage.unused_indexes([replace(UNUSED, **change)])) == []


def test_the_unused_indexes_of_a_table_are_one_finding() -> None:
    rows = [UNUSED, replace(UNUSED, name="movies_y_idx"), replace(UNUSED, table_name="files", name="files_x_idx")]
    files, movies = storage.unused_indexes(rows)
    assert (files.severity, files.subject, movies.subject) == (NOTICE, "table files", "table movies")
    assert movies.problem.startswith("2 of its indexes had no use in 1,000 reads of it, and cost 2 MB ")
    assert movies.advice.endswith(": DROP INDEX CONCURRENTLY movies_x_idx; DROP INDEX CONCURRENTLY movies_y_idx")


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "unknown"), (0, "0 bytes"), (1023, "1023 bytes"), (5 * MIB, "5 MB"), (1 << 50, "1024.0 TB")],
)
def test_sizes_are_told_as_the_server_tells_them(count: float | None, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "unknown"), (0.0021, "2 ms"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_lengths_of_time_are_told_in_the_unit_that_fits(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
