from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from repositories.factories import DAY, PAST, client, event, indexer, movie, raw

from radarr_db import (
    ConflictError,
    EventType,
    HistoryEvent,
    Movie,
    Transaction,
    download_clients,
    history,
    indexers,
    movies,
)


@pytest.fixture
def matrix(tx: Transaction) -> Movie:
    return tx.run(movies.create(movie()))


def record(tx: Transaction, movie_id: int, event_type: str = "grabbed", days: float = 0, **fields: Any) -> HistoryEvent:
    return tx.run(history.record(event(movie_id, event_type, date=PAST + days * DAY, **fields)))


def partition(tx: Transaction, recorded: HistoryEvent) -> str:
    ((found,),) = tx.run(raw("SELECT tableoid::regclass::text FROM history WHERE id = :id", id=recorded.id))
    return str(found)


def test_an_event_is_recorded_with_the_names_of_its_indexer_and_client(tx: Transaction, matrix: Movie) -> None:
    nyx, deluge = tx.run(indexers.create(indexer())), tx.run(download_clients.create(client()))
    new = event(
        matrix.id,
        EventType.GRABBED,
        quality="DVD",
        custom_formats=[{"name": "HDR"}],
        indexer_id=nyx.id,
        download_client_id=deluge.id,
        download_id="d1",
        data={"size": 1},
        date=PAST,
    )
    recorded = tx.run(history.record(new))
    assert {f.name: getattr(recorded, f.name) for f in dataclasses.fields(new)} == dataclasses.asdict(new)
    assert (recorded.indexer_name, recorded.download_client_name) == ("Nyx", "Deluge")
    tx.run(indexers.update(nyx.id, name="Renamed"))
    assert list(tx.run(history.list_recent())) == [recorded]


def test_an_event_without_a_date_is_of_now_and_in_the_partition_of_its_month(tx: Transaction, matrix: Movie) -> None:
    recorded = tx.run(history.record(event(matrix.id)))
    ((now, month),) = tx.run(raw("SELECT now(), to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"))
    assert recorded.date == now
    assert partition(tx, recorded) == f"history_{month}"


@pytest.mark.parametrize("years", [-3, 3, -2000, 7900])
def test_an_event_of_a_month_without_a_partition_is_kept_by_the_default_one(
    tx: Transaction, matrix: Movie, years: int
) -> None:
    ((now,),) = tx.run(raw("SELECT now()"))
    recorded = tx.run(history.record(event(matrix.id, date=now.replace(year=now.year + years, day=1))))
    assert partition(tx, recorded) == "history_default"
    assert list(tx.run(history.list_by_movie(matrix.id))) == [recorded]


