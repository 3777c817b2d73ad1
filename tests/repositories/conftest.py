"""A database of one's own to write to from several sessions, and the options of the search judgments.

``pytest tests/repositories --movies FILE --judgments FILE`` runs each judgment of a JSON lines file over the
movies of another one; without the options test_judgments.py is not collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from radarr_db import Database, PoolSettings


@pytest.fixture
def own_db(own_database: str) -> Iterator[Database]:
    # Whoever waits for another's lock on a busy machine shall get it in the end.
    with Database(own_database, PoolSettings(lock_timeout=12)) as db:
        yield db


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--movies", type=Path, help="JSON lines of movies, perhaps gzipped, to search in")
    parser.addoption("--judgments", type=Path, help="JSON lines of queries and the movies that they must find")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = config.getoption("judgments", None) and config.getoption("movies", None)
    return True if collection_path.name == "test_judgments.py" and not asked else None
