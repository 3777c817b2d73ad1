from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict

from radarr_db import Database, commands, movies, testing
from radarr_db.demo import catalogue, collection, report
from radarr_db.demo.queries import QUERIES, Measurement, measure
from radarr_db.operations import status

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)

BEST = {
    "matirx": ["The Matrix", "The Matrix Reloaded", "The Matrix Revolutions"],
    "jurasic park": ["Jurassic Park", "The Lost World: Jurassic Park"],
    "back to the futur": ["Back to the Future", "Back to the Future Part II", "Back to the Future Part III"],
    "quentin tarentino": ["Pulp Fiction", "Django Unchained", "Inglourious Basterds"],
    "alien 1979": ["Alien"],
}


def demo(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands.cli, ["demo", "--samples", "2", *map(str, arguments)])


def start(**env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from radarr_db.cli import main; main()", "demo", "--samples", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | env,
    )


def rows(conninfo: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def filled(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """A database with the bundled collection, for tests that only read."""
    with testing.database(radarr_db_server, radarr_db_template) as conninfo:
        fill(conninfo)
        yield conninfo


def fill(conninfo: str) -> None:
    with Database(conninfo) as db, catalogue.BUNDLED.open("rb") as file:
        catalogue.load(db, catalogue.lines(file))
        collection.surround(db, NOW)


def test_the_demo_needs_nothing_and_shows_every_query_and_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "host=/nowhere")
    result = demo()
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("movies      600 from movies.jsonl ") for line in lines)
    for query in QUERIES:
        [shown] = [line for line in lines if line.startswith(query.text)]
        found, p50, p95, _, target, claimed, verdict = shown.removeprefix(query.text).split()
        assert int(found) > 0
        assert float(p50) <= float(p95)
        assert (int(target), float(claimed)) == (query.target, query.claimed)
        assert verdict in {"met", "missed"}
    for typed, best in BEST.items():
        assert re.search(rf"^{typed} +{best[0]} \(\d{{4}}\) *$", result.stdout, re.MULTILINE)
    assert "of 10 queries met their target" in result.stdout


def test_a_movie_is_found_however_it_is_typed(filled: str) -> None:
    with Database(filled) as db:
        for typed, best in BEST.items():
            assert [match.title for match in db.run(movies.search(typed, limit=3))] == best
        pokemon = db.run(movies.search("pokemon", limit=3))
    assert len(pokemon) == 3
    assert all("Pokémon" in match.title for match in pokemon)


def test_targets_and_claims_are_those_of_the_specification() -> None:
    assert [query.target for query in QUERIES] == [5, 5, 5, 5, 15, 15, 20, 15, 5, 10]
    assert [query.claimed for query in QUERIES] == [0.08, 0.12, 0.15, 0.22, 1.8, 2.1, 3.2, 4.7, 0.18, 1.1]


def test_the_verdict_is_on_p95() -> None:
    count = QUERIES[0]
    assert report.is_met(count, Measurement(rows=1, p50=0.1, p95=4.99))
    assert not report.is_met(count, Measurement(rows=1, p50=0.1, p95=5))


def test_a_measurement_counts_the_rows_of_any_result(filled: str) -> None:
    with Database(filled) as db:
        asked = [movies.count(), movies.find_by_tmdb_id(603), movies.find_by_tmdb_id(1), movies.list_recent(limit=7)]
        assert [measure(db, query, 1).rows for query in asked] == [1, 1, 0, 7]


def test_what_is_around_the_movies_fits_together(filled: str) -> None:
    [(all_movies, with_file, files)] = rows(
        filled,
        "SELECT count(*), count(*) FILTER (WHERE has_file), (SELECT count(*) FROM movie_files) FROM movies",
    )
    assert with_file == files
    assert 0.6 < files / all_movies < 0.8
    assert rows(filled, "SELECT count(*) FROM scene_groups") == [(60,)]
    assert rows(filled, "SELECT count(*) FROM scene_groups WHERE reputation_score >= 80") > [(0,)]
    assert rows(filled, "SELECT count(*), count(DISTINCT download_client_id) FROM download_queue") == [(40, 2)]
    strangers = """
        SELECT 'a file of an unknown group' FROM movie_files AS f
        WHERE NOT EXISTS (SELECT FROM scene_groups AS g WHERE g.name = f.release_group)
        UNION ALL
        SELECT 'a download of a movie that has a file' FROM download_queue AS q
        INNER JOIN movies AS m ON m.id = q.movie_id WHERE m.has_file
        UNION ALL
        SELECT 'a file that was not imported' FROM movie_files AS f
        WHERE NOT EXISTS (
            SELECT FROM history AS h
            WHERE h.movie_id = f.movie_id AND h.event_type = 'imported'
                AND h.source_title = f.scene_name AND h.quality = f.quality AND h.date <= f.date_added
        )
        UNION ALL
        SELECT 'an import without a file' FROM history AS h
        WHERE h.event_type = 'imported'
            AND NOT EXISTS (SELECT FROM movie_files AS f WHERE f.movie_id = h.movie_id)
    """
    assert rows(filled, strangers) == []
    [(events, first, last)] = rows(filled, "SELECT count(*), min(date), max(date) FROM history")
    assert 4 < events / all_movies < 6
    assert NOW - dt.timedelta(days=60) <= first
    assert last <= NOW


