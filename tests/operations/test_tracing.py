"""Spans and metrics for OpenTelemetry."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from operations.sdk import Sdk
from psycopg.conninfo import conninfo_to_dict
from repositories.factories import movie

from radarr_db import (
    AsyncDatabase,
    ConflictError,
    Database,
    InvalidArgumentError,
    PoolSettings,
    UnavailableError,
    movies,
)
from radarr_db.operations.tracing import Tracing

SINGLE = PoolSettings(min_size=1, max_size=1, acquire_timeout=0.1)
CANARY = "c4n4ry"


@pytest.fixture
def sdk() -> Iterator[Sdk]:
    found = Sdk()
    yield found
    found.tracers.shutdown()
    found.meters.shutdown()


def test_a_statement_is_a_span_below_the_callers(own_database: str, sdk: Sdk) -> None:
    with Database(own_database, observers=[sdk.tracing(own_database).observe]) as db:
        with sdk.tracer.start_as_current_span("request"):
            db.run(movies.count())
            with db.transaction() as tx:
                tx.run(movies.create(movie(1, "One")))
            db.run_all(movies.count(), movies.statistics())
        db.run(movies.count())
    *children, request, alone = sdk.spans()
    assert [span.name for span in children] == ["movies.count", "movies.create", "movies.count", "movies.statistics"]
    assert request.context
    for span in children:
        assert span.parent
        assert span.parent.span_id == request.context.span_id
        assert span.kind is SpanKind.CLIENT
        assert span.status.status_code is StatusCode.UNSET
        assert (request.start_time or 0) <= (span.start_time or 0) < (span.end_time or 0) <= (request.end_time or 0)
    assert alone.parent is None


async def test_tasks_have_spans_of_their_own(own_database: str, sdk: Sdk) -> None:
    async def request(db: AsyncDatabase, number: int) -> None:
        with sdk.tracer.start_as_current_span(f"request {number}"):
            await db.run(movies.count())

    async with AsyncDatabase(own_database, observers=[sdk.tracing(own_database).observe]) as db:
        await asyncio.gather(*(request(db, number) for number in range(5)))
    spans = sdk.spans()
    requests = {span.context.span_id for span in spans if span.name.startswith("request") and span.context}
    assert len(requests) == 5
    assert {span.parent.span_id for span in spans if span.name == "movies.count" and span.parent} == requests


def test_a_span_has_the_attributes_of_the_conventions(own_database: str, sdk: Sdk) -> None:
    with Database(own_database, observers=[sdk.tracing(own_database).observe]) as db:
        db.run(movies.count())
    known = conninfo_to_dict(own_database)
    (span,) = sdk.spans()
    assert span.attributes
    assert span.attributes["db.system.name"] == "postgresql"
    assert span.attributes["db.namespace"] == known["dbname"]
    assert span.attributes["db.operation.name"] == span.attributes["db.query.summary"] == "movies.count"
    assert str(span.attributes["server.address"]).startswith(str(known["host"]))


@pytest.mark.parametrize(
    ("conninfo", "pool", "server"),
    [
        ("host=db.example port=6432 dbname=radarr", "db.example:6432/radarr", ("db.example", 6432)),
        ("postgresql://u:p@db.example/radarr", "db.example:5432/radarr", ("db.example", 5432)),
        ("host=/run/pg dbname=radarr", "/run/pg/.s.PGSQL.5432/radarr", ("/run/pg/.s.PGSQL.5432", None)),
        ("host=one,two dbname=radarr", "/radarr", (None, None)),
        (f"postgresql://u:p/{CANARY}@h/radarr", "/", (None, None)),
    ],
)
def test_the_server_is_told_as_far_as_it_is_known(
    conninfo: str, pool: str, server: tuple[str | None, int | None], sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PGHOST", "PGPORT"):
        monkeypatch.delenv(variable, raising=False)
    tracing = sdk.tracing(conninfo)
    tracing.observe("movies.count", 0.001, None)
    tracing.observe("acquire", 0.001, UnavailableError())
    attributes = dict(sdk.spans()[0].attributes or {})
    assert (attributes.get("server.address"), attributes.get("server.port")) == server
    assert list(sdk.values("db.client.connection.timeouts")) == [(pool,)]
    assert CANARY not in str(attributes)


def test_an_error_is_told_by_its_class_and_its_code_and_not_by_its_values(own_database: str, sdk: Sdk) -> None:
    with Database(own_database, observers=[sdk.tracing(own_database).observe]) as db:
        for _ in range(2):
            try:
                db.run(movies.create(movie(1, CANARY)))
            except ConflictError as error:
                assert error.constraint == "movies_tmdb_id_key"  # noqa: PT017 - only the second one fails
    stored, failed = sdk.spans()
    assert stored.status.is_unset
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.attributes
    assert failed.attributes["error.type"] == "ConflictError"
    assert failed.attributes["db.response.status_code"] == "23505"
    assert CANARY not in "".join(span.to_json() for span in (stored, failed))


def test_durations_are_measured_by_query_and_error(own_database: str, sdk: Sdk) -> None:
    with Database(own_database, observers=[sdk.tracing(own_database).observe]) as db:
        db.run(movies.create(movie(1, "One")))
        db.run(movies.count())
        db.run(movies.count())
        with pytest.raises(ConflictError):
            db.run(movies.create(movie(1, "One")))
    points = sdk.points("db.client.operation.duration")
    assert {(p.attributes["db.query.summary"], p.attributes.get("error.type")): p.count for p in points} == {
        ("movies.count", None): 2,
        ("movies.create", None): 1,
        ("movies.create", "ConflictError"): 1,
    }
    assert points[0].explicit_bounds == (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)


def test_the_pool_and_waits_in_vain_are_measured(own_database: str, sdk: Sdk) -> None:
    tracing = sdk.tracing(own_database, pool="main")
    with Database(own_database, SINGLE, observers=[tracing.observe]) as db:
        tracing.watch(db)
        with db.transaction():
            assert sdk.values("db.client.connection.count") == {("main", "idle"): 0, ("main", "used"): 1}
            with pytest.raises(UnavailableError, match="became free"):
                db.run(movies.count())
        assert sdk.values("db.client.connection.count") == {("main", "idle"): 1, ("main", "used"): 0}
        assert sdk.values("db.client.connection.max") == {("main",): 1}
        assert sdk.values("db.client.connection.pending_requests") == {("main",): 0}
    assert sdk.values("db.client.connection.timeouts") == {("main",): 1}
    assert [span.name for span in sdk.spans()] == ["acquire"]
    assert not sdk.points("db.client.operation.duration")
    assert not sdk.points("db.client.connection.count")


def test_all_pools_of_a_process_are_measured(own_database: str, sdk: Sdk) -> None:
    first, second = sdk.tracing(own_database), sdk.tracing(own_database, pool="second")
    with Database(own_database) as one, Database(own_database, SINGLE) as two:
        first.watch(one)
        second.watch(two)
        with pytest.raises(InvalidArgumentError, match=r"^pool: "):
            first.watch(two)
        assert sorted(sdk.values("db.client.connection.max").values()) == [1, 20]


def test_without_an_sdk_nothing_is_told_and_nothing_fails(own_database: str, caplog: pytest.LogCaptureFixture) -> None:
    with Database(own_database, observers=[Tracing(own_database).observe]) as db:
        assert db.run(movies.count()) == 0
    assert "observer" not in caplog.text


def test_without_its_extra_the_module_tells_how_to_get_it() -> None:
    code = "import sys; sys.modules['opentelemetry'] = None; import radarr_db.operations.tracing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith(
        "ModuleNotFoundError: tracing needs its extra: pip install 'radarr-db[opentelemetry]'\n"
    )
