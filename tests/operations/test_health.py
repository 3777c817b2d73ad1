"""The health of a database is told in time, whatever has become of its server."""

from __future__ import annotations

import os
import signal
import socket
import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from radarr_db import InvalidArgumentError, embedded
from radarr_db.models.monitoring import ServerRole
from radarr_db.operations import health

SECRET = "cana/ry"  # noqa: S105 - it is one only to these tests

# What a busy machine may take to wake a thread up.
SCHEDULING = 0.25


def test_a_database_that_can_be_used_is_well(own_database: str) -> None:
    found = health.check(own_database, timeout=10)
    assert found.ok
    assert found.problems == []
    assert found.pool is not None
    assert found.pool.connectivity_ok
    assert found.readiness is not None
    assert (found.readiness.role, found.readiness.schema_version) == (ServerRole.PRIMARY, 9)
    assert found.readiness.connections_left > 0


def test_a_frozen_server_is_told_within_the_second_and_is_well_again_when_it_goes_on(
    own_server: embedded.Server,
) -> None:
    postmaster = int((own_server.data_dir / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)
    try:
        start = time.monotonic()
        found = health.check(own_server.conninfo)
        assert time.monotonic() - start < 1 + SCHEDULING
    finally:
        os.kill(postmaster, signal.SIGCONT)
    assert not found.ok
    assert (found.pool, found.readiness) == (None, None)
    (problem,) = found.problems
    assert "no answer within 1 s: the server hangs or is overloaded" in problem
    back = health.check(own_server.conninfo, timeout=10)
    assert back.pool is not None
    assert back.pool.connectivity_ok


def test_a_server_that_accepts_and_is_silent_is_told_in_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = make_conninfo(host="127.0.0.1", port=silent.getsockname()[1], user="u", password=SECRET)
        start = time.monotonic()
        found = health.check(dsn, timeout=0.3)
        assert time.monotonic() - start < 0.3 + SCHEDULING
    assert not found.ok
    assert "no answer within 0.3 s" in found.problems[0]
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"host": "127.0.0.1", "port": "1"}, "is the server running"),
        ({"host": "/nowhere"}, "is the server running"),
        ({"dbname": "absent_database"}, "check its name, or create it"),
        ({"user": "absent_role"}, "check the user and the password"),
    ],
)
def test_what_keeps_from_connecting_is_an_answer_with_advice(
    empty_database: str, changes: dict[str, str], problem: str
) -> None:
    start = time.monotonic()
    found = health.check(make_conninfo(empty_database, **changes))
    assert time.monotonic() - start < 1 + SCHEDULING
    assert not found.ok
    assert problem in found.problems[0]


def test_a_full_database_is_not_well(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} CONNECTION LIMIT 1")
        found = health.check(own_database)
        connection.execute(f"ALTER DATABASE {connection.info.dbname} CONNECTION LIMIT -1")
    assert not found.ok
    assert "all connections are taken" in found.problems[0]


def test_a_database_without_the_schema_is_not_ready(empty_database: str) -> None:
    found = health.check(empty_database, timeout=10)
    assert not found.ok
    assert found.pool is not None
    assert found.problems == [
        "there is no schema that this role can read: radarr-db migrate, or GRANT SELECT ON _yoyo_migration"
    ]


def test_a_schema_that_is_behind_is_not_ready_and_one_that_is_ahead_is(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("UPDATE _yoyo_migration SET migration_id = '010_next' WHERE migration_id LIKE '009%'")
        assert health.check(own_database, timeout=10).ok
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id = '010_next'")
    found = health.check(own_database, timeout=10)
    assert (found.ok, found.problems) == (False, ["the schema is at version 8 of 9: radarr-db migrate"])


@pytest.mark.parametrize("timeout", [0, 0.1, 61, True, "1", float("nan")])
def test_a_time_limit_that_is_none_is_refused(timeout: float) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^timeout: must be "):
        health.check("host=/nowhere", timeout=timeout)
