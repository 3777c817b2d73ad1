"""Reading from a standby: what goes there, and what happens when it is behind, gone or no standby any more."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from waiting import attempts, until

from radarr_db import AsyncDatabase, Database, NewMovie, PoolSettings, Query, embedded, movies, query, statements
from radarr_db.errors import InvalidArgumentError
from radarr_db.operations import migrations

SETTINGS = PoolSettings(min_size=1, acquire_timeout=1)
NUMBERS = itertools.count(1)


class Pair:
    """A primary and its standby."""

    def __init__(self, primary: embedded.Server, standby: embedded.Server) -> None:
        self.server = primary
        self.primary = primary.conninfo
        self.standby = standby.conninfo
        self.standby_process = int((standby.data_dir / "postmaster.pid").read_text().split()[0])

    def pause(self) -> None:
        """Have the standby replay nothing more."""
        told(self.standby, "SELECT pg_wal_replay_pause()")
        until(lambda: told(self.standby, "SELECT pg_get_wal_replay_pause_state()") == "paused")

    def catch_up(self) -> None:
        """Wait until the standby has all that the primary has now."""
        # In a fresh segment of the log the position lies behind a header, which is sent with the first record.
        told(self.primary, "SELECT pg_logical_emit_message(TRUE, '', '')")
        position = told(self.primary, "SELECT pg_current_wal_insert_lsn()::text")
        until(lambda: told(self.standby, f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))


def told(conninfo: str, sql: str) -> Any:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return connection.execute(sql).fetchone()[0]  # type: ignore[index]  # each gives a row


def at_standby() -> Query[bool]:
    """Whether a standby answers this."""
    return query.scalar(bool, in_the_place_of_count("SELECT pg_is_in_recovery()"))


def everywhere() -> Query[list[bool]]:
    return query.column(bool, in_the_place_of_count("SELECT pg_is_in_recovery()"))


def in_the_place_of_count(sql: str) -> statements.Statement:
    """A statement by the name of one that only reads."""
    return statements.parse(f"-- name: count\n-- A test.\n-- budget: simple\n{sql};", Path("movies.sql"))["count"]


def new_movie() -> NewMovie:
    return NewMovie(tmdb_id=next(NUMBERS), title="A")


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    # To copy the primary for one more standby throws away the log that the other has not had yet. What is not flushed
    # at once is not sent at once.
    with embedded.server(settings={"wal_keep_size": "1GB", "synchronous_commit": "on"}) as primary:
        migrations.apply(primary.conninfo)
        # What hinders its replay the standby cancels at once.
        with embedded.server(settings={"max_standby_streaming_delay": "10ms"}, standby_of=primary) as standby:
            yield Pair(primary, standby)


@pytest.fixture
def pair(servers: Pair) -> Iterator[Pair]:
    yield servers
    told(servers.standby, "SELECT pg_wal_replay_resume()")


@pytest.fixture
def own_pair(servers: Pair) -> Iterator[Pair]:
    """A standby to be stopped or promoted."""
    with embedded.server(standby_of=servers.server) as standby:
        yield Pair(servers.server, standby)


@pytest.fixture
async def db(open_database: Any, pair: Pair) -> AsyncDatabase:
    """A database that knows already how far its standby must be, and that it is so far."""
    db: AsyncDatabase = await open_database(pair.primary, SETTINGS, replica=pair.standby)
    await settle(db, pair)
    return db


async def settle(db: Any, pair: Pair) -> None:
    pair.catch_up()
    await db.run(movies.count())
    for _ in attempts():
        if await db.run(at_standby()):
            break


@pytest.mark.usefixtures("either_path")
async def test_what_only_reads_is_read_from_the_standby(db: AsyncDatabase) -> None:
    assert await db.run(at_standby())
    assert await db.run_all(at_standby(), at_standby()) == (True, True)


async def test_what_writes_and_transactions_go_to_the_primary(db: AsyncDatabase) -> None:
    await db.run(movies.create(new_movie()))
    await db.run_all(movies.create(new_movie()), movies.count())
    await db.run(movies.create_many([new_movie()]))
    async with db.transaction() as tx:
        assert not await tx.run(at_standby())
    assert not (await db.run_all(at_standby(), movies.create(new_movie())))[0]
    assert not await db.run(at_standby(), timeout=5)
    assert [found async for found in db.stream(everywhere())] == [False]


async def write(db: AsyncDatabase, way: str) -> int:
    """The TMDB id of a movie that is written in one of the ways."""
    movie = new_movie()
    match way:
        case "run":
            await db.run(movies.create(movie))
        case "timeout":
            await db.run(movies.create(movie), timeout=30)
        case "run_all":
            await db.run_all(movies.count(), movies.create(movie))
        case "batches":
            await db.run(movies.create_many([movie]))
        case "transact":
            await db.transact(lambda tx: tx.run(movies.create(movie)))
        case "transaction":
            async with db.transaction() as tx:
                await tx.run(movies.create(movie))
    return movie.tmdb_id


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("way", ["run", "timeout", "run_all", "batches", "transact", "transaction"])
async def test_who_wrote_reads_it_at_once(db: AsyncDatabase, pair: Pair, way: str) -> None:
    pair.pause()
    assert await db.run(at_standby())
    written = await write(db, way)
    for _ in range(3):
        assert await db.run(movies.find_by_tmdb_id(written))
        assert (await db.run_all(movies.find_by_tmdb_id(written), movies.count()))[0]


async def test_who_wrote_reads_it_at_once_in_a_database_opened_anew(db: AsyncDatabase, pair: Pair) -> None:
    pair.pause()
    async with db.transaction() as tx:
        movie = await tx.run(movies.create(new_movie()))
        await db.close()
        await db.open()
        await db.run(movies.count())
    assert await db.run(movies.find(movie.id)) == movie


async def test_a_session_may_have_another_isolation_by_default(open_database: Any, pair: Pair) -> None:
    standby = make_conninfo(pair.standby, options="-c default_transaction_isolation=serializable")
    db = await open_database(pair.primary, SETTINGS, replica=standby)
    await settle(db, pair)
    assert await db.run(at_standby())


async def test_the_standby_is_read_again_when_it_has_what_was_written(db: AsyncDatabase, pair: Pair) -> None:
    await db.run(movies.create(new_movie()))
    assert not await db.run(at_standby())
    await settle(db, pair)
    assert await db.run(at_standby())


async def test_what_was_written_before_the_database_was_opened_is_found(open_database: Any, pair: Pair) -> None:
    pair.pause()
    with Database(pair.primary, SETTINGS) as other:
        movie = other.run(movies.create(new_movie()))
    db = await open_database(pair.primary, SETTINGS, replica=pair.standby)
    assert await db.run(movies.find(movie.id)) == movie
    assert await db.run(movies.find(movie.id)) == movie


def test_of_ten_thousand_reads_after_a_write_none_is_stale(pair: Pair) -> None:
    def read(_: int) -> list[tuple[bool, bool]]:
        """Of 50 reads right after a write whether they find it, and whether a standby answered."""
        movie = blocking.run(movies.create(new_movie()))
        answers = [blocking.run_all(movies.find(movie.id), at_standby()) for _ in range(50)]
        return [(found == movie, there) for found, there in answers]

    with Database(pair.primary, replica=pair.standby) as blocking, ThreadPoolExecutor(8) as threads:
        reads = list(itertools.chain.from_iterable(threads.map(read, range(200))))
    assert [found for found, _ in reads] == [True] * 10_000
    assert sum(there for _, there in reads) > 1000


async def test_an_error_of_the_query_is_the_primarys(db: AsyncDatabase) -> None:
    with pytest.raises(InvalidArgumentError, match=r"movies.count: the server refused a value"):
        await db.run(query.scalar(int, in_the_place_of_count("SELECT 1 / 0")))
    assert await db.run(at_standby())


async def test_what_hinders_the_replay_is_asked_of_the_primary(open_database: Any, pair: Pair) -> None:
    """The standby cancels it."""

    def hinder() -> None:
        until(lambda: told(pair.standby, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
        with psycopg.connect(pair.primary) as connection:
            connection.execute("TRUNCATE movies CASCADE")

    db = await open_database(pair.primary, PoolSettings(min_size=1, acquire_timeout=60), replica=pair.standby)
    await settle(db, pair)
    other = asyncio.get_running_loop().run_in_executor(None, hinder)
    sql = "SELECT pg_is_in_recovery() AND pg_sleep(60) IS NOT NULL FROM (SELECT count(*) FROM movies) AS m"
    assert not await db.run(query.scalar(bool, in_the_place_of_count(sql)))
    await other
    assert await db.run(at_standby())


async def test_a_standby_too_far_behind_is_not_read(open_database: Any, pair: Pair) -> None:
    db = await open_database(pair.primary, PoolSettings(min_size=1, max_lag=1), replica=pair.standby)
    await settle(db, pair)
    pair.pause()
    with Database(pair.primary, SETTINGS) as other:
        other.run(movies.create(new_movie()))
    for _ in attempts():
        if not await db.run(at_standby()):
            break


async def test_reads_go_on_when_the_standby_dies(open_database: Any, own_pair: Pair) -> None:
    db = await open_database(own_pair.primary, SETTINGS, replica=own_pair.standby)
    await settle(db, own_pair)
    os.kill(own_pair.standby_process, signal.SIGQUIT)  # which ends all sessions, as soon as it comes to it
    for _ in attempts():
        if not await db.run(at_standby()):
            break
    assert len({await db.run(movies.count()) for _ in range(20)}) == 1


async def test_reads_go_on_when_the_standby_hangs(open_database: Any, own_pair: Pair) -> None:
    db = await open_database(own_pair.primary, SETTINGS, replica=own_pair.standby)
    await settle(db, own_pair)
    stopped = [own_pair.standby_process, *told_pids(own_pair)]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        assert len({await db.run(movies.count()) for _ in range(20)}) == 1
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


def told_pids(pair: Pair) -> list[int]:
    return list(told(pair.standby, "SELECT array_agg(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))


async def test_a_promoted_standby_is_not_read(
    open_database: Any, own_pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    db = await open_database(own_pair.primary, SETTINGS, replica=own_pair.standby)
    await settle(db, own_pair)
    assert told(own_pair.standby, "SELECT pg_promote()")
    for _ in attempts():
        await db.run(movies.count())
        if "left alone for 1 s: it is no standby" in caplog.text:
            break
    movie = await db.run(movies.create(new_movie()))
    for _ in range(20):
        assert await db.run(movies.find(movie.id)) == movie


async def test_a_standby_need_not_be_there_at_the_start(open_database: Any, pair: Pair, tmp_path: Path) -> None:
    db = await open_database(pair.primary, SETTINGS, replica=f"host={tmp_path} dbname=postgres")
    assert [await db.run(at_standby()) for _ in range(3)] == [False] * 3


async def test_a_bad_address_of_a_standby_is_refused(open_database: Any) -> None:
    for bad in (7, "host='"):
        with pytest.raises(InvalidArgumentError):
            await open_database("dbname=a", replica=bad)


async def test_a_database_with_a_standby_can_be_opened_again(db: AsyncDatabase, pair: Pair) -> None:
    await db.close()
    await db.open()
    await settle(db, pair)
    assert await db.run(at_standby())
