from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from repositories.factories import DAY, at_once, client, event, indexer, movie, raw

from radarr_db import (
    Database,
    DownloadClient,
    Indexer,
    Isolation,
    NewMovie,
    download_clients,
    history,
    indexers,
    movies,
)
from radarr_db.models.maintenance import Done, Outcome
from radarr_db.operations import maintenance

COUNTED = raw("SELECT genre, sum(movies)::integer FROM movie_counts GROUP BY genre HAVING sum(movies) <> 0 ORDER BY 1")
SLOTS = raw("SELECT count(*) FROM movie_counts WHERE genre = ''")
LISTED = raw("SELECT id, genre, sort_title, year FROM movie_genres ORDER BY 1, 2")
UNSEEN = "ALTER TABLE movies DISABLE TRIGGER USER; {} ; ALTER TABLE movies ENABLE TRIGGER USER"


@pytest.fixture
def db(own_database: str) -> Iterator[Database]:
    with Database(own_database) as db:
        yield db


def of_genres(tmdb_id: int, *genres: str) -> NewMovie:
    return movie(tmdb_id, metadata={"genres": [{"id": 1, "name": genre} for genre in genres]})


def write_unseen(db: Database, statement: str) -> None:
    """Write past the triggers, as a bulk load may."""
    with db.transaction() as tx:
        for part in UNSEEN.format(statement).split(";"):
            tx.run(raw(part))


def housekeeping(conninfo: str, schedule: str = "daily", **options: dt.timedelta) -> list[Done]:
    done = maintenance.run(conninfo, schedule=schedule, **options)  # type: ignore[arg-type]  # one option
    assert {each.outcome for each in done} == {Outcome.DONE}
    return [each for each in done if each.act in {"correct", "purge", "recount"}]


def test_failures_of_the_future_become_those_of_now(own_database: str, db: Database) -> None:
    nyx, deluge = db.run(indexers.create(indexer())), db.run(download_clients.create(client()))
    db.run(indexers.record_failure(nyx.id))
    db.run(download_clients.record_failure(deluge.id))
    assert housekeeping(own_database) == []
    for table in ("indexers", "download_clients"):
        db.run(
            raw(
                f"UPDATE {table} SET initial_failure = now() + '1 year', most_recent_failure = now() + '2 years',"  # noqa: S608 - a table's name
                " disabled_till = now() + '2 years'"
            )
        )
    [act] = housekeeping(own_database)
    assert act.reason == "2 failed in the future, or stay aside too long: a clock was wrong"
    now = dt.datetime.now(dt.UTC)
    found: list[Indexer | DownloadClient] = [db.run(indexers.get(nyx.id)), db.run(download_clients.get(deluge.id))]
    for each in found:
        assert each.escalation_level == 1
        assert each.initial_failure == each.most_recent_failure
        assert each.initial_failure
        assert each.initial_failure <= now
        assert each.disabled_till == each.initial_failure + dt.timedelta(minutes=1)
    assert housekeeping(own_database) == []


def test_who_failed_now_stays_aside_as_long_as_it_should(own_database: str, db: Database) -> None:
    nyx = db.run(indexers.create(indexer()))
    for _ in range(12):
        aside = db.run(indexers.record_failure(nyx.id))
    assert housekeeping(own_database) == []
    assert db.run(indexers.get(nyx.id)) == aside


def test_history_is_kept_unless_it_is_said_for_how_long(own_database: str, db: Database) -> None:
    matrix = db.run(movies.create(movie()))
    now = dt.datetime.now(dt.UTC)
    events = [db.run(history.record(event(matrix.id, date=now - days * DAY))) for days in (500, 400, 20)]
    assert housekeeping(own_database, "monthly") == []
    [act] = housekeeping(own_database, keep_history=450 * DAY)
    assert act.reason == "1 events are older than 450 days, and not the last of their movies"
    assert [each.id for each in db.run(history.list_by_movie(matrix.id))] == [events[2].id, events[1].id]
    housekeeping(own_database, keep_history=10 * DAY)
    assert [each.id for each in db.run(history.list_by_movie(matrix.id))] == [events[2].id]
    assert housekeeping(own_database, keep_history=10 * DAY) == []


