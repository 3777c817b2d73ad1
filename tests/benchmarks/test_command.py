"""The command line: what it measures, what it refuses, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks import bulk, measure, observing, restart, runner, suite, surroundings, targets, workload
from benchmarks.__main__ import main
from benchmarks.catalogue import Content
from benchmarks.peers import clock, work
from benchmarks.results import Results
from radarr_db import Database, movies

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
    kept = msgspec.json.decode(file.read_bytes(), type=Results)
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
        (("--only", "nonsense"), "is no part (load, queries, floor, observing, peers, bulk, restart)"),
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


def test_a_database_with_an_older_schema_is_refused(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "GROUPS", 50)
    load = ("--dsn", empty_database, "--movies", 5, "--only", "load")
    assert [bench_command(*load).exit_code for _ in range(2)] == [0, 0]
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '009%'")
    result = bench_command(*load)
    assert result.exit_code == 1
    assert "not that of the present migrations: 009" in result.output
    assert "drop the database, or give another" in result.output


def test_a_file_is_known_by_what_it_holds(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "GROUPS", 50)
    file, other = tmp_path / "movies.jsonl", tmp_path / "moved.jsonl"
    file.write_text('{"title": "Some Movie", "year": 1999}', encoding="utf-8")
    load = ("--dsn", empty_database, "--movies", 5, "--only", "load", "--catalogue")
    assert bench_command(*load, file).exit_code == 0
    file.rename(other)
    assert "already" in bench_command(*load, other).output
    other.write_text('{"title": "Another Movie", "year": 1999}', encoding="utf-8")
    result = bench_command(*load, other)
    assert result.exit_code == 1
    assert "catalogue movies.jsonl " in result.output


@pytest.mark.usefixtures("any_time_will_do")
def test_all_parts_at_once_are_told_and_kept_and_drawn(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where, name, value in (
        (runner, "_SECONDS", 0),
        (measure, "SETTLING", 1),
        (runner, "MOST_SAMPLES", 3),
        (workload, "BULK", 10),
        (surroundings, "GROUPS", 1000),
        (clock, "WARM_UP", 0),
        (bulk, "STREAMED", 1000),
        (work, "MANY", 10),
        (restart, "REQUESTS", 5),
        (observing, "_OPENINGS", 1),
    ):
        monkeypatch.setattr(where, name, value)
    files = {option: tmp_path / name for option, name in (("json", "a.json"), ("report", "a.html"), ("chart", "a.png"))}
    options = [part for option, file in files.items() for part in (f"--{option}", file)]
    only = ("--only", "floor,observing,bulk,restart,movies.list_*,movies.upsert*")
    result = bench_command("--dsn", empty_database, "--movies", 200, "--rounds", 1, "--peers", *only, *options)
    assert result.exit_code in (0, 1), result.output
    assert [part for part in suite.PARTS if f"{part} ..." in result.output] == [
        "floor",
        "observing",
        "peers",
        "bulk",
        "restart",
    ]
    assert ("broken: " in result.output) == (result.exit_code == 1)
    kept = msgspec.json.decode(files["json"].read_bytes(), type=Results)
    assert "plan_cache_mode=force_generic_plan, jit=off" in kept.machine.session
    assert {peer.task for peer in kept.peers} >= {"lookup", "library of 200", "upsert of 10"}
    promised = {promise.name for promise in kept.promises}
    assert promised >= {"slowest request after all connections died", "indexes of movies beside the table"}
    assert {query.call for query in kept.sizes[0].queries if "actual" in query.plan}
    assert "library of 200" in files["report"].read_text(encoding="utf-8")
    assert files["chart"].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("sizes", "base"), [((10, 100_000, 1_000_000), 100_000), ((10, 1000), 1000), ((200_000, 300_000), 200_000)]
)
def test_what_is_measured_once_is_measured_at_the_default_size_or_below(sizes: tuple[int, ...], base: int) -> None:
    assert suite.base_of(dict.fromkeys(map(Content, sizes), "")).movies == base


def test_clients_are_compared_on_a_database_of_their_size(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = map(Content, SIZES)
    monkeypatch.setattr(suite, "PEERS_MOVIES", small.movies)
    made = suite.load_for_peers({large: server})
    assert conninfo_to_dict(made)["dbname"] == f"radarr_db_bench_{small.movies}"
    with Database(made) as db:
        assert db.run(movies.count()) == small.movies
    assert suite.load_for_peers({large: server, small: made}) == made


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
    assert "radarr_db_bulk_*" in output
