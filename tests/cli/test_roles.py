from __future__ import annotations

import json
import subprocess

import psycopg
from click.testing import CliRunner, Result

from radarr_db import commands, embedded
from radarr_db.operations import roles


def run(*arguments: str, dsn: str | None = None) -> Result:
    return CliRunner().invoke(commands.cli, ["roles", *arguments], env={"DATABASE_URL": dsn})


def test_what_is_printed_is_what_psql_applies(superuser: str, prefix: str) -> None:
    printed = run("--prefix", prefix, dsn=superuser)
    assert printed.exit_code == 0
    psql = [f"{embedded.binaries()}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", superuser]
    subprocess.run(psql, input=printed.stdout, text=True, check=True)
    with psycopg.connect(superuser) as connection:
        made = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", (f"{prefix}%",)).fetchone()
        owner = connection.execute("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'movies'").fetchone()
    assert (made, owner) == ((5,), (f"{prefix}_owner",))


def test_every_role_and_right_comes_with_the_reason(own_database: str) -> None:
    printed = run(dsn=own_database).stdout
    for role in roles.ROLES:
        before, _, _ = printed.partition(f"CREATE ROLE radarr_{role} ")
        assert before.splitlines()[-2].startswith("-- ")
    assert json.loads(run("--json", dsn=own_database).stdout) == roles.statements(own_database)


def test_apply_tells_the_roles_and_what_is_left_to_do(superuser: str, prefix: str) -> None:
    applied = run("--apply", "--prefix", prefix, dsn=superuser)
    assert applied.exit_code == 0
    assert applied.stdout.splitlines() == [f"in place  {prefix}_{role}" for role in roles.ROLES]
    assert f"ALTER ROLE {prefix}_app LOGIN" in applied.stderr
    again = run("--apply", "--json", "--prefix", prefix, dsn=superuser)
    assert json.loads(again.stdout) == {"roles": [f"{prefix}_{role}" for role in roles.ROLES]}


def test_an_owner_who_may_not_make_roles_reads_what_to_do_in_one_line(own_database: str) -> None:
    denied = run("--apply", "--prefix", "radarr_db_tests_never", dsn=own_database)
    assert denied.exit_code == 1
    (told,) = denied.stderr.splitlines()
    assert "have a superuser do it" in told


def test_without_migrations_or_a_database_it_says_so(empty_database: str) -> None:
    assert "run `radarr-db migrate` first" in run(dsn=empty_database).stderr
    assert run().exit_code == 2


def test_help_has_a_line_for_each_role() -> None:
    words = [line.split(maxsplit=1)[:1] for line in run("--help").stdout.splitlines()]
    assert [word for word in words if word and word[0] in roles.ROLES] == [[role] for role in roles.ROLES]
