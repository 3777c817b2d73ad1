"""Movies: the queries of sql/movies.sql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Unpack

from radarr_db import checks, encoding
from radarr_db.batches import batches
from radarr_db.errors import InvalidArgumentError
from radarr_db.models.enums import Availability, MovieSort, RatingSource
from radarr_db.models.movies import (
    GenreStatistics,
    LibraryMovie,
    Movie,
    MovieChanges,
    MovieMatch,
    MoviePath,
    MovieRelease,
    MovieStatistics,
    MovieSummary,
    NewMovie,
    PopularMovie,
)
from radarr_db.query import Page, Query, affected, batched, column, many, one, optional, page, scalar
from radarr_db.statements import load

_SQL = load("movies")

_id = checks.integer(1, checks.INT8)
_ids = checks.items(_id)
_tmdb_id = checks.integer(1, checks.INT4)
_tmdb_ids = checks.items(_tmdb_id)
_titles = checks.items(checks.text(500))
_labels = checks.items(checks.text(200))
_words = checks.text(1000, empty=True)
_sort = checks.member(MovieSort)
_source = checks.member(RatingSource)
_availability = checks.member(Availability)
_limit = checks.integer(1, 1000)


def get(movie_id: int) -> Query[Movie]:
    """The movie with this id; NotFoundError when there is none."""
    return one(Movie, _SQL["get"], id=_id("movie_id", movie_id))


def find(movie_id: int) -> Query[Movie | None]:
    """The movie with this id, or None."""
    return optional(Movie, _SQL["find"], id=_id("movie_id", movie_id))


def find_by_tmdb_id(tmdb_id: int) -> Query[Movie | None]:
    """The movie with this TMDB id, or None."""
    return optional(Movie, _SQL["find_by_tmdb_id"], tmdb_id=_tmdb_id("tmdb_id", tmdb_id))


def find_by_tmdb_ids(tmdb_ids: Iterable[int]) -> Query[list[Movie]]:
    """The movies that have one of these TMDB ids, by id; ids that no movie has are passed over."""
    return many(Movie, _SQL["find_by_tmdb_ids"], tmdb_ids=_tmdb_ids("tmdb_ids", tmdb_ids))


def find_by_imdb_id(imdb_id: str) -> Query[list[Movie]]:
    """The movies with this IMDb id, with or without its ``tt``; two TMDB entries can share one."""
    checked = checks.imdb_id("imdb_id", imdb_id)
    if checked is None:
        raise InvalidArgumentError("imdb_id", "must not be empty")
    return many(Movie, _SQL["find_by_imdb_id"], imdb_id=checked)


def find_by_titles(titles: Iterable[str], year: int | None = None) -> Query[list[Movie]]:
    """The movies known under one of these titles, and of this year if one is given; best known first.

    A title may be as written or as a release name spells it, ``The.Matrix``. Several movies mean that the titles
    are ambiguous.
    """
    return many(
        Movie,
        _SQL["find_by_titles"],
        titles=_titles("titles", titles),
        year=checks.maybe(checks.year, "year", year),
    )


def list_library(
    *, sort: MovieSort | str = MovieSort.TITLE, limit: int | None = None, after: str | None = None
) -> Query[Page[LibraryMovie]]:
    """Every movie with its file, without the long texts; in pages only if a ``limit`` is given."""
    return page(LibraryMovie, _SQL["list_library"], sort=_sort("sort", sort), limit=limit, after=after, unlimited=True)


def list_all(*, limit: int | None = None, after: str | None = None) -> Query[Page[Movie]]:
    """Every movie, whole, by id; in pages only if a ``limit`` is given. Made to be streamed."""
    return page(Movie, _SQL["list_all"], sort="id", limit=limit, after=after, unlimited=True)


def list_tmdb_ids() -> Query[list[int]]:
    """The TMDB ids of the whole library, ascending."""
    return column(int, _SQL["list_tmdb_ids"])


def list_paths() -> Query[list[MoviePath]]:
    """The folder of every movie that has one, by id."""
    return many(MoviePath, _SQL["list_paths"])


def list_recent(*, limit: int = 20, after: str | None = None) -> Query[Page[MovieSummary]]:
    """The movies added last, newest first."""
    return page(MovieSummary, _SQL["list_recent"], sort="added", limit=limit, after=after)


def list_by_year(year: int, *, limit: int = 50, after: str | None = None) -> Query[Page[MovieSummary]]:
    """The movies of a year, by title."""
    return page(
        MovieSummary,
        _SQL["list_by_year"],
        sort="title",
        limit=limit,
        after=after,
        year=checks.year("year", year),
    )


def list_by_genre(
    genre: str, *, sort: MovieSort | str = MovieSort.TITLE, limit: int = 50, after: str | None = None
) -> Query[Page[MovieSummary]]:
    """The movies of a genre, by title, year or day of adding."""
    return page(
        MovieSummary,
        _SQL["list_by_genre"],
        sort=_sort("sort", sort),
        limit=limit,
        after=after,
        genre=checks.text(200)("genre", genre),
    )


def list_by_rating(
    source: RatingSource | str, minimum: float, *, limit: int = 50, after: str | None = None
) -> Query[Page[MovieSummary]]:
    """The movies that ``source`` rates at least ``minimum``, best first: 0 to 10, or 0 to 100 for the critics."""
    return page(
        MovieSummary,
        _SQL["list_by_rating"],
        sort=_source("source", source),
        limit=limit,
        after=after,
        minimum=checks.number(0, 100)("minimum", minimum),
    )


def list_missing(
    *,
    monitored: bool = True,
    sort: MovieSort | str = MovieSort.TITLE,
    limit: int = 50,
    after: str | None = None,
) -> Query[Page[MovieSummary]]:
    """The movies without a file, of those that are monitored or of those that are not."""
    return page(
        MovieSummary,
        _SQL["list_missing"],
        sort=_sort("sort", sort),
        limit=limit,
        after=after,
        monitored=checks.boolean("monitored", monitored),
    )


def list_cutoff_unmet(
    *,
    monitored: bool = True,
    sort: MovieSort | str = MovieSort.TITLE,
    limit: int = 50,
    after: str | None = None,
) -> Query[Page[MovieSummary]]:
    """The movies whose file is worse than their profile's cutoff, or than its lowest allowed quality where
    upgrades are off.
    """
    return page(
        MovieSummary,
        _SQL["list_cutoff_unmet"],
        sort=_sort("sort", sort),
        limit=limit,
        after=after,
        monitored=checks.boolean("monitored", monitored),
    )


def list_calendar(
    first: dt.date,
    last: dt.date,
    *,
    include_unmonitored: bool = False,
    limit: int = 1000,
    after: str | None = None,
) -> Query[Page[MovieRelease]]:
    """The movies with a release from ``first`` to ``last``, both included, in the order of that day."""
    if checks.date("last", last) < checks.date("first", first):
        raise InvalidArgumentError("last", "must not be before first")
    return page(
        MovieRelease,
        _SQL["list_calendar"],
        sort="day",
        limit=limit,
        after=after,
        first=first,
        last=last,
        include_unmonitored=checks.boolean("include_unmonitored", include_unmonitored),
    )


def search(text: str, limit: int = 20) -> Query[list[MovieMatch]]:
    """The movies that a person means by ``text``, best first; an empty list when nothing comes near.

    Words of titles, people, genres and overview in any order, the last one perhaps unfinished, a year; accents,
    case and punctuation do not matter, and typing errors are forgiven.
    """
    return many(MovieMatch, _SQL["search"], text=_words("text", text), limit=_limit("limit", limit))


def statistics() -> Query[MovieStatistics]:
    """The library in numbers."""
    return one(MovieStatistics, _SQL["statistics"])


def genre_statistics() -> Query[list[GenreStatistics]]:
    """Every genre with its number of movies and average IMDb rating, most frequent first."""
    return many(GenreStatistics, _SQL["genre_statistics"])


def list_popular(*, limit: int = 50, after: str | None = None) -> Query[Page[PopularMovie]]:
    """The rated movies downloaded most, as of the last refresh of the popular movies."""
    return page(PopularMovie, _SQL["list_popular"], sort="place", limit=limit, after=after)


def count() -> Query[int]:
    """How many movies there are."""
    return scalar(int, _SQL["count"])


def create(movie: NewMovie) -> Query[Movie]:
    """Adds a movie and gives it as stored; ConflictError when its TMDB id is there or its profile is not."""
    return one(Movie, _SQL["create"], movie=encoding.record("movie", movie, NewMovie))


def create_many(movies: Iterable[NewMovie]) -> Query[int]:
    """Adds movies, all or none, and gives their number; ConflictError as for ``create``.

    ``movies`` is read in batches, so it may be longer than memory.
    """
    return batched(_SQL["create_many"], batches("movies", movies, NewMovie))


def upsert(movie: NewMovie) -> Query[Movie]:
    """Adds a movie, or replaces all that is known about the one with its TMDB id, and gives it as stored.

    What ``movie`` leaves out is unknown from then on, as a default is: to change some fields, ``update``. What a user
    chose for a stored movie stays: monitored, availability, profile, paths, tags and dates. ``last_info_sync`` is when
    something last changed so; where nothing does, nothing is written.
    ConflictError when its profile is not there.
    """
    return one(Movie, _SQL["upsert"], movie=encoding.record("movie", movie, NewMovie))


def upsert_many(movies: Iterable[NewMovie]) -> Query[int]:
    """Adds or replaces movies as ``upsert`` does, all or none, and gives how many rows were written.

    What did not change is not written. ``movies`` is read in batches; of two with one TMDB id the later counts.
    Bulk upserts take turns: RetryableError when another one takes longer than the lock timeout.
    """
    return batched(_SQL["upsert_many"], batches("movies", movies, NewMovie))


def update(movie_id: int, **changes: Unpack[MovieChanges]) -> Query[Movie]:
    """Changes the given fields of a movie and gives it as stored; NotFoundError when there is none.

    ConflictError when another movie has the TMDB id, or the profile is not there.
    """
    return one(Movie, _SQL["update"], id=_id("movie_id", movie_id), changes=encoding.changes(changes, MovieChanges))


def set_monitored(movie_id: int, monitored: bool) -> Query[Movie]:
    """Watches a movie for releases or no longer, and gives it as stored; NotFoundError when there is none."""
    return one(
        Movie,
        _SQL["set_monitored"],
        id=_id("movie_id", movie_id),
        monitored=checks.boolean("monitored", monitored),
    )


def edit_many(
    movie_ids: Iterable[int],
    *,
    monitored: bool | None = None,
    quality_profile_id: int | None = None,
    minimum_availability: Availability | str | None = None,
    root_folder_path: str | None = None,
    tags: Iterable[str] | None = None,
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
) -> Query[int]:
    """Gives movies the same settings and says how many there were; None leaves a setting as it is.

    ``tags`` replaces all tags of each movie; ``add_tags`` and ``remove_tags`` change them after that.
    """
    return affected(
        _SQL["edit_many"],
        ids=_ids("movie_ids", movie_ids),
        monitored=checks.maybe(checks.boolean, "monitored", monitored),
        quality_profile_id=checks.maybe(_id, "quality_profile_id", quality_profile_id),
        minimum_availability=checks.maybe(_availability, "minimum_availability", minimum_availability),
        root_folder_path=checks.maybe(checks.path(), "root_folder_path", root_folder_path),
        tags=checks.maybe(_labels, "tags", tags),
        add_tags=_labels("add_tags", add_tags),
        remove_tags=_labels("remove_tags", remove_tags),
    )


def delete(movie_id: int) -> Query[Movie]:
    """Removes a movie with its file, queue items and history, and gives it as it was; NotFoundError when there is
    none.
    """
    return one(Movie, _SQL["delete"], id=_id("movie_id", movie_id))


def delete_many(movie_ids: Iterable[int]) -> Query[int]:
    """Removes movies with all that belongs to them and gives how many there were."""
    return affected(_SQL["delete_many"], ids=_ids("movie_ids", movie_ids))
