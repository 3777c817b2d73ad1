from __future__ import annotations

import json

import psycopg
from click.testing import CliRunner, Result

from radarr_db import commands


def run(*arguments: str, dsn: str) -> Result:
    return CliRunner().invoke(commands.cli, ["maintain", *arguments], env={"DATABASE_URL": dsn})


def fill(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 2000) AS n")


def test_a_dry_run_says_what_it_would_do_and_does_nothing(own_database: str) -> None:
    fill(own_database)
    for _ in range(2):
        result = run("--dry-run", dsn=own_database)
        assert result.exit_code == 0
        assert result.stdout.startswith("what is due")
        [line] = [line for line in result.stdout.splitlines() if line.startswith("vacuum   movies ")]
        assert "never vacuumed, 2000 new rows" in line
        assert "took" not in line


def test_what_was_done_is_told_with_why_and_how_long(own_database: str) -> None:
    fill(own_database)
    result = run("--schedule", "weekly", dsn=own_database)
    assert result.exit_code == 0
    assert result.stdout.startswith("what was done")
    assert "vacuum   movies" in result.stdout
    assert " s " in result.stdout.splitlines()[-1]
    assert "movies " not in run("--schedule", "weekly", dsn=own_database).stdout.replace("popular_movies ", "")


def test_json_has_the_commands(own_database: str) -> None:
    found = json.loads(run("--dry-run", "--json", dsn=own_database).stdout)
    assert found == [
        {
            "act": "refresh",
            "subject": "popular_movies",
            "reason": "shows the library as of its last refresh",
            "command": "REFRESH MATERIALIZED VIEW CONCURRENTLY popular_movies",
            "outcome": "planned",
            "seconds": 0,
            "problem": None,
        }
    ]


def test_a_step_that_fails_is_named_at_the_end_with_exit_code_1(own_database: str) -> None:
    with psycopg.connect(own_database) as connection:
        connection.execute("ALTER TABLE movies RENAME COLUMN imdb_rating TO rating")
        connection.execute("DROP INDEX popular_movies_id_key")
    result = run(dsn=own_database)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].rstrip().endswith("failed")
    assert result.stderr.startswith("failed: REFRESH MATERIALIZED VIEW CONCURRENTLY popular_movies: refresh: cannot")


def test_old_history_goes_only_when_asked(own_database: str) -> None:
    fill(own_database)
    with psycopg.connect(own_database) as connection:
        connection.execute(
            "INSERT INTO history (movie_id, source_title, event_type, date)"
            " SELECT 1, 'x', 'grabbed', now() - n * interval '300 days' FROM generate_series(0, 3) AS n"
        )
    assert "purge" not in run("--dry-run", dsn=own_database).stdout
    result = run("--keep-history", "365", dsn=own_database)
    assert "2 events are older than 365 days" in " ".join(result.stdout.split())
    assert "purge" not in run("--keep-history", "365", "--dry-run", dsn=own_database).stdout


def test_help_has_a_line_for_cron() -> None:
    result = CliRunner().invoke(commands.cli, ["maintain", "--help"])
    assert "0 4 * * *  DATABASE_URL=" in result.stdout
    assert "radarr-db maintain --schedule daily" in result.stdout