def test_lists_by_genre_are_those_of_the_movies_again(own_database: str, db: Database) -> None:
    for tmdb_id in range(1, 5):
        db.run(movies.create(of_genres(tmdb_id, "Action", "Drama")))
    right = db.run(LISTED)
    assert housekeeping(own_database, "weekly") == []
    db.run(raw("DELETE FROM movie_genres WHERE id = 1 AND genre = 'Drama'"))
    db.run(raw("UPDATE movie_genres SET year = 1900 WHERE id = 2 AND genre = 'Drama'"))
    db.run(raw("UPDATE movie_genres SET genre = 'Western' WHERE id = 3 AND genre = 'Drama'"))
    db.run(raw("INSERT INTO movie_genres SELECT 99, genre, sort_title, year, added FROM movie_genres WHERE id = 4"))
    [act] = housekeeping(own_database, "weekly")
    assert (act.subject, act.reason) == ("movie_genres", "6 rows are not those of the movies")
    assert db.run(LISTED) == right


def test_wrong_counts_are_made_right(own_database: str, db: Database) -> None:
    for tmdb_id in range(1, 5):
        db.run(movies.create(of_genres(tmdb_id, "Action", "Drama")))
    write_unseen(db, "DELETE FROM movies WHERE tmdb_id = 1")
    db.run(raw("UPDATE movie_counts SET missing = 17 WHERE genre = 'Drama'"))
    assert db.run(movies.count()) == 4
    reasons = {each.subject: each.reason for each in housekeeping(own_database, "weekly")}
    assert reasons == {"movie_counts": "3 counts are wrong", "movie_genres": "2 rows are not those of the movies"}
    assert db.run(COUNTED) == [("", 3), ("Action", 3), ("Drama", 3)]
    assert db.run(raw("SELECT sum(missing)::integer FROM movie_counts WHERE genre = 'Drama'")) == [(3,)]
    assert housekeeping(own_database, "weekly") == []


def test_slots_become_few_again(own_database: str, db: Database) -> None:
    for tmdb_id in range(45):
        # Above read committed each transaction makes a slot, and merges none.
        with db.transaction(isolation=Isolation.SERIALIZABLE) as tx:
            tx.run(movies.create(of_genres(tmdb_id + 1, "Drama")))
    assert db.run(SLOTS) == [(45,)]
    [act] = housekeeping(own_database, "weekly")
    assert act.reason == "parted in 45 slots"
    assert db.run(SLOTS) == [(1,)]
    assert db.run(COUNTED) == [("", 45), ("Drama", 45)]


def test_a_recount_is_right_while_others_write_and_none_of_them_waits(db: Database) -> None:
    db.run(raw("INSERT INTO movie_counts (genre, movies) VALUES ('', 1000), ('Drama', -7)"))

    def writer(first: int) -> None:
        for tmdb_id in range(first, first + 40):
            created = db.run(movies.create(of_genres(tmdb_id, "Drama", f"Genre {first}")))
            if tmdb_id % 2:
                db.run(movies.delete(created.id))

    def recount() -> None:
        for _ in range(20):
            db.run(raw("SELECT recount_movies()"))

    at_once(lambda: writer(1), lambda: writer(1001), lambda: writer(2001), recount, recount)
    # Two that correct the same mistake at once correct it twice; the next one finds that.
    db.run(raw("SELECT recount_movies()"))
    assert db.run(COUNTED) == [("", 60), ("Drama", 60), ("Genre 1", 20), ("Genre 1001", 20), ("Genre 2001", 20)]
    with db.transaction() as tx:
        tx.run(movies.create(of_genres(5000, "Drama")))
        db.run(raw("SELECT recount_movies()"))
    assert db.run(movies.count()) == 61
