"""Monitoring: what a server tells about itself. Sizes are in bytes, None where a lock hides them."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class ServerRole(enum.StrEnum):
    """Whether a server takes writes, or repeats those of another."""

    PRIMARY = enum.auto()
    STANDBY = enum.auto()


@dataclass(slots=True)
class Server:
    """A server, and what of it the role that asks can see.

    ``statistics_since`` is None where the counters were never reset. pg_stat_statements can be asked when the server
    loaded its library and the extension was created. A role that ``sees_all`` also sees what other roles do.
    ``has_schema`` tells that migrations were applied, the rest which parts of the schema the role can read;
    ``reads_checkpoints`` is None where the schema is too old to have them.
    """

    version: str
    in_recovery: bool
    started: dt.datetime
    statistics_since: dt.datetime | None
    statements_loaded: bool
    statements_created: bool
    role_name: str
    sees_all: bool
    has_schema: bool
    reads_schema: bool
    reads_checkpoints: bool | None
    reads_history: bool


@dataclass(slots=True)
class Readiness:
    """Whether a server can do the work of this version of the library.

    ``schema_version`` is the highest migration applied, ``expected_version`` the last one that the library has. Of
    the server's ``connections`` all clients' are counted; ``connections_left`` is how many more this role can open.
    """

    role: ServerRole
    schema_version: int
    expected_version: int
    connections: int
    connections_left: int

    @property
    def in_recovery(self) -> bool:
        """Whether the server is a standby, and so refuses writes."""
        return self.role is ServerRole.STANDBY

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way. A schema newer than the library is none, so that it can go first."""
        return not self.problems

    @property
    def problems(self) -> list[str]:
        """What stands in the way, and what to do about it."""
        found = []
        if self.schema_version < self.expected_version:
            found.append(
                f"the schema is at version {self.schema_version} of {self.expected_version}: radarr-db migrate"
            )
        if self.connections_left == 0:
            found.append(
                f"no connection is left, with {self.connections} open: "
                "close some, make pools smaller or raise the limit of the server, the database or the role"
            )
        return found


@dataclass(slots=True)
class StatementStatistics:
    """A statement as pg_stat_statements counts it, times in milliseconds; the text may be cut."""

    query: str
    calls: int
    total_exec_time: float
    mean_exec_time: float
    max_exec_time: float
    rows: int


@dataclass(slots=True)
class IndexUsage:
    """An index, and how often it was used since the statistics began."""

    table_name: str
    name: str
    scans: int
    tuples_read: int
    tuples_fetched: int
    bytes: int | None
    is_unique: bool
    is_valid: bool


@dataclass(slots=True)
class TableStatistics:
    """A table or a partition: its size, indexes included, and the server's count of its rows."""

    name: str
    total_bytes: int | None
    index_bytes: int | None
    live_tuples: int
    dead_tuples: int
    last_vacuum: dt.datetime | None
    last_analyze: dt.datetime | None


@dataclass(slots=True)
class ConnectionState:
    """The connections in a state; it is None for those whose state the role may not see."""

    state: str | None
    connections: int
    average_seconds: float | None


@dataclass(slots=True)
class UnusedIndex:
    """An index that no query used, on all partitions where its table is partitioned.

    ``table_scans`` is how often the table was read meanwhile in other ways: where that is seldom, it proves nothing.
    """

    table_name: str
    name: str
    is_partitioned: bool
    bytes: int | None
    table_scans: int


@dataclass(slots=True)
class DuplicateIndex:
    """An index that ``duplicate_of`` makes needless; ``constraint_name`` is the constraint it belongs to, if any."""

    table_name: str
    name: str
    duplicate_of: str
    constraint_name: str | None
    is_partitioned: bool
    bytes: int | None


@dataclass(slots=True)
class InvalidIndex:
    """An index that no query uses; ``is_leftover`` for what a REINDEX CONCURRENTLY did not finish or remove."""

    table_name: str
    name: str
    is_leftover: bool
    is_partitioned: bool
    bytes: int | None


@dataclass(slots=True)
class UnindexedForeignKey:
    """A foreign key whose columns no index begins with."""

    table_name: str
    constraint_name: str
    column_names: str
    referenced_table: str
    is_partitioned: bool
    live_tuples: int


@dataclass(slots=True)
class Bloat:
    """A table or an index (``kind``), and how much of it no row needs: an estimate."""

    kind: str
    name: str
    bytes: int
    wasted_bytes: int


@dataclass(slots=True)
class BlockedSession:
    """A session that has waited some ``seconds`` for a lock, and one of those it waits for.

    ``blocker_seconds`` is how long that one's transaction has lasted; ``blocker_waits`` tells that it waits itself.
    What the role may not see of it is None, and so is all of a prepared transaction, whose process is 0.
    """

    pid: int
    user_name: str
    application_name: str
    lock_mode: str
    relation: str | None
    seconds: float
    blocker_pid: int
    blocker_user_name: str | None
    blocker_application_name: str | None
    blocker_state: str | None
    blocker_seconds: float | None
    blocker_waits: bool


@dataclass(slots=True)
class LongTransaction:
    """A transaction that has lasted some ``seconds``, the last ``state_seconds`` of them in its present state."""

    pid: int
    user_name: str
    application_name: str
    state: str
    seconds: float
    state_seconds: float


@dataclass(slots=True)
class Wraparound:
    """How much of the 2³¹ transaction ids a database or a table (``kind``) has used since it was last frozen."""

    kind: str
    name: str
    transactions: int
    multixacts: int
    used: float


@dataclass(slots=True)
class SequenceUsage:
    """How much of its range a sequence has used; ``last_value`` is None when it never was, or may not be seen."""

    name: str
    table_name: str | None
    column_name: str | None
    data_type: str
    last_value: int | None
    limit_value: int
    used: float


@dataclass(slots=True)
class Replica:
    """A standby and how far it is behind: 0 when all is replayed, None when that is not known."""

    name: str
    address: str | None
    state: str | None
    sync_state: str | None
    lag_bytes: int | None
    lag_seconds: float | None


@dataclass(slots=True)
class ReplicationSlot:
    """A replication slot and the WAL that it keeps; ``wal_status`` is ``lost`` when it can serve nobody any more."""

    name: str
    slot_type: str
    active: bool
    wal_status: str | None
    retained_bytes: int | None


@dataclass(slots=True)
class Checkpoints:
    """What the checkpointer did since the statistics began; times in milliseconds."""

    timed: int
    requested: int
    write_ms: float
    sync_ms: float
    buffers_written: int
    since: dt.datetime | None
