"""A database of one's own to write to from several sessions, the owner's rights, and the options of the judgments.

``pytest tests/repositories --movies FILE --judgments FILE`` runs each judgment of a JSON lines file over the
movies of another one; without the options test_judgments.py is not collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from radarr_db import Database, PoolSettings, Transaction, testing
from radarr_db.testing import AppDatabases


@pytest.fixture(scope="session")
def new_db(
    radarr_db_app: AppDatabases, reach: Callable[[str], str], pool_settings: PoolSettings
) -> Callable[..., AbstractContextManager[Database]]:
    """Opens a Database on a new database, with the rights of a service; takes changes of the settings."""

    @contextmanager
    def new(**changes: Any) -> Iterator[Database]:
        with radarr_db_app.new() as conninfo, Database(reach(conninfo), replace(pool_settings, **changes)) as db:
            yield db

    return new


@pytest.fixture
def own_db(new_db: Callable[..., AbstractContextManager[Database]]) -> Iterator[Database]:
    # Whoever waits for another's lock on a busy machine shall get it in the end.
    with new_db(lock_timeout=12) as db:
        yield db


@pytest.fixture
def owner_tx(
    radarr_db_conninfo: str, reach: Callable[[str], str], pool_settings: PoolSettings
) -> Iterator[Transaction]:
    """A transaction of the owner, for what no service may do; it is rolled back after the test."""
    with Database(reach(radarr_db_conninfo), pool_settings) as db, testing.undone(db) as tx:
        yield tx


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--movies", type=Path, help="JSON lines of movies, perhaps gzipped, to search in")
    parser.addoption("--judgments", type=Path, help="JSON lines of queries and the movies that they must find")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = config.getoption("judgments", None) and config.getoption("movies", None)
    return True if collection_path.name == "test_judgments.py" and not asked else None
