from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo
from repositories.factories import indexer, raw

from radarr_db import ApiKey, Database, Keyring, commands, indexers

OLD, NEW = Keyring.new_key("old"), Keyring.new_key("new")


def run(*arguments: str, dsn: str | None = None, keys: str | None = None) -> Result:
    return CliRunner().invoke(commands.cli, arguments, env={"DATABASE_URL": dsn, "RADARR_DB_KEYS": keys})


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys"
    file.touch(0o600)
    file.write_text(f"{NEW}\n{OLD}\n")
    return file


@pytest.fixture
def filled(own_database: str) -> str:
    """Two secrets that the old key sealed, and a plain one."""
    with Database(own_database) as db:
        for name in ("a", "b", "c"):
            db.run(indexers.create(indexer(name, api_key=Keyring(OLD).seal(ApiKey, name))))
        db.run(raw("UPDATE indexers SET api_key = 'canary' WHERE name = 'c'"))
    return own_database


def stored(conninfo: str) -> list[str]:
    with Database(conninfo) as db:
        return [Keyring(NEW).open(one.api_key) for one in db.run(indexers.list_enabled()) if one.api_key]


def test_a_new_key_is_a_line_for_a_keyring_and_another_one_each_time() -> None:
    lines = {run("new-key", "2026").stdout for _ in range(5)}
    assert len(lines) == 5
    assert {Keyring(line).ids for line in lines} == {("2026",)}
    told = json.loads(run("new-key", "2026", "--json").stdout)
    assert Keyring(told["key"]).ids == ("2026",)
    assert run("new-key", "a b").stderr.startswith("error: key_id: must have")


def test_keys_are_rotated_and_a_second_run_has_nothing_to_do(filled: str, keys: Path) -> None:
    dry = run("rotate-keys", "--keys", str(keys), "--dry-run", dsn=filled)
    assert (dry.exit_code, dry.stdout.splitlines()) == (
        0,
        ['      3 to seal with the key "new"', "      0 sealed with it already"],
    )
    first = run("rotate-keys", "--keys", str(keys), dsn=filled)
    assert first.stdout.splitlines() == ['      3 sealed with the key "new"', "      0 sealed with it already"]
    assert stored(filled) == ["a", "b", "canary"]
    again = run("rotate-keys", "--json", dsn=filled, keys=f"{NEW},{OLD}")
    assert (again.exit_code, json.loads(again.stdout)) == (0, {"resealed": 0, "unchanged": 3, "failures": []})
    assert first.stderr + again.stderr == ""


def test_what_cannot_be_opened_is_told_and_ends_in_exit_code_1(filled: str) -> None:
    refused = run("rotate-keys", dsn=filled, keys=NEW)
    assert refused.exit_code == 1
    assert refused.stdout.splitlines()[0] == '      0 sealed with the key "new"'
    assert refused.stderr.splitlines()[-1].startswith("error: nothing was written: are these the right keys?")
    failed = run("rotate-keys", "--partial", dsn=filled, keys=NEW)
    assert failed.exit_code == 1
    assert failed.stdout.splitlines() == [
        '      1 sealed with the key "new"',
        "      0 sealed with it already",
        "      2 left as they are, for they could not be opened",
    ]
    assert failed.stderr.splitlines() == [
        f'error: indexers, id {n}: api_key: is sealed with the key "old"; the keyring has "new"' for n in (1, 2)
    ]
    told = run("rotate-keys", "--json", dsn=filled, keys=NEW)
    assert (told.exit_code, told.stderr) == (1, "")
    assert [failure["id"] for failure in json.loads(told.stdout)["failures"]] == [1, 2]


def test_without_good_keys_nothing_is_done_and_the_reason_is_one_line(filled: str, keys: Path) -> None:
    keys.chmod(0o644)
    for arguments, text, problem in (
        ([], None, "no keys: set the environment variable RADARR_DB_KEYS"),
        ([], "canary", "keys: key 1 must be id:base64"),
        (["--keys", str(keys)], None, "others can read the keys in "),
        (["--keys", "/nowhere"], None, "cannot read the keys in /nowhere: No such file"),
    ):
        refused = run("rotate-keys", *arguments, dsn=filled, keys=text)
        assert (refused.exit_code, refused.stdout) == (1, "")
        [told] = refused.stderr.splitlines()
        assert told.startswith(f"error: {problem}")
        assert "canary" not in told


def test_a_database_that_is_not_there_is_one_line(empty_database: str) -> None:
    absent = run("rotate-keys", dsn=make_conninfo(empty_database, dbname="absent"), keys=NEW)
    assert absent.exit_code == 1
    [told] = absent.stderr.splitlines()
    assert told.startswith("error: cannot connect to database")


@pytest.mark.parametrize("command", ["new-key", "rotate-keys"])
def test_help_teaches_by_examples_and_exit_codes(command: str) -> None:
    told = run(command, "--help").stdout
    assert "Examples:\n    " in told
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in told.partition("Exit codes:")[2]
