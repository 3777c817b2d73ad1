from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import client, event, indexer, item, movie, raw

from radarr_db import (
    ConflictError,
    Indexer,
    NotFoundError,
    SearchKind,
    Transaction,
    download_clients,
    download_queue,
    history,
    indexers,
    movies,
)


def found(tx: Transaction, query: Any) -> list[str]:
    return [i.name for i in tx.run(query)]


def pause(i: Indexer) -> float | None:
    """For how many minutes an indexer is put aside."""
    if i.disabled_till is None or i.most_recent_failure is None:
        return None
    return (i.disabled_till - i.most_recent_failure).total_seconds() / 60


def test_a_stored_indexer_is_found_by_id_and_name(tx: Transaction) -> None:
    deluge = tx.run(download_clients.create(client()))
    new = indexer(
        api_key="secret",
        priority=3,
        download_client_id=deluge.id,
        fields=[{"name": "minimumSeeders", "value": 1}],
        tags=["hd"],
        grab_limit=None,
    )
    stored = tx.run(indexers.create(new))
    assert {f.name: getattr(stored, f.name) for f in dataclasses.fields(new)} == dataclasses.asdict(new)
    assert (stored.escalation_level, stored.initial_failure, stored.disabled_till) == (0, None, None)
    assert tx.run(indexers.get(stored.id)) == stored
    assert tx.run(indexers.find_by_name("Nyx")) == stored
    assert "secret" not in repr(stored) + repr(new)


def test_what_is_not_there_is_an_error_except_where_it_was_looked_for_by_name(tx: Transaction) -> None:
    for query in (
        indexers.get(9),
        indexers.update(9, name="x"),
        indexers.delete(9),
        indexers.record_failure(9),
        indexers.record_success(9),
    ):
        with pytest.raises(NotFoundError):
            tx.run(query)
    assert tx.run(indexers.find_by_name("Nyx")) is None
    assert tx.run(indexers.list_enabled()) == []
    assert tx.run(indexers.list_for_search("rss")) == []


def test_an_update_changes_what_it_names_and_can_clear_it(tx: Transaction) -> None:
    before = tx.run(indexers.create(indexer(api_key="k")))
    changes: dict[str, Any] = {"priority": 1, "api_key": None, "enabled": False, "tags": ["x"]}
    assert tx.run(indexers.update(before.id, **changes)) == dataclasses.replace(before, **changes)


def test_a_name_is_given_once_and_a_client_must_be_there(tx: Transaction) -> None:
    tx.run(indexers.create(indexer()))
    for new, constraint in (
        (indexer(), "indexers_name_key"),
        (indexer("Other", download_client_id=9**9), "indexers_download_client_id_fkey"),
    ):
        with pytest.raises(ConflictError) as conflict, tx.transaction():
            tx.run(indexers.create(new))
        assert conflict.value.constraint == constraint
    assert found(tx, indexers.list_enabled()) == ["Nyx"]


def test_enabled_indexers_are_listed_with_the_lowest_priority_number_first(tx: Transaction) -> None:
    for name, priority, enabled in (("a", 25, True), ("b", 1, True), ("c", 1, False), ("d", 25, True)):
        tx.run(indexers.create(indexer(name, priority=priority, enabled=enabled)))
    assert found(tx, indexers.list_enabled()) == ["b", "a", "d"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SearchKind.RSS, ["all", "no search", "no automatic", "no interactive"]),
        (SearchKind.AUTOMATIC, ["all", "no rss", "rss unsupported", "no interactive"]),
        (SearchKind.INTERACTIVE, ["all", "no rss", "rss unsupported", "no automatic"]),
    ],
)
def test_for_a_search_those_are_asked_that_serve_its_kind_and_are_not_put_aside(
    tx: Transaction, kind: SearchKind, expected: list[str]
) -> None:
    for name, fields in {
        "all": {},
        "no rss": {"enable_rss": False},
        "rss unsupported": {"supports_rss": False},
        "no search": {"supports_search": False},
        "no automatic": {"enable_automatic_search": False},
        "no interactive": {"enable_interactive_search": False},
        "disabled": {"enabled": False},
        "aside": {},
    }.items():
        tx.run(indexers.create(indexer(name, **fields)))
    aside = tx.run(indexers.find_by_name("aside"))
    assert aside is not None
    tx.run(indexers.record_failure(aside.id))
    assert found(tx, indexers.list_for_search(kind)) == expected
    tx.run(raw("UPDATE indexers SET disabled_till = now() WHERE name = 'aside'"))
    assert found(tx, indexers.list_for_search(kind)) == [*expected, "aside"]


def test_each_failure_in_a_row_puts_an_indexer_aside_for_longer_up_to_a_day(tx: Transaction) -> None:
    stored = tx.run(indexers.create(indexer()))
    failures = [tx.run(indexers.record_failure(stored.id)) for _ in range(11)]
    assert [pause(i) for i in failures] == [1, 5, 15, 30, 60, 180, 360, 720, 1440, 1440, 1440]
    assert [i.escalation_level for i in failures] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]
    assert {i.initial_failure for i in failures} == {failures[0].most_recent_failure}


def test_a_success_takes_an_indexer_back_and_weighs_one_failure(tx: Transaction) -> None:
    stored = tx.run(indexers.create(indexer()))
    for _ in range(3):
        failed = tx.run(indexers.record_failure(stored.id))
    back = tx.run(indexers.record_success(stored.id))
    assert (back.escalation_level, back.disabled_till, back.initial_failure) == (
        2,
        None,
        failed.initial_failure,
    )
    assert pause(tx.run(indexers.record_failure(stored.id))) == 15
    levels = [tx.run(indexers.record_success(stored.id)) for _ in range(4)]
    assert [i.escalation_level for i in levels] == [2, 1, 0, 0]
    assert (levels[-1].initial_failure, levels[-1].most_recent_failure) == (None, failed.most_recent_failure)


def test_history_keeps_the_name_of_an_indexer_that_is_deleted_and_the_queue_lets_it_go(
    tx: Transaction,
) -> None:
    m, deluge = tx.run(movies.create(movie())), tx.run(download_clients.create(client()))
    stored = tx.run(indexers.create(indexer()))
    recorded = tx.run(history.record(event(m.id, indexer_id=stored.id)))
    tx.run(download_queue.sync_from_client(deluge.id, [item(indexer_id=stored.id)]))
    assert tx.run(indexers.delete(stored.id)) == stored
    assert list(tx.run(history.list_recent())) == [dataclasses.replace(recorded, indexer_id=None)]
    assert recorded.indexer_name == "Nyx"
    assert [i.indexer_id for i in tx.run(download_queue.list_page())] == [None]
