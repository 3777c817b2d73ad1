from __future__ import annotations

import os

import psycopg
import pytest

from benchmarks import bulk, weight
from benchmarks.awake import kept_awake

from .conftest import Bench


def test_bulk_writes_are_held_beside_copy_and_leave_no_database_behind(bench: Bench) -> None:
    promises = bulk.measure(bench.conninfo, movies_written=20, streamed=3000)
    assert [(promise.limit, promise.unit) for promise in promises] == [
        (1.5, "times"),
        (1.5, "times"),
        (100, "MB"),
        (100, "MB"),
    ]
    assert all(promise.found > 0 for promise in promises[:2])
    with psycopg.connect(bench.conninfo) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname ~ '^radarr_db_bulk'").fetchall() == []


def test_writes_of_nothing_new_write_nothing_and_are_undone(bench: Bench) -> None:
    with psycopg.connect(bench.conninfo) as connection:
        before = connection.execute("SELECT count(*), max(id) FROM download_queue").fetchone()
    found = {promise.name: promise for promise in weight.measure(bench.conninfo)}
    assert found["rows that a sync of 1,000 unchanged items writes"].found == 0
    assert found["rows that a refresh of 1,000 unchanged movies writes"].found == 0
    assert found["indexes of movies beside the table"].found > 0
    with psycopg.connect(bench.conninfo) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM download_queue").fetchone() == before


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has a class for idle processes")
def test_what_keeps_the_cores_awake_is_gone_afterwards() -> None:
    before = children()
    with kept_awake():
        started = children() - before
        assert len(started) >= (os.cpu_count() or 1)
    assert not started & children()


def children() -> set[int]:
    tasks = f"/proc/self/task/{os.getpid()}/children"
    with open(tasks, encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        return set(map(int, file.read().split()))
