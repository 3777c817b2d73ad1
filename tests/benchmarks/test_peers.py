"""No client is measured doing less than another: all give and store the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from benchmarks import peers
from benchmarks.peers import asyncpg, clock, work
from benchmarks.peers.clock import turns
from radarr_db import Database, LibraryMovie, Movie, MovieSummary, QueueItem, movies
from radarr_db.models.enums import MovieStatus, Quality
from radarr_db.query import Page
from radarr_db.testing import database

FILL = """
INSERT INTO movies (
    tmdb_id, imdb_id, title, year, runtime, alternative_titles, tags, status, in_cinemas, last_search_time, metadata
)
SELECT
    n, 'tt' || lpad(n::text, 7, '0'), 'Movie ' || n, 1920 + n, 60 + n, ARRAY['Film "' || n || '"', 'É'], '{a,b}',
    'released', date '1990-01-01' + n, timestamptz '2025-01-01 12:00+00' + n * interval '1 min',
    jsonb_build_object(
        'genres', jsonb_build_array(jsonb_build_object('name', 'Drama')),
        'ratings', jsonb_build_object('imdb', jsonb_build_object('value', n % 100 / 10.0))
    )
FROM generate_series(1, 80) AS n;

INSERT INTO movie_files (movie_id, relative_path, size, quality)
SELECT m.id, m.title || '.mkv', 1000 + m.id, 'Bluray-1080p' FROM movies AS m WHERE m.tmdb_id % 4 = 0;

INSERT INTO download_clients (name, implementation, implementation_name, config_contract, protocol, host, port)
VALUES ('client', 'a', 'A', 'S', 'torrent', 'localhost', 8080);

INSERT INTO download_queue (
    movie_id, download_client_id, download_id, title, status, progress, time_left, custom_formats
)
SELECT m.id, c.id, 'download ' || m.id, m.title, 'downloading', 12.25, interval '90 s', '[{"name": "x265"}]'
FROM movies AS m CROSS JOIN download_clients AS c WHERE m.tmdb_id <= 5;

