"""The seven tests of the specification, by their names."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from repositories.factories import group, movie, raw

from radarr_db import AsyncDatabase, ConflictError, Database, NewMovie, PoolSettings, Transaction, movies, scene_groups
from radarr_db.operations import migrations

METADATA: Any = {
    "genres": [{"id": 28, "name": "Action"}, {"id": 878, "name": "Science Fiction"}],
    "ratings": {"imdb": {"value": 8.7}},
}


def test_movie_creation_and_retrieval(tx: Transaction) -> None:
    stored = tx.run(movies.create(movie(603, "The Matrix", year=1999, metadata=METADATA)))
    found = tx.run(movies.get(stored.id))
    assert (found.tmdb_id, found.title, found.year, found.metadata) == (603, "The Matrix", 1999, METADATA)


def test_jsonb_queries(tx: Transaction) -> None:
    tx.run(movies.create(movie(603, "The Matrix", metadata=METADATA)))
    for genre in ("Action", "Science Fiction"):
        assert [m.title for m in tx.run(movies.list_by_genre(genre))] == ["The Matrix"]
    assert list(tx.run(movies.list_by_genre("Drama"))) == []
    assert [m.title for m in tx.run(movies.list_by_rating("imdb", 8.0))] == ["The Matrix"]
    assert list(tx.run(movies.list_by_rating("imdb", 9.0))) == []


def test_scene_group_analysis(tx: Transaction) -> None:
    analysis: Any = {
        "reputation_factors": {"seeder_health_score": 90.2, "completion_rate": 0.95},
        "total_releases": 1500,
    }
    rarbg = group("RARBG", reputation_score=85.5, quality_tier="excellent", analysis_data=analysis)
    tx.run(scene_groups.upsert_many([rarbg, group("YIFY", reputation_score=79.99)]))
    (found,) = tx.run(scene_groups.list_by_min_score(80))
    assert (found.name, found.reputation_score, found.analysis_data) == ("RARBG", 85.5, analysis)
    assert list(tx.run(scene_groups.list_by_tier("excellent"))) == [found]


def test_full_text_search(tx: Transaction) -> None:
    tx.run(
        movies.create_many(
            [
                movie(1, "Matrix Reloaded", overview="Neo and the rebellion continue"),
                movie(2, "The Matrix", overview="A computer hacker learns about reality"),
                movie(3, "Inception", overview="A thief enters dreams"),
            ]
        )
    )
    # The movie of just this title goes first, in whichever order the two were stored.
    assert [m.title for m in tx.run(movies.search("matrix"))] == ["The Matrix", "Matrix Reloaded"]
    assert [m.title for m in tx.run(movies.search("dreams"))] == ["Inception"]


async def test_connection_pool_performance(database_conninfo: str) -> None:
    async with AsyncDatabase(database_conninfo, PoolSettings(max_size=5)) as db:
        queries = (db.run(raw("SELECT CAST(:id AS integer) AS id", id=n)) for n in range(50))
        assert await asyncio.gather(*queries) == [[(n,)] for n in range(50)]
        report = await db.health()
        assert report.connectivity_ok
        assert report.pool_size <= 5


def store(db: Database, *new: NewMovie, error: Exception | None = None) -> None:
    with db.transaction() as tx:
        for m in new:
            tx.run(movies.create(m))
        if error:
            raise error


def test_transaction_handling(own_database: str) -> None:
    with Database(own_database) as db:
        store(db, movie(1001, "Transaction Test 1"), movie(1002, "Transaction Test 2"))
        assert len(db.run(movies.find_by_tmdb_ids([1001, 1002]))) == 2
        with pytest.raises(RuntimeError):
            store(db, movie(1003, "Transaction Test 3"), error=RuntimeError())
        with pytest.raises(ConflictError):
            store(db, movie(1004, "Transaction Test 4"), movie(1001, "There already"))
        assert db.run(movies.list_tmdb_ids()) == [1001, 1002]


def test_migrations(empty_database: str) -> None:
    assert migrations.version(empty_database) == 0
    applied = migrations.apply(empty_database)
    assert [name.partition("_")[0] for name in applied] == [f"00{n}" for n in range(1, 10)]
    assert (migrations.version(empty_database), migrations.pending(empty_database)) == (9, [])
    assert migrations.apply(empty_database) == []
    with Database(empty_database) as db:
        db.run(movies.create(movie()))
    assert migrations.rollback(empty_database, to=0) == applied[::-1]
    assert migrations.version(empty_database) == 0
    with psycopg.connect(empty_database) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^_?yoyo'"
        )
        assert left.fetchall() == []
