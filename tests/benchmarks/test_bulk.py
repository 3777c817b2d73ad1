from __future__ import annotations

import operator
import os
from dataclasses import replace
from multiprocessing import resource_tracker

import psycopg
import pytest

from benchmarks import awake, bulk, memory, runner, weight
from benchmarks.results import Weight
from radarr_db import Database, movies

from .conftest import Bench


def test_bulk_writes_are_held_beside_copy_and_leave_no_database_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STREAMED", 3000)
    promises = bulk.measure(bench.conninfo, replace(bench.content, movies=20))
    assert [(promise.name, promise.limit, promise.unit) for promise in promises][: 4 if memory.MEASURABLE else 2] == [
        ("create_many of 20 movies beside COPY", 1.5, "times"),
        ("upsert_many of 20 movies beside COPY", 1.5, "times"),
        ("memory that create_many of 20 movies adds", 100, "MB"),
        ("memory that a stream of 3,000 movies adds", 100, "MB"),
    ]
    assert all(promise.found > 0 for promise in promises)
    with psycopg.connect(bench.conninfo) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname ~ '^radarr_db_bulk'").fetchall() == []


def test_writes_of_nothing_new_write_nothing_and_are_undone(bench: Bench) -> None:
    with psycopg.connect(bench.conninfo) as connection:
        before = connection.execute("SELECT count(*), max(id) FROM download_queue").fetchone()
    weights = runner.measure(bench.conninfo, bench.content, bench.loaded, (), lambda _: None).weights
    found = {promise.name: promise for promise in weight.measure(bench.conninfo, bench.content, weights)}
    assert found["rows that a sync of 1,000 unchanged items writes"].found == 0
    assert found["rows that a refresh of 1,000 unchanged movies writes"].found == 0
    assert found["indexes of movies beside the table"].found > 0
    with psycopg.connect(bench.conninfo) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM download_queue").fetchone() == before


def test_the_order_of_genres_counts_as_an_index() -> None:
    weights = (Weight("movies", 100, 40), Weight("history", 7, 7), Weight("movie_genres", 20, 10))
    assert weight.index_weight(weights) == 0.7


@pytest.mark.skipif(not memory.MEASURABLE, reason="only Linux tells the peak of a process")
def test_memory_is_seen_that_is_less_than_its_parent_ever_had() -> None:
    megabyte = 2**20
    large = b"x" * (400 * megabyte)
    assert len(large) / megabyte == 400
    assert 145 < memory.added(operator.mul, b"x", 150 * megabyte) < 180
    assert memory.added(operator.mul, b"x", megabyte) < 30


def test_rows_that_are_copied_are_those_that_create_many_writes(bench: Bench, own_database: str) -> None:
    news = [replace(new, quality_profile_id=1) for new in bench.content.catalogue().movies(range(1, 21))]
    columns = ", ".join(field for field in bulk.COLUMNS)
    with psycopg.connect(own_database, autocommit=True) as connection:

        def stored() -> object:
            return connection.execute(f"SELECT {columns} FROM movies ORDER BY tmdb_id").fetchall()  # noqa: S608

        bulk.copy(connection, news)
        copied = stored()
        connection.execute("TRUNCATE movies CASCADE")
        with Database(own_database) as db:
            db.run(movies.create_many(news))
        assert copied == stored()


@pytest.mark.skipif(not awake.POSSIBLE, reason="only Linux has a class for idle processes")
def test_what_keeps_the_cores_awake_is_gone_afterwards() -> None:
    resource_tracker.ensure_running()  # multiprocessing's own process, which stays
    before = children()
    with awake.kept_awake():
        started = children() - before
        assert len(started) >= (os.cpu_count() or 1)
    assert not started & children()


def children() -> set[int]:
    tasks = f"/proc/self/task/{os.getpid()}/children"
    with open(tasks, encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        return set(map(int, file.read().split()))