INSERT INTO history (movie_id, source_title, event_type, quality, data)
SELECT m.id, m.title, 'grabbed', 'DVD', '{"size": 1}' FROM movies AS m;
"""
READS = ("lookup", "page", "library", "dashboard")


@pytest.fixture(scope="module")
def filled(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    with database(radarr_db_server, radarr_db_template) as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(FILL)
        yield conninfo


@pytest.fixture(scope="module")
def expected(filled: str) -> dict[str, Any]:
    with peers.SYNC["radarr_db"](filled) as ours:
        return {task: plain(read(ours, task)) for task in READS}


@pytest.fixture
def room(filled: str) -> Iterator[None]:
    yield
    with psycopg.connect(filled) as connection:
        connection.execute(work.REMOVE)


def read(peer: work.Peer, task: str) -> Any:
    arguments = {"lookup": (7,), "dashboard": (7,)}
    return getattr(peer, task)(*arguments.get(task, ()))


def plain(value: Any) -> Any:
    """What tells values apart, types included; ratings are 32-bit numbers, which asyncpg shows in full."""
    if isinstance(value, Page):
        return plain((list(value), value.next))
    if dataclasses.is_dataclass(value):
        return type(value), {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return type(value), [plain(item) for item in value]
    if isinstance(value, dt.datetime):
        return value, value.utcoffset()
    return type(value), round(value, 4) if isinstance(value, float) else value


def stored(conninfo: str) -> list[Movie]:
    with Database(conninfo) as db:
        return db.run(movies.find_by_tmdb_ids(range(work.RESERVED, work.RESERVED + work.MANY)))


def supplied(news: list[Any]) -> dict[int, Any]:
    """What the user supplied, of new movies or of movies as stored; the rest the server added."""
    names = [name for name in work.COLUMNS if name != "last_info_sync"]
    return {movie.tmdb_id: [plain(getattr(movie, name)) for name in names] for movie in news}


def versions() -> list[list[Any]]:
    return [list(work.new_movies(version))[:4] for version in range(2)]


def test_what_is_compared_holds_values_of_every_kind(filled: str) -> None:
    with peers.SYNC["radarr_db"](filled) as ours:
        movie = ours.lookup(7)
        assert isinstance(movie, Movie)
        assert movie.status is MovieStatus.RELEASED
        assert (movie.imdb_rating, movie.metadata["genres"]) == (0.7, [{"name": "Drama"}])
        page = ours.page()
        assert len(page) == 50
        assert page.next
        assert type(page[0]) is MovieSummary
        library = ours.library()
        assert len(library) == 80
        assert {type(item) for item in library} == {LibraryMovie}
        assert {item.file_quality for item in library} == {Quality.BLURAY_1080P, None}
        _, active, recent, *_ = ours.dashboard(7)
        assert len(recent) == 20
        assert [(type(item), item.progress, item.time_left) for item in active] == [
            (QueueItem, 12.25, dt.timedelta(seconds=90))
        ] * 5


@pytest.mark.parametrize("client", [name for name in peers.SYNC if name != "radarr_db"])
@pytest.mark.parametrize("task", READS)
def test_sync_clients_read_what_we_read(filled: str, expected: dict[str, Any], client: str, task: str) -> None:
    with peers.SYNC[client](filled) as peer:
        assert plain(read(peer, task)) == expected[task]


@pytest.mark.parametrize("client", peers.ASYNC)
@pytest.mark.parametrize("task", READS)
async def test_async_clients_read_what_we_read(filled: str, expected: dict[str, Any], client: str, task: str) -> None:
    async with peers.ASYNC[client](filled) as peer:
        assert plain(await read(peer, task)) == expected[task]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("client", peers.SYNC)
def test_sync_clients_write_what_they_are_given(filled: str, client: str) -> None:
    first, second = versions()
    with peers.SYNC[client](filled) as peer:
        assert plain([peer.insert(first[0])]) == plain(stored(filled))
        for news in (first, second):
            peer.upsert(news)
            assert supplied(stored(filled)) == supplied(news)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("client", peers.ASYNC)
async def test_async_clients_write_what_they_are_given(filled: str, client: str) -> None:
    first, second = versions()
    async with peers.ASYNC[client](filled) as peer:
        assert plain([await peer.insert(first[0])]) == plain(stored(filled))
        for news in (first, second):
            await peer.upsert(news)
            assert supplied(stored(filled)) == supplied(news)


def test_a_run_has_every_client_on_every_task_and_leaves_nothing(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MANY", 10)
    told: list[str] = []
    with psycopg.connect(filled, autocommit=True) as connection:
        before = connection.execute("SELECT count(*), sum(hashtext(m::text)) FROM movies AS m").fetchone()
        found = peers.measure(filled, rounds=1, progress=told.append)
        assert connection.execute("SELECT count(*), sum(hashtext(m::text)) FROM movies AS m").fetchone() == before
    tasks = ["lookup", "page of 50", "library of 80", "five dashboard queries", "insert", "upsert of 10"]
    sides = {"sync": (peers.SYNC, "threads"), "async": (peers.ASYNC, "tasks")}
    rows = [
        (task, side, client)
        for side, (clients, kind) in sides.items()
        for task in (*tasks, f"16 {kind} at once, 10 lookups each")
        for client in clients
    ]
    assert [(row.task, row.side, row.client) for row in found] == rows
    assert told == list(dict.fromkeys(f"{task}, {side}" for task, side, _ in rows))
    assert {row.samples for row in found if row.p50 is not None} == {1}
    assert [(row.task[:2], row.client) for row in found if row.p50 is None] == [("16", "asyncpg connection")]
    assert all(row.note for row in found if row.p50 is None or row.task.startswith("upsert"))


async def test_sessions_of_other_clients_plan_as_ours_do(filled: str) -> None:
    show = "SELECT name, setting FROM pg_settings WHERE name = ANY($1)"
    wanted = {
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "statement_timeout": "15000",
        "TimeZone": "UTC",
    }
    async with asyncpg.bare(filled) as connection:
        assert {row["name"]: row["setting"] for row in await connection.fetch(show, list(wanted))} == wanted
    session = peers.psycopg.SESSION | {"cursor_factory": psycopg.RawCursor}
    with psycopg.connect(filled, **session) as theirs:
        assert dict(theirs.execute(show, [list(wanted)]).fetchall()) == wanted


def test_turns_alternate_in_another_order_each_round_and_drop_those_of_the_warm_up() -> None:
    times: dict[str, list[float]] = {"a": [], "b": [], "c": []}
    rounds: list[str] = []
    for number, name in turns(times, 30):
        rounds.append(name)
        times[name].append(number)
    chunks = ["".join(rounds[start : start + 3]) for start in range(0, len(rounds), 3)]
    assert {"".join(sorted(chunk)) for chunk in chunks} == {"abc"}
    assert len(set(chunks)) > 1
    assert sorted(number for numbers in times.values() for number in numbers) == list(
        range(3 * clock.WARM_UP, 3 * clock.WARM_UP + 90)
    )


def test_turns_end_when_time_is_up_but_not_before_some_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SECONDS", 0.0)
    assert len(list(turns({"a": []}, 1000))) == clock.WARM_UP + clock.FEWEST
