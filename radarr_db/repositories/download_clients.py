"""Download clients: the queries of sql/download_clients.sql."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from radarr_db import checks, encoding
from radarr_db.models.download_clients import DownloadClient, DownloadClientChanges, NewDownloadClient
from radarr_db.models.enums import Protocol
from radarr_db.query import Query, many, one, optional
from radarr_db.statements import load

_SQL = load("download_clients")

_id = checks.integer(1, checks.INT8)
_labels = checks.items(checks.text(200))


def get(client_id: int) -> Query[DownloadClient]:
    """The download client with this id; NotFoundError when there is none."""
    return one(DownloadClient, _SQL["get"], id=_id("client_id", client_id))


def find_by_name(name: str) -> Query[DownloadClient | None]:
    """The download client of this name, or None."""
    return optional(DownloadClient, _SQL["find_by_name"], name=checks.text(200)("name", name))


def list_enabled() -> Query[list[DownloadClient]]:
    """The enabled download clients in the order of their priority."""
    return many(DownloadClient, _SQL["list_enabled"])


def pick(
    protocol: Protocol | str, *, indexer_id: int | None = None, tags: Iterable[str] = ()
) -> Query[DownloadClient | None]:
    """The client to send a download to, or None when there is none for the protocol.

    Clients that share one of the movie's ``tags`` go first, else only those without tags are asked; among these the
    indexer's own client, then the lowest priority number, then whichever was picked longest ago. That it was picked is
    written down, so this does not run on a standby or read only; two at the same moment may pick the same.
    """
    return optional(
        DownloadClient,
        _SQL["pick"],
        protocol=checks.member(Protocol)("protocol", protocol),
        indexer_id=checks.maybe(_id, "indexer_id", indexer_id),
        tags=_labels("tags", tags),
    )


def create(client: NewDownloadClient) -> Query[DownloadClient]:
    """Adds a download client and gives it as stored; ConflictError when its name is taken."""
    return one(DownloadClient, _SQL["create"], client=encoding.record("client", client, NewDownloadClient))


def update(client_id: int, **changes: Unpack[DownloadClientChanges]) -> Query[DownloadClient]:
    """Changes the given fields of a download client and gives it as stored; NotFoundError when there is none.

    ConflictError when its name is taken.
    """
    return one(
        DownloadClient,
        _SQL["update"],
        id=_id("client_id", client_id),
        changes=encoding.changes(changes, DownloadClientChanges),
    )


def delete(client_id: int) -> Query[DownloadClient]:
    """Removes a download client with its queue items and gives it as it was; NotFoundError when there is none."""
    return one(DownloadClient, _SQL["delete"], id=_id("client_id", client_id))


def record_failure(client_id: int) -> Query[DownloadClient]:
    """Puts a client aside, from a minute after one failure to a day after nine in a row, and gives it as stored.

    NotFoundError when there is none.
    """
    return one(DownloadClient, _SQL["record_failure"], id=_id("client_id", client_id))


def record_success(client_id: int) -> Query[DownloadClient]:
    """Takes a client back into use, and gives it; its next failure weighs one step less than the last.

    NotFoundError when there is none.
    """
    return one(DownloadClient, _SQL["record_success"], id=_id("client_id", client_id))
