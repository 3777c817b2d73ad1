"""What observers are told of each statement."""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg
import pytest

from radarr_db.engine import AsyncDatabase, PoolSettings
from radarr_db.errors import ConflictError, InvalidArgumentError, RadarrDbError, UnavailableError

pytestmark = pytest.mark.usefixtures("either_path")

SINGLE = PoolSettings(min_size=1, max_size=1, acquire_timeout=0.1)


class Ear:
    """Hears the names and the errors, and that no time is negative."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None]] = []

    def __call__(self, name: str, seconds: float, error: RadarrDbError | None) -> None:
        assert seconds >= 0
        if name != "connect":
            self.heard.append((name, None if error is None else type(error).__name__))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def heard(open_database: Any, conninfo: str, ear: Ear) -> AsyncDatabase:
    db: AsyncDatabase = await open_database(conninfo, SINGLE, observers=[ear])
    return db


async def test_each_statement_is_told_by_name_with_its_error(heard: AsyncDatabase, ear: Ear, things: Any) -> None:
    await heard.run(things.add("a"))
    with pytest.raises(ConflictError):
        await heard.run(things.add("a"))
    assert ear.heard == [("things.add", None), ("things.add", "ConflictError")]


async def test_those_run_together_are_told_each(heard: AsyncDatabase, ear: Ear, things: Any) -> None:
    await heard.run_all(things.total(), things.pid())
    with pytest.raises(ConflictError):
        await heard.run_all(things.total(), things.add("a"), things.add("a"), things.total())
    assert ear.heard == [("things.total", None), ("things.pid", None), ("things.add", "ConflictError")]


async def test_transactions_streams_and_batches_are_told(heard: AsyncDatabase, ear: Ear, things: Any) -> None:
    async with heard.transaction() as tx:
        await tx.run(things.total())
    async for _ in heard.stream(things.count_to(3)):
        pass
    await heard.run(things.add_many([["a"], ["b"]]))
    names = [name for name, _ in ear.heard]
    assert names == ["things.total", *["things.count_to"] * 2, *["things.add_many"] * 2]


async def test_an_error_of_the_commit_is_told(heard: AsyncDatabase, ear: Ear, things: Any) -> None:
    with pytest.raises(ConflictError):
        async with heard.transaction() as tx:
            await tx.run(things.adopt("a", 7))
    assert ear.heard == [("things.adopt", None), ("commit", "ConflictError")]


async def test_a_wait_in_vain_for_a_connection_is_told(heard: AsyncDatabase, ear: Ear, things: Any) -> None:
    async with heard.transaction():
        with pytest.raises(UnavailableError, match="no connection became free"):
            await heard.run(things.total())
    assert ear.heard == [("acquire", "UnavailableError")]


async def test_what_is_sent_again_after_a_table_was_altered_is_told_once(
    heard: AsyncDatabase, ear: Ear, things: Any, other: psycopg.Connection
) -> None:
    await heard.run(things.everything())
    other.execute("ALTER TABLE things ALTER price TYPE float8")
    assert await heard.run(things.everything()) == []
    assert ear.heard == [("things.everything", None)] * 2


async def test_an_observer_that_fails_does_not_fail_the_query(
    open_database: Any, conninfo: str, ear: Ear, things: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    db = await open_database(conninfo, SINGLE, observers=[fail, ear])
    assert await db.run(things.total()) == 0
    assert ear.heard == [("things.total", None)]
    assert "an observer failed" in caplog.text


@pytest.mark.parametrize("observers", [7, [7], ["a"]])
async def test_what_cannot_be_called_is_no_observer(open_database: Any, observers: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^observers: "):
        await open_database("dbname=a", observers=observers)


async def test_the_pool_tells_its_statistics(heard: AsyncDatabase, things: Any) -> None:
    async def pool() -> Any:
        found: Any = heard.pool()
        return await found if hasattr(found, "__await__") else found

    await heard.run(things.total())
    before = await pool()
    assert (before.min_size, before.max_size, before.in_use) == (1, 1, 0)
    async with heard.transaction():
        busy = await pool()
        with contextlib.suppress(UnavailableError):
            await heard.run(things.total())
    after = await pool()
    assert (busy.size, busy.idle, busy.in_use) == (1, 0, 1)
    assert (after.in_use, after.waiting) == (0, 0)
    assert after.requests_waited == before.requests_waited + 1
    assert after.wait_seconds > before.wait_seconds
    assert (after.connections_made, after.connections_failed, after.connections_lost) == (1, 0, 0)
