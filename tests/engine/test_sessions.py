"""A single session, of each kind: what it must bear between a question and its answer."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from waiting import until

from radarr_db.engine._async.fast import AsyncFastSession
from radarr_db.engine._async.plain import AsyncPlainSession
from radarr_db.engine._sync.fast import FastSession
from radarr_db.engine._sync.plain import PlainSession
from radarr_db.engine.adapters import ADAPTERS
from radarr_db.errors import RadarrDbError, UnavailableError

ECHO = "SELECT $1::text"


async def done(result: Any) -> Any:
    """What a method returned, of a blocking session or of an asyncio one."""
    return await result if inspect.isawaitable(result) else result


@pytest.fixture(params=[FastSession, PlainSession, AsyncFastSession, AsyncPlainSession])
async def session(request: pytest.FixtureRequest, conninfo: str) -> AsyncIterator[Any]:
    made = await done(request.param.connect(conninfo, autocommit=True, context=ADAPTERS))
    made.set_up(prepare=True, answer_limit=math.inf)
    yield made
    await done(made.close())


@pytest.fixture(params=[AsyncFastSession, AsyncPlainSession])
async def asyncio_session(request: pytest.FixtureRequest, conninfo: str) -> AsyncIterator[Any]:
    made = await request.param.connect(conninfo, autocommit=True, context=ADAPTERS)
    made.set_up(prepare=True, answer_limit=math.inf)
    yield made
    await made.close()


async def echo(session: Any, text: str) -> str:
    (((answer,),), count) = await done(session.run("echo", ECHO, (text,)))
    assert count == 1
    return str(answer)


@pytest.mark.parametrize("prepared", [True, False])
async def test_large_questions_and_answers_arrive_whole(session: Any, prepared: bool) -> None:
    for size in (10_000_000, 1, 3_000_000):
        text = "".join(map(chr, range(0x20, 0x7F))) * (size // 95) + "."
        for _ in range(2):
            rows, _ = await done(session.run("echo", ECHO, (text,), prepared=prepared))
            assert rows == [(text,)]
    rows, count = await done(session.run("numbers", "SELECT generate_series(1, 100000)", prepared=prepared))
    assert (rows[0], rows[-1], count) == ((1,), (100_000,), 100_000)


async def test_notices_are_heard(session: Any) -> None:
    heard: list[str | None] = []
    session.add_notice_handler(lambda notice: heard.append(notice.message_primary))
    for _ in range(2):
        await done(session.run("drop", "DROP TABLE IF EXISTS nowhere"))
    await done(session.command("drop", "DROP TABLE IF EXISTS neverwhere"))
    assert heard == [f'table "{name}" does not exist, skipping' for name in ("nowhere", "nowhere", "neverwhere")]


async def test_notifications_disturb_no_query(session: Any, other: psycopg.Connection) -> None:
    await done(session.command("listen", "LISTEN news"))
    for number in range(5):
        other.execute(f"NOTIFY news, '{number}'")
        await asyncio.sleep(0)
        assert await echo(session, str(number)) == str(number)


async def test_psycopg_can_use_the_session_as_well(session: Any) -> None:
    assert await echo(session, "a") == "a"
    cursor = await done(session.execute("BEGIN"))
    assert await echo(session, "b") == "b"
    assert cursor.statusmessage == "BEGIN"
    await done(session.rollback())
    assert session.pgconn.transaction_status == TransactionStatus.IDLE
    assert await echo(session, "c") == "c"


async def test_a_closed_session_says_so(session: Any) -> None:
    assert await echo(session, "a") == "a"
    await done(session.close())
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"^echo: the connection is closed"):
            await echo(session, "a")
    with pytest.raises(UnavailableError, match=r"^begin: the connection is closed"):
        await done(session.command("begin", "BEGIN"))


async def test_what_answers_with_a_stream_of_its_own_is_refused(session: Any) -> None:
    with pytest.raises(RadarrDbError, match=r"^copy: "):
        await done(session.run("copy", "COPY things TO STDOUT", prepared=False))


async def test_a_session_that_the_server_leaves_does_not_keep_the_event_loop_busy(
    asyncio_session: Any, other: psycopg.Connection
) -> None:
    assert await echo(asyncio_session, "a") == "a"
    assert not asyncio_session.wire.lost()
    other.execute("SELECT pg_terminate_backend(%s, 5000)", (asyncio_session.info.backend_pid,))
    until(asyncio_session.wire.lost)
    for _ in range(3):  # the loop sees the socket, and calls the reader, if there is one
        await asyncio.sleep(0)
    assert not asyncio.get_running_loop().remove_reader(asyncio_session.fileno())
    with pytest.raises(UnavailableError, match=r"^echo: .*terminating connection"):
        await echo(asyncio_session, "a")


async def test_a_session_that_is_closed_or_lost_leaves_no_reader(
    asyncio_session: Any, other: psycopg.Connection
) -> None:
    loop, socket = asyncio.get_running_loop(), asyncio_session.fileno()
    asleep = asyncio.ensure_future(asyncio_session.run("sleep", "SELECT pg_sleep(60)"))
    await asyncio.sleep(0)
    await asyncio.to_thread(other.execute, "SELECT pg_terminate_backend(%s, 5000)", (asyncio_session.info.backend_pid,))
    with pytest.raises(UnavailableError):
        await asleep
    assert not loop.remove_reader(socket)
