from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import KEYS, client, event, indexer, item, movie, raw

from radarr_db import (
    ApiKey,
    ConflictError,
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


def test_a_stored_indexer_is_found_by_id_and_name(tx: Transaction) -> None:
    deluge = tx.run(download_clients.create(client()))
    new = indexer(
        api_key=KEYS.seal(ApiKey, "secret"),
        priority=3,
        download_client_id=deluge.id,
        fields=KEYS.seal_fields(
            "indexers", [{"name": "minimumSeeders", "value": 1}, {"name": "cookie", "value": "secret"}]
        ),
        tags=["hd"],
        grab_limit=None,
    )
    stored = tx.run(indexers.create(new))
    assert {f.name: getattr(stored, f.name) for f in dataclasses.fields(new)} == dataclasses.asdict(new)
    assert (stored.escalation_level, stored.initial_failure, stored.disabled_till) == (0, None, None)
    assert tx.run(indexers.get(stored.id)) == stored
    assert tx.run(indexers.find_by_name("Nyx")) == stored
    assert "api_key=<ApiKey>" in repr(stored)
    assert stored.api_key
    assert KEYS.open(stored.api_key) == "secret"
    assert KEYS.open_fields("indexers", stored.fields)[1] == {"name": "cookie", "value": "secret"}


def test_the_client_of_an_indexer_must_be_there(tx: Transaction) -> None:
    tx.run(indexers.create(indexer()))
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(indexers.create(indexer("Other", download_client_id=9**9)))
    assert conflict.value.constraint == "indexers_download_client_id_fkey"
    assert found(tx, indexers.list_enabled()) == ["Nyx"]


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
    assert found(tx, indexers.list_for_search(kind)) == []
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
