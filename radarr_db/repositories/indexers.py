"""Indexers: the queries of sql/indexers.sql."""

from __future__ import annotations

from typing import Unpack

from radarr_db import checks, encoding
from radarr_db.models.enums import SearchKind
from radarr_db.models.indexers import Indexer, IndexerChanges, NewIndexer
from radarr_db.query import Query, many, one, optional
from radarr_db.statements import load

_SQL = load("indexers")

_id = checks.integer(1, checks.INT8)


def get(indexer_id: int) -> Query[Indexer]:
    """The indexer with this id; NotFoundError when there is none."""
    return one(Indexer, _SQL["get"], id=_id("indexer_id", indexer_id))


def find_by_name(name: str) -> Query[Indexer | None]:
    """The indexer of this name, or None."""
    return optional(Indexer, _SQL["find_by_name"], name=checks.text(200)("name", name))


def list_enabled() -> Query[list[Indexer]]:
    """The enabled indexers in the order to ask them."""
    return many(Indexer, _SQL["list_enabled"])


def list_for_search(kind: SearchKind | str) -> Query[list[Indexer]]:
    """The indexers to ask now for a kind of search: enabled for it and not put aside after failures."""
    return many(Indexer, _SQL["list_for_search"], kind=checks.member(SearchKind)("kind", kind))


def create(indexer: NewIndexer) -> Query[Indexer]:
    """Adds an indexer and gives it as stored; ConflictError when its name is taken or its client is not there."""
    return one(Indexer, _SQL["create"], indexer=encoding.record("indexer", indexer, NewIndexer))


def update(indexer_id: int, **changes: Unpack[IndexerChanges]) -> Query[Indexer]:
    """Changes the given fields of an indexer and gives it as stored; NotFoundError when there is none.

    ConflictError when its name is taken or its client is not there.
    """
    return one(
        Indexer,
        _SQL["update"],
        id=_id("indexer_id", indexer_id),
        changes=encoding.changes(changes, IndexerChanges),
    )


def delete(indexer_id: int) -> Query[Indexer]:
    """Removes an indexer and gives it as it was; NotFoundError when there is none. History keeps its name."""
    return one(Indexer, _SQL["delete"], id=_id("indexer_id", indexer_id))


def record_failure(indexer_id: int) -> Query[Indexer]:
    """Puts an indexer aside, from a minute after one failure to a day after nine in a row, and gives it as stored.

    NotFoundError when there is none.
    """
    return one(Indexer, _SQL["record_failure"], id=_id("indexer_id", indexer_id))


def record_success(indexer_id: int) -> Query[Indexer]:
    """Takes an indexer back into use, and gives it; its next failure weighs one step less than the last.

    NotFoundError when there is none.
    """
    return one(Indexer, _SQL["record_success"], id=_id("indexer_id", indexer_id))
