"""What the type checker must know, and what it must refuse; test_typing.py runs mypy over this file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from radarr_db import (
    ApiKey,
    AsyncDatabase,
    ClientPassword,
    Database,
    Keyring,
    LibraryMovie,
    Movie,
    MovieFile,
    MovieMatch,
    MovieMetadata,
    MovieStatus,
    MovieSummary,
    NewIndexer,
    NewMovie,
    Page,
    QueueChanges,
    QueueItem,
    download_clients,
    download_queue,
    indexers,
    movie_files,
    movies,
)


def sync(db: Database) -> None:
    """A Database gives what the query says."""
    assert_type(db.run(movies.get(1)), Movie)
    assert_type(db.run(movies.find_by_tmdb_id(603)), Movie | None)
    assert_type(db.run(movies.list_library()), Page[LibraryMovie])
    assert_type(db.run(movies.list_missing(limit=5)).items[0], MovieSummary)
    assert_type(db.run(movies.search("matirx")), list[MovieMatch])
    assert_type(db.run(movies.count()), int)
    assert_type(db.run(movies.create_many([NewMovie(1, "A")])), int)
    assert_type(db.run(download_queue.sync_from_client(1, [])), QueueChanges)
    assert_type(db.run_all(movies.get(1), movies.count()), tuple[Movie, int])
    assert_type(
        db.run_all(movies.get(1), download_queue.list_active(), movie_files.find_by_movie(1)),
        tuple[Movie, Page[QueueItem], MovieFile | None],
    )
    assert_type(db.stream(movies.list_all()), Iterator[Movie])
    assert_type(db.stream(movies.search("a")), Iterator[MovieMatch])
    with db.transaction() as tx:
        assert_type(tx.run(movies.get(1)), Movie)
        with tx.transaction() as inner:
            assert_type(inner.run_all(movies.count(), movies.count()), tuple[int, int])
    assert_type(db.transact(lambda tx: tx.run(movies.count())), int)


async def asynchronous(db: AsyncDatabase) -> None:
    """An AsyncDatabase gives the same, awaited."""
    assert_type(await db.run(movies.get(1)), Movie)
    assert_type(await db.run(movies.find_by_tmdb_id(603)), Movie | None)
    assert_type(await db.run_all(movies.get(1), movies.count()), tuple[Movie, int])
    assert_type(db.stream(movies.list_all()), AsyncIterator[Movie])
    async with db.transaction() as tx:
        assert_type(await tx.run(movies.list_library(limit=5)), Page[LibraryMovie])


def rows(movie: Movie) -> None:
    """Rows have types down to their documents."""
    assert_type(movie.status, MovieStatus)
    assert_type(movie.metadata, MovieMetadata)
    assert_type(movie.metadata["ratings"]["imdb"]["value"], float)
    assert_type(movie.year, int | None)


def secrets(db: Database, keyring: Keyring) -> None:
    """What is sealed belongs to one column, and only what is in it is a text."""
    assert_type(db.run(indexers.get(1)).api_key, ApiKey | None)
    assert_type(db.run(download_clients.get(1)).password, ClientPassword | None)
    assert_type(keyring.seal(ApiKey, "plain"), ApiKey)
    assert_type(keyring.open(keyring.seal(ApiKey, "plain")), str)
    indexers.update(1, api_key=keyring.seal(ApiKey, "plain"))
    indexers.update(1, api_key="plain")  # type: ignore[arg-type]
    indexers.update(1, api_key=keyring.seal(ClientPassword, "plain"))  # type: ignore[arg-type]
    download_clients.update(1, password="plain")  # type: ignore[arg-type]  # noqa: S106
    NewIndexer("a", "a", "a", "a", "http://a", api_key="plain")  # type: ignore[arg-type]
    keyring.seal(str, "plain")  # type: ignore[type-var]
    keyring.open("plain")  # type: ignore[arg-type]
    keyring.open(db.run(indexers.get(1)).api_key)  # type: ignore[arg-type]
    keyring.seal_fields("movies", [])  # type: ignore[arg-type]


def refused(db: Database) -> None:
    """Each of these is an error, and an unused ignore would be one too."""
    movies.get("603")  # type: ignore[arg-type]
    movies.update(1, titel="A")  # type: ignore[call-arg]
    movies.update(1, year="1999")  # type: ignore[arg-type]
    NewMovie(tmdb_id=603)  # type: ignore[call-arg]
    db.stream(movies.count())  # type: ignore[arg-type]
    movies.list_missing(limit="50")  # type: ignore[arg-type]
