"""What the arguments of queries are drawn from: rows of the loaded database, the same at each run."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from itertools import count
from random import Random
from typing import Any, TypeVar

from benchmarks import surroundings
from benchmarks.catalogue import HISTORY, NOW, Catalogue
from benchmarks.stock import chance
from radarr_db import keyset
from radarr_db.engine import Database
from radarr_db.models.download_queue import NewQueueItem, QueueItem
from radarr_db.models.enums import MovieSort, QueueSort, RatingSource
from radarr_db.models.history import HistoryEvent, NewHistoryEvent
from radarr_db.models.monitoring import StatementStatistics
from radarr_db.models.movie_files import MovieFile, NewMovieFile
from radarr_db.models.movies import Movie, NewMovie
from radarr_db.models.scene_groups import SceneGroup
from radarr_db.query import Query
from radarr_db.repositories import download_queue, history, monitoring, movie_files, movies, scene_groups, secrets
from radarr_db.statements import load

T = TypeVar("T")

# Several times as many as a statement has runs, so that few of these meet a movie again.
_MOVIES = 1_000
_GROUPS = 200
_SHORTEST_WORD = 4


class NothingToDrawError(LookupError):
    """The database has not what a call needs: a row that an argument could come from, for instance."""

    def __init__(self, reason: str = "so few movies have nothing to call it with") -> None:
        super().__init__(reason)


class Drawing:
    """Rows of a database that a catalogue was loaded into, and random choices among them.

    Movies are drawn evenly, so years, genres, people and words come as often as movies have them.
    NothingToDrawError from any method whose rows the database does not have.
    """

    def __init__(self, db: Database, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.rng: Random = catalogue.random("workload")
        numbers = self.rng.sample(range(1, catalogue.size + 1), min(_MOVIES, catalogue.size))
        self.movies = db.run(movies.find_by_tmdb_ids(numbers))
        words = ([word for word in movie.title.split() if len(word) >= _SHORTEST_WORD] for movie in self.movies)
        self.words = [title for title in words if title]
        ids = [movie.id for movie in self.movies]
        self.files = db.run(movie_files.list_by_movies(ids))
        told = self.some(ids, 1000 // surroundings.EVENTS_A_MOVIE)
        self.events = list(db.run(history.list_page(movie_ids=told, limit=1000)))
        self.queue = list(db.run(download_queue.list_page(limit=1000)))
        names = [surroundings.group_name(self.rng.randrange(surroundings.GROUPS)) for _ in range(_GROUPS)]
        self.groups = [group for group in db.run_all(*map(scene_groups.find_by_name, names)) if group]
        self._versions = {(row.table_name, row.id): row.version for row in db.run(secrets.list_all())}
        self._has_statements = db.run(monitoring.server()).statements_created
        self._new_numbers = count(catalogue.size + 1)

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """That many of the items, or all of them."""
        return self.rng.sample(items, min(most, len(items)))

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        if not items:
            raise NothingToDrawError
        return self.rng.choice(items)

    def movie(self) -> Movie:
        """A movie."""
        return self.one(self.movies)

    def movie_ids(self, most: int) -> list[int]:
        """The ids of movies."""
        return [movie.id for movie in self.some(self.movies, most)]

    def rated(self, source: RatingSource, minimum: float) -> Movie:
        """A movie that the source rates at least so high."""
        ratings = ((movie, getattr(movie, f"{source}_rating")) for movie in self.movies)
        return self.one([movie for movie, rating in ratings if rating is not None and rating >= minimum])

    def of_genre(self) -> tuple[Movie, str]:
        """A movie and one of its genres."""
        movie = self.one([movie for movie in self.movies if movie.genres])
        return movie, self.one(movie.genres)

    def of_year(self) -> tuple[Movie, int]:
        """A movie and its year."""
        movie = self.one([movie for movie in self.movies if movie.year])
        return movie, movie.year or 0

    def release_title(self) -> str:
        """A title as release names spell it."""
        return _released(self.movie())

    def release_titles(self, number: int) -> tuple[list[str], int]:
        """So many such titles, and the year of the first one's movie."""
        movie, year = self.of_year()
        return [_released(movie), *(self.release_title() for _ in range(number - 1))], year

    def word(self) -> str:
        """A word of a title."""
        return self.one(self.one(self.words)).lower()

    def mistyped(self) -> str:
        """A word of a title with two letters swapped, or one missing."""
        word = self.word()
        place = self.rng.randrange(1, len(word) - 2)
        if chance(self.rng, 0.5):
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return word[:place] + word[place + 1 :]

    def unknown_word(self) -> str:
        """Letters that nothing comes near."""
        return "".join(self.rng.choices("qxzvjk", k=12))

    def person(self) -> str:
        """The name of somebody in a movie."""
        return self.one(self.movie().metadata["cast"])["name"]

    def file(self) -> MovieFile:
        """A file."""
        return self.one(self.files)

    def event(self) -> HistoryEvent:
        """An event of history."""
        return self.one(self.events)

    def download_id(self) -> str:
        """The id of a download that history tells of."""
        return self.one([event.download_id for event in self.events if event.download_id])

    def queue_item(self) -> QueueItem:
        """An item of the queue."""
        return self.one(self.queue)

    def group(self) -> SceneGroup:
        """A release group."""
        return self.one(self.groups)

    def statements(self) -> Callable[[], Query[list[StatementStatistics]]]:
        """What the server tells about statements."""
        if not self._has_statements:
            raise NothingToDrawError("a superuser has to create the extension pg_stat_statements first")
        return monitoring.statements

    def version(self, table: str, row_id: int) -> str:
        """The version of the row of an indexer or a download client."""
        return self._versions[table, row_id]

    def past(self) -> dt.datetime:
        """A moment of the history."""
        return NOW - HISTORY * self.rng.random()

    def new_movies(self, number: int) -> list[NewMovie]:
        """Movies that the catalogue does not have."""
        return [self.catalogue.movie(next(self._new_numbers)) for _ in range(number)]

    def refreshed_movies(self, most: int) -> list[NewMovie]:
        """Movies as they are stored, but every other one with something new about it."""
        stored = self.catalogue.movies(movie.tmdb_id for movie in self.some(self.movies, most))
        return [dataclasses.replace(m, tagline="New.") if place % 2 else m for place, m in enumerate(stored)]

    def files_of_missing(self, most: int) -> list[NewMovieFile]:
        """Files for movies that have none."""
        missing = [movie for movie in self.movies if not movie.has_file]
        if not missing:
            raise NothingToDrawError
        return [self.new_file(movie) for movie in missing[:most]]

    def new_file(self, movie: Movie) -> NewMovieFile:
        """Another file for a movie."""
        return surroundings.new_file(self.catalogue, movie.tmdb_id, movie.id)

    def new_events(self, number: int) -> list[NewHistoryEvent]:
        """Events that happen now."""
        drawn = [self.event() for _ in range(number)]
        return [
            NewHistoryEvent(
                movie_id=event.movie_id,
                source_title=event.source_title,
                event_type=event.event_type,
                quality=event.quality,
                indexer_id=event.indexer_id,
                download_client_id=event.download_client_id,
                download_id=event.download_id,
                data=event.data,
            )
            for event in drawn
        ]

    def reported_items(self, client_id: int) -> list[NewQueueItem]:
        """The queue of a client a moment later: what it downloads has gone on."""
        return [
            NewQueueItem(
                download_id=item.download_id,
                title=item.title,
                size=item.size,
                status=item.status,
                progress=min(float(item.progress) + self.rng.random(), 100) if item.time_left else item.progress,
                eta=item.eta,
                time_left=item.time_left,
                error_message=item.error_message,
            )
            for item in self.queue
            if item.download_client_id == client_id
        ]


def after(statement: str, sort: MovieSort | RatingSource | QueueSort | str, row: Any) -> str:
    """The token of a page that ends with ``row``: rows drawn evenly give pages in the middle of a list."""
    table, _, name = statement.partition(".")
    return keyset.encode(row, statement, load(table)[name].sort(sort))


def _released(movie: Movie) -> str:
    return movie.title.replace(" ", ".")
