from __future__ import annotations

import json

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from radarr_db import commands


@pytest.fixture
def troubled(own_database: str) -> str:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("CREATE INDEX movies_again_idx ON movies (quality_profile_id)")
        connection.execute("SELECT setval('movies_id_seq', 9000000000000000000)")
    return own_database


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.cli, ["monitor", *arguments])


def test_a_page_has_the_worst_first_with_what_to_do_and_fits_a_terminal(troubled: str) -> None:
    result = run("--dsn", troubled)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    worst = lines.index("CRITICAL  sequence movies_id_seq")
    index = lines.index("WARNING   index movies_again_idx")
    assert worst < index
    assert "do:       DROP INDEX CONCURRENTLY movies_again_idx" in lines
    assert max(map(len, lines[1:])) <= 80
    assert "\033" not in result.stdout
    titles = ("Connections", "Tables, the largest 10 of ", "Statements, slowest on average")
    places = [next(place for place, line in enumerate(lines) if line.startswith(title)) for title in titles]
    assert places == sorted(places)
    assert places[0] > index


def test_json_has_the_whole_report(troubled: str) -> None:
    result = run("--dsn", troubled, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["findings"][0]["severity"] == "critical"
    assert {finding["subject"] for finding in found["findings"]} > {"index movies_again_idx"}
    assert found["readiness"]["schema_version"] == 9
    assert {"tables", "indexes", "connections", "statements", "wraparound"} <= set(found)


def test_a_database_with_notices_only_is_fine(own_database: str) -> None:
    result = run("--dsn", own_database)
    assert result.exit_code == 0
    assert "as a superuser: GRANT pg_monitor TO " in " ".join(result.stdout.split())


def test_a_database_that_is_not_there_is_one_line_with_advice(empty_database: str) -> None:
    result = run("--dsn", make_conninfo(empty_database, dbname="absent"))
    assert (result.exit_code, result.stdout) == (1, "")
    (told,) = result.stderr.splitlines()
    assert told.startswith("error: ")
    assert "check its name, or create it" in told
