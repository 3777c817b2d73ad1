"""What a pool tells about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolHealthReport:
    """Whether a query got through just now, in how many seconds, and how the connections are used."""

    connectivity_ok: bool
    connectivity_time: float
    pool_size: int
    active_connections: int
    idle_connections: int


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """The connections of a pool, and what was done with them since it was opened.

    ``max_size`` is the present limit, which moves where the pool sizes itself. ``waiting`` callers wait for a
    connection now; ``requests_waited`` had to since the pool was opened, for ``wait_seconds`` in all.
    ``connections_made`` counts all attempts, of which some failed; of the others some were lost.
    """

    min_size: int
    max_size: int
    size: int
    idle: int
    in_use: int
    waiting: int
    requests_waited: int
    wait_seconds: float
    connections_made: int
    connections_failed: int
    connections_lost: int


@dataclass(frozen=True, slots=True)
class PoolPerformanceMetrics:
    """The time of ``total_queries`` trivial queries in seconds, each with its acquire."""

    average_query_time: float
    max_query_time: float
    min_query_time: float
    total_queries: int
