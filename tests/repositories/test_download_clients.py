from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import KEYS, client, event, indexer, item, movie, raw, while_open

from radarr_db import (
    ClientPassword,
    Database,
    Protocol,
    Transaction,
    download_clients,
    download_queue,
    history,
    indexers,
    movies,
)


def pick(tx: Transaction | Database, protocol: str = "torrent", **asked: Any) -> str | None:
    found = tx.run(download_clients.pick(protocol, **asked))
    return None if found is None else found.name


def test_a_stored_client_is_found_by_id_and_name(tx: Transaction) -> None:
    password = KEYS.seal(ClientPassword, "secret")
    fields = KEYS.seal_fields("download_clients", [{"name": "secretToken", "value": "secret"}])
    new = client(username="me", password=password, fields=fields, tags=["hd"], priority=7)
    stored = tx.run(download_clients.create(new))
    assert {f.name: getattr(stored, f.name) for f in dataclasses.fields(new)} == dataclasses.asdict(new)
    assert (stored.escalation_level, stored.last_picked, stored.disabled_till) == (0, None, None)
    assert tx.run(download_clients.get(stored.id)) == stored
    assert tx.run(download_clients.find_by_name("Deluge")) == stored
    assert "password=<ClientPassword>" in repr(stored)
    assert stored.password
    assert KEYS.open(stored.password) == "secret"
    assert KEYS.open_fields("download_clients", stored.fields) == [{"name": "secretToken", "value": "secret"}]


def test_clients_of_the_protocol_and_priority_are_picked_in_turn(tx: Transaction) -> None:
    assert pick(tx) is None
    for name, protocol, priority in (
        ("a", "torrent", 2),
        ("b", "torrent", 2),
        ("c", "usenet", 1),
        ("d", "torrent", 3),
    ):
        tx.run(download_clients.create(client(name, protocol, priority=priority)))
    assert [pick(tx) for _ in range(5)] == ["a", "b", "a", "b", "a"]
    assert [pick(tx, Protocol.USENET) for _ in range(2)] == ["c", "c"]


def test_a_client_that_is_disabled_or_put_aside_is_not_picked(tx: Transaction) -> None:
    for name in ("a", "b"):
        tx.run(download_clients.create(client(name)))
    a, b = tx.run(download_clients.list_enabled())
    failed = tx.run(download_clients.record_failure(a.id))
    assert (failed.escalation_level, failed.disabled_till is not None) == (1, True)
    assert [pick(tx) for _ in range(2)] == ["b", "b"]
    tx.run(download_clients.update(b.id, enabled=False))
    assert pick(tx) is None
    assert tx.run(download_clients.record_success(a.id)).disabled_till is None
    assert pick(tx) == "a"
    tx.run(raw("UPDATE download_clients SET disabled_till = now() WHERE name = 'a'"))
    assert pick(tx) == "a"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], ["plain", "own"]),
        (["other"], ["plain", "own"]),
        (["hd"], ["tagged", "tagged"]),
        (["x", "4k"], ["tagged", "tagged"]),
    ],
)
def test_clients_that_share_a_tag_go_before_those_without_tags(
    tx: Transaction, tags: list[str], expected: list[str]
) -> None:
    tx.run(download_clients.create(client("tagged", tags=["hd", "4k"], priority=9)))
    for name in ("plain", "own"):
        tx.run(download_clients.create(client(name)))
    assert [pick(tx, tags=tags) for _ in range(2)] == expected


def test_the_indexers_own_client_wins_among_those_that_may_be_asked(tx: Transaction) -> None:
    tx.run(download_clients.create(client("plain")))
    tx.run(download_clients.create(client("own", priority=9)))
    tx.run(download_clients.create(client("tagged", priority=50, tags=["hd"])))
    own = tx.run(download_clients.find_by_name("own"))
    assert own is not None
    nyx = tx.run(indexers.create(indexer(download_client_id=own.id)))
    other = tx.run(indexers.create(indexer("Other")))
    assert [pick(tx, indexer_id=nyx.id) for _ in range(2)] == ["own", "own"]
    assert pick(tx, indexer_id=nyx.id, tags=["hd"]) == "tagged"
    assert pick(tx, indexer_id=other.id) == "plain"
    assert pick(tx, indexer_id=9**9) == "plain"
    assert pick(tx, "usenet", indexer_id=nyx.id) is None
    tx.run(download_clients.record_failure(own.id))
    assert pick(tx, indexer_id=nyx.id) == "plain"


def test_a_pick_that_waits_for_another_gets_a_client_all_the_same(own_db: Database) -> None:
    own_db.run(download_clients.create(client()))
    picked = while_open(own_db, download_clients.pick("torrent"), download_clients.pick("torrent"))
    assert picked is not None
    assert picked.name == "Deluge"


def test_the_queue_of_a_deleted_client_goes_and_history_keeps_its_name(tx: Transaction) -> None:
    m = tx.run(movies.create(movie()))
    gone, stays = (tx.run(download_clients.create(client(name))) for name in ("gone", "stays"))
    nyx = tx.run(indexers.create(indexer(download_client_id=gone.id)))
    for c in (gone, stays):
        tx.run(download_queue.sync_from_client(c.id, [item()]))
    recorded = tx.run(history.record(event(m.id, download_client_id=gone.id)))
    assert tx.run(download_clients.delete(gone.id)) == gone
    assert [i.download_client_id for i in tx.run(download_queue.list_page())] == [stays.id]
    assert list(tx.run(history.list_recent())) == [dataclasses.replace(recorded, download_client_id=None)]
    assert recorded.download_client_name == "gone"
    assert tx.run(indexers.get(nyx.id)).download_client_id is None
