from __future__ import annotations

import dataclasses
import datetime as dt
from functools import partial
from typing import Any

import pytest
from repositories.factories import (
    DAY,
    PAST,
    at_once,
    client,
    indexer,
    item,
    movie,
    raw,
    versions,
    while_open,
    written,
)

from radarr_db import (
    ConflictError,
    Database,
    InvalidArgumentError,
    NewQueueItem,
    NotFoundError,
    QueueChanges,
    QueueItem,
    QueueStatistics,
    QueueStatus,
    Transaction,
    download_clients,
    download_queue,
    indexers,
    movies,
)

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def deluge(tx: Transaction) -> int:
    return tx.run(download_clients.create(client())).id


def sync(tx: Transaction | Database, client_id: int, *items: NewQueueItem) -> tuple[int, int, int]:
    changes = tx.run(download_queue.sync_from_client(client_id, items))
    assert type(changes) is QueueChanges
    return changes.added, changes.updated, changes.removed


def queue(tx: Transaction | Database) -> dict[str, QueueItem]:
    return {i.download_id: i for i in tx.run(download_queue.list_page(limit=1000))}


def test_the_queue_becomes_what_the_client_reports(tx: Transaction, deluge: int) -> None:
    assert sync(tx, deluge, item("a"), item("b"), item("c")) == (3, 0, 0)
    before = queue(tx)
    assert sync(tx, deluge, item("a"), item("b", progress=50), item("d")) == (1, 1, 1)
    after = queue(tx)
    assert after.keys() == {"a", "b", "d"}
    assert after["a"] == before["a"]
    assert after["b"] == dataclasses.replace(before["b"], progress=50)


def test_an_item_that_did_not_change_is_not_written(tx: Transaction, deluge: int) -> None:
    m = tx.run(movies.create(movie()))
    full = item(
        "a",
        movie_id=m.id,
        size=2**40,
        status="downloading",
        tracking_id="t",
        progress=33.333,
        eta=PAST,
        time_left=dt.timedelta(days=40, microseconds=1),
        quality="DVD",
        custom_formats=[1],
        status_messages=[{"a": [None]}],
        error_message="x",
        added=PAST,
        grabbed_at=PAST,
        completed_at=PAST,
        failed_at=PAST,
    )
    items = [full, item("b", status="completed"), item("c", status="failed")]
    sync(tx, deluge, *items)
    rows, counts = tx.run(versions("download_queue")), tx.run(written("download_queue"))
    assert sync(tx, deluge, *items) == (0, 0, 0)
    assert sync(tx, deluge, *reversed(items)) == (0, 0, 0)
    assert (tx.run(versions("download_queue")), tx.run(written("download_queue"))) == (rows, counts)


def test_only_changed_items_are_written_and_only_once(tx: Transaction, deluge: int) -> None:
    sync(tx, deluge, *(item(f"d{n}") for n in range(9)))
    rows, ((added, updated, removed),) = tx.run(versions("download_queue")), tx.run(written("download_queue"))
    assert sync(tx, deluge, item("d0", progress=1), *(item(f"d{n}") for n in range(1, 8)), item("new")) == (
        1,
        1,
        1,
    )
    assert set(rows[1:8]) <= set(tx.run(versions("download_queue")))
    assert tx.run(written("download_queue")) == [(added + 1, updated + 1, removed + 1)]


CHANGES: dict[str, Any] = {
    "title": "Another",
    "size": 9,
    "status": "paused",
    "tracking_id": "t2",
    "progress": 12.34,
    "eta": PAST,
    "time_left": HOUR,
    "quality": "DVD",
    "custom_formats": [{"name": "x"}],
    "status_messages": ["x"],
    "error_message": "x",
    "grabbed_at": PAST,
    "completed_at": PAST,
    "failed_at": PAST,
}


def test_each_field_of_an_item_is_known_to_this_file() -> None:
    assert {f.name for f in dataclasses.fields(NewQueueItem)} == {
        "download_id",
        "movie_id",
        "indexer_id",
        "added",
        *CHANGES,
    }


@pytest.mark.parametrize(("field", "value"), CHANGES.items(), ids=CHANGES)
def test_a_change_of_each_field_is_stored(tx: Transaction, deluge: int, field: str, value: Any) -> None:
    sync(tx, deluge, item("a"))
    before = queue(tx)["a"]
    assert sync(tx, deluge, dataclasses.replace(item("a"), **{field: value})) == (0, 1, 0)
    assert queue(tx)["a"] == dataclasses.replace(before, **{field: value})


