"""Spans and metrics for OpenTelemetry, by its semantic conventions for databases.

This needs the extra ``opentelemetry``, which is opentelemetry-api; the SDK is the embedding service's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from operator import attrgetter
from time import time_ns

import psycopg

from radarr_db import connections
from radarr_db.engine import AsyncDatabase, Database, PoolStatistics
from radarr_db.engine.observers import ACQUIRE
from radarr_db.errors import RadarrDbError
from radarr_db.operations.pools import Pools

try:
    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation, get_meter
    from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "tracing needs its extra: pip install 'radarr-db[opentelemetry]'", name=error.name
    ) from error

Attributes = dict[str, str | int]
Callback = Callable[[CallbackOptions], Iterator[Observation]]

# The bounds that the conventions ask for.
_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)

_POOL, _STATE = "db.client.connection.pool.name", "db.client.connection.state"
_CLIENT = SpanKind.CLIENT
_ERROR = Status(StatusCode.ERROR)  # without a text: error.type says it

# Of the whole process: of instruments of one name the SDK asks only the first, whoever made it.
_pools = Pools()


class Tracing:
    """A span and a duration for each statement on the database ``conninfo``, by the query's name.

    Give ``observe`` to the database as one of its ``observers``, and the database to ``watch``. A span is made when its
    statement has ended, with the times it had, as a child of the caller's; the text of a statement and its arguments
    are told to nobody. ``pool`` is the name of the database's pool, by default its address. Without providers
    OpenTelemetry's global ones are used.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        pool: str | None = None,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._database = _database(conninfo)
        self._pool = pool or _pool_name(self._database)
        self._attributes: dict[str, Attributes] = {}
        self._start_span = get_tracer("radarr_db", tracer_provider=tracer_provider).start_span
        meter = get_meter("radarr_db", meter_provider=meter_provider)
        self._record = meter.create_histogram(
            "db.client.operation.duration",
            unit="s",
            description="Duration of database client operations.",
            explicit_bucket_boundaries_advisory=_BOUNDS,
        ).record
        self._timeouts = meter.create_counter(
            "db.client.connection.timeouts",
            unit="{timeout}",
            description=(
                "The number of connection timeouts that have occurred trying to obtain a connection from the pool."
            ),
        )
        _observe_pools(meter)

    def observe(self, query: str, seconds: float, error: RadarrDbError | None) -> None:
        """Make the span of a statement, and record how long it took: an Observer."""
        try:
            attributes = self._attributes[query]
        except KeyError:
            attributes = self._named(query)
        if error is not None:
            self._observe_failure(query, seconds, error, attributes)
            return
        end = time_ns()
        self._start_span(query, kind=_CLIENT, attributes=attributes, start_time=end - int(1e9 * seconds)).end(end)
        self._record(seconds, attributes)

    def watch(self, db: Database | AsyncDatabase) -> None:
        """Measure the pool of ``db``, while it is open.

        InvalidArgumentError when another database that is still there has a pool of that name.
        """
        _pools.add(self._pool, db)

    def _observe_failure(self, query: str, seconds: float, error: RadarrDbError, attributes: Attributes) -> None:
        attributes = attributes | _failure(error)
        end = time_ns()
        span = self._start_span(query, kind=_CLIENT, attributes=attributes, start_time=end - int(1e9 * seconds))
        span.set_status(_ERROR)
        span.end(end)
        if query == ACQUIRE:
            self._timeouts.add(1, {_POOL: self._pool})
        else:
            self._record(seconds, attributes)

    def _named(self, query: str) -> Attributes:
        found = {**self._database, "db.operation.name": query, "db.query.summary": query}
        return self._attributes.setdefault(query, found)


def _database(conninfo: str) -> Attributes:
    """What all statements have in common; no more than the system where the rest may hold a part of the password."""
    found: Attributes = {"db.system.name": "postgresql"}
    if connections.describe(conninfo) == connections.UNSURE:
        return found
    known = connections.parameters(conninfo)
    found["db.namespace"] = known.get("dbname") or known.get("user", "")
    host, port = known.get("host") or known.get("hostaddr") or "", str(known["port"])
    if host.startswith("/"):
        found["server.address"] = f"{host}/.s.PGSQL.{port}"
    elif host and "," not in host:  # of several, nobody tells which it is
        found |= {"server.address": host, "server.port": int(port)}
    return found


def _pool_name(database: Attributes) -> str:
    """The name that the conventions give a pool without one: address:port/database."""
    server = ":".join(str(database[key]) for key in ("server.address", "server.port") if key in database)
    return f"{server}/{database.get('db.namespace', '')}"


def _failure(error: RadarrDbError) -> Attributes:
    found: Attributes = {"error.type": type(error).__name__}
    cause = sys.exception()  # the engine tells of the error while it handles the driver's
    if isinstance(cause, psycopg.Error) and cause.sqlstate:
        found["db.response.status_code"] = cause.sqlstate
    return found


def _observe_pools(meter: Meter) -> None:
    for name, unit, description, values in (
        (
            "db.client.connection.count",
            "{connection}",
            "The number of connections that are currently in state described by the `state` attribute.",
            _connections,
        ),
        (
            "db.client.connection.max",
            "{connection}",
            "The maximum number of open connections allowed.",
            _values(attrgetter("max_size")),
        ),
        (
            "db.client.connection.pending_requests",
            "{request}",
            "The number of current pending requests for an open connection.",
            _values(attrgetter("waiting")),
        ),
    ):
        meter.create_observable_up_down_counter(name, [values], unit, description)


def _connections(_options: CallbackOptions) -> Iterator[Observation]:
    for pool, statistics in _pools.statistics():
        yield Observation(statistics.idle, {_POOL: pool, _STATE: "idle"})
        yield Observation(statistics.in_use, {_POOL: pool, _STATE: "used"})


def _values(value: Callable[[PoolStatistics], int]) -> Callback:
    def observe(_options: CallbackOptions) -> Iterator[Observation]:
        for pool, statistics in _pools.statistics():
            yield Observation(value(statistics), {_POOL: pool})

    return observe
