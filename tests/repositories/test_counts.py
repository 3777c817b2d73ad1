"""The counts that triggers keep are those of the movies, whatever was written, undone or written at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories.factories import at_once, file, movie, quick, raw

from radarr_db import Database, Isolation, Movie, Transaction, movie_files, movies

COUNTED = raw("""
    SELECT
        c.genre,
        sum(c.movies)::integer,
        sum(c.monitored)::integer,
        sum(c.with_file)::integer,
        sum(c.missing)::integer,
        sum(c.total_size)::bigint,
        sum(c.rated)::integer,
        sum(c.rating_sum)::float8
    FROM movie_counts AS c
    GROUP BY c.genre
    HAVING sum(c.movies) <> 0 OR sum(c.total_size) <> 0 OR sum(c.rating_sum) <> 0
    ORDER BY c.genre
""")
THERE = raw("""
    SELECT
        g.genre,
        count(*)::integer,
        (count(*) FILTER (WHERE m.monitored))::integer,
        (count(*) FILTER (WHERE m.has_file))::integer,
        (count(*) FILTER (WHERE m.monitored AND NOT m.has_file))::integer,
        sum(m.size_on_disk)::bigint,
        count(m.imdb_rating)::integer,
        coalesce(sum(m.imdb_rating::numeric), 0)::float8
    FROM movies AS m
    CROSS JOIN unnest(m.genres || ''::text) AS g (genre)
    GROUP BY g.genre
    ORDER BY g.genre COLLATE "C"
