"""The garbage collector is left aside while many rows are made, and nobody notices."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from radarr_db import query, statements
from radarr_db.engine import AsyncDatabase
from radarr_db.query import Query

pytestmark = pytest.mark.usefixtures("either_path")


def numbers(last: int, convert: Callable[[Any], Any]) -> Query[list[Any]]:
    text = "-- name: numbers(last)\n-- Many.\n-- budget: simple\nSELECT generate_series(1, :last::int);"
    return query.column(convert, statements.parse(text, Path("things.sql"))["numbers"], last=last)


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.enable()
    gc.set_threshold(*usual)


async def test_only_many_rows_are_made_without_collecting(shared: AsyncDatabase) -> None:
    usual = gc.get_threshold()
    assert {*await shared.run(numbers(1001, lambda _: gc.get_threshold()[0]))} == {0}
    assert {*await shared.run(numbers(1000, lambda _: gc.get_threshold()[0]))} == {usual[0]}
    assert gc.get_threshold() == usual


async def test_a_collector_that_is_switched_off_meanwhile_stays_off(shared: AsyncDatabase) -> None:
    await shared.run(numbers(1001, lambda _: gc.disable()))
    assert not gc.isenabled()


async def test_a_threshold_that_is_set_meanwhile_stays(shared: AsyncDatabase) -> None:
    await shared.run(numbers(1001, lambda _: gc.set_threshold(5, 6, 7)))
    assert gc.get_threshold() == (5, 6, 7)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
async def test_a_child_that_is_forked_meanwhile_collects(shared: AsyncDatabase) -> None:
    usual = gc.get_threshold()
    exits: list[int] = []

    def fork(number: int) -> None:
        if number == 1:
            child = os.fork()
            if child == 0:
                os._exit(7 if gc.isenabled() and gc.get_threshold() == usual else 1)
            exits.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    await shared.run(numbers(1001, fork))
    assert exits == [7]
