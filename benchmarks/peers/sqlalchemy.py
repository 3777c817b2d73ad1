"""SQLAlchemy, Core and ORM, on psycopg and on asyncpg: autocommit, statements built once and cached compiled.

Both read by the text that all clients use. The ORM makes entities of the rows, and the shared dataclasses are made
of those.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from operator import attrgetter
from typing import Any

import asyncpg
import psycopg
import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.peers import work
from benchmarks.peers.asyncpg import parameters, set_codecs
from benchmarks.peers.psycopg import SESSION
from radarr_db import HistoryEvent, Movie, MovieSummary, NewMovie, QueueItem
from radarr_db.query import Params, Query
from radarr_db.rawjson import RawJson

# As large as the pools of the others; in autocommit nothing is left open that a reset would have to undo.
ENGINE: dict[str, Any] = {"pool_size": 20, "pool_reset_on_return": None, "isolation_level": "AUTOCOMMIT"}

_GET, _ACTIVE, _RECENT, _STATISTICS, _COUNT = work.DASHBOARD
_MOVIE = [field.name for field in dataclasses.fields(Movie)]
_SUMMARY = [field.name for field in dataclasses.fields(MovieSummary)]
_FILE = ["id", "relative_path", "size", "quality", "release_group", "date_added"]

Read = tuple[sa.Executable, Callable[[Any], Sequence[Any]]]


class _Statements:
    """What both kinds execute: for each query its statement, and what makes the columns of a row of the result."""

    def __init__(self, tables: sa.MetaData) -> None:
        movies = tables.tables["movies"]
        reads = (work.LOOKUP, work.PAGE, work.LIBRARY, *work.DASHBOARD)
        self.reads: dict[Query[Any], Read] = {query: (_text(query), _as_it_is) for query in reads}
        self.insert = sa.insert(movies).returning(*(movies.c[name] for name in _MOVIE))
        upsert = postgresql.insert(movies)
        refreshed: dict[str, Any] = {name: upsert.excluded[name] for name in work.REFRESHED}
        self.upsert = upsert.on_conflict_do_update(
            index_elements=["tmdb_id"], set_=refreshed | {"last_info_sync": sa.func.now()}
        )


class _Entities(_Statements):
    """The mapped classes; a row of figures belongs to none and stays one."""

    def __init__(self, tables: sa.MetaData) -> None:
        super().__init__(tables)
        base = orm.declarative_base()
        movie, file, item, happened = (
            type(name, (base,), {"__table__": tables.tables[name]})
            for name in ("movies", "movie_files", "download_queue", "history")
        )
        self.movie: Callable[..., Any] = movie
        self.reads |= {
            work.LOOKUP: _of_entities(work.LOOKUP, (movie, _MOVIE)),
            work.PAGE: _of_entities(work.PAGE, (movie, _SUMMARY)),
            work.LIBRARY: _of_entities(work.LIBRARY, (movie, _SUMMARY), (file, _FILE)),
            _GET: _of_entities(_GET, (movie, _MOVIE)),
            _ACTIVE: _of_entities(_ACTIVE, (item, [field.name for field in dataclasses.fields(QueueItem)])),
            _RECENT: _of_entities(_RECENT, (happened, [field.name for field in dataclasses.fields(HistoryEvent)])),
        }


def _text(query: Query[Any]) -> sa.TextClause:
    return sa.text(work.named(query.sql, query.statement.parameters))


def _as_it_is(row: Any) -> Any:
    return row


def _of_entities(query: Query[Any], *parts: tuple[type[Any], list[str]]) -> Read:
    """One entity or two in each row, by the position of their columns in the text; the second one may be absent."""
    columns = [getattr(entity, name) for entity, names in parts for name in names]
    statement = sa.select(*(entity for entity, _ in parts)).from_statement(_text(query).columns(*columns))
    getters = [attrgetter(*names) for _, names in parts]
    if len(getters) == 1:
        (get,) = getters
        return statement, lambda row: get(row[0])
    get, get_second = getters
    nothing = (None,) * len(parts[1][1])
    return statement, lambda row: get(row[0]) + (get_second(row[1]) if row[1] else nothing)


def _made(query: Query[Any], columns: Callable[[Any], Sequence[Any]], rows: Sequence[Any]) -> Any:
    return query.read([query.make_row(columns(row)) for row in rows], len(rows))  # type: ignore[arg-type]


class Core(work.Pooled):
    """Core on psycopg."""

    upserts = "executemany, which psycopg sends in one pipeline"

    def __init__(self, lend: Callable[[], AbstractContextManager[Any]], statements: _Statements) -> None:
        super().__init__(lend)
        self.statements = statements

    def read(self, connection: sa.Connection | orm.Session, query: Query[Any], params: Params) -> Any:
        statement, columns = self.statements.reads[query]
        return _made(query, columns, connection.execute(statement, work.arguments(query, params)).all())

    def insert(self, movie: NewMovie) -> Movie:
        with self.lend() as connection:
            return work.new_row(connection.execute(self.statements.insert, work.fields(movie)).one())

    def upsert(self, news: Sequence[NewMovie]) -> None:
        with self.lend() as connection:
            connection.execute(self.statements.upsert, [work.fields(movie) for movie in news])


class Orm(Core):
    """The ORM on psycopg, with a session for each act."""

    upserts = "ORM bulk upsert, which psycopg sends in one pipeline"
    statements: _Entities

    def insert(self, movie: NewMovie) -> Movie:
        with self.lend() as session:
            entity = self.statements.movie(**work.fields(movie))
            session.add(entity)
            session.commit()
            return work.new_row(attrgetter(*_MOVIE)(entity))

    def upsert(self, news: Sequence[NewMovie]) -> None:
        with self.lend() as session:
            session.execute(self.statements.upsert, [work.fields(movie) for movie in news])
            session.commit()


class AsyncCore(work.AsyncPooled):
    """Core on asyncpg."""

    upserts = "executemany, which asyncpg sends in one batch"

    def __init__(self, lend: Callable[[], AbstractAsyncContextManager[Any]], statements: _Statements) -> None:
        super().__init__(lend)
        self.statements = statements

    async def read(self, connection: AsyncConnection | AsyncSession, query: Query[Any], params: Params) -> Any:
        statement, columns = self.statements.reads[query]
        return _made(query, columns, (await connection.execute(statement, work.arguments(query, params))).all())

    async def insert(self, movie: NewMovie) -> Movie:
        async with self.lend() as connection:
            return work.new_row((await connection.execute(self.statements.insert, work.fields(movie))).one())

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        async with self.lend() as connection:
            await connection.execute(self.statements.upsert, [work.fields(movie) for movie in news])


class AsyncOrm(AsyncCore):
    """The ORM on asyncpg, with a session for each act."""

    upserts = "ORM bulk upsert, which asyncpg sends in one batch"
    statements: _Entities

    async def insert(self, movie: NewMovie) -> Movie:
        async with self.lend() as session:
            entity = self.statements.movie(**work.fields(movie))
            session.add(entity)
            await session.commit()
            return work.new_row(attrgetter(*_MOVIE)(entity))

    async def upsert(self, news: Sequence[NewMovie]) -> None:
        async with self.lend() as session:
            await session.execute(self.statements.upsert, [work.fields(movie) for movie in news])
            await session.commit()


def _tables(engine: sa.Engine) -> sa.MetaData:
    """The tables as they are, with the columns that are read."""
    tables = sa.MetaData()
    for name, columns in (
        ("movies", _MOVIE),
        ("movie_files", _FILE),
        ("download_queue", [field.name for field in dataclasses.fields(QueueItem)]),
        ("history", [field.name for field in dataclasses.fields(HistoryEvent)]),
    ):
        sa.Table(name, tables, autoload_with=engine, include_columns=columns)
    # A function of a row can be written as its column, movies.is_available.
    tables.tables["movies"].append_column(sa.Column("is_available", sa.Boolean, sa.FetchedValue()))
    return tables


@contextmanager
def _engine(conninfo: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo, **SESSION), **ENGINE)
    try:
        yield engine
    finally:
        engine.dispose()


@asynccontextmanager
async def _async_engine(conninfo: str) -> AsyncIterator[tuple[AsyncEngine, sa.MetaData]]:
    with _engine(conninfo) as engine:
        tables = _tables(engine)
    where = parameters(conninfo)
    async_engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(**where),
        json_deserializer=RawJson,
        **ENGINE,
    )

    @event.listens_for(async_engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.run_async(set_codecs)

    try:
        yield async_engine, tables
    finally:
        await async_engine.dispose()


@contextmanager
def open_core(conninfo: str) -> Iterator[Core]:
    """Core on psycopg."""
    with _engine(conninfo) as engine:
        yield Core(engine.connect, _Statements(_tables(engine)))


@contextmanager
def open_orm(conninfo: str) -> Iterator[Orm]:
    """The ORM on psycopg."""
    with _engine(conninfo) as engine:
        yield Orm(orm.sessionmaker(engine, expire_on_commit=False), _Entities(_tables(engine)))


@asynccontextmanager
async def open_async_core(conninfo: str) -> AsyncIterator[AsyncCore]:
    """Core on asyncpg."""
    async with _async_engine(conninfo) as (engine, tables):
        yield AsyncCore(engine.connect, _Statements(tables))


@asynccontextmanager
async def open_async_orm(conninfo: str) -> AsyncIterator[AsyncOrm]:
    """The ORM on asyncpg."""
    async with _async_engine(conninfo) as (engine, tables):
        yield AsyncOrm(async_sessionmaker(engine, expire_on_commit=False), _Entities(tables))