def test_what_the_client_does_not_know_stays_as_it_was(tx: Transaction, deluge: int) -> None:
    m, nyx = tx.run(movies.create(movie())), tx.run(indexers.create(indexer()))
    known: dict[str, Any] = {
        "movie_id": m.id,
        "indexer_id": nyx.id,
        "quality": "DVD",
        "tracking_id": "t",
        "grabbed_at": PAST,
        "added": PAST,
    }
    sync(tx, deluge, item("a", **known, eta=PAST, time_left=HOUR, error_message="x"))
    assert sync(tx, deluge, item("a")) == (0, 1, 0)
    after = queue(tx)["a"]
    assert {name: getattr(after, name) for name in known} == known
    assert (after.eta, after.time_left, after.error_message) == (None, None, None)


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_the_moment_of_the_end_is_that_of_the_first_report_of_it(tx: Transaction, deluge: int, status: str) -> None:
    sync(tx, deluge, item("new", status=status), item("old", status="downloading"))
    ((now,),) = tx.run(raw("SELECT now()"))
    assert getattr(queue(tx)["new"], f"{status}_at") == now
    assert getattr(queue(tx)["old"], f"{status}_at") is None
    tx.run(raw(f"UPDATE download_queue SET {status}_at = :past WHERE download_id = 'new'", past=PAST))  # noqa: S608
    sync(tx, deluge, item("new", status=status), item("old", status=status))
    assert getattr(queue(tx)["new"], f"{status}_at") == PAST
    assert getattr(queue(tx)["old"], f"{status}_at") == now


def test_items_of_other_clients_and_of_none_are_left_alone(tx: Transaction, deluge: int) -> None:
    other = tx.run(download_clients.create(client("Other"))).id
    sync(tx, deluge, item("a"), item("b"))
    sync(tx, other, item("a", title="Other"))
    tx.run(raw("INSERT INTO download_queue (download_id, title) VALUES ('a', 'Of none')"))
    assert sync(tx, deluge, item("a", progress=9)) == (0, 1, 1)
    assert [(i.download_client_id, i.title, i.progress) for i in tx.run(download_queue.find_by_download_id("a"))] == [
        (deluge, item().title, 9),
        (other, "Other", 0),
        (None, "Of none", 0),
    ]
    assert sync(tx, deluge) == (0, 0, 1)
    assert [i.download_client_id for i in tx.run(download_queue.find_by_download_id("a"))] == [other, None]


def test_an_empty_queue_of_a_client_not_known_is_nothing_and_an_item_of_it_a_conflict(
    tx: Transaction,
) -> None:
    assert sync(tx, 9**9) == (0, 0, 0)
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        sync(tx, 9**9, item())
    assert conflict.value.constraint == "download_queue_download_client_id_fkey"


def test_an_item_of_a_movie_not_known_is_a_conflict_and_nothing_changes(tx: Transaction, deluge: int) -> None:
    sync(tx, deluge, item("a"))
    before = queue(tx)
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        sync(tx, deluge, item("b"), item("c", movie_id=9**9))
    assert conflict.value.constraint == "download_queue_movie_id_fkey"
    assert queue(tx) == before


def test_a_download_id_given_twice_is_refused(deluge: int) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        download_queue.sync_from_client(deluge, [item("a"), item("b"), item("a", title="Else")])
    assert refused.value.argument == "items[2].download_id"


def test_any_iterable_of_any_length_is_a_queue(tx: Transaction, deluge: int) -> None:
    changes = tx.run(download_queue.sync_from_client(deluge, (item(f"d{n}") for n in range(2001))))
    assert changes == QueueChanges(2001, 0, 0)


def test_syncs_of_one_client_in_opposite_orders_leave_one_row_an_item_and_no_error(own_db: Database) -> None:
    deluge = own_db.run(download_clients.create(client())).id
    names = [f"d{n}" for n in range(300)]
    for progress in range(6):
        first = [item(name, progress=progress) for name in names]
        second = [item(name, progress=progress + 50) for name in reversed(names)]
        at_once(partial(sync, own_db, deluge, *first), partial(sync, own_db, deluge, *second))
        assert sorted(queue(own_db)) == sorted(names)
        assert {i.progress for i in queue(own_db).values()} in ({progress}, {progress + 50})
        if progress % 2:
            at_once(*[partial(sync, own_db, deluge)] * 2)
            assert queue(own_db) == {}


def test_a_sync_that_waits_for_another_of_its_client_writes_over_it(own_db: Database) -> None:
    deluge = own_db.run(download_clients.create(client())).id
    sync(own_db, deluge, item("a"), item("b"))
    first = download_queue.sync_from_client(deluge, [item("a", progress=10), item("c")])
    second = download_queue.sync_from_client(deluge, [item("a", progress=20), item("c")])
    while_open(own_db, first, second)
    assert {name: i.progress for name, i in queue(own_db).items()} == {"a": 20, "c": 0}


