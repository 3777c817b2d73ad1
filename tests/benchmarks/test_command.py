"""The command line: what it measures, what it refuses, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from benchmarks import results, surroundings, targets
from benchmarks.__main__ import main

from .conftest import MOVIES, Bench

SIZES = (20, 40)


def bench_command(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.fixture
def any_time_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "target", lambda *_, **__: 1e9)


@pytest.fixture
def server(radarr_db_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(surroundings, "GROUPS", 50)
    names = [f"radarr_db_bench_{size}" for size in SIZES]
    yield radarr_db_server
    with psycopg.connect(radarr_db_server, autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.mark.usefixtures("any_time_will_do")
def test_a_loaded_database_is_used_again_and_kept_promises_give_0(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    arguments = ("--dsn", bench.conninfo, "--movies", MOVIES, "--only", "quality_profiles.get*", "--json", file)
    result = bench_command(*arguments)
    assert result.exit_code == 0, result.output
    assert f"holds the {MOVIES:,} movies already" in result.output
    assert "promises are kept" in result.output
    kept = results.read(file)
    assert [query.name for query in kept.sizes[0].queries] == ["quality_profiles.get"]
    assert kept.sizes[0].loaded_rows == bench.loaded.rows
    assert all(promise.kept for promise in kept.promises)


def test_a_broken_promise_gives_1_and_a_line_that_says_which(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "target", lambda *_, **__: 0.000001)
    result = bench_command("--dsn", bench.conninfo, "--movies", MOVIES, "--only", "quality_profiles.get,indexers.get")
    assert result.exit_code == 1
    broken = [line for line in result.output.splitlines() if line.startswith("broken: ")]
    assert len(broken) == 2
    assert f"broken: indexers.get(id), p95 of {MOVIES:,} movies" in result.output
    assert f"broken: quality_profiles.get(id), p95 of {MOVIES:,} movies" in result.output


def test_only_load_measures_nothing(bench: Bench) -> None:
    result = bench_command("--dsn", bench.conninfo, "--movies", MOVIES, "--only", "load")
    assert result.exit_code == 0
    assert "promise" not in result.output
    assert "Statements" not in result.output


def test_a_database_of_another_catalogue_is_refused(bench: Bench) -> None:
    result = bench_command("--dsn", bench.conninfo, "--movies", MOVIES + 1)
    assert result.exit_code == 1
    assert f"was loaded with --movies {MOVIES} --seed 603" in result.output


def test_a_database_that_is_not_ours_is_refused(own_database: str) -> None:
    result = bench_command("--dsn", own_database, "--movies", 10)
    assert result.exit_code == 1
    assert "give an empty database" in result.output


@pytest.mark.usefixtures("any_time_will_do")
def test_each_size_has_a_database_of_its_own_that_is_used_again(server: str) -> None:
    scale = ("--dsn", server, "--scale", "40,20", "--only", "indexers.get")
    result = bench_command(*scale)
    assert "p50 20" in result.output
    assert "growth" in result.output
    assert "already" not in result.output
    again = bench_command(*scale)
    assert again.output.count("movies already") == len(SIZES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "nonsense"), "is no part (load, queries, floor, peers, bulk, promises)"),
        (("--only", "movies.gets"), "no statement is called so"),
        (("--scale", "10k"), "10000,100000,1000000"),
        (("--scale", "0"), "10000,100000,1000000"),
        (("--movies", "0"), "Invalid value for '--movies'"),
        (("--catalogue", "missing.jsonl"), "does not exist"),
        (("--movies", "5", "--scale", "10"), "--movies or --scale"),
    ],
)
def test_what_is_not_understood_gives_2(arguments: tuple[str, ...], said: str) -> None:
    result = bench_command("--dsn", "dbname=none", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_a_database_with_an_older_schema_is_used_with_a_warning(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "GROUPS", 50)
    load = ("--dsn", empty_database, "--movies", 5, "--only", "load")
    assert "warning" not in bench_command(*load).output + bench_command(*load).output
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '009%'")
    assert "not that of the present migrations: 009" in bench_command(*load).output


def test_a_movie_that_cannot_be_stored_is_told_in_a_line(empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "movies.jsonl"
    file.write_text('{"title": "Some Movie", "year": 1999, "runtime": -5}', encoding="utf-8")
    result = bench_command("--dsn", empty_database, "--movies", 5, "--only", "load", "--catalogue", file)
    assert result.exit_code == 1
    assert "runtime: must be" in result.output
    assert "Traceback" not in result.output


def test_a_server_that_is_not_there_is_told_in_a_line() -> None:
    result = bench_command("--dsn", "host=/nonexistent dbname=none", "--only", "load")
    assert result.exit_code == 1
    assert "cannot connect" in result.output


def test_help_tells_the_parts_and_gives_examples() -> None:
    output = bench_command("--help").output
    assert "--only" in output
    assert "python -m benchmarks --scale 10000,100000,1000000" in output
    assert "promises" in output
