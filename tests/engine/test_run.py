"""Running one query: what is sent, what comes back, and what is left when it fails."""

from __future__ import annotations

import datetime as dt
import enum
import math
from typing import Any

import psycopg
import pytest

from radarr_db.engine import AsyncDatabase, PoolSettings
from radarr_db.errors import (
    ConflictError,
    InvalidArgumentError,
    NotFoundError,
    RetryableError,
    StatementError,
    UnavailableError,
)
from radarr_db.rawjson import RawJson


class Colour(enum.StrEnum):
    RED = "red"


MOMENT = dt.datetime(2024, 2, 29, 12, 30, 0, 123456, tzinfo=dt.UTC)


async def test_a_row_comes_back_as_its_dataclass(db: AsyncDatabase, things: Any) -> None:
    added = await db.run(things.add("Heat", 9.99))
    found = await db.run(things.find("Heat"))
    assert found == added
    assert (found.name, found.price, type(found.price)) == ("Heat", 9.99, float)
    assert type(found.data) is RawJson
    assert found.data == '{"a": 1}'
    assert found.added.utcoffset() == dt.timedelta(0)
    assert await db.run(things.find("Alien")) is None


async def test_rows_affected_are_counted(db: AsyncDatabase, things: Any) -> None:
    thing = await db.run(things.add("Heat"))
    assert await db.run(things.reprice(thing.id, 1)) == 1
    assert await db.run(things.reprice(0, 1)) == 0


KINDS: list[tuple[str, object, object]] = [
    ("text", 'x"\\{},', 'x"\\{},'),
    ("text", Colour.RED, "red"),
    ("text", None, None),
    ("bigint", 2**62, 2**62),
    ("float8", math.inf, math.inf),
    ("numeric", 0.1, 0.1),
    ("boolean", True, True),
    ("boolean", False, False),
    ("bytea", b"\x00\xff", b"\x00\xff"),
    ("date", dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
    ("timestamptz", MOMENT, MOMENT),
    ("interval", dt.timedelta(days=-1, seconds=5, microseconds=3), dt.timedelta(-1, 5, 3)),
    ("jsonb", '{"a": [1.50]}', '{"a": [1.50]}'),
    ("text[]", ["", "NULL", None, 'a"b\\c{d},e', Colour.RED], ["", "NULL", None, 'a"b\\c{d},e', "red"]),
    ("int[]", [1, -2, None], [1, -2, None]),
    ("int[]", [], []),
    ("int[]", [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ("float8[]", [1, 2.5], [1.0, 2.5]),
    ("boolean[]", [True, False], [True, False]),
    ("bytea[]", [b"\x00\\"], [b"\x00\\"]),
    ("timestamptz[]", [MOMENT], [MOMENT]),
]


@pytest.mark.parametrize(("kind", "value", "expected"), KINDS)
async def test_every_kind_of_argument_arrives(
    shared: AsyncDatabase, things: Any, kind: str, value: object, expected: object
) -> None:
    assert await shared.run(things.echo(kind, value)) == expected


async def test_a_statement_is_prepared_once_whatever_its_arguments(db: AsyncDatabase, things: Any) -> None:
    for name, price in (("a", 1), ("b", 2**40), ("c", 1.5), ("d", None)):
        await db.run(things.add(name, price))
    assert await db.run(things.prepared("INSERT INTO things (name, price)%")) == 1


async def test_a_failure_or_a_rollback_leaves_no_second_copy_prepared(db: AsyncDatabase, things: Any) -> None:
    for _ in range(3):
        with pytest.raises(InvalidArgumentError):
            await db.run(things.add("Heat", -1))
    async with db.transaction() as tx:
        with pytest.raises(InvalidArgumentError):
            async with tx.transaction() as inner:
                await inner.run(things.add("Heat", -1))
    await db.run(things.add("Heat"))
    assert await db.run(things.prepared("INSERT INTO things (name, price)%")) == 1


async def test_nothing_is_prepared_for_pgbouncer(open_database: Any, conninfo: str, things: Any) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=1, max_size=1, prepare=False))
    added = await db.run(things.add("Heat", 1))
    assert await db.run_all(things.get(added.id), things.total()) == (added, 1.0)
    assert [thing async for thing in db.stream(things.everything())] == [added]
    assert await db.run(things.setting("TimeZone")) == "UTC"
    assert await db.run(things.prepared("%")) == 0


async def test_the_error_says_what_was_wrong_and_the_connection_goes_on(db: AsyncDatabase, things: Any) -> None:
    await db.run(things.add("Heat"))
    with pytest.raises(ConflictError, match=r"^things.add: duplicate key") as conflict:
        await db.run(things.add("Heat"))
    assert conflict.value.constraint == "things_name_key"
    assert isinstance(conflict.value.__cause__, psycopg.errors.UniqueViolation)
    with pytest.raises(InvalidArgumentError) as refused:
        await db.run(things.add("Alien", -1))
    assert refused.value.argument == "things_price_check"
    with pytest.raises(InvalidArgumentError):
        await db.run(things.echo("int", "secret"))
    with pytest.raises(NotFoundError, match=r"^things.get: no row with id 0$"):
        await db.run(things.get(0))
    assert (await db.run(things.find("Heat"))).name == "Heat"


UNSENDABLE = {
    "NUL": "secret\0",
    "surrogate": "secret\udc80",
    "NUL in a list": ["secret\0"],
    "surrogate in a list": ["secret\udc80"],
    "dict": {"secret": 1},
    "too many digits": 10**5000,
}


@pytest.mark.parametrize("value", UNSENDABLE.values(), ids=UNSENDABLE.keys())
async def test_an_argument_that_cannot_be_sent_is_refused_and_not_shown(
    shared: AsyncDatabase, things: Any, value: object
) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        await shared.run(things.echo("text", value))
    assert "secret" not in repr(refused.value)
    assert refused.value.__context__ is None
    assert await shared.run(things.echo("text", "fine")) == "fine"


async def test_a_list_inside_itself_is_refused(db: AsyncDatabase, things: Any) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InvalidArgumentError):
        await db.run(things.echo("text[]", endless))
    assert await db.run(things.echo("int", 1)) == 1