""")
SLOTS = raw("SELECT count(*) FROM movie_counts WHERE genre = ''")
GENRES = ("Action", "Drama", "Western")
_tmdb_ids = itertools.count(1)


def rated(*genres: str, rating: float | None = 7.1, **fields: Any) -> Any:
    metadata: dict[str, Any] = {"genres": [{"id": 1, "name": genre} for genre in genres]}
    if rating is not None:
        metadata["ratings"] = {"imdb": {"value": rating}}
    return movie(next(_tmdb_ids), metadata=metadata, **fields)


def assert_exact(runner: Database | Transaction) -> None:
    counted, there = runner.run_all(COUNTED, THERE)
    assert counted == there


def test_a_genre_without_a_name_is_none(tx: Transaction) -> None:
    tx.run(movies.create(rated("", " ", "Drama")))
    assert tx.run(movies.count()) == 1
    assert [s.genre for s in tx.run(movies.genre_statistics())] == ["Drama"]


def test_every_way_to_write_is_counted(tx: Transaction) -> None:
    first = tx.run(movies.create(rated("Action", "Drama")))
    assert tx.run(movies.create_many([rated("Drama", rating=None, monitored=False), rated(), rated("Western")])) == 3
    assert_exact(tx)
    tx.run(movie_files.replace(file(first.id, size=700)))
    assert_exact(tx)
    tx.run(movies.set_monitored(first.id, monitored=False))
    tx.run(movies.update(first.id, metadata={"genres": [{"id": 2, "name": "Comedy"}]}))
    assert_exact(tx)
    ids = [row for (row,) in tx.run(raw("SELECT id FROM movies"))]
    tx.run(movies.edit_many(ids, monitored=True))
    tx.run(movies.upsert(rated("Action", rating=3.25)))
    assert_exact(tx)
    tx.run(movies.delete(first.id))
    assert_exact(tx)


def test_counting_begins_anew_when_the_table_is_emptied(owner_tx: Transaction) -> None:
    owner_tx.run(movies.create(rated("Action", "Drama")))
    owner_tx.run(raw("TRUNCATE movies CASCADE"))
    assert owner_tx.run(movies.count()) == 0
    assert owner_tx.run(movies.genre_statistics()) == []
    owner_tx.run(movies.create(rated("Drama")))
    assert_exact(owner_tx)


def test_a_change_of_nothing_counted_writes_no_count(tx: Transaction) -> None:
    added = tx.run(movies.create(rated("Drama")))
    before = tx.run(raw("SELECT genre, slot, ctid::text FROM movie_counts ORDER BY 1, 2"))
    tx.run(movies.update(added.id, runtime=99))
    tx.run(movies.upsert_many([]))
    assert tx.run(raw("SELECT genre, slot, ctid::text FROM movie_counts ORDER BY 1, 2")) == before


def test_what_is_undone_was_never_counted(own_db: Database) -> None:
    with own_db.transaction() as tx:
        tx.run(movies.create(rated("Action")))
        with suppress(ZeroDivisionError), tx.transaction() as inner:
            inner.run(movies.create(rated("Action", "Drama")))
            raise ZeroDivisionError
        assert_exact(tx)
    with suppress(ZeroDivisionError), own_db.transaction() as tx:
        tx.run(movies.create(rated("Western")))
        raise ZeroDivisionError
    assert own_db.run(movies.count()) == 1
    assert_exact(own_db)


def test_a_snapshot_counts_the_movies_that_it_sees(own_db: Database) -> None:
    own_db.run(movies.create(rated("Action")))
    with own_db.transaction(isolation=Isolation.REPEATABLE_READ) as tx:
        assert tx.run(movies.count()) == 1
        own_db.run(movies.create(rated("Drama")))
        assert tx.run(movies.count()) == 1
        assert_exact(tx)
    assert own_db.run(movies.count()) == 2


def test_no_writer_waits_for_the_counts_of_another(own_db: Database) -> None:
    with own_db.transaction() as one, own_db.transaction() as two, own_db.transaction() as three:
        for tx in (one, two, three, one, two, three):
            tx.run(movies.create(rated("Drama")))
            assert_exact(tx)
    assert own_db.run(movies.count()) == 6
    assert_exact(own_db)


@pytest.mark.parametrize("isolation", [Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE])
def test_above_read_committed_counting_is_in_nobodys_way(own_db: Database, isolation: Isolation) -> None:
    own_db.run(movies.create(rated("Drama")))
    with own_db.transaction(isolation=isolation) as strict:
        strict.run(raw("SELECT 1"))
        own_db.run(movies.create(rated("Drama")))
        # Now every slot that the snapshot shows was written to since.
        strict.run(movies.create(rated("Drama")))
    assert own_db.run(movies.count()) == 3
    assert_exact(own_db)


def test_many_slots_become_one(own_db: Database) -> None:
    for _ in range(45):
        with own_db.transaction(isolation=Isolation.REPEATABLE_READ) as tx:
            tx.run(movies.create(rated("Drama", "Action")))
    assert own_db.run(SLOTS) == [(45,)]
    with own_db.transaction() as other:
        other.run(movies.create(rated("Western")))
        assert other.run(SLOTS) == [(1,)]
        own_db.run(movies.create(rated("Western")))  # while all slots are taken
        assert_exact(own_db)
    assert own_db.run(movies.count()) == 47
    assert_exact(own_db)


Act = tuple[str, int, tuple[str, ...], bool]
_acts = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "monitor", "file", "delete", "undo"]),
        st.integers(0, 5),
        st.lists(st.sampled_from(GENRES), unique=True, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=12,
)


@settings(quick, max_examples=15)
@given(st.lists(_acts, min_size=4, max_size=4))
def test_the_counts_are_exact_after_writers_at_once(own_db: Database, lists: list[list[Act]]) -> None:
    def writer(acts: list[Act]) -> Callable[[], None]:
        # Each writes to movies of its own: what they share is the counts.
        return lambda: write(own_db, acts)

    at_once(*map(writer, lists))
    assert_exact(own_db)


def write(db: Database, acts: list[Act]) -> None:
    own: list[Movie] = []
    for act, place, genres, flag in acts:
        with suppress(ZeroDivisionError), db.transaction() as tx:
            new = rated(*genres, rating=place + 0.5 if flag else None, monitored=flag)
            if act in ("create", "undo") or not own:
                added = tx.run(movies.create(new))
                if act == "undo":
                    raise ZeroDivisionError
                own.append(added)
                continue
            chosen = own[place % len(own)]
            if act == "update":
                tx.run(movies.update(chosen.id, metadata=new.metadata))
            elif act == "monitor":
                tx.run(movies.set_monitored(chosen.id, monitored=flag))
            elif act == "file":
                tx.run(movie_files.replace(file(chosen.id, size=place)))
            else:
                own.remove(chosen)
                tx.run(movies.delete(chosen.id))
