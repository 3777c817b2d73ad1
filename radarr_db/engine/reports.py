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
class PoolPerformanceMetrics:
    """The time of ``total_queries`` trivial queries in seconds, each with its acquire."""

    average_query_time: float
    max_query_time: float
    min_query_time: float
    total_queries: int