async def test_a_stored_value_that_python_cannot_hold_is_no_fault_of_the_arguments(
    db: AsyncDatabase, things: Any
) -> None:
    with pytest.raises(StatementError, match=r"^things.echo: a stored value cannot be read"):
        await db.run(things.echo("timestamptz", "infinity"))
    assert await db.run(things.echo("int", 1)) == 1


async def test_a_time_limit_is_kept_by_the_server(open_database: Any, conninfo: str, things: Any) -> None:
    db = await open_database(conninfo, PoolSettings(min_size=1, max_size=1, statement_timeout=0.05))
    with pytest.raises(UnavailableError, match="statement timeout"):
        await db.run(things.wait(30))
    assert await db.run(things.echo("int", 1)) == 1


async def test_the_session_is_set_up_as_asked(open_database: Any, conninfo: str, things: Any) -> None:
    settings = PoolSettings(application_name="finder", lock_timeout=1.5, idle_in_transaction_timeout=7)
    db = await open_database(f"{conninfo} options='-c timezone=Asia/Tokyo -c statement_timeout=1234'", settings)
    expected = {
        "TimeZone": "UTC",
        "application_name": "finder",
        "statement_timeout": "1234ms",
        "lock_timeout": "1500ms",
        "idle_in_transaction_session_timeout": "7s",
        "client_encoding": "UTF8",
    }
    assert {name: await db.run(things.setting(name)) for name in expected} == expected


async def test_the_conninfo_names_the_application(open_database: Any, conninfo: str, things: Any) -> None:
    db = await open_database(f"{conninfo} application_name=mine")
    assert await db.run(things.setting("application_name")) == "mine"


