from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from radarr_db import commands
from radarr_db.operations import partitions


def run(*arguments: str, dsn: str) -> Result:
    return CliRunner().invoke(commands.cli, ["partitions", *arguments], env={"DATABASE_URL": dsn})


@pytest.fixture
def with_old(own_database: str) -> str:
    """A database with an event of January 2024, in DEFAULT."""
    with psycopg.connect(own_database) as connection:
        connection.execute("INSERT INTO movies (tmdb_id, title) VALUES (1, 'x')")
        connection.execute(
            "INSERT INTO history (movie_id, source_title, event_type, date) VALUES (1, 'x', 'grabbed', '2024-01-31Z')"
        )
    return own_database


def test_the_list_shows_the_months_and_says_when_default_has_rows(with_old: str) -> None:
    result = run("list", dsn=with_old)
    assert result.exit_code == 0
    this_month = dt.datetime.now(dt.UTC).date().replace(day=1)
    [line] = [line for line in result.stdout.splitlines() if f"{this_month:history_%Y_%m}" in line]
    assert line.split()[1:5] == ["attached", str(this_month), str((this_month + dt.timedelta(31)).replace(day=1)), "0"]
    assert result.stdout.splitlines()[-1].split()[:3] == ["history_default", "default", "1"]
    assert result.stderr.startswith("DEFAULT has rows: `radarr-db partitions premake` moves")


def test_the_list_as_json(own_database: str) -> None:
    *months, default = json.loads(run("list", "--json", dsn=own_database).stdout)
    assert len(months) == 6
    assert {each["state"] for each in months} == {"attached"}
    assert (default["name"], default["rows"], default["first"]) == ("history_default", 0, None)


def test_months_are_made_once(own_database: str) -> None:
    made = run("premake", "--months", "6", dsn=own_database)
    assert made.exit_code == 0
    assert [line[:13] for line in made.stdout.splitlines()] == ["made history_"] * 2
    assert run("premake", "--months", "6", dsn=own_database).stdout == "all there, up to 6 months ahead\n"
    assert json.loads(run("premake", "--json", dsn=own_database).stdout) == {"made": []}


def test_an_old_month_is_archived(with_old: str, tmp_path: Path) -> None:
    result = run("archive", str(tmp_path), dsn=with_old)
    assert result.exit_code == 0
    [path] = tmp_path.glob("history_2024_01-*.dump")
    assert result.stdout == f"archived history_2024_01, 1 rows, in {path}\n"
    again = run("archive", str(tmp_path), dsn=with_old)
    assert (again.exit_code, again.stdout) == (0, "nothing is older than this month and the 24 before it\n")


def test_programs_may_be_named_and_without_them_the_month_waits_in_its_table(with_old: str, tmp_path: Path) -> None:
    result = run("archive", str(tmp_path), "--programs", str(tmp_path), dsn=with_old)
    assert result.exit_code == 1
    assert f"found: none in {tmp_path}" in result.stderr
    assert run("archive", str(tmp_path), dsn=with_old).stdout.startswith("archived history_2024_01, 1 rows")


def test_an_interrupted_archive_is_told_and_what_is_detached_can_be_attached(with_old: str) -> None:
    with psycopg.connect(with_old) as connection:
        for query in (partitions.create(dt.date(2024, 1, 1)), partitions.detach("history_2024_01")):
            psycopg.RawCursor(connection).execute(query.sql, query.params)
    assert "run `radarr-db partitions archive` again" in run("list", dsn=with_old).stderr
    result = run("attach", "history_2024_01", dsn=with_old)
    assert (result.exit_code, result.stdout) == (0, "attached history_2024_01, 1 rows\n")
    again = run("attach", "history_2024_01", dsn=with_old)
    assert again.exit_code == 1
    assert "restore its file with pg_restore first" in again.stderr


def test_a_folder_that_is_not_there_is_a_usage_error(own_database: str, tmp_path: Path) -> None:
    assert run("archive", str(tmp_path / "absent"), dsn=own_database).exit_code == 2


@pytest.mark.parametrize("command", [[], ["list"], ["premake"], ["archive"], ["attach"]])
def test_help_teaches_by_examples_and_exit_codes(command: list[str]) -> None:
    result = CliRunner().invoke(commands.cli, ["partitions", *command, "--help"])
    assert "Examples:\n" in result.stdout
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in result.stdout.partition("Exit codes:")[2]
