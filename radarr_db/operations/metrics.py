"""Metrics for Prometheus: of the queries and pools of this process and, when asked, of the database as a whole.

This needs the extra ``metrics``, which is prometheus-client.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from radarr_db import resources, statements
from radarr_db.engine import AsyncDatabase, Database
from radarr_db.engine.observers import ACQUIRE
from radarr_db.errors import RadarrDbError, UnavailableError
from radarr_db.operations.pools import Pools

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, Metric
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.registry import Collector
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("metrics need their extra: pip install 'radarr-db[metrics]'", name=error.name) from error

from radarr_db.operations.gauges import Gauges

# Seconds. Every target is a bound, so that whether a quantile is within it is counted and not estimated.
BUCKETS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15,
)  # fmt: skip

_logger = logging.getLogger(__name__)

_POOLS = (
    (GaugeMetricFamily, "min_connections", "min_size", "Connections that are kept open when nobody needs them."),
    (GaugeMetricFamily, "max_connections", "max_size", "Connections that may be open at the same time."),
    (GaugeMetricFamily, "waiting", "waiting", "Callers that wait for a connection now."),
    (CounterMetricFamily, "waits", "requests_waited", "Callers that had to wait for a connection."),
    (CounterMetricFamily, "wait_seconds", "wait_seconds", "Time that callers waited for a connection."),
    (CounterMetricFamily, "connections_made", "connections_made", "Connections that were tried."),
    (CounterMetricFamily, "connections_failed", "connections_failed", "Connections that could not be made."),
    (CounterMetricFamily, "connections_lost", "connections_lost", "Connections that broke."),
)


class Metrics(Collector):
    """A collector of ``registry``, one for all databases of a process.

    Give ``observe`` to each database as one of its ``observers``, and the database to ``watch``. With a ``conninfo`` it
    also reads what that database is like at each scrape, in at most a second, on a connection of its own; when that
    fails ``radarr_db_up`` is 0, and ``on_error``, by default a warning in the log, is told why.
    """

    def __init__(
        self,
        conninfo: str | None = None,
        *,
        registry: CollectorRegistry = REGISTRY,
        on_error: Callable[[RadarrDbError], None] = _logger.warning,
    ) -> None:
        self._durations = Histogram(
            "radarr_db_query_duration_seconds",
            "Time from a statement to its whole answer, failed ones too, without the wait for a connection.",
            ["query"],
            buckets=BUCKETS,
            registry=None,
        )
        self._errors = Counter(
            "radarr_db_query_errors",
            "Statements that failed, by the class of the error; acquire is a wait for a connection in vain.",
            ["query", "error"],
            registry=None,
        )
        # From 0 on, since to Prometheus a counter that begins with 1 has not increased.
        self._errors.labels(ACQUIRE, UnavailableError.__name__)
        self._observers: dict[str, Callable[[float], None]] = {}
        self._pools = Pools()
        self._budgets = _budgets()
        self._gauges: Gauges | None = None
        if conninfo is not None:
            self._gauges = Gauges(conninfo, on_error, observers=[self.observe])
            self.watch(self._gauges.db, pool="metrics")
        self._registry = registry
        registry.register(self)

    def observe(self, query: str, seconds: float, error: RadarrDbError | None) -> None:
        """Count a statement, and how long it took: an Observer."""
        if error is not None:
            self._errors.labels(query, type(error).__name__).inc()
            if query == ACQUIRE:
                return
        try:
            observe = self._observers[query]
        except KeyError:
            observe = self._observers[query] = self._durations.labels(query).observe
        observe(seconds)

    def watch(self, db: Database | AsyncDatabase, *, pool: str = "default") -> None:
        """Collect from the pool of ``db``, while it is open, under the name ``pool``.

        InvalidArgumentError when another database that is still there has that name.
        """
        self._pools.add(pool, db)

    def close(self) -> None:
        """Leave the registry, and close the connection of its own."""
        self._registry.unregister(self)
        if self._gauges is not None:
            self._gauges.close()

    def describe(self) -> Iterator[Metric]:
        """What tells a second one from the first; without asking a database, as the registry would otherwise."""
        yield from (*self._durations.describe(), *self._errors.describe())

    def collect(self) -> Iterator[Metric]:
        """What is found at a scrape; the registry calls this."""
        if self._gauges is not None:
            yield from self._gauges.collect()
        yield from _of_pools(self._pools)
        yield from self._durations.collect()
        yield from self._errors.collect()
        yield self._budgets


def _of_pools(pools: Pools) -> Iterator[Metric]:
    found = list(pools.statistics())
    connections = GaugeMetricFamily("radarr_db_pool_connections", "Open connections.", labels=["pool", "state"])
    for pool, statistics in found:
        connections.add_metric([pool, "idle"], statistics.idle)
        connections.add_metric([pool, "in_use"], statistics.in_use)
    yield connections
    for kind, name, field, text in _POOLS:
        family = kind(f"radarr_db_pool_{name}", text, labels=["pool"])
        for pool, statistics in found:
            family.add_metric([pool], getattr(statistics, field))
        yield family


def _budgets() -> Metric:
    family = GaugeMetricFamily(
        "radarr_db_query_budget_seconds", "Time that 95 % of a query's runs may take.", labels=["query", "budget"]
    )
    for path in sorted(resources.folder("sql").glob("*.sql")):
        for statement in statements.load(path.stem).values():
            target = statements.TARGETS.get(statement.budget)
            if target is not None:
                family.add_metric([statement.name, statement.budget], target / 1000)
    return family