def test_the_same_movies_have_the_same_surroundings(filled: str, own_database: str) -> None:
    fill(own_database)
    for query in (
        "SELECT relative_path, size, date_added FROM movie_files ORDER BY 1",
        "SELECT download_id, title, status, progress, added FROM download_queue ORDER BY 1",
        "SELECT source_title, event_type, download_id, date FROM history ORDER BY 1, 2, 3, 4",
        "SELECT name, reputation_score, analysis_data FROM scene_groups ORDER BY 1",
    ):
        assert rows(own_database, query) == rows(filled, query)


def test_an_empty_database_is_filled_and_kept(empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl.gz"
    lines = [json.dumps({"tmdb_id": number, "title": "Up"}) for number in range(1, 8)] + ["{", "[]"]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    result = demo("--dsn", empty_database, "--movies", file)
    assert result.exit_code == 0
    cut_off, array = result.stderr.splitlines()
    assert cut_off.startswith("some.jsonl.gz, line 8: not JSON: ")
    assert array == "some.jsonl.gz, line 9: line: is not a JSON object"
    assert "7 from some.jsonl.gz; bad lines: 2 " in result.stdout
    assert status.read(empty_database).pending == []
    assert rows(empty_database, "SELECT count(*) FROM movies") == [(7,)]


def test_of_many_bad_lines_the_first_are_shown_and_the_rest_is_counted(empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "poor.jsonl"
    file.write_text('{"tmdb_id": 1, "title": "Up"}\n' + "x\n" * 3000)
    result = demo("--dsn", empty_database, "--movies", file)
    assert result.exit_code == 0
    told = result.stderr.splitlines()
    assert told[0].startswith("poor.jsonl, line 2: not JSON: ")
    assert told[19].startswith("poor.jsonl, line 21: not JSON: ")
    assert told[20:] == ["and 2,980 bad lines more"]


def test_a_database_that_is_not_empty_is_not_touched(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS id")
    result = demo("--dsn", empty_database)
    assert (result.exit_code, result.stdout) == (1, "")
    name = conninfo_to_dict(empty_database)["dbname"]
    assert result.stderr.startswith(f'error: --dsn: database "{name}" at ')
    assert result.stderr.endswith(" has tables; the demo needs an empty one\n")
    assert rows(empty_database, "SELECT relname FROM pg_stat_user_tables") == [("mine",)]


@pytest.mark.parametrize("content", ["", "\n\n", "title,year\nUp,2009\n"])
def test_a_file_without_a_movie_is_an_error(empty_database: str, tmp_path: Path, content: str) -> None:
    file = tmp_path / "none.csv"
    file.write_text(content)
    result = demo("--dsn", empty_database, "--movies", file)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"error: {file}: holds no movie"


def test_a_terminal_that_cannot_write_a_title_is_no_error() -> None:
    with start(PYTHONIOENCODING="ascii") as narrow:
        out, err = narrow.communicate()
    assert (narrow.returncode, err) == (0, "")
    assert "Pok?mon" in out


def test_an_interrupted_demo_leaves_no_server_behind() -> None:
    # Not tmp_path: a socket's path is short, and the server may run as another user.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        with start(TMPDIR=folder) as running:
            assert running.stdout
            assert running.stdout.readline().startswith("server ")
            assert list(Path(folder).glob("radarr-db-*"))
            running.send_signal(signal.SIGINT)
            _, err = running.communicate()
        assert (running.returncode, err) == (130, "")
        assert not list(Path(folder).glob("radarr-db-*"))
