"""The metrics for Prometheus: of queries, of pools and of the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest
import waiting
from prometheus_client import CollectorRegistry, generate_latest
from repositories.factories import movie

from radarr_db import (
    AsyncDatabase,
    ConflictError,
    Database,
    InvalidArgumentError,
    PoolSettings,
    RadarrDbError,
    UnavailableError,
    embedded,
    movies,
)
from radarr_db.operations import metrics, migrations
from radarr_db.statements import TARGETS

SINGLE = PoolSettings(min_size=1, max_size=1, acquire_timeout=0.1)
CANARY = "c4n4ry"


class Scraped:
    """A registry, and what is in it now."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"radarr_db_{name}", labels)

    def runs(self, query: str) -> float | None:
        return self("query_duration_seconds_count", query=query)


class Told(list[RadarrDbError]):
    """Why the database could not be read."""


@pytest.fixture
def scraped() -> Scraped:
    return Scraped()


@pytest.fixture
def observed(scraped: Scraped) -> metrics.Metrics:
    return metrics.Metrics(registry=scraped.registry)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def of_server(own_server: embedded.Server, scraped: Scraped, told: Told) -> Iterator[metrics.Metrics]:
    found = metrics.Metrics(own_server.conninfo, registry=scraped.registry, on_error=told.append)
    yield found
    found.close()


def test_queries_are_counted_by_name_however_they_run(
    own_database: str, observed: metrics.Metrics, scraped: Scraped
) -> None:
    with Database(own_database, observers=[observed.observe]) as db:
        db.run(movies.count())
        db.run_all(movies.count(), movies.statistics())
        with db.transaction() as tx:
            tx.run(movies.create(movie(1, "One")))
        assert len(list(db.stream(movies.list_all()))) == 1
        db.run(movies.create_many(movie(n, "Many") for n in range(2, 5)))
    assert {query: scraped.runs(f"movies.{query}") for query in ("count", "statistics", "create", "create_many")} == {
        "count": 2,
        "statistics": 1,
        "create": 1,
        "create_many": 1,
    }
    assert scraped.runs("movies.list_all")
    assert scraped.runs("movies.get") is None


async def test_queries_of_an_async_database_are_counted_by_name(
    own_database: str, observed: metrics.Metrics, scraped: Scraped
) -> None:
    async with AsyncDatabase(own_database, observers=[observed.observe]) as db:
        await db.run(movies.count())
        await db.run_all(movies.count(), movies.statistics())
        async with db.transaction() as tx:
            await tx.run(movies.create(movie(1, "One")))
    assert {query: scraped.runs(f"movies.{query}") for query in ("count", "statistics", "create")} == {
        "count": 2,
        "statistics": 1,
        "create": 1,
    }


def test_errors_are_counted_by_their_class_and_in_the_durations_too(
    own_database: str, observed: metrics.Metrics, scraped: Scraped
) -> None:
    assert scraped("query_errors_total", query="acquire", error="UnavailableError") == 0
    with Database(own_database, SINGLE, observers=[observed.observe]) as db:
        db.run(movies.create(movie(1, "One")))
        for _ in range(2):
            with pytest.raises(ConflictError):
                db.run(movies.create(movie(1, "One")))
        with db.transaction(), pytest.raises(UnavailableError, match="became free"):
            db.run(movies.count())
    assert scraped("query_errors_total", query="movies.create", error="ConflictError") == 2
    assert scraped.runs("movies.create") == 3
    assert scraped("query_errors_total", query="acquire", error="UnavailableError") == 1
    assert scraped.runs("acquire") is None


def test_durations_fall_into_the_bucket_of_their_budget(observed: metrics.Metrics, scraped: Scraped) -> None:
    observed.observe("movies.get", 0.005, None)
    observed.observe("movies.get", 0.0051, None)
    assert scraped("query_duration_seconds_bucket", query="movies.get", le="0.005") == 1
    assert scraped("query_duration_seconds_bucket", query="movies.get", le="0.01") == 2
    assert {target / 1000 for target in TARGETS.values()} <= set(metrics.BUCKETS)


@pytest.mark.usefixtures("observed")
def test_each_query_that_has_a_budget_tells_it(scraped: Scraped) -> None:
    assert scraped("query_budget_seconds", query="movies.get", budget="simple") == 0.005
    assert scraped("query_budget_seconds", query="movies.search", budget="search") == 0.02
    assert scraped("query_budget_seconds", query="movies.create_many", budget="bulk") is None


def test_the_pool_is_told_while_it_is_open(own_database: str, observed: metrics.Metrics, scraped: Scraped) -> None:
    db = Database(own_database, SINGLE)
    observed.watch(db, pool="main")
    assert scraped("pool_max_connections", pool="main") is None
    with db:
        with db.transaction():
            assert scraped("pool_connections", pool="main", state="in_use") == 1
            assert scraped("pool_connections", pool="main", state="idle") == 0
            with pytest.raises(UnavailableError):
                db.run(movies.count())
        assert scraped("pool_connections", pool="main", state="in_use") == 0
        assert scraped("pool_min_connections", pool="main") == 1
        assert scraped("pool_max_connections", pool="main") == 1
        assert scraped("pool_waiting", pool="main") == 0
        assert scraped("pool_waits_total", pool="main") == db.pool().requests_waited
        assert scraped("pool_wait_seconds_total", pool="main") == db.pool().wait_seconds
        assert scraped("pool_connections_made_total", pool="main") == 1
        assert scraped("pool_connections_failed_total", pool="main") == 0
        assert scraped("pool_connections_lost_total", pool="main") == 0
    assert scraped("pool_max_connections", pool="main") is None