async def test_a_statement_that_could_not_be_prepared_is_tried_anew(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    other.execute("ALTER TABLE things RENAME TO gone")
    for call in (db.run(things.total()), db.run_all(things.echo("int", 1), things.total())):
        with pytest.raises(StatementError, match=r"^things.total: .* is the schema up to date"):
            await call
    other.execute("ALTER TABLE gone RENAME TO things")
    assert await db.run(things.total()) == 0


async def test_a_table_altered_by_another_session_goes_unnoticed(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    await db.run(things.add("Heat"))
    for kind in ("varchar(99)", "text"):
        other.execute(f"ALTER TABLE things ALTER COLUMN name TYPE {kind}")
        assert (await db.run(things.find("Heat"))).name == "Heat"
        other.execute(f"ALTER TABLE things ALTER COLUMN price TYPE {'float8' if kind == 'text' else 'numeric(9, 2)'}")
        (found,) = await db.run_all(things.find("Heat"))
        assert found.name == "Heat"
    assert await db.run(things.prepared("SELECT id, name%")) == 1


async def test_a_table_altered_during_a_transaction_makes_it_run_again(
    db: AsyncDatabase, things: Any, other: psycopg.Connection
) -> None:
    await db.run(things.add("Heat"))
    await db.run(things.find("Heat"))
    other.execute("ALTER TABLE things ALTER COLUMN name TYPE varchar(99)")
    with pytest.raises(RetryableError, match="altered"):
        async with db.transaction() as tx:
            await tx.run(things.find("Heat"))
    await db.run(things.find("Heat"))
    other.execute("ALTER TABLE things ALTER COLUMN name TYPE text")
    found: Any = await db.transact(lambda tx: tx.run(things.find("Heat")))
    assert found.name == "Heat"
    assert await db.run(things.prepared("SELECT id, name%")) == 1


async def test_a_batched_query_does_all_or_nothing(db: AsyncDatabase, things: Any) -> None:
    assert await db.run(things.add_many([["a", "b"], ["c"], []])) == 3
    with pytest.raises(ConflictError, match=r"^things.add_many: "):
        await db.run(things.add_many([["d", "e"], ["a"]]))
    assert len(await db.run(things.everything())) == 3


async def test_a_batched_query_that_fails_undoes_only_itself_in_a_transaction(db: AsyncDatabase, things: Any) -> None:
    async with db.transaction() as tx:
        await tx.run(things.add("a"))
        with pytest.raises(ConflictError):
            await tx.run(things.add_many([["b"], ["a"]]))
        assert await tx.run(things.add_many([["c"], ["d"]])) == 2
    assert [thing.name for thing in await db.run(things.everything())] == ["a", "c", "d"]


async def test_several_queries_make_one_round_trip_and_one_transaction(db: AsyncDatabase, things: Any) -> None:
    heat, total, everything, changed = await db.run_all(
        things.add("Heat", 2), things.total(), things.everything(), things.reprice(1, 3)
    )
    assert (heat.name, total, everything, changed) == ("Heat", 2.0, [heat], 1)
    assert await db.run_all() == ()


async def test_one_failure_undoes_all_and_is_named(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(ConflictError, match=r"^things.add: "):
        await db.run_all(things.reprice(1, 1), things.add("a"), things.add("a"), things.total())
    with pytest.raises(InvalidArgumentError, match=r"^parameters: things.find: "):
        await db.run_all(things.add("a"), things.find("\0"))
    with pytest.raises(ConflictError, match=r"^commit: "):
        await db.run_all(things.adopt("b", 99), things.total())
    assert await db.run_all(things.everything(), things.total()) == ([], 0.0)


async def test_a_single_query_can_fail_at_its_commit(db: AsyncDatabase, things: Any) -> None:
    for _ in ("new", "prepared"):
        with pytest.raises(ConflictError):
            await db.run(things.adopt("a", 99))
    assert await db.run(things.everything()) == []


async def test_a_batched_query_is_refused_among_several(db: AsyncDatabase, things: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        await db.run_all(things.total(), things.add_many([["a"]]))
    assert refused.value.argument == "queries"
