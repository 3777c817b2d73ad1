from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from importlib import metadata

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from radarr_db import commands, connections, embedded
from radarr_db.operations import migrations

SECRET = "cana/ry@7"  # noqa: S105 - it is one only to these tests
MAIN = "from radarr_db.cli import main; main()"
COMMANDS = [["status"], ["migrate"], ["rollback", "--to", "0", "--yes"]]
EVERY = [*COMMANDS, ["demo"]]


def run(*arguments: str, dsn: str | None = None) -> Result:
    """A command in this process, with the database in DATABASE_URL."""
    return CliRunner().invoke(commands.cli, arguments, env={"DATABASE_URL": dsn})


def start(*arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_database_goes_through_its_versions_and_back(empty_database: str) -> None:
    fresh = run("status", dsn=empty_database)
    assert fresh.exit_code == 1
    assert "version 0, 9 pending: 001_initial_schema, 002_" in fresh.stdout

    first = run("migrate", "--to", "3", dsn=empty_database)
    assert first.exit_code == 0
    assert first.stdout.splitlines() == [
        "applied 001_initial_schema",
        "applied 002_scene_groups_analysis",
        "applied 003_quality_profiles_enhancement",
        "the schema is at version 3",
    ]
    assert "version 3, 6 pending: 004_" in run("status", dsn=empty_database).stdout

    assert run("migrate", dsn=empty_database).exit_code == 0
    again = run("migrate", dsn=empty_database)
    assert (again.exit_code, again.stdout) == (0, "the schema is at version 9\n")
    done = run("status", dsn=empty_database)
    assert done.exit_code == 0
    assert "version 9, up to date" in done.stdout

    back = run("rollback", "--to", "7", "--yes", dsn=empty_database)
    assert back.exit_code == 0
    assert back.stdout.splitlines() == [
        "undone 009_monitoring_and_stats",
        "undone 008_full_text_search",
        "the schema is at version 7",
    ]
    assert migrations.version(empty_database) == 7


def test_dsn_goes_before_database_url(empty_database: str) -> None:
    result = run("migrate", "--to", "1", "--dsn", empty_database, dsn="host=/nowhere")
    assert result.exit_code == 0
    assert migrations.version(empty_database) == 1


def test_status_tells_server_extensions_and_rows(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 1234) AS n")
        connection.execute(
            "INSERT INTO history (movie_id, source_title, event_type) SELECT id, 'x', 'grabbed' FROM movies"
        )
        connection.execute("ANALYZE")
        server = connection.info.parameter_status("server_version")
    lines = run("status", dsn=own_database).stdout.splitlines()
    assert f"server     PostgreSQL {server}" in lines
    words = [line.split() for line in lines]
    assert ["table", "movies", "1,234", "rows"] in words
    assert ["table", "history", "1,234", "rows"] in words
    assert ["table", "movie_files", "0", "rows"] in words
    assert not any("yoyo" in line for line in lines)


def test_status_is_fine_without_pg_stat_statements_and_says_so() -> None:
    with embedded.server(settings={"shared_preload_libraries": ""}) as server:
        migrations.apply(server.conninfo)
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute("DROP EXTENSION pg_stat_statements")
        result = run("status", dsn=server.conninfo)
    assert result.exit_code == 0
    assert "extension  pg_stat_statements absent" in result.stdout
    assert "not in the server's shared_preload_libraries" in result.stdout


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("dsn", [None, ""])
def test_without_a_database_both_ways_to_name_it_are_told(arguments: list[str], dsn: str | None) -> None:
    result = run(*arguments, dsn=dsn)
    assert result.exit_code == 2
    assert "--dsn" in result.stderr
    assert "DATABASE_URL" in result.stderr


def test_rollback_without_a_terminal_needs_yes_and_undoes_nothing(own_database: str) -> None:
    result = run("rollback", "--to", "0", dsn=own_database)
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert migrations.version(own_database) == 9


@pytest.mark.parametrize(("answer", "code", "version"), [("y", 0, 8), ("n", 1, 9), ("", 1, 9)])
def test_rollback_asks_at_a_terminal(own_database: str, answer: str, code: int, version: int) -> None:
    keyboard, stdin = os.openpty()
    with start("rollback", "--to", "8", "--dsn", own_database, stdin=stdin) as asking:
        os.write(keyboard, f"{answer}\n".encode())
        _, err = asking.communicate()
    os.close(keyboard)
    os.close(stdin)
    assert asking.returncode == code
    assert err.startswith("Undo all above migration 8 in database ")
    assert ("error: nothing was undone" in err) == (code == 1)
    assert migrations.version(own_database) == version


@pytest.mark.parametrize("arguments", EVERY)
@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"dbname": "absent_database"}, "check its name, or create it"),
        ({"user": "absent_role"}, "check the user and the password"),
        ({"host": "127.0.0.1", "port": "1"}, "is the server running"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line_with_advice(
    empty_database: str, arguments: list[str], changes: dict[str, str], advice: str
) -> None:
    dsn = make_conninfo(empty_database, **{"password": SECRET, **changes})
    with start(*arguments, "--dsn", dsn) as failing:
        out, err = failing.communicate()
    assert failing.returncode == 1
    assert out == ""
    [told] = err.splitlines()
    assert told.startswith("error: cannot connect to database")
    assert advice in told
    assert SECRET not in told


@pytest.mark.parametrize("arguments", [["status"], ["demo"]])
def test_a_server_that_does_not_answer_is_given_up(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = make_conninfo(host="127.0.0.1", port=silent.getsockname()[1], user="u", password=SECRET)
        with start(*arguments, "--dsn", dsn) as waiting:
            out, err = waiting.communicate()
    assert (waiting.returncode, out) == (1, "")
    assert "nothing answers: check the address and the firewall" in err
    assert SECRET not in err


@pytest.mark.parametrize("arguments", EVERY)
def test_a_dsn_that_cannot_be_read_is_not_quoted(arguments: list[str]) -> None:
    result = run(*arguments, "--dsn", "postgresql://u:cana%zzry@h/d")
    assert result.exit_code == 1
    assert result.stderr == "error: conninfo: is neither a URL nor keyword=value pairs of libpq\n"


def test_a_server_that_is_too_old_is_refused(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "OLDEST_SERVER", 99)
    result = run("migrate", dsn=empty_database)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "99 or newer is needed" in result.stderr


def test_a_password_is_in_no_answer(empty_database: str) -> None:
    dsn = make_conninfo(empty_database, password=SECRET)
    results = [run(*arguments, dsn=dsn) for arguments in (["migrate"], *COMMANDS)]
    assert [result.exit_code for result in results] == [0, 0, 0, 0]
    assert SECRET not in "".join(result.output for result in results)


def test_a_number_out_of_range_is_an_error_and_changes_nothing(own_database: str) -> None:
    for command in (["migrate"], ["rollback", "--yes"]):
        result = run(*command, "--to", "10", dsn=own_database)
        assert result.exit_code == 1
        assert result.stderr == "error: to: must be a whole number from 0 to 9\n"
    assert migrations.version(own_database) == 9


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["rollback"], ["migrate", "--to", "x"], ["demo", "--samples", "0"]]
)
def test_a_command_that_is_not_understood_is_a_usage_error(arguments: list[str]) -> None:
    result = run(*arguments, dsn="host=/nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


@pytest.mark.parametrize("command", [[], ["demo"], ["migrate"], ["rollback"], ["status"]])
def test_help_teaches_by_examples_and_exit_codes(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:\n    radarr-db " in result.stdout
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in result.stdout.partition("Exit codes:")[2]


def test_version_is_told() -> None:
    assert run("--version").stdout == f"radarr-db, version {metadata.version('radarr-db')}\n"


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_the_command_tells_how_to_get_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; {MAIN}"
    done = subprocess.run([sys.executable, "-c", code, "status"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "radarr-db needs its extra: pip install 'radarr-db[cli]'\n"


def test_a_reader_that_goes_away_is_no_traceback(own_database: str) -> None:
    with start("status", "--dsn", own_database) as speaking:
        assert speaking.stdout
        assert speaking.stderr
        speaking.stdout.close()
        assert speaking.stderr.read() == ""


def test_every_command_says_in_one_line_what_it_does() -> None:
    _, _, shown = run("--help").stdout.partition("Commands:")
    assert "..." not in shown
    assert all(f"  {name} " in shown for name in commands.cli.commands)


def test_no_help_shows_what_is_for_click() -> None:
    for name, command in commands.cli.commands.items():
        names = [[name], *([name, inner] for inner in getattr(command, "commands", ()))]
        for each in names:
            assert "\\b" not in run(*each, "--help").stdout, each


def test_all_but_what_has_nothing_to_tell_gives_json_where_it_is_asked_for() -> None:
    without = {
        name
        for name, command in commands.cli.commands.items()
        for each in getattr(command, "commands", {name: command}).values()
        if not any("--json" in option.opts for option in each.params)
    }
    assert without == {"demo", "migrate", "rollback"}


def test_the_status_is_had_as_json(own_database: str) -> None:
    found = run("status", "--json", dsn=own_database)
    assert found.exit_code == 0
    assert json.loads(found.stdout)["version"] == 9
