"""What is wrong with tables, indexes and sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from radarr_db.models.monitoring import (
    Bloat,
    DuplicateIndex,
    InvalidIndex,
    SequenceUsage,
    TableStatistics,
    UnindexedForeignKey,
    UnusedIndex,
)
from radarr_db.operations.findings.base import Finding, Severity, Threshold, literal, size
from radarr_db.query import PAGE_LIMIT

# Below, an index costs next to nothing; and until its table was read so often, that it had no use proves nothing.
UNUSED_BYTES = 1 << 20
FEWEST_SCANS = 1_000

# A table that is read from end to end in no time needs no index for its foreign key.
LARGE_TABLE = 1_000

# Autovacuum comes at a fifth of a table; with twice that it does not get through. Small tables are always odd.
DEAD_FRACTION = 0.4
DEAD_TUPLES = 10_000

# Half of a file empty is more than the usual churn. The estimate is rough, so small files are not worth a word, and
# only a gigabyte is worth the work.
BLOAT_FRACTION = 0.5
BLOAT_BYTES = 16 << 20
MUCH_BLOAT_BYTES = 1 << 30

# A sequence is not made longer in a minute: the column's type may have to change, and all that refers to it.
SEQUENCE_USED = Threshold(0.7, 0.9)

_INT8 = 2**63 - 1


def unused_indexes(rows: Iterable[UnusedIndex]) -> Iterator[Finding]:
    """The indexes of a table that nothing uses."""
    worth = [row for row in rows if (row.bytes or 0) >= UNUSED_BYTES and row.table_scans >= FEWEST_SCANS]
    for table, group in groupby(sorted(worth, key=attrgetter("table_name")), key=attrgetter("table_name")):
        unused = list(group)
        total = size(sum(row.bytes or 0 for row in unused))
        which = "one of its indexes" if len(unused) == 1 else f"{len(unused)} of its indexes"
        drops = "; ".join(_drop(row.name, partitioned=row.is_partitioned) for row in unused)
        yield Finding(
            Severity.NOTICE,
            f"table {table}",
            f"{which} had no use in {unused[0].table_scans:,} reads of it, and cost {total} and time of every write",
            f"unless rare work, a standby or a function of radarr_db not called so far needs it: {drops}",
        )


def duplicate_index(row: DuplicateIndex) -> Finding:
    """An index that another one makes needless."""
    advice = _drop(row.name, partitioned=row.is_partitioned)
    if row.constraint_name:
        advice = f"ALTER TABLE {row.table_name} DROP CONSTRAINT {row.constraint_name}"
    problem = f"{row.duplicate_of} does all that it does; it takes {size(row.bytes)}, and time of every write"
    return Finding(Severity.WARNING, f"index {row.name}", problem, advice)


def invalid_index(row: InvalidIndex) -> Finding:
    """An index that no query can use."""
    drop = _drop(row.name, partitioned=row.is_partitioned)
    if row.is_partitioned:
        problem = "not every partition has its part of it, and no query uses it"
        advice = f"CREATE INDEX on each that lacks it, ALTER INDEX {row.name} ATTACH PARTITION for each; or {drop}"
    elif row.is_leftover:
        problem, advice = "an interrupted REINDEX CONCURRENTLY left it behind", f"{drop}, then repeat the REINDEX"
    else:
        problem = "its CREATE INDEX failed half-way: writes pay for it, and no query uses it"
        advice = f"mend what the error was about, then REINDEX INDEX CONCURRENTLY {row.name}; or {drop}"
    return Finding(Severity.WARNING, f"index {row.name}", problem, advice)


def unindexed_foreign_key(row: UnindexedForeignKey) -> Finding:
    """A foreign key without an index."""
    create = "CREATE INDEX" if row.is_partitioned else "CREATE INDEX CONCURRENTLY"
    return Finding(
        Severity.WARNING if row.live_tuples >= LARGE_TABLE else Severity.NOTICE,
        f"foreign key {row.constraint_name}",
        f"it has no index: each row deleted from {row.referenced_table} reads all of {row.table_name}, "
        f"some {row.live_tuples:,} rows",
        f"{create} ON {row.table_name} ({row.column_names})",
    )


def dead_tuples(row: TableStatistics) -> Finding | None:
    """A table that autovacuum does not keep up with."""
    if row.dead_tuples < DEAD_TUPLES or row.dead_tuples < DEAD_FRACTION * row.live_tuples:
        return None
    return Finding(
        Severity.WARNING,
        f"table {row.name}",
        f"{row.dead_tuples:,} dead rows beside {row.live_tuples:,} live ones: autovacuum does not keep up",
        f"VACUUM (ANALYZE) {row.name}; if the dead rows stay, a long transaction or a replication slot holds them",
    )


def never_analyzed(row: TableStatistics) -> Finding | None:
    """A table whose plans are guesses."""
    if row.last_analyze is not None or row.live_tuples < LARGE_TABLE:
        return None
    return Finding(
        Severity.NOTICE,
        f"table {row.name}",
        f"never analysed since the statistics began: plans for its {row.live_tuples:,} rows may be guesses",
        f"ANALYZE {row.name}",
    )


def bloat(row: Bloat) -> Finding | None:
    """A table or an index of which much is empty."""
    if row.wasted_bytes < BLOAT_BYTES or row.wasted_bytes < BLOAT_FRACTION * row.bytes:
        return None
    return Finding(
        Severity.WARNING if row.wasted_bytes >= MUCH_BLOAT_BYTES else Severity.NOTICE,
        f"{row.kind} {row.name}",
        f"an estimated {size(row.wasted_bytes)} of its {size(row.bytes)} are empty",
        f"REINDEX INDEX CONCURRENTLY {row.name}"
        if row.kind == "index"
        else f"pg_repack, or in a maintenance window, as it locks all out: VACUUM (FULL, ANALYZE) {row.name}",
    )


def sequence(row: SequenceUsage) -> Finding | None:
    """A sequence that will soon give no more numbers."""
    severity = SEQUENCE_USED.severity(row.used)
    if severity is None:
        return None
    advice = f"ALTER SEQUENCE {row.name} AS bigint NO MAXVALUE"
    if row.table_name and row.data_type != "bigint":
        advice = (
            f"ALTER TABLE {row.table_name} ALTER COLUMN {row.column_name} TYPE bigint, which writes it anew; {advice}"
        )
    elif row.table_name and row.limit_value == _INT8:
        advice = (
            f"someone set it so high; unless the rows are: SELECT setval({literal(row.name)}, "  # noqa: S608 - shown, and never run
            f"greatest(max({row.column_name}), 1)) FROM {row.table_name}"
        )
    return Finding(
        severity,
        f"sequence {row.name}",
        f"{row.used:.0%} of its numbers are used up; after the last one every INSERT fails",
        advice,
    )


def default_partition(rows: int) -> Finding | None:
    """Events of a month that has no partition."""
    if not rows:
        return None
    return Finding(
        Severity.WARNING,
        "table history_default",
        f"it holds {rows:,} events{' or more' if rows >= PAGE_LIMIT else ''} of months without a partition, "
        "and those cannot get one meanwhile",
        "radarr-db partitions premake; for months long past: radarr-db partitions archive FOLDER",
    )


def _drop(index: str, *, partitioned: bool) -> str:
    return f"DROP INDEX {index}" if partitioned else f"DROP INDEX CONCURRENTLY {index}"
