"""One small table, queries on it, and a database that is tested in both its forms by the same tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from radarr_db import query, statements
from radarr_db.engine import AsyncDatabase, Database, PoolSettings, Transaction
from radarr_db.query import Query
from radarr_db.rawjson import RawJson

SCHEMA = """
CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT things_name_key UNIQUE,
    price numeric CONSTRAINT things_price_check CHECK (price >= 0),
    data jsonb NOT NULL DEFAULT '{"a": 1}',
    added timestamptz NOT NULL DEFAULT now(),
    parent bigint CONSTRAINT things_parent_fkey REFERENCES things DEFERRABLE INITIALLY DEFERRED
);
"""

STATEMENTS = statements.parse(
    """
-- name: get(id)
-- The thing.
-- budget: simple
SELECT id, name, price, data, added FROM things WHERE id = :id;
-- name: find(name)
-- The thing of that name.
-- budget: simple
SELECT id, name, price, data, added FROM things WHERE name = :name;
-- name: everything
-- All things.
-- budget: simple
SELECT id, name, price, data, added FROM things ORDER BY id;
-- name: add(name, price)
-- One thing more.
-- budget: write
INSERT INTO things (name, price) VALUES (:name, :price) RETURNING id, name, price, data, added;
-- name: add_many(names)
-- Things more.
-- budget: bulk
INSERT INTO things (name) SELECT unnest(:names::text []);
-- name: adopt(name, parent)
-- A thing with a parent, which is looked for at the commit.
-- budget: write
INSERT INTO things (name, parent) VALUES (:name, :parent);
-- name: reprice(id, price)
-- Another price.
-- budget: write
UPDATE things SET price = :price WHERE id = :id;
-- name: total
-- The sum of the prices.
-- budget: simple
SELECT COALESCE(sum(price), 0) FROM things;
-- name: prepared(like)
-- How many prepared statements of this session have such a text.
-- budget: simple
SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :like;
-- name: setting(name)
-- A setting of the session.
-- budget: simple
SELECT current_setting(:name);
-- name: pid
-- The session's process.
-- budget: simple
SELECT pg_backend_pid();
-- name: begin
-- Leaves the session in a transaction.
-- budget: simple
BEGIN;
-- name: wait(seconds)
-- Takes long.
-- budget: maintenance
SELECT pg_sleep(:seconds::float8)::text;
-- name: count_to(last)
-- Numbers; fails at 900.
-- budget: simple
SELECT n, 1 / (900 - n) AS zero FROM generate_series(1, :last::int) AS n;
""",
    Path("things.sql"),
)


@dataclass(slots=True)
class Thing:
    id: int
    name: str
    price: float | None
    data: RawJson
    added: dt.datetime


@dataclass(slots=True)
class Number:
    n: int
    zero: int


def _named(names: Sequence[str]) -> list[dict[str, object]]:
    return [{"names": list(names)}]


class Things:
    """Queries, as a repository has them."""

    def get(self, thing: int) -> Query[Thing]:
        return query.one(Thing, STATEMENTS["get"], id=thing)

    def find(self, name: str) -> Query[Thing | None]:
        return query.optional(Thing, STATEMENTS["find"], name=name)

    def everything(self) -> Query[list[Thing]]:
        return query.many(Thing, STATEMENTS["everything"])

    def add(self, name: str, price: float | None = None) -> Query[Thing]:
        return query.one(Thing, STATEMENTS["add"], name=name, price=price)

    def add_many(self, batches: Iterable[Sequence[str]]) -> Query[int]:
        return query.batched(STATEMENTS["add_many"], lambda: (partial(_named, names) for names in batches))

    def adopt(self, name: str, parent: int) -> Query[int]:
        return query.affected(STATEMENTS["adopt"], name=name, parent=parent)

    def reprice(self, thing: int, price: float) -> Query[int]:
        return query.affected(STATEMENTS["reprice"], id=thing, price=price)

    def total(self) -> Query[float]:
        return query.scalar(float, STATEMENTS["total"])

    def prepared(self, like: str) -> Query[int]:
        return query.scalar(int, STATEMENTS["prepared"], like=like)

    def setting(self, name: str) -> Query[str]:
        return query.scalar(str, STATEMENTS["setting"], name=name)

    def pid(self) -> Query[int]:
        return query.scalar(int, STATEMENTS["pid"])

    def begin(self) -> Query[int]:
        return query.affected(STATEMENTS["begin"])

    def wait(self, seconds: float) -> Query[str]:
        return query.scalar(str, STATEMENTS["wait"], seconds=seconds)

    def count_to(self, last: int) -> Query[list[Number]]:
        return query.many(Number, STATEMENTS["count_to"], last=last)

    def echo(self, kind: str, value: object) -> Query[Any]:
        """What the server takes ``value`` for as a ``kind``."""
        text = f"-- name: echo\n-- Itself.\n-- budget: simple\nSELECT CAST(:value AS {kind});"
        return query.scalar(lambda found: found, statements.parse(text, Path("things.sql"))["echo"], value=value)


class Items:
    """A blocking iterator that is looped over as an asyncio one is."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items

    def __aiter__(self) -> Items:
        return self

    async def __anext__(self) -> Any:
        for item in self._items:
            return item
        raise StopAsyncIteration


