"""What a database as a whole is like, as gauges for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from threading import Lock, Thread

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from radarr_db import connections
from radarr_db.engine import Database, Observer, PoolSettings
from radarr_db.errors import RadarrDbError, UnavailableError
from radarr_db.models.monitoring import Readiness, Replica, Server, TableStatistics
from radarr_db.operations import migration_files
from radarr_db.repositories import monitoring

# In seconds: how long a scrape waits for the database.
LIMIT = 1.0

# Half of it for a connection, so that what is in the way of one is told in time.
_SETTINGS = PoolSettings(
    max_size=1, min_size=0, acquire_timeout=LIMIT / 2, statement_timeout=LIMIT, application_name="radarr-db metrics"
)


class Gauges:
    """The gauges of a database, read anew for each scrape and within LIMIT, whatever has happened to it.

    ``on_error`` is told why they could not be read.
    """

    def __init__(self, conninfo: str, on_error: Callable[[RadarrDbError], None], observers: Iterable[Observer]) -> None:
        self.db = Database(conninfo, _SETTINGS, observers=observers)
        self._where = connections.describe(conninfo)
        self._newest = migration_files.newest()
        self._on_error = on_error
        self._lock = Lock()
        self._reading: Future[list[Metric]] = Future()
        self._reading.set_result([])

    def close(self) -> None:
        """Close the connection, once nobody reads from it and could open it again."""
        wait([self._reading], LIMIT)
        self.db.close()

    def collect(self) -> Iterator[Metric]:
        """Whether the database answers and, if so, what it tells about itself."""
        found: list[Metric] = []
        try:
            found = self._begun().result(LIMIT)
        except TimeoutError:
            self._on_error(UnavailableError(f"{self._where}: no answer within {LIMIT:g} s"))
        except RadarrDbError as error:
            self._on_error(error)
        yield _gauge("up", "Whether the database answers.", bool(found))
        yield from found

    def _begun(self) -> Future[list[Metric]]:
        """What is being read; nothing is read twice at the same time, however long it takes."""
        with self._lock:
            if self._reading.done():
                self._reading = Future()
                # In a thread of its own: nothing else ends all waits, one for the address of a host for instance.
                Thread(target=self._read, args=[self._reading], name="radarr-db-metrics", daemon=True).start()
            return self._reading

    def _read(self, reading: Future[list[Metric]]) -> None:
        try:
            self.db.open()
            reading.set_result(list(_ask(self.db, self._newest)))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            reading.set_exception(error)


def _ask(db: Database, newest: int) -> Iterator[Metric]:
    server, tables, states, transactions, wraparound, replicas = db.run_all(
        monitoring.server(),
        monitoring.tables(),
        monitoring.connections(),
        monitoring.long_transactions(minimum_seconds=0),
        monitoring.wraparound(),
        monitoring.replication(),
    )
    yield from _of_server(server, db.run(monitoring.readiness(newest)) if server.reads_schema else None)
    yield from _of_tables(tables)
    yield from _of_replicas(replicas)
    yield _gauges(
        "server_connections",
        "Connections of clients to the server.",
        "state",
        ((found.state or "unknown", found.connections) for found in states),
    )
    yield _gauge(
        "oldest_transaction_seconds",
        "Age of the oldest transaction that is open in the database.",
        max((found.seconds for found in transactions), default=0),
    )
    yield _gauges(
        "transaction_ids_used_ratio",
        "Share of the transaction ids used up since all rows were last frozen; at 1 the server stops writing.",
        "database",
        ((found.name, found.used) for found in wraparound if found.kind == "database"),
    )


def _of_server(server: Server, readiness: Readiness | None) -> Iterator[Metric]:
    yield _gauge("in_recovery", "Whether the server is a standby, and so refuses writes.", server.in_recovery)
    if readiness is not None:
        yield _gauge("schema_version", "Highest migration applied.", readiness.schema_version)
        yield _gauge("schema_expected_version", "Last migration of this library.", readiness.expected_version)
        yield _gauge("server_connections_left", "Connections that can still be opened.", readiness.connections_left)
    if readiness is not None or not server.has_schema:
        ready = readiness is not None and readiness.ready
        yield _gauge("ready", "Whether the schema is complete and connections are left.", ready)


def _of_tables(tables: list[TableStatistics]) -> Iterator[Metric]:
    for name, text, field in (
        ("table_bytes", "Size of a table with its indexes.", "total_bytes"),
        ("table_index_bytes", "Size of the indexes of a table.", "index_bytes"),
        ("table_live_rows", "Live rows of a table, an estimate.", "live_tuples"),
        ("table_dead_rows", "Dead rows of a table that VACUUM has to remove, an estimate.", "dead_tuples"),
    ):
        yield _gauges(name, text, "table", ((table.name, getattr(table, field)) for table in tables))


def _of_replicas(replicas: list[Replica]) -> Iterator[Metric]:
    worst: dict[str, Replica] = {}
    for replica in replicas:  # the worst first; several may go by one name
        worst.setdefault(replica.name, replica)
    for name, text, field in (
        ("replication_lag_bytes", "WAL that a standby has yet to replay.", "lag_bytes"),
        ("replication_lag_seconds", "How far a standby is behind.", "lag_seconds"),
    ):
        yield _gauges(name, text, "replica", ((key, getattr(replica, field)) for key, replica in worst.items()))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"radarr_db_{name}", text, value=float(value))


def _gauges(name: str, text: str, label: str, values: Iterable[tuple[str, float | None]]) -> Metric:
    """A value for each label; none where it is not known."""
    family = GaugeMetricFamily(f"radarr_db_{name}", text, labels=[label])
    for key, value in values:
        if value is not None:
            family.add_metric([key], value)
    return family