def test_the_last_moment_of_a_month_and_the_first_of_the_next_are_parted_in_utc(tx: Transaction, matrix: Movie) -> None:
    ((first,),) = tx.run(raw("SELECT date_trunc('month', now(), 'UTC')"))
    east = dt.timezone(dt.timedelta(hours=14))
    for date, month in ((first - dt.timedelta(microseconds=1), first - DAY), (first, first)):
        recorded = tx.run(history.record(event(matrix.id, date=date.astimezone(east))))
        assert partition(tx, recorded) == f"history_{month:%Y_%m}"


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"movie_id": 9**9}, "history_movie_id_fkey"),
        ({"indexer_id": 9**9}, "history_indexer_id_fkey"),
        ({"download_client_id": 9**9}, "history_download_client_id_fkey"),
    ],
)
def test_an_event_of_what_is_not_there_is_a_conflict(
    tx: Transaction, matrix: Movie, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(history.record(dataclasses.replace(event(matrix.id), **fields)))
    assert conflict.value.constraint == constraint


def test_what_never_happened_is_none_or_empty(tx: Transaction, matrix: Movie) -> None:
    assert tx.run(history.find_most_recent(matrix.id)) is None
    assert tx.run(history.find_most_recent_by_download_id("d1")) is None
    assert tx.run(history.find_by_download_id("d1")) == []
    assert tx.run(history.already_imported("d1")) is False
    assert list(tx.run(history.list_recent())) == []
    assert list(tx.run(history.list_by_movie(matrix.id))) == []
    assert tx.run(history.purge(PAST)) == 0


def test_the_events_of_a_movie_or_download_are_told_newest_first(tx: Transaction, matrix: Movie) -> None:
    other = tx.run(movies.create(movie(1)))
    grabbed = record(tx, matrix.id, "grabbed", 0, download_id="d1")
    imported = record(tx, matrix.id, "imported", 2, download_id="d1")
    failed = record(tx, matrix.id, "failed", 1)
    later = record(tx, matrix.id, "failed", 1)
    elsewhere = record(tx, other.id, "grabbed", 3, download_id="d1")
    assert list(tx.run(history.list_by_movie(matrix.id))) == [imported, later, failed, grabbed]
    assert list(tx.run(history.list_by_movie(matrix.id, event_type="failed"))) == [later, failed]
    assert list(tx.run(history.list_by_movie(matrix.id, event_type="ignored"))) == []
    assert list(tx.run(history.list_recent())) == [elsewhere, imported, later, failed, grabbed]
    assert tx.run(history.find_most_recent(matrix.id)) == imported
    assert tx.run(history.find_most_recent(matrix.id, "failed")) == later
    assert tx.run(history.find_most_recent(matrix.id, EventType.RENAMED)) is None
    assert tx.run(history.find_by_download_id("d1")) == [elsewhere, imported, grabbed]
    assert tx.run(history.find_most_recent_by_download_id("d1")) == elsewhere


def test_a_page_of_history_can_be_of_events_movies_qualities_a_download_and_a_time(
    tx: Transaction, matrix: Movie
) -> None:
    other = tx.run(movies.create(movie(1)))
    recorded = {
        record(tx, matrix.id, "grabbed", 0, quality="DVD", download_id="x").id: "a",
        record(tx, matrix.id, "imported", 1, quality="DVD").id: "b",
        record(tx, other.id, "imported", 2, quality="CAM", download_id="x").id: "c",
        record(tx, other.id, "failed", 3).id: "d",
    }

    def found(**filters: Any) -> str:
        return "".join(recorded[e.id] for e in tx.run(history.list_page(**filters)))

    assert found() == "dcba"
    assert found(event_types=["grabbed", EventType.IMPORTED]) == "cba"
    assert found(movie_ids=[matrix.id, 9**9]) == "ba"
    assert found(qualities=["DVD", "SDTV"]) == "ba"
    assert found(download_id="x") == "ca"
    assert found(since=PAST + DAY) == "dcb"
    assert found(event_types=["imported"], movie_ids=[matrix.id, other.id], since=PAST + 2 * DAY) == "c"
    assert found(event_types=["imported"], qualities=["DVD"], download_id="x") == ""
    assert found(event_types=[]) == found(movie_ids=[]) == found(qualities=[]) == ""


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["grabbed"], False),
        (["grabbed", "imported"], True),
        (["grabbed", "imported", "grabbed"], False),
        (["grabbed", "imported", "grabbed", "imported"], True),
        (["grabbed", "imported", "renamed", "deleted"], True),
        (["grabbed", "failed"], False),
        (["downloaded"], False),
    ],
)
def test_a_download_counts_as_imported_until_it_is_grabbed_again(
    tx: Transaction, matrix: Movie, events: list[str], *, expected: bool
) -> None:
    for day, event_type in enumerate(events):
        record(tx, matrix.id, event_type, day, download_id="d1")
    record(tx, matrix.id, "imported", 9, download_id="d2")
    assert tx.run(history.already_imported("d1")) is expected


def test_purging_keeps_the_last_event_of_each_movie_and_what_is_new(tx: Transaction, matrix: Movie) -> None:
    old, quiet = tx.run(movies.create(movie(1))), tx.run(movies.create(movie(2)))
    for movie_id, days in (
        (matrix.id, 0),
        (matrix.id, 5),
        (old.id, 0),
        (old.id, 1),
        (old.id, 1),
        (quiet.id, 3),
    ):
        record(tx, movie_id, days=days)
    last = tx.run(history.find_most_recent(old.id))
    assert tx.run(history.purge(PAST + 4 * DAY)) == 3
    left = list(tx.run(history.list_recent()))
    assert [(e.movie_id, e.date - PAST) for e in left] == [
        (matrix.id, 5 * DAY),
        (quiet.id, 3 * DAY),
        (old.id, DAY),
    ]
    assert left[-1] == last
    assert tx.run(history.purge(PAST + 4 * DAY)) == 0


def test_what_happened_at_the_moment_of_a_purge_stays(tx: Transaction, matrix: Movie) -> None:
    for days in (0, 1, 2):
        record(tx, matrix.id, days=days)
    assert tx.run(history.purge(PAST + DAY)) == 1
    assert [e.date for e in tx.run(history.list_recent())] == [PAST + 2 * DAY, PAST + DAY]