async def test_the_pool_of_an_async_database_is_told_to_another_thread(
    own_database: str, observed: metrics.Metrics, scraped: Scraped
) -> None:
    async with AsyncDatabase(own_database, SINGLE) as db:
        observed.watch(db)
        found: list[float | None] = []
        thread = threading.Thread(target=lambda: found.append(scraped("pool_max_connections", pool="default")))
        thread.start()
        thread.join()
    assert found == [1]


def test_two_databases_need_two_names_for_their_pools(observed: metrics.Metrics) -> None:
    first, second = Database("host=/one"), Database("host=/two")
    observed.watch(first)
    observed.watch(first)
    with pytest.raises(InvalidArgumentError, match=r"^pool: "):
        observed.watch(second)
    observed.watch(second, pool="second")
    del first  # to be watched keeps nothing alive
    observed.watch(second)


def test_what_the_database_tells(own_database: str, scraped: Scraped, told: Told) -> None:
    with psycopg.connect(own_database, autocommit=True) as other:
        other.execute("INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 50) AS n; ANALYZE")
        with other.transaction():
            other.execute("SELECT pg_stat_force_next_flush()")
            found = metrics.Metrics(own_database, registry=scraped.registry, on_error=told.append)
            assert scraped("up") == 1
            assert scraped("oldest_transaction_seconds")
    assert scraped("ready") == 1
    assert scraped("in_recovery") == 0
    assert scraped("schema_version") == scraped("schema_expected_version") == 9
    assert (scraped("table_bytes", table="movies") or 0) > (scraped("table_index_bytes", table="movies") or 0) > 0
    assert scraped("table_live_rows", table="movies") == 50
    assert scraped("table_dead_rows", table="movies") == 0
    assert scraped("server_connections", state="active")
    assert scraped("server_connections_left")
    with psycopg.connect(own_database) as other:
        name = other.info.dbname
    assert 0 < (scraped("transaction_ids_used_ratio", database=name) or 0) < 1
    assert scraped.runs("monitoring.tables")
    found.close()
    assert told == []
    assert generate_latest(scraped.registry) == b""


def test_a_database_without_its_schema_is_up_and_not_ready(empty_database: str, scraped: Scraped) -> None:
    found = metrics.Metrics(empty_database, registry=scraped.registry)
    assert scraped("up") == 1
    assert scraped("ready") == 0
    assert scraped("schema_version") is None
    migrations.apply(empty_database)
    assert scraped("ready") == 1
    found.close()


def test_a_standby_tells_how_far_it_is_behind(scraped: Scraped, told: Told) -> None:
    with embedded.server() as primary, embedded.server(standby_of=primary) as standby:
        migrations.apply(primary.conninfo)
        found = metrics.Metrics(standby.conninfo, registry=scraped.registry, on_error=told.append)
        waiting.until(lambda: scraped("ready") == 1)
        assert scraped("in_recovery") == 1
        assert scraped("replication_lag_bytes", replica="this server") is not None
        found.close()
    assert told == []


@pytest.mark.usefixtures("of_server")
def test_a_server_that_hangs_is_not_up_until_it_goes_on(
    own_server: embedded.Server, scraped: Scraped, told: Told
) -> None:
    assert scraped("up") == 1
    processes = [int((own_server.data_dir / "postmaster.pid").read_text().split()[0])]
    with psycopg.connect(own_server.conninfo) as other:
        processes += [
            pid for (pid,) in other.execute("SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%metrics'")
        ]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        for count in (1, 2):
            page = generate_latest(scraped.registry).decode()
            assert "\nradarr_db_up 0.0\n" in page
            assert "radarr_db_table_bytes" not in page
            assert [thread.name for thread in threading.enumerate()].count("radarr-db-metrics") <= 1
            assert len(told) == count
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    waiting.until(lambda: scraped("up") == 1)


def test_a_server_that_is_not_there_is_not_up_and_it_is_told_why(scraped: Scraped, told: Told) -> None:
    found = metrics.Metrics(f"host=/nowhere password={CANARY}", registry=scraped.registry, on_error=told.append)
    assert scraped("up") == 0
    assert isinstance(told[0], UnavailableError)
    assert "is the server running" in str(told[0])
    assert CANARY not in f"{told} {generate_latest(scraped.registry)!r}"
    found.close()


def test_why_the_database_is_not_up_is_in_the_log(scraped: Scraped, caplog: pytest.LogCaptureFixture) -> None:
    found = metrics.Metrics("host=/nowhere", registry=scraped.registry)
    assert scraped("up") == 0
    found.close()
    assert "cannot connect to database" in caplog.text


def test_no_value_becomes_a_label(own_database: str, observed: metrics.Metrics, scraped: Scraped) -> None:
    with Database(own_database, observers=[observed.observe]) as db:
        db.run(movies.create(movie(1, CANARY)))
        with pytest.raises(ConflictError):
            db.run(movies.create(movie(1, CANARY)))
        db.run(movies.search(CANARY))
    assert scraped.runs("movies.search") == 1
    assert CANARY not in generate_latest(scraped.registry).decode()


@pytest.mark.usefixtures("observed")
def test_a_registry_takes_the_metrics_once(scraped: Scraped) -> None:
    with pytest.raises(ValueError, match="radarr_db_query_duration_seconds"):
        metrics.Metrics(registry=scraped.registry)


def test_a_conninfo_that_cannot_be_read_is_refused_at_once(scraped: Scraped) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^conninfo: "):
        metrics.Metrics("postgresql://u:%zz@h/d", registry=scraped.registry)


def test_without_its_extra_the_module_tells_how_to_get_it() -> None:
    code = "import sys; sys.modules['prometheus_client'] = None; import radarr_db.operations.metrics"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("ModuleNotFoundError: metrics need their extra: pip install 'radarr-db[metrics]'\n")
