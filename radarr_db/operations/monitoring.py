"""What a server tells about itself, asked at once, and what is wrong with it, worst first. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from radarr_db.engine import Database, PoolSettings
from radarr_db.models.monitoring import (
    Bloat,
    BlockedSession,
    Checkpoints,
    ConnectionState,
    DuplicateIndex,
    IndexUsage,
    InvalidIndex,
    LongTransaction,
    Readiness,
    Replica,
    ReplicationSlot,
    SequenceUsage,
    Server,
    StatementStatistics,
    TableStatistics,
    UnindexedForeignKey,
    UnusedIndex,
    Wraparound,
)
from radarr_db.operations import migration_files
from radarr_db.operations.findings import Finding, Severity, sessions, storage
from radarr_db.operations.findings import server as whole
from radarr_db.query import Query
from radarr_db.repositories import monitoring as queries
from radarr_db.repositories.monitoring import (
    bloat,
    blocked_sessions,
    checkpoints,
    connections,
    default_partition_rows,
    duplicate_indexes,
    indexes,
    invalid_indexes,
    long_transactions,
    replication,
    replication_slots,
    sequences,
    server,
    statements,
    tables,
    unindexed_foreign_keys,
    unused_indexes,
    wraparound,
)

__all__ = [
    "Finding",
    "MonitoringReport",
    "Severity",
    "bloat",
    "blocked_sessions",
    "checkpoints",
    "connections",
    "default_partition_rows",
    "duplicate_indexes",
    "indexes",
    "invalid_indexes",
    "long_transactions",
    "readiness",
    "replication",
    "replication_slots",
    "report",
    "sequences",
    "server",
    "statements",
    "tables",
    "unindexed_foreign_keys",
    "unused_indexes",
    "wraparound",
]

# A person waits for it, and it must not wait in the queue of a lock that it is to tell about.
_SETTINGS = PoolSettings(
    min_size=1, max_size=1, acquire_timeout=2, lock_timeout=1, application_name="radarr_db monitor"
)

_EVERYWHERE: tuple[Callable[[], Query[Any]], ...] = (
    connections,
    tables,
    indexes,
    unused_indexes,
    duplicate_indexes,
    invalid_indexes,
    unindexed_foreign_keys,
    bloat,
    blocked_sessions,
    long_transactions,
    wraparound,
    sequences,
    replication,
    replication_slots,
)


@dataclass(frozen=True, slots=True)
class MonitoringReport:
    """What all queries gave, and what of it is wrong, worst first.

    What stands last is None where it could not be asked; a finding then says why, and what to do.
    """

    findings: list[Finding]
    server: Server
    connections: list[ConnectionState]
    tables: list[TableStatistics]
    indexes: list[IndexUsage]
    unused_indexes: list[UnusedIndex]
    duplicate_indexes: list[DuplicateIndex]
    invalid_indexes: list[InvalidIndex]
    unindexed_foreign_keys: list[UnindexedForeignKey]
    bloat: list[Bloat]
    blocked_sessions: list[BlockedSession]
    long_transactions: list[LongTransaction]
    wraparound: list[Wraparound]
    sequences: list[SequenceUsage]
    replication: list[Replica]
    replication_slots: list[ReplicationSlot]
    statements: list[StatementStatistics] | None = None
    readiness: Readiness | None = None
    checkpoints: Checkpoints | None = None
    default_partition_rows: int | None = None


def report(conninfo: str) -> MonitoringReport:
    """All queries and findings, in two round trips on one connection; UnavailableError."""
    with Database(conninfo, _SETTINGS) as db:
        found = db.run(server())
        asked = {query.name.partition(".")[2]: query for query in _queries(found)}
        answers: dict[str, Any] = dict(zip(asked, db.run_all(*asked.values()), strict=True))
    made = MonitoringReport(findings=[], server=found, **answers)
    # The sort is stable: of one severity the order is that of the checks.
    made.findings.extend(sorted(filter(None, _checked(made)), key=lambda each: list(Severity).index(each.severity)))
    return made


def readiness() -> Query[Readiness]:
    """Whether the server can do the work of this version of the library; StatementError where there is no schema."""
    return queries.readiness(migration_files.newest())


def _queries(found: Server) -> Iterator[Query[Any]]:
    """What this server can be asked by this role: one query that fails would take all others with it."""
    yield from (make() for make in _EVERYWHERE)
    if found.statements_loaded and found.statements_created:
        yield statements()
    if found.reads_schema:
        yield readiness()
    if found.reads_checkpoints:
        yield checkpoints()
    if found.reads_history:
        yield default_partition_rows()


def _checked(found: MonitoringReport) -> Iterator[Finding | None]:
    yield from sessions.blockers(found.blocked_sessions)
    checks: Iterable[tuple[Callable[[Any], Finding | None], Iterable[Any]]] = (
        (whole.few_connections_left, [found.readiness]),
        (whole.old_schema, [found.readiness]),
        (whole.wraparound, found.wraparound),
        (whole.slot, found.replication_slots),
        (whole.replica, found.replication),
        (sessions.long_transaction, found.long_transactions),
        (storage.sequence, found.sequences),
        (storage.default_partition, [_without_month(found)]),
        (storage.invalid_index, found.invalid_indexes),
        (storage.dead_tuples, found.tables),
        (storage.bloat, found.bloat),
        (storage.duplicate_index, found.duplicate_indexes),
        (storage.unindexed_foreign_key, found.unindexed_foreign_keys),
        (storage.never_analyzed, found.tables),
        (whole.checkpoints, [found.checkpoints]),
        (whole.no_schema, [found.server]),
        (whole.unreadable_schema, [found.server]),
        (whole.unreadable_checkpoints, [found.server]),
        (whole.narrow_view, [found.server]),
        (whole.statements_not_tracked, [found.server]),
    )
    for check, rows in checks:
        yield from (check(row) for row in rows if row is not None)
    duplicates = {row.name for row in found.duplicate_indexes}
    yield from storage.unused_indexes(row for row in found.unused_indexes if row.name not in duplicates)


def _without_month(found: MonitoringReport) -> int:
    """The events in no partition of a month; as the statistics have it where the role may not count them."""
    if found.default_partition_rows is not None:
        return found.default_partition_rows
    return sum(table.live_tuples for table in found.tables if table.name == "history_default")
