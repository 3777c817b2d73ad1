"""Movie files: the queries of sql/movie_files.sql."""

from __future__ import annotations

from collections.abc import Iterable

from radarr_db import checks, encoding
from radarr_db.batches import batches
from radarr_db.models.enums import Quality
from radarr_db.models.movie_files import FileQuality, MovieFile, NewMovieFile
from radarr_db.query import Page, Query, batched, column, many, one, optional, page
from radarr_db.statements import load

_SQL = load("movie_files")

_id = checks.integer(1, checks.INT8)
_ids = checks.items(_id)
_qualities = checks.items(checks.member(Quality))
_paths = checks.items(checks.path(relative=True))
_download_id = checks.text(200)


def get(file_id: int) -> Query[MovieFile]:
    """The file with this id; NotFoundError when there is none."""
    return one(MovieFile, _SQL["get"], id=_id("file_id", file_id))


def find_by_movie(movie_id: int) -> Query[MovieFile | None]:
    """The file of a movie, or None."""
    return optional(MovieFile, _SQL["find_by_movie"], movie_id=_id("movie_id", movie_id))


def list_by_movies(movie_ids: Iterable[int]) -> Query[list[MovieFile]]:
    """The files of these movies, in the order of the movies' ids; a movie without one is passed over."""
    return many(MovieFile, _SQL["list_by_movies"], movie_ids=_ids("movie_ids", movie_ids))


def list_by_quality(
    qualities: Iterable[Quality | str], *, limit: int = 50, after: str | None = None
) -> Query[Page[FileQuality]]:
    """The files of one of these qualities with their movies' titles, largest first.

    ``Quality.of_resolution("1080p")`` gives the qualities of a resolution.
    """
    return page(
        FileQuality,
        _SQL["list_by_quality"],
        sort="size",
        limit=limit,
        after=after,
        qualities=_qualities("qualities", qualities),
    )


def create_many(files: Iterable[NewMovieFile]) -> Query[int]:
    """Adds the files of movies that have none, all or none, and gives their number; history says nothing of it.

    ConflictError when a movie has a file already or does not exist. ``files`` is read in batches.
    """
    return batched(_SQL["create_many"], batches("files", files, NewMovieFile))


def replace(file: NewMovieFile, *, download_id: str | None = None) -> Query[MovieFile]:
    """Puts a file in the place of the movie's present one, if any, and gives it as stored.

    History tells that the old one was deleted and the new one imported, from ``download_id`` if it is given;
    the movie's ``has_file`` and ``size_on_disk`` follow. ConflictError when there is no such movie.
    """
    return one(
        MovieFile,
        _SQL["replace"],
        file=encoding.record("file", file, NewMovieFile),
        download_id=checks.maybe(_download_id, "download_id", download_id),
    )


def existing_paths(paths: Iterable[str]) -> Query[list[str]]:
    """Those of the given relative paths that a file has, sorted."""
    return column(str, _SQL["existing_paths"], paths=_paths("paths", paths))


def delete(file_id: int) -> Query[MovieFile]:
    """Removes a file from the library and gives it as it was; NotFoundError when there is none."""
    return one(MovieFile, _SQL["delete"], id=_id("file_id", file_id))
