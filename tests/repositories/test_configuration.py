"""What download clients, indexers and quality profiles have in common; the first two can fail, and are put aside."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from repositories.factories import KEYS, client, indexer, profile, while_open

from radarr_db import (
    ApiKey,
    ConflictError,
    Database,
    DownloadClient,
    Indexer,
    NotFoundError,
    QualityProfile,
    Query,
    Transaction,
    download_clients,
    indexers,
    quality_profiles,
)


class Kind(NamedTuple):
    functions: Any  # the module
    new: Callable[..., Any]
    row: type
    list: Callable[[], Query[list[Any]]]


CLIENTS = Kind(download_clients, client, DownloadClient, download_clients.list_enabled)
INDEXERS = Kind(indexers, indexer, Indexer, indexers.list_enabled)
PROFILES = Kind(quality_profiles, profile, QualityProfile, quality_profiles.list)

each_kind = pytest.mark.parametrize("kind", [CLIENTS, INDEXERS, PROFILES], ids=lambda kind: kind.row.__name__)
each_service = pytest.mark.parametrize("kind", [CLIENTS, INDEXERS], ids=lambda kind: kind.row.__name__)


def create(tx: Transaction | Database, kind: Kind, *args: Any, **fields: Any) -> Any:
    return tx.run(kind.functions.create(kind.new(*args, **fields)))


def pause(service: Any) -> float | None:
    """For how many minutes one is put aside."""
    if service.disabled_till is None or service.most_recent_failure is None:
        return None
    return float((service.disabled_till - service.most_recent_failure).total_seconds() / 60)


@each_kind
def test_what_is_not_there_is_an_error_except_where_it_was_looked_for_by_name(tx: Transaction, kind: Kind) -> None:
    functions = kind.functions
    for query in (functions.get(9), functions.update(9, name="x"), functions.delete(9)):
        with pytest.raises(NotFoundError):
            tx.run(query)
    assert tx.run(functions.find_by_name(kind.new().name)) is None


@each_service
def test_where_no_service_is_none_fails_and_none_is_listed(tx: Transaction, kind: Kind) -> None:
    for record in (kind.functions.record_failure, kind.functions.record_success):
        with pytest.raises(NotFoundError):
            tx.run(record(9))
    assert tx.run(kind.list()) == []


@pytest.mark.parametrize(
    ("kind", "fields", "changes"),
    [
        (CLIENTS, {"category": "movies"}, {"port": 1, "category": None, "enabled": False, "fields": [1]}),
        (
            INDEXERS,
            {"api_key": KEYS.seal(ApiKey, "k")},
            {"priority": 1, "api_key": None, "enabled": False, "tags": ["x"]},
        ),
        (
            PROFILES,
            {"quality_items": [{"quality": {"name": "DVD"}, "allowed": True}]},
            {"name": "New", "upgrade_allowed": False, "format_items": [{"score": 1}]},
        ),
    ],
)
def test_an_update_changes_what_it_names_and_can_clear_it(
    tx: Transaction, kind: Kind, fields: dict[str, Any], changes: dict[str, Any]
) -> None:
    before = create(tx, kind, **fields)
    after = tx.run(kind.functions.update(before.id, **changes))
    assert after == dataclasses.replace(before, **changes)
    assert isinstance(after, kind.row)


@each_kind
def test_a_name_is_given_once(tx: Transaction, kind: Kind) -> None:
    stored, other = create(tx, kind), create(tx, kind, "Other")
    listed = tx.run(kind.list())
    for query in (kind.functions.create(kind.new()), kind.functions.update(other.id, name=stored.name)):
        with pytest.raises(ConflictError) as conflict, tx.transaction():
            tx.run(query)
        assert conflict.value.constraint == f"{kind.functions.__name__.rpartition('.')[2]}_name_key"
    assert tx.run(kind.functions.get(stored.id)) == stored
    assert tx.run(kind.functions.get(other.id)) == other
    assert tx.run(kind.list()) == listed
    assert stored in listed


@each_service
def test_the_enabled_are_listed_with_the_lowest_priority_number_first(tx: Transaction, kind: Kind) -> None:
    for name, priority, enabled in (("a", 25, True), ("b", 1, True), ("c", 1, False), ("d", 25, True)):
        create(tx, kind, name, priority=priority, enabled=enabled)
    assert [service.name for service in tx.run(kind.list())] == ["b", "a", "d"]


@each_service
def test_each_failure_in_a_row_puts_one_aside_for_longer_up_to_a_day(tx: Transaction, kind: Kind) -> None:
    stored = create(tx, kind)
    failures = [tx.run(kind.functions.record_failure(stored.id)) for _ in range(11)]
    assert [pause(failed) for failed in failures] == [1, 5, 15, 30, 60, 180, 360, 720, 1440, 1440, 1440]
    assert [failed.escalation_level for failed in failures] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]
    assert {failed.initial_failure for failed in failures} == {failures[0].most_recent_failure}


@each_service
def test_a_success_takes_one_back_and_weighs_one_failure(tx: Transaction, kind: Kind) -> None:
    stored = create(tx, kind)
    for _ in range(3):
        failed = tx.run(kind.functions.record_failure(stored.id))
    back = tx.run(kind.functions.record_success(stored.id))
    assert (back.escalation_level, back.disabled_till, back.initial_failure) == (2, None, failed.initial_failure)
    assert pause(tx.run(kind.functions.record_failure(stored.id))) == 15
    successes = [tx.run(kind.functions.record_success(stored.id)) for _ in range(4)]
    assert [success.escalation_level for success in successes] == [2, 1, 0, 0]
    last = successes[-1]
    assert (last.initial_failure, last.most_recent_failure) == (None, failed.most_recent_failure)


@each_service
def test_no_failure_is_lost_that_is_recorded_at_once_with_another(own_db: Database, kind: Kind) -> None:
    failure = kind.functions.record_failure(create(own_db, kind).id)
    assert while_open(own_db, failure, failure).escalation_level == 2
