"""The genres that triggers keep for the lists are those of the movies."""

from __future__ import annotations

import datetime as dt

from repositories.factories import movie, raw

from radarr_db import MovieMetadata, Transaction, movies

KEPT = raw("SELECT id, genre, sort_title, year, added FROM movie_genres ORDER BY id, genre")
THERE = raw("""
    SELECT m.id, g.genre, m.sort_title, m.year, m.added
    FROM movies AS m
    CROSS JOIN unnest(m.genres) AS g (genre)
    ORDER BY m.id, g.genre
""")


def of(*genres: str) -> MovieMetadata:
    return {"genres": [{"id": 1, "name": genre} for genre in genres]}


def assert_kept(tx: Transaction) -> None:
    kept, there = tx.run_all(KEPT, THERE)
    assert kept == there


def test_genres_follow_whatever_is_written(tx: Transaction) -> None:
    first = tx.run(movies.create(movie(1, metadata=of("Action", "Drama"))))
    tx.run(movies.create_many([movie(2, metadata=of("Drama")), movie(3), movie(4, metadata=of("Drama", "Drama"))]))
    assert_kept(tx)
    tx.run(movies.update(first.id, metadata=of("Comedy", "Drama")))
    tx.run(movies.update(first.id, title="The Zebra", year=2001, added=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)))
    assert_kept(tx)
    tx.run(movies.upsert_many([movie(2, metadata=of("War"), title="An Ant"), movie(5, metadata=of("War"))]))
    assert_kept(tx)
    tx.run(raw("UPDATE movies SET id = id + 1000 WHERE tmdb_id = 5"))
    assert_kept(tx)
    tx.run(movies.delete(first.id))
    assert_kept(tx)


def test_no_genre_is_kept_when_the_table_is_emptied(owner_tx: Transaction) -> None:
    owner_tx.run(movies.create(movie(metadata=of("Action"))))
    owner_tx.run(raw("TRUNCATE movies CASCADE"))
    assert owner_tx.run(KEPT) == []


def test_a_change_of_nothing_listed_writes_no_genre(tx: Transaction) -> None:
    first = tx.run(movies.create(movie(1, metadata=of("Action"))))
    before = tx.run(raw("SELECT id, genre, ctid::text FROM movie_genres"))
    tx.run(movies.update(first.id, overview="New.", monitored=False))
    assert tx.run(raw("SELECT id, genre, ctid::text FROM movie_genres")) == before
