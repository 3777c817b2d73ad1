"""The floor runs the statement that is typed above it."""

from __future__ import annotations

import pytest

from benchmarks import floor
from benchmarks.peers import work
from radarr_db import Database, NewMovie, movies


def test_the_loop_runs_the_statement_with_its_arguments(own_database: str) -> None:
    with Database(own_database) as db:
        db.run(movies.create(NewMovie(603, "The Matrix")))
    with (
        floor.loop(own_database, work.LOOKUP.sql, b"603") as known,
        floor.loop(own_database, work.LOOKUP.sql, b"604") as unknown,
    ):
        for _ in range(3):
            known()
        assert (known.rows(), unknown.rows()) == (1, 0)


@pytest.mark.parametrize(
    ("database", "sql", "words"),
    [("", "SELECT 1/0", "division by zero"), (" dbname=nowhere", "SELECT 1", "no connection to the server")],
)
def test_a_loop_that_would_measure_errors_is_refused(
    database_conninfo: str, database: str, sql: str, words: str
) -> None:
    with pytest.raises(RuntimeError, match=words), floor.loop(database_conninfo + database, sql):
        pass


def test_promises_are_held_against_their_limits(own_database: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Database(own_database) as db:
        db.run(movies.create(NewMovie(603, "The Matrix")))
    found = floor.measure(own_database, rounds=2)
    assert [(promise.name, promise.limit, promise.unit) for promise in found] == [
        ("typed lookup / C floor, sync", 1.5, "times"),
        ("typed lookup / psycopg pool with a tuple, sync", 1.0, "times"),
        ("typed lookup / bare asyncpg connection", 1.0, "times"),
        ("typed lookup / asyncpg pool", 0.5, "times"),
        ("typed lookup / psycopg pool with a tuple, async", 1.0, "times"),
        ("typed library / psycopg pool with tuples", 1.5, "times"),
    ]
    assert all(promise.found > 0 for promise in found)
    assert "SELECT 1" in capsys.readouterr().out
