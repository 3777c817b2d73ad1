"""Monitoring: the queries of sql/monitoring.sql."""

from __future__ import annotations

from radarr_db import checks
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
from radarr_db.query import PAGE_LIMIT, Query, many, one, scalar
from radarr_db.statements import load

_SQL = load("monitoring")

_limit = checks.integer(1, PAGE_LIMIT)
_version = checks.integer(0, checks.INT8)
_seconds = checks.number(0, checks.INT4)


def server() -> Query[Server]:
    """What the server is, and what of it this role can ask for."""
    return one(Server, _SQL["server"])


def readiness(expected_version: int) -> Query[Readiness]:
    """How far the schema is, and how many connections are left; StatementError where there is no schema."""
    return one(Readiness, _SQL["readiness"], expected_version=_version("expected_version", expected_version))


def statements(*, limit: int = 20) -> Query[list[StatementStatistics]]:
    """The slowest statements by mean time; StatementError without pg_stat_statements, as ``server`` tells."""
    return many(StatementStatistics, _SQL["statements"], limit=_limit("limit", limit))


def indexes() -> Query[list[IndexUsage]]:
    """How often each index was used, most used first."""
    return many(IndexUsage, _SQL["indexes"])


def tables() -> Query[list[TableStatistics]]:
    """What each table weighs, largest first."""
    return many(TableStatistics, _SQL["tables"])


def connections() -> Query[list[ConnectionState]]:
    """How many connections there are in each state."""
    return many(ConnectionState, _SQL["connections"])


def unused_indexes() -> Query[list[UnusedIndex]]:
    """The indexes that nothing uses or needs. A standby counts the use of its own."""
    return many(UnusedIndex, _SQL["unused_indexes"])


def duplicate_indexes() -> Query[list[DuplicateIndex]]:
    """The indexes that another one makes needless."""
    return many(DuplicateIndex, _SQL["duplicate_indexes"])


def invalid_indexes() -> Query[list[InvalidIndex]]:
    """The indexes that no query can use; those that are being built are none."""
    return many(InvalidIndex, _SQL["invalid_indexes"])


def unindexed_foreign_keys() -> Query[list[UnindexedForeignKey]]:
    """The foreign keys without an index, those of large tables first."""
    return many(UnindexedForeignKey, _SQL["unindexed_foreign_keys"])


def bloat() -> Query[list[Bloat]]:
    """An estimate of what tables and B-tree indexes waste, as of the last VACUUM or ANALYZE; worst first."""
    return many(Bloat, _SQL["bloat"])


def blocked_sessions() -> Query[list[BlockedSession]]:
    """Who waits for whom, longest wait first."""
    return many(BlockedSession, _SQL["blocked_sessions"])


def long_transactions(*, minimum_seconds: float = 60) -> Query[list[LongTransaction]]:
    """The transactions open for at least so long, longest first; those of others only to a role that sees all."""
    return many(
        LongTransaction, _SQL["long_transactions"], minimum_seconds=_seconds("minimum_seconds", minimum_seconds)
    )


def wraparound() -> Query[list[Wraparound]]:
    """How near databases and tables are to the end of the transaction ids, worst first."""
    return many(Wraparound, _SQL["wraparound"])


def sequences() -> Query[list[SequenceUsage]]:
    """How much of its range each sequence has used, most used first."""
    return many(SequenceUsage, _SQL["sequences"])


def replication() -> Query[list[Replica]]:
    """How far the standbys are behind, worst first."""
    return many(Replica, _SQL["replication"])


def replication_slots() -> Query[list[ReplicationSlot]]:
    """The WAL that each replication slot keeps, most first."""
    return many(ReplicationSlot, _SQL["replication_slots"])


def checkpoints() -> Query[Checkpoints]:
    """What the checkpointer did."""
    return one(Checkpoints, _SQL["checkpoints"])


def default_partition_rows(*, limit: int = PAGE_LIMIT) -> Query[int]:
    """How many events lie in no partition of a month, at most ``limit``."""
    return scalar(int, _SQL["default_partition_rows"], limit=_limit("limit", limit))
