"""radarr-db backup, as cron and people use it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import backups
import pytest
from click.testing import CliRunner, Result

from radarr_db import commands
from radarr_db.operations import backup, manifests
from radarr_db.operations.backup import Backup


def run(*arguments: str | Path, dsn: str | None = None) -> Result:
    """A backup command in this process, with the database in DATABASE_URL."""
    return CliRunner().invoke(commands.cli, ["backup", *map(str, arguments)], env={"DATABASE_URL": dsn})


@pytest.fixture(scope="module")
def one(library: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """A backup, of which others are made."""
    return backup.create(library, tmp_path_factory.mktemp("one"))


def aged(one: Backup, folder: Path, days: int) -> Path:
    """A copy of the backup that says it is so much older."""
    path = folder / f"radarr_full_20200101_{days:0>6}.dump"
    path.write_bytes(one.path.read_bytes())
    manifest = replace(one.manifest, created=one.manifest.created - timedelta(days))
    manifests.path_of(path).write_text(manifests.text_of(manifest))
    return path


def test_create_makes_a_backup_and_deletes_what_is_old(library: str, one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (1, 2, 31)]
    result = run("create", "--folder", tmp_path, "--prune-days", "30", dsn=library)
    assert result.exit_code == 0
    made, deleted = result.stdout.splitlines()
    path = re.fullmatch(rf"made (\S+): {backups.name_of(library)}, \d,\d{{3}} rows in 21 tables, .* kB, 20.* UTC", made)
    assert path
    assert backup.verify(Path(path[1])).kind == "full"
    assert deleted == f"deleted {paths[2]}"
    assert not paths[2].exists()


def test_create_tells_another_program_what_it_did(library: str, one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (1, 31)]
    paths[0].write_bytes(b"damaged")
    result = run("create", "--folder", tmp_path, "--kind", "schema", "--json", "--prune-days", "30", dsn=library)
    told = json.loads(result.stdout)
    assert told["path"].endswith(".sql")
    assert (told["manifest"]["kind"], told["manifest"]["schema_version"]) == ("schema", 9)
    assert (told["deleted"], [each["path"] for each in told["damaged"]]) == ([], [str(paths[0])])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {paths[0]} is damaged: ")


def test_a_backup_that_fails_is_one_line(tmp_path: Path, library: str) -> None:
    result = run("create", "--folder", tmp_path, "--programs", tmp_path, dsn=library)
    assert (result.exit_code, result.stdout) == (1, "")
    [told] = result.stderr.splitlines()
    assert told.startswith("error: pg_dump, pg_restore and psql of PostgreSQL ")
    assert list(tmp_path.iterdir()) == []


def test_verify_tells_the_sound_and_the_damaged(one: Backup, tmp_path: Path) -> None:
    sound, damaged = (aged(one, tmp_path, days) for days in (1, 2))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    result = run("verify", sound)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"sound {sound}: ")
    result = run("verify", sound, damaged, tmp_path / "absent.dump")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"sound {sound}: ")
    first, second = result.stderr.splitlines()
    assert first.startswith(f"error: {damaged} is damaged: it has ")
    assert f"; the last sound backup before it is {sound}, of database " in first
    assert "absent.dump is no backup: there is no absent.dump.json beside it" in second
    told = json.loads(run("verify", sound, damaged, "--json").stdout)
    assert [each["manifest"] is None for each in told] == [False, True]


def test_list_shows_the_newest_first(one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (1, 2, 3)]
    manifests.path_of(paths[0]).unlink()
    result = run("list", "--folder", tmp_path)
    assert result.exit_code == 1
    assert re.findall(r"radarr_full_\S+", result.stdout) == [path.name for path in reversed(paths)]
    assert result.stderr.startswith(f"error: {paths[0]} is no backup")
    told = json.loads(run("list", "--folder", tmp_path, "--json").stdout)
    assert [each["path"] for each in told] == [str(path) for path in reversed(paths)]


def test_prune_tells_before_it_deletes_and_when_there_is_nothing_to_do(one: Backup, tmp_path: Path) -> None:
    paths = [aged(one, tmp_path, days) for days in (10, 20, 30)]
    tell = run("prune", "--folder", tmp_path, "--days", "15", "--keep", "1", "--dry-run")
    assert tell.stdout.splitlines() == [f"would delete {paths[2]}", f"would delete {paths[1]}"][::-1]
    assert all(path.exists() for path in paths)
    assert run("prune", "--folder", tmp_path).stdout == "nothing to delete\n"
    told = json.loads(run("prune", "--folder", tmp_path, "--days", "15", "--keep", "1", "--json").stdout)
    assert told == {"deleted": [str(paths[1]), str(paths[2])], "damaged": []}
    assert paths[0].exists()
    assert not paths[2].exists()


@pytest.mark.parametrize("command", [[], ["create"], ["verify"], ["list"], ["prune"]])
def test_help_teaches_by_examples_and_exit_codes(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:\n    radarr-db backup " in result.stdout
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in result.stdout.partition("Exit codes:")[2]


def test_the_line_for_cron_names_the_database() -> None:
    line = "0 3 * * *  DATABASE_URL=postgresql://localhost/radarr radarr-db backup create --folder /backups "
    assert line in run("--help").stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["create"], ["verify"], ["prune", "--folder", ".", "--days", "0"]])
def test_a_command_that_is_not_understood_is_a_usage_error(arguments: list[str]) -> None:
    result = run(*arguments, dsn="host=/nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")