class Blocking:
    """A blocking database or transaction that is called as the asyncio one is."""

    def __init__(self, inner: Database | Transaction) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            async def answer() -> Any:
                return getattr(self._inner, name)(*args, **kwargs)

            return answer()

        return call

    @asynccontextmanager
    async def transaction(self, **kwargs: Any) -> AsyncIterator[Blocking]:
        with self._inner.transaction(**kwargs) as inner:
            yield Blocking(inner)

    def stream(self, things: Query[Any]) -> Items:
        return Items(self._inner.stream(things))

    async def transact(self, work: Callable[[Any], Any], **kwargs: Any) -> Any:
        def blocking(transaction: Transaction) -> Any:
            steps = work(Blocking(transaction))
            try:
                steps.send(None)
            except StopIteration as done:
                return done.value
            raise AssertionError("work waited for something else than its transaction")

        assert isinstance(self._inner, Database)
        return self._inner.transact(blocking, **kwargs)


Open = Callable[..., Any]


@pytest.fixture
def conninfo(empty_database: str) -> str:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return empty_database


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture(params=["fast", "plain"])
def either_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has sessions talk to the server on the fast path, and then through psycopg's cursors."""
    monkeypatch.setenv("RADARR_DB_FAST_PATH", "1" if request.param == "fast" else "0")


@pytest.fixture(params=["asyncio", "blocking"])
async def open_database(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens a database of either form, which is closed after the test."""
    opened: list[Any] = []

    async def open_(conninfo: str, settings: PoolSettings | None = None, **options: Any) -> Any:
        if request.param == "asyncio":
            opened.append(AsyncDatabase(conninfo, settings, **options))
        else:
            opened.append(Blocking(Database(conninfo, settings, **options)))
        await opened[-1].open()
        return opened[-1]

    yield open_
    for database in opened:
        await database.close()


@pytest.fixture
async def db(open_database: Open, conninfo: str) -> AsyncDatabase:
    """A database with a single connection: one that is not given back, or not in order, is noticed."""
    settings = PoolSettings(min_size=1, max_size=1, acquire_timeout=5)
    return cast("AsyncDatabase", await open_database(conninfo, settings))


@pytest.fixture
async def shared(open_database: Open, database_conninfo: str) -> AsyncDatabase:
    """The same on a database that is there already, for tests that need no table."""
    return cast("AsyncDatabase", await open_database(database_conninfo, PoolSettings(min_size=1, max_size=1)))


@pytest.fixture
def other(conninfo: str) -> Iterator[psycopg.Connection]:
    """Another session."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection
