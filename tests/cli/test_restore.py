"""radarr-db restore, as people use it when all seems lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import backups
import psycopg
import pytest
from click.testing import CliRunner, Result

from radarr_db import commands
from radarr_db.operations import backup, manifests
from radarr_db.operations.backup import Backup


def run(*arguments: str | Path, dsn: str | None = None) -> Result:
    """The command in this process, with the database in DATABASE_URL."""
    return CliRunner().invoke(commands.cli, ["restore", *map(str, arguments)], env={"DATABASE_URL": dsn})


@pytest.fixture(scope="module")
def made(radarr_db_conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """A backup of an empty library."""
    return backup.create(radarr_db_conninfo, tmp_path_factory.mktemp("made"))


@pytest.fixture
def own_database(own_database: str) -> str:
    """A database that has what the backup has not."""
    with psycopg.connect(own_database) as connection:
        connection.execute("INSERT INTO scene_groups (name) VALUES ('late')")
    return own_database


def groups(conninfo: str) -> int:
    return len(backups.rows_of(conninfo)["scene_groups"])


def test_a_restore_tells_what_it_did_and_where_the_old_database_is(made: Backup, own_database: str) -> None:
    result = run(made.path, "--yes", dsn=own_database)
    assert result.exit_code == 0
    name = backups.name_of(own_database)
    done, kept = result.stdout.splitlines()
    assert done.startswith(f"restored database {name} from {made.path}: {made.manifest.database}, ")
    assert kept.startswith(f'the old one is kept as "{name}_before_20')
    assert all(line.startswith("note: ") for line in result.stderr.splitlines())
    assert groups(own_database) == 0
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("DROP DATABASE " + kept.split('"')[1])


def test_a_restore_tells_another_program_what_it_did(made: Backup, own_database: str) -> None:
    with psycopg.connect(own_database):
        result = run(made.path, "--yes", "--disconnect", "--drop-old", "--json", dsn=own_database)
    told = json.loads(result.stdout)
    assert (result.exit_code, told["kept"], told["database"]) == (0, None, backups.name_of(own_database))
    assert told["manifest"]["sha256"] == made.manifest.sha256
    assert groups(own_database) == 0


def test_a_restore_that_fails_is_one_line_and_changes_nothing(made: Backup, own_database: str, tmp_path: Path) -> None:
    with psycopg.connect(own_database):
        result = run(made.path, "--yes", dsn=own_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "in use by" in result.stderr
    assert "--disconnect" in result.stderr
    damaged = tmp_path / "a.dump"
    damaged.write_bytes(made.path.read_bytes()[:-9])
    manifests.path_of(damaged).write_bytes(manifests.path_of(made.path).read_bytes())
    result = run(damaged, "--yes", dsn=own_database)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "is damaged: it has" in result.stderr
    assert groups(own_database) == 1


def test_a_restore_without_a_terminal_needs_yes(made: Backup, own_database: str) -> None:
    result = run(made.path, dsn=own_database)
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert groups(own_database) == 1


def test_a_restore_asks_at_a_terminal(made: Backup, own_database: str) -> None:
    keyboard, stdin = os.openpty()
    main = "from radarr_db.cli import main; main()"
    command = (sys.executable, "-c", main, "restore", made.path, "--dsn", own_database)
    with subprocess.Popen(command, stdin=stdin, stderr=subprocess.PIPE, text=True) as asking:
        os.write(keyboard, b"n\n")
        _, err = asking.communicate()
    os.close(keyboard)
    os.close(stdin)
    assert asking.returncode == 1
    assert err.startswith("Restore database ")
    assert "error: nothing was restored" in err
    assert groups(own_database) == 1


def test_help_teaches_by_examples_and_exit_codes() -> None:
    told = run("--help").stdout
    assert "--dsn postgresql" not in told  # a password there would be seen by all
    assert "Examples:\n    radarr-db restore " in told
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in told.partition("Exit codes:")[2]
