"""Whether search finds what people judged that it must."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from radarr_db import Database, MovieStatus, NewMovie, movies

FIELDS = (
    "tmdb_id",
    "imdb_id",
    "title",
    "original_title",
    "year",
    "runtime",
    "overview",
    "tagline",
    "release_date",
)
STATUS = {None: MovieStatus.ANNOUNCED, "rumored": MovieStatus.ANNOUNCED}


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


def new_movie(row: dict[str, Any]) -> NewMovie:
    fields = {name: row[name] for name in FIELDS}
    if fields["release_date"]:
        fields["release_date"] = dt.date.fromisoformat(fields["release_date"])
    status = STATUS.get(row["status"], row["status"])
    return NewMovie(**fields, status=status, metadata=row["metadata"])


@pytest.fixture(scope="module")
def library(new_db: Callable[[], AbstractContextManager[Database]], pytestconfig: pytest.Config) -> Iterator[Database]:
    with new_db() as db:
        rows = read(pytestconfig.getoption("movies"))
        assert db.run(movies.create_many(map(new_movie, rows))) > 0
        yield db


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    judgments = list(read(metafunc.config.getoption("judgments")))
    metafunc.parametrize("judgment", judgments, ids=[judgment["id"] for judgment in judgments])


def test_search_finds_what_it_must(library: Database, judgment: dict[str, Any]) -> None:
    matches = library.run(movies.search(judgment["query"], limit=judgment["top_k"]))
    found = [match.tmdb_id for match in matches]
    assert set(judgment["must"]) <= set(found)
    assert judgment["first"] in (None, found[0])
