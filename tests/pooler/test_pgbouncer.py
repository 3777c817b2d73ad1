from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pgbouncer
import psycopg
import pytest
import waiting
from repositories.factories import group, movie, raw

from radarr_db import (
    AsyncDatabase,
    ConflictError,
    Database,
    PoolSettings,
    Transaction,
    UnavailableError,
    movies,
    scene_groups,
)
from radarr_db.testing import AppDatabases

ROOT = Path(__file__).parents[2]
POOLED = PoolSettings(prepare=False)
SERVER_SESSIONS = 4
ASLEEP = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
PID = raw("SELECT pg_backend_pid()")
MOVIES = range(1, 61)

pytestmark = pytest.mark.skipif(pgbouncer.PROGRAM is None, reason=pgbouncer.ABSENT)


@pytest.fixture(scope="module")
def through(radarr_db_server: str, radarr_db_app_conninfo: str) -> Iterator[Callable[[str], str]]:
    """The way through a PgBouncer with fewer connections than our pools have."""
    with pgbouncer.start(radarr_db_server, radarr_db_app_conninfo, pool_size=SERVER_SESSIONS) as reach:
        yield reach


@pytest.fixture(scope="module")
def pooled(radarr_db_app: AppDatabases, through: Callable[[str], str]) -> Iterator[str]:
    """A database with some movies, reached through PgBouncer."""
    with radarr_db_app.new() as conninfo:
        with Database(conninfo) as db:
            db.run(movies.create_many(movie(n, f"Movie {n}") for n in MOVIES))
        yield through(conninfo)


@pytest.fixture
def db(pooled: str) -> Iterator[Database]:
    with Database(pooled, POOLED) as db:
        yield db


def pid(runner: Database | Transaction) -> int:
    ((found,),) = runner.run(PID)
    return int(found)


def test_the_repository_tests_pass_through_it(radarr_db_admin: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/repositories", "--pooler"]
    environment = os.environ | {"RADARR_DB_TEST_DSN": radarr_db_admin}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr


def test_twelve_hundred_queries_of_many_threads_have_their_own_answers_over_few_sessions(db: Database) -> None:
    def ask(n: int) -> tuple[str, int, list[int], int]:
        tmdb_id = MOVIES[n % len(MOVIES)]
        found, count = db.run_all(movies.find_by_tmdb_id(tmdb_id), movies.count())
        assert found
        with db.transaction() as tx:
            session = pid(tx)
            listed = [m.tmdb_id for m in tx.run(movies.find_by_tmdb_ids([tmdb_id]))]
            assert pid(tx) == session
        return found.title, count, listed, session

    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(ask, range(300)))
    expected = [MOVIES[n % len(MOVIES)] for n in range(300)]
    assert [answer[:3] for answer in answers] == [(f"Movie {n}", len(MOVIES), [n]) for n in expected]
    assert len({answer[3] for answer in answers}) <= SERVER_SESSIONS


async def test_twelve_hundred_queries_of_many_tasks_have_their_own_answers(pooled: str) -> None:
    async with AsyncDatabase(pooled, POOLED) as db:
        asked = [MOVIES[n % len(MOVIES)] for n in range(1200)]
        found = await asyncio.gather(*[db.run(movies.find_by_tmdb_id(n)) for n in asked])
    assert [m.title for m in found if m] == [f"Movie {n}" for n in asked]


def test_a_transaction_is_whole_or_undone_with_its_savepoints(db: Database) -> None:
    with db.transaction() as tx:
        tx.run(scene_groups.upsert(group("kept")))
        with suppress(ConflictError), tx.transaction() as inner:
            inner.run(scene_groups.upsert(group("undone inside")))
            inner.run(movies.create(movie(1)))
        assert tx.run(scene_groups.find_by_name("undone inside")) is None
    with suppress(ZeroDivisionError), db.transaction() as tx:
        tx.run(scene_groups.upsert(group("undone")))
        raise ZeroDivisionError
    kept, undone, inside = db.run_all(*map(scene_groups.find_by_name, ("kept", "undone", "undone inside")))
    assert (kept and kept.name, undone, inside) == ("kept", None, None)


def test_queries_of_one_round_trip_are_all_undone_when_one_fails(db: Database) -> None:
    with pytest.raises(ConflictError):
        db.run_all(scene_groups.upsert(group("first")), movies.create(movie(1)))
    assert db.run(scene_groups.find_by_name("first")) is None


def test_a_stream_goes_on_while_others_use_the_sessions(db: Database) -> None:
    seen = []
    for each in db.stream(movies.list_all()):
        seen.append(each.tmdb_id)
        found = db.run(movies.find_by_tmdb_id(each.tmdb_id))
        assert found
        assert found.title == each.title
    assert seen == list(MOVIES)


async def test_a_cancelled_query_ends_on_the_server_and_harms_no_other(pooled: str) -> None:
    with psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as other:

        def asleep() -> bool:
            return other.execute(ASLEEP).fetchone() is not None

        async with AsyncDatabase(pooled, POOLED) as db:
            sleeping = asyncio.create_task(db.run(raw("SELECT pg_sleep(600)")))
            await asyncio.to_thread(waiting.until, asleep)
            sleeping.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sleeping
            await asyncio.to_thread(waiting.until, lambda: not asleep())
            found = await asyncio.gather(*[db.run(movies.find_by_tmdb_id(n)) for n in MOVIES])
    assert [m.tmdb_id for m in found if m] == list(MOVIES)


def test_time_limits_are_those_of_the_database_and_of_single_transactions(
    radarr_db_app: AppDatabases, radarr_db_server: str, through: Callable[[str], str]
) -> None:
    with radarr_db_app.new() as conninfo:
        name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
        with psycopg.connect(radarr_db_server, autocommit=True) as owner:
            owner.execute(f"ALTER DATABASE {name} SET statement_timeout = '150ms'")
        with Database(through(conninfo), POOLED) as db:
            with pytest.raises(UnavailableError, match="statement timeout"):
                db.run(raw("SELECT pg_sleep(600)"))
            with db.transaction() as tx:
                tx.run(raw("SET LOCAL statement_timeout = '10s'"))
                tx.run(raw("SELECT pg_sleep(0.2)"))
            assert db.run(raw("SHOW statement_timeout")) == [("150ms",)]


def test_it_is_gone_when_the_tests_are_killed(radarr_db_server: str) -> None:
    script = """
import sys, time
sys.path.insert(0, "tests")
import pgbouncer
with pgbouncer.start(sys.argv[1]) as reach:
    print(reach(sys.argv[1]), flush=True)
    time.sleep(600)
"""
    command = [sys.executable, "-c", script, radarr_db_server]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout
        conninfo = tests.stdout.readline().strip()
        psycopg.connect(conninfo).close()
        os.kill(tests.pid, signal.SIGKILL)
    folder = Path(str(psycopg.conninfo.conninfo_to_dict(conninfo)["host"]))
    waiting.until(lambda: not folder.exists())
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo)
