"""What happens when the server, its connections or the process go away."""

# ruff: noqa: PT012 - the error comes out of a whole block

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import Any, Self

import psycopg
import pytest
from waiting import until

from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.errors import InvalidArgumentError, UnavailableError

pytestmark = pytest.mark.usefixtures("either_path")

KILL_ALL = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
ASLEEP = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


async def test_dead_idle_connections_are_replaced_unnoticed(
    open_database: Any, conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=20, max_size=20))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(db.transaction())
    assert other.execute(KILL_ALL).fetchone() == (20,)
    assert [await db.run(things.echo("int", n)) for n in range(60)] == list(range(60))


async def test_a_query_whose_connection_dies_fails_and_the_next_does_not(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    with pytest.raises(UnavailableError, match=r"^things.total: "):
        async with db.transaction() as tx:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (await tx.run(things.pid()),))
            await tx.run(things.total())
    assert await db.run(things.total()) == 0
    with pytest.raises(UnavailableError):
        async with db.transaction() as tx:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (await tx.run(things.pid()),))
            await tx.run_all(things.add("a"), things.total())
    assert await db.run(things.everything()) == []


async def test_a_query_whose_connection_dies_meanwhile_fails_and_the_next_does_not(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    def kill() -> None:
        until(lambda: other.execute(ASLEEP).fetchall())
        other.execute(KILL_ALL)

    for _ in range(3):  # a socket that is forgotten on the event loop stands in the way of the next
        killer = asyncio.get_running_loop().run_in_executor(None, kill)
        with pytest.raises(UnavailableError, match=r"^things.wait: "):
            await db.run(things.wait(60))
        await killer
        assert await db.run(things.echo("int", 1)) == 1


async def test_a_stopped_server_is_told_with_its_cause(open_database: Any, own_server: Any, things: Any) -> None:
    db = await open_database(own_server.conninfo, PoolSettings(min_size=2, max_size=2, acquire_timeout=0.5))
    lock_file = own_server.data_dir / "postmaster.pid"
    os.kill(int(lock_file.read_text().split()[0]), signal.SIGINT)  # a fast shutdown, which ends all sessions
    until(lambda: not lock_file.exists())
    refused = r"^no connection within 0.5 s: 0 of 2 are in use, and cannot connect to database"
    with pytest.raises(UnavailableError, match=refused):
        await db.run(things.pid())


async def test_a_frozen_server_holds_nobody_beyond_the_time_limit(
    open_database: Any, own_server: Any, things: Any
) -> None:
    db = await open_database(own_server.conninfo, PoolSettings(min_size=1, max_size=1, statement_timeout=0.1))
    with Freezer() as freezer:
        freezer.freeze(await db.run(things.pid()))
        report = await db.health()
        assert not report.connectivity_ok
        assert report.connectivity_time < 1
        freezer.freeze(await db.run(things.pid()))
        with pytest.raises(UnavailableError, match=r"^things.pid: no answer in time"):
            await db.run(things.pid())
        assert await db.run(things.echo("int", 1)) == 1


def test_an_interrupt_from_the_keyboard_ends_the_query_and_leaves_order(
    conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    def interrupt() -> None:
        until(lambda: other.execute(ASLEEP).fetchall())
        os.kill(os.getpid(), signal.SIGINT)

    with Database(conninfo, PoolSettings(min_size=1, max_size=1)) as db:
        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            db.run(things.wait(60))
        interrupter.join()
        assert other.execute(ASLEEP).fetchall() == []
        assert db.run(things.echo("int", 1)) == 1


FORK = """
import os, sys
from pathlib import Path
from radarr_db import query, statements
from radarr_db.engine import Database, PoolSettings
from radarr_db.errors import UnavailableError
text = "-- name: pid\\n-- Its process.\\n-- budget: simple\\nSELECT pg_backend_pid();"
pid = query.scalar(int, statements.parse(text, Path("x.sql"))["pid"])
with Database(sys.argv[1], PoolSettings(min_size=1, max_size=1)) as db:
    before = db.run(pid)
    child = os.fork()
    if child == 0:
        try:
            db.run(pid)
        except UnavailableError as error:
            assert "opened before a fork" in str(error), error
            with Database(sys.argv[1]) as own:
                assert own.run(pid) != before
            sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert db.run(pid) == before
"""


def test_a_forked_child_is_refused_and_does_its_parent_no_harm(database_conninfo: str) -> None:
    # In a process of its own: this one may have threads that a child must not inherit.
    command = [sys.executable, "-W", "ignore", "-c", FORK, database_conninfo]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


class Freezer:
    """Stops processes until the end of the block."""

    def __init__(self) -> None:
        self._frozen: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self._frozen:
            os.kill(pid, signal.SIGCONT)

    def freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        self._frozen.append(pid)


async def test_a_query_is_given_up_at_its_own_time_limit(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(UnavailableError, match=r"^things.wait: no answer in time"):
        await db.run(things.wait(60), timeout=0.5)
    assert await db.run(things.echo("int", 1), timeout=5) == 1
    assert {await db.run(things.echo("int", 1), timeout=0.2) for _ in range(50)} == {1}


async def test_the_wait_for_a_connection_is_part_of_the_time_limit(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction():
        with pytest.raises(UnavailableError, match=r"no connection became free within 0.1 s"):
            await db.run(things.total(), timeout=0.2)


async def test_a_time_limit_is_a_number_of_seconds(db: AsyncDatabase, things: Any) -> None:
    bad: list[Any] = [0, -1, 0.1, True, "1", float("nan")]
    for limit in bad:
        with pytest.raises(InvalidArgumentError, match=r"^timeout: "):
            await db.run(things.total(), timeout=limit)
    with pytest.raises(InvalidArgumentError, match=r"^timeout: is not for a query that runs in batches"):
        await db.run(things.add_many([["a"]]), timeout=1)
