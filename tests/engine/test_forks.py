"""A child that is forked inside a block neither uses nor ends what is its parent's."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

pytestmark = pytest.mark.usefixtures("either_path")

COMMON = """
import asyncio, os, sys
from pathlib import Path
from radarr_db import query, statements
from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.errors import UnavailableError
found = statements.parse('''
-- name: add(name)
-- One thing more.
-- budget: write
INSERT INTO things (name) VALUES (:name);
-- name: numbers
-- Many.
-- budget: simple
SELECT generate_series(1, 2000);
''', Path("x.sql"))
def add(name): return query.affected(found["add"], name=name)
numbers = query.column(int, found["numbers"])
single = PoolSettings(min_size=1, max_size=1)
def refused(call, text="before a fork"):
    try:
        call()
    except UnavailableError as error:
        assert text in str(error), error
        return
    raise AssertionError("not refused")
def well(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""

TRANSACTION = """
def use():
    with Database(sys.argv[1], single) as db:
        with db.transaction() as tx, tx.transaction() as inner:
            tx.run(add("parent"))
            child = os.fork()
            if child == 0:
                for one in (tx, inner):
                    refused(lambda: one.run(add("child")))
                    refused(lambda: one.run_all(add("child")))
                    refused(lambda: one.transaction().__enter__())
                    refused(lambda: next(one.stream(numbers)))
                    refused(lambda: one.explain(numbers))
                refused(lambda: db.run(add("child")))
                grandchild = os.fork()
                if grandchild:
                    well(grandchild)
                else:
                    refused(lambda: db.run(add("child")))
                return
            well(child)
            inner.run(add("parent too"))
        db.run(add("later"))
parent = os.getpid()
try:
    use()
except UnavailableError as error:
    assert os.getpid() != parent and "before a fork" in str(error), error
if os.getpid() != parent:
    sys.exit(7)
"""

STREAM = """
with Database(sys.argv[1], single) as db:
    stream = db.stream(numbers)
    assert next(stream) == 1
    child = os.fork()
    if child == 0:
        refused(lambda: list(stream))
        stream.close()
        sys.exit(7)
    well(child)
    assert list(stream) == list(range(2, 2001))
    db.run(add("parent")), db.run(add("parent too")), db.run(add("later"))
"""

ASYNCIO = """
async def use():
    async with AsyncDatabase(sys.argv[1], single) as db:
        async with db.transaction() as tx:
            await tx.run(add("parent"))
            child = os.fork()
            if child == 0:
                refused(lambda: tx.run(add("child")).send(None))
                return
            well(child)
            await tx.run(add("parent too"))
        await db.run(add("later"))
parent = os.getpid()
try:
    asyncio.run(use())
except UnavailableError as error:
    assert os.getpid() != parent and "before a fork" in str(error), error
if os.getpid() != parent:
    os._exit(7)
"""


@pytest.mark.parametrize("script", [TRANSACTION, STREAM, ASYNCIO], ids=["transaction", "stream", "asyncio"])
def test_a_child_leaves_the_transaction_to_its_parent(conninfo: str, other: psycopg.Connection, script: str) -> None:
    # In a process of its own: this one may have threads that a child must not inherit.
    command = [sys.executable, "-W", "ignore", "-c", COMMON + script, conninfo]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    stored = [("parent",), ("parent too",), ("later",)]
    assert other.execute("SELECT name FROM things ORDER BY id").fetchall() == stored