def test_a_sync_that_waited_keeps_what_it_does_not_say_as_the_other_left_it(own_db: Database) -> None:
    deluge = own_db.run(download_clients.create(client())).id
    m = own_db.run(movies.create(movie()))
    sync(own_db, deluge, item("a"))
    first = download_queue.sync_from_client(deluge, [item("a", movie_id=m.id, quality="DVD", status="completed")])
    while_open(own_db, first, download_queue.sync_from_client(deluge, [item("a", progress=60)]))
    stored = queue(own_db)["a"]
    assert (stored.movie_id, stored.quality, stored.progress) == (m.id, "DVD", 60)
    assert stored.completed_at is not None


def test_clients_are_synced_without_waiting_for_one_another(own_db: Database) -> None:
    first, second = (own_db.run(download_clients.create(client(name))).id for name in ("a", "b"))
    with own_db.transaction() as tx:
        assert sync(tx, first, item("a")) == (1, 0, 0)
        assert sync(own_db, second, item("a")) == (1, 0, 0)


def test_an_item_is_found_by_its_download_id_whichever_clients_have_it(tx: Transaction, deluge: int) -> None:
    sync(tx, deluge, item("a"), item("b"))
    assert [i.download_id for i in tx.run(download_queue.find_by_download_id("a"))] == ["a"]
    assert tx.run(download_queue.find_by_download_id("A")) == []


def test_active_items_are_those_that_have_not_ended_oldest_first(tx: Transaction, deluge: int) -> None:
    items = [item(s, status=s, added=PAST - n * DAY) for n, s in enumerate(QueueStatus)]
    sync(tx, deluge, *items)
    active = [i.status for i in tx.run(download_queue.list_active())]
    assert active == [s for s in reversed(QueueStatus) if s not in ("completed", "failed", "cancelled")]


def test_a_page_of_the_queue_can_be_of_one_movie_protocol_quality_and_status(tx: Transaction, deluge: int) -> None:
    usenet = tx.run(download_clients.create(client("NZB", "usenet"))).id
    m = tx.run(movies.create(movie()))
    sync(
        tx,
        deluge,
        item("a", movie_id=m.id, quality="DVD", status="paused"),
        item("b", movie_id=m.id),
        item("c"),
    )
    sync(tx, usenet, item("d", movie_id=m.id, quality="DVD"), item("e", quality="CAM", status="paused"))

    def found(**filters: Any) -> str:
        return "".join(sorted(i.download_id for i in tx.run(download_queue.list_page(**filters))))

    assert found() == "abcde"
    assert found(movie_id=m.id) == "abd"
    assert found(protocol="torrent") == "abc"
    assert found(protocol="usenet") == "de"
    assert found(quality="DVD") == "ad"
    assert found(status=QueueStatus.PAUSED) == "ae"
    assert found(movie_id=m.id, protocol="torrent", quality="DVD", status="paused") == "a"
    assert found(movie_id=m.id, quality="CAM") == ""


def test_progress_is_written_and_what_is_not_known_any_more_cleared(tx: Transaction, deluge: int) -> None:
    sync(tx, deluge, item("a", eta=PAST, time_left=HOUR, status="paused"))
    before = queue(tx)["a"]
    after = tx.run(download_queue.update_progress(before.id, 99.999))
    assert after == dataclasses.replace(before, progress=100, eta=None, time_left=None)
    moved = tx.run(
        download_queue.update_progress(before.id, 0.5, status="downloading", time_left=2 * HOUR, eta=PAST + DAY)
    )
    assert moved == dataclasses.replace(
        before, progress=0.5, eta=PAST + DAY, time_left=2 * HOUR, status=QueueStatus.DOWNLOADING
    )
    ended = tx.run(download_queue.update_progress(before.id, 100, status="completed"))
    assert (ended.completed_at is not None, ended.failed_at) == (True, None)
    with pytest.raises(NotFoundError):
        tx.run(download_queue.update_progress(9**9, 1))


def test_statistics_count_items_errors_and_warnings(tx: Transaction, deluge: int) -> None:
    assert tx.run(download_queue.statistics()) == QueueStatistics(0, 0, 0)
    statuses = ["queued", "failed", "warning", "stalled", "client_unavailable", "completed"]
    sync(tx, deluge, *(item(s, status=s) for s in statuses), item("x", error_message="x", status="warning"))
    assert tx.run(download_queue.statistics()) == QueueStatistics(7, 2, 4)


def test_many_items_are_removed_and_counted(tx: Transaction, deluge: int) -> None:
    sync(tx, deluge, item("a"), item("b"), item("c"))
    ids = [i.id for i in queue(tx).values() if i.download_id != "b"]
    assert tx.run(download_queue.remove_many([*ids, *ids, 9**9])) == 2
    assert queue(tx).keys() == {"b"}
    assert tx.run(download_queue.remove_many([])) == 0
