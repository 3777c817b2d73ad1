"""From the opening of a database to its end, also where nobody closes it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import select
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from waiting import attempts

from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.engine.watchdog import Watchdog
from radarr_db.errors import UnavailableError

SINGLE = PoolSettings(min_size=1, max_size=1)
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
NONE_LEFT = f"SELECT WHERE NOT EXISTS (SELECT {OTHERS})"
FRESH = f"SELECT query {OTHERS} AND state = 'idle'"


def until(connection: psycopg.Connection, question: str) -> list[Any]:
    for _ in attempts():
        if answer := connection.execute(question).fetchall():
            return answer
    raise AssertionError(question)


def test_threads_that_open_a_database_open_one_pool(conninfo: str, other: psycopg.Connection) -> None:
    db = Database(conninfo, SINGLE)
    together = threading.Barrier(8)

    def open_() -> None:
        together.wait()
        db.open()

    with ThreadPoolExecutor(8) as threads:
        for opening in [threads.submit(open_) for _ in range(8)]:
            opening.result()
    db.close()
    until(other, NONE_LEFT)


async def test_tasks_that_open_a_database_open_one_pool(conninfo: str, other: psycopg.Connection) -> None:
    db = AsyncDatabase(conninfo, SINGLE)
    await asyncio.gather(*(db.open() for _ in range(8)))
    await db.close()
    await asyncio.to_thread(until, other, NONE_LEFT)


@pytest.mark.usefixtures("either_path")
def test_a_database_that_is_forgotten_warns_and_ends(conninfo: str, things: Any, other: psycopg.Connection) -> None:
    db = Database(conninfo, SINGLE)
    db.open()
    assert db.run(things.echo("int", 1)) == 1
    with pytest.warns(ResourceWarning, match="was not closed"):
        del db
    until(other, NONE_LEFT)


@pytest.mark.usefixtures("either_path")
async def test_an_asyncio_database_that_is_forgotten_warns_and_ends(
    conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    db = AsyncDatabase(conninfo, SINGLE)
    await db.open()
    assert await db.run(things.echo("int", 1)) == 1
    with pytest.warns(ResourceWarning, match="was not closed"):  # noqa: PT031 - it comes later
        del db
        await asyncio.to_thread(until, other, NONE_LEFT)


def test_the_watchdog_survives_an_error_and_tells_it(caplog: pytest.LogCaptureFixture) -> None:
    again = threading.Event()

    def every_second() -> None:
        if caplog.records:
            again.set()
        raise OSError("no thread can be started")

    with caplog.at_level(logging.ERROR):
        watchdog = Watchdog(set(), every_second)
        assert again.wait(30)
        watchdog.stop()
    assert "no thread can be started" in caplog.text


async def test_a_new_connection_is_in_utc_without_a_query(
    open_database: Any, conninfo: str, things: Any, other: psycopg.Connection
) -> None:
    other.execute(f"ALTER DATABASE {other.info.dbname} SET TimeZone = 'Asia/Tokyo'")
    db = await open_database(conninfo, SINGLE)
    assert await asyncio.to_thread(until, other, FRESH) == [("",)]
    assert await db.run(things.setting("TimeZone")) == "UTC"


async def test_utc_goes_before_the_environment(
    open_database: Any, conninfo: str, things: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    db = await open_database(conninfo, SINGLE)
    assert await db.run(things.setting("TimeZone")) == "UTC"


async def test_a_server_that_falls_silent_after_the_login_is_given_up(
    open_database: Any, conninfo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")  # which is then to be set to UTC
    with Mute(conninfo, tmp_path) as mute:
        settings = PoolSettings(min_size=1, max_size=1, acquire_timeout=0.5, prepare=False)
        with pytest.raises(UnavailableError, match=r"^connect: no answer in time"):
            await open_database(mute.conninfo, settings)
        assert mute.left_by_the_client()


class Mute:
    """A way to a server on which nothing that follows the login arrives."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        given = conninfo_to_dict(conninfo)
        name = f".s.PGSQL.{given.get('port', 5432)}"
        self.conninfo = make_conninfo(conninfo, host=str(folder))
        self._address = f"{given['host']}/{name}"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / name))
        self._listening.listen()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def left_by_the_client(self) -> bool:
        return self._left.wait(30)

    def _carry(self) -> None:
        client, _ = self._listening.accept()
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._address)
            answer = b""
            while not answer.endswith(b"Z\0\0\0\5I"):  # ready for a query
                for end in select.select([client, server], [], [])[0]:
                    if end is client:
                        server.sendall(client.recv(10_000))
                    else:
                        answer = server.recv(10_000)
                        client.sendall(answer)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(10_000):
                    pass  # unheard
        self._left.set()
