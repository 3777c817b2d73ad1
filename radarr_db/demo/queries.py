"""The specification's "Current Query Performance": its queries, its figures, and how to measure them."""

from __future__ import annotations

import math
from collections.abc import Sized
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from radarr_db.engine import Database
from radarr_db.models.enums import Quality, RatingSource, Resolution
from radarr_db.query import Query
from radarr_db.repositories import movie_files, movies, scene_groups
from radarr_db.statements import TARGETS

_WARM_UP = 10

SEARCHES = (
    "matirx",
    "jurasic park",
    "pokemon",
    "back to the futur",
    "quentin tarentino",
    "alien 1979",
)


@dataclass(frozen=True, slots=True)
class SpecifiedQuery:
    """A query as it is written here, and the milliseconds that the specification claims for it."""

    text: str
    query: Query[Any]
    claimed: float

    @property
    def target(self) -> int:
        """The milliseconds in which the specification wants it answered."""
        return TARGETS[self.query.statement.budget]


QUERIES = (
    SpecifiedQuery("movies.count()", movies.count(), 0.08),
    SpecifiedQuery("movies.find_by_tmdb_id(603)", movies.find_by_tmdb_id(603), 0.12),
    SpecifiedQuery("movies.list_recent(limit=20)", movies.list_recent(limit=20), 0.15),
    SpecifiedQuery("movies.list_by_year(1999)", movies.list_by_year(1999), 0.22),
    SpecifiedQuery('movies.list_by_genre("Action")', movies.list_by_genre("Action"), 1.8),
    SpecifiedQuery('movies.list_by_rating("imdb", 8)', movies.list_by_rating(RatingSource.IMDB, 8), 2.1),
    SpecifiedQuery('movies.search("matrix action")', movies.search("matrix action"), 3.2),
    SpecifiedQuery("movies.genre_statistics()", movies.genre_statistics(), 4.7),
    SpecifiedQuery("scene_groups.list_by_min_score(80)", scene_groups.list_by_min_score(80), 0.18),
    SpecifiedQuery(
        "movie_files.list_by_quality([...])",
        movie_files.list_by_quality(Quality.of_resolution(Resolution.P1080, Resolution.P2160)),
        1.1,
    ),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """How many rows came, and the milliseconds that half and 95 % of the runs took at most."""

    rows: int
    p50: float
    p95: float


def measure(db: Database, query: Query[Any], samples: int) -> Measurement:
    """The time of ``samples`` runs after a few to warm up, from the call to the typed result."""
    for _ in range(_WARM_UP):
        result = db.run(query)
    times = sorted(_milliseconds(db, query) for _ in range(samples))
    rows = len(result) if isinstance(result, Sized) else int(result is not None)
    return Measurement(rows, _quantile(times, 0.5), _quantile(times, 0.95))


def _milliseconds(db: Database, query: Query[Any]) -> float:
    start = perf_counter()
    db.run(query)
    return 1000 * (perf_counter() - start)


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]
