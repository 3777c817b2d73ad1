"""Every statement has a call, and each of them runs on the loaded catalogue."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from benchmarks import runner, surroundings, workload
from benchmarks.catalogue import Content
from benchmarks.drawing import Drawing
from benchmarks.loading import load as load_catalogue
from benchmarks.workload import ENTRIES, Entry, Kind
from radarr_db import resources
from radarr_db.demo.queries import QUERIES
from radarr_db.statements import load

from .conftest import MOVIES, Bench

OPERATIONS = ("monitoring.", "maintenance.", "partitions.", "databases.", "roles.", "sessions.", "settings.")
FINDS_NOTHING = "movies.search(unknown word)"


@pytest.fixture(scope="module")
def drawing(bench: Bench) -> Drawing:
    return Drawing(bench.db, bench.content.catalogue())


def test_every_statement_of_every_file_has_a_call() -> None:
    files = Path(resources.folder("sql")).glob("*.sql")
    statements = {statement.name for file in files for statement in load(file.stem).values()}
    assert {entry.statement for entry in ENTRIES} == statements


def test_no_two_calls_are_written_alike() -> None:
    assert len({entry.call for entry in ENTRIES}) == len(ENTRIES)


def test_every_query_of_the_specification_is_among_them_with_its_figure() -> None:
    assert {entry.call: entry.claimed for entry in ENTRIES if entry.claimed} == {q.text: q.claimed for q in QUERIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.call)
def test_a_call_runs_its_statement_and_finds_rows(bench: Bench, drawing: Drawing, entry: Entry) -> None:
    drawing.rng.seed(entry.call)  # the same arguments, whatever was drawn before
    rows = 0
    for _ in range(1 if entry.kind is Kind.BULK_WRITE else 5):
        make = entry.draw(drawing)
        assert make().name == entry.statement
        seconds, found = runner.run(bench.db, entry, make)
        assert seconds > 0
        rows += found
    # Of a healthy server there is nothing to tell, and there are no roles and no restores.
    if not entry.statement.startswith(OPERATIONS):
        assert bool(rows) is not (entry.call == FINDS_NOTHING)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if not e.is_write], ids=lambda entry: entry.call)
def test_what_is_not_undone_writes_nothing(bench: Bench, drawing: Drawing, entry: Entry) -> None:
    with bench.db.transaction(read_only=True) as transaction:
        transaction.run(entry.draw(drawing)())


def test_a_bulk_write_writes_as_many_rows_as_it_says(bench: Bench, drawing: Drawing) -> None:
    calls = {e.call: runner.run(bench.db, e, e.draw(drawing))[1] for e in ENTRIES if e.kind is Kind.BULK_WRITE}
    assert calls["movies.create_many(1,000 movies)"] == MOVIES
    assert calls["movies.upsert_many(1,000 movies, half changed)"] == MOVIES // 2
    assert calls["history.record_many(1,000 events)"] == MOVIES


def test_drawing_again_gives_the_same_arguments(bench: Bench) -> None:
    first, again = (Drawing(bench.db, bench.content.catalogue()) for _ in range(2))
    for entry in ENTRIES:
        assert entry.draw(first)().params == entry.draw(again)().params


def test_a_measurement_leaves_the_database_as_it_was(bench: Bench) -> None:
    before = contents(bench.conninfo)
    told: list[str] = []
    patterns = ["quality_profiles.*", "movies.delete", "history.purge"]
    size = runner.measure(bench.conninfo, bench.content, bench.loaded, patterns, told.append)
    assert contents(bench.conninfo) == before
    assert [query.call for query in size.queries] == [entry.call for entry in runner.chosen(patterns)]
    assert set(told) == {query.call for query in size.queries} | {"VACUUM", "reading into memory"}
    assert size.loaded_rows == bench.loaded.rows
    assert all(query.plan and query.timing.samples and query.rows for query in size.queries)
    assert {weight.table for weight in size.weights} >= {"movies", "history", "popular_movies"}
    assert all(weight.index_bytes > 0 for weight in size.weights if weight.table in ("movies", "history"))


@pytest.mark.parametrize("movies", [1, 5])
def test_a_small_catalogue_leaves_out_what_has_nothing_to_draw_from(
    empty_database: str, movies: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(surroundings, "GROUPS", 20)
    monkeypatch.setattr(runner, "_SECONDS", 0)
    monkeypatch.setattr(runner, "MOST_SAMPLES", 3)
    monkeypatch.setattr(workload, "BULK", 10)
    content = Content(movies)
    size = runner.measure(empty_database, content, load_catalogue(empty_database, content), ["*"], lambda _: None)
    told = [line.removeprefix("left out: ") for line in capsys.readouterr().err.splitlines()]
    left_out = {entry.call for entry in ENTRIES} - {query.call for query in size.queries}
    assert {line.rpartition(": ")[0] for line in told if ": " in line} == left_out
    assert "monitoring.statements()" in left_out  # a plain role has not made the extension
    assert len(left_out) < len(ENTRIES) / 4
    assert left_out or movies > 1


def contents(conninfo: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("""
            SELECT count(*), sum(hashtext(m::text)) FROM movies AS m
            UNION ALL SELECT count(*), sum(hashtext(h::text)) FROM history AS h
            UNION ALL SELECT count(*), sum(hashtext(q::text)) FROM quality_profiles AS q
        """).fetchall()
