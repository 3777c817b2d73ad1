"""The download queue: the queries of sql/download_queue.sql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from radarr_db import checks, encoding
from radarr_db.errors import InvalidArgumentError
from radarr_db.models.download_queue import NewQueueItem, QueueChanges, QueueItem, QueueStatistics
from radarr_db.models.enums import Protocol, Quality, QueueSort, QueueStatus
from radarr_db.query import Page, Query, affected, many, one, page
from radarr_db.statements import load

_SQL = load("download_queue")

_id = checks.integer(1, checks.INT8)
_ids = checks.items(_id)
_download_id = checks.text(200)
_status = checks.member(QueueStatus)


def sync_from_client(download_client_id: int, items: Iterable[NewQueueItem]) -> Query[QueueChanges]:
    """Makes the queue of a client what it reports: adds new items, updates changed ones, removes vanished ones.

    No other row is touched, and what an item does not say (its movie, indexer, quality, custom formats) stays as it
    was.
    InvalidArgumentError when two items have one download id.
    """
    rows: dict[str, checks.Json] = {}
    for place, item in enumerate(checks.iterable("items", items)):
        row = encoding.record("items", item, NewQueueItem, place=place)
        if rows.setdefault(item.download_id, row) is not row:
            raise InvalidArgumentError(f"items[{place}].download_id", "stands twice in the list")
    return one(
        QueueChanges,
        _SQL["sync_from_client"],
        download_client_id=_id("download_client_id", download_client_id),
        items=encoding.array(rows.values()),
    )


def find_by_download_id(download_id: str) -> Query[list[QueueItem]]:
    """The items with this download id; several when clients share one."""
    return many(QueueItem, _SQL["find_by_download_id"], download_id=_download_id("download_id", download_id))


def list_active(*, limit: int = 50, after: str | None = None) -> Query[Page[QueueItem]]:
    """The items that are neither completed, cancelled nor failed, oldest first."""
    return page(QueueItem, _SQL["list_active"], sort="added", limit=limit, after=after)


def list_page(
    *,
    movie_id: int | None = None,
    protocol: Protocol | str | None = None,
    quality: Quality | str | None = None,
    status: QueueStatus | str | None = None,
    sort: QueueSort | str = QueueSort.ADDED,
    limit: int = 50,
    after: str | None = None,
) -> Query[Page[QueueItem]]:
    """The queue, of one movie, protocol, quality or status where these are given."""
    return page(
        QueueItem,
        _SQL["list_page"],
        sort=checks.member(QueueSort)("sort", sort),
        limit=limit,
        after=after,
        movie_id=checks.maybe(_id, "movie_id", movie_id),
        protocol=checks.maybe(checks.member(Protocol), "protocol", protocol),
        quality=checks.maybe(checks.member(Quality), "quality", quality),
        status=checks.maybe(_status, "status", status),
    )


def update_progress(
    item_id: int,
    progress: float,
    *,
    status: QueueStatus | str | None = None,
    time_left: dt.timedelta | None = None,
    eta: dt.datetime | None = None,
) -> Query[QueueItem]:
    """Says how far a download is, in percent, and gives it as stored; NotFoundError when there is none.

    ``status`` None leaves the status; ``time_left`` and ``eta`` None mean that they are not known.
    """
    return one(
        QueueItem,
        _SQL["update_progress"],
        id=_id("item_id", item_id),
        progress=checks.number(0, 100)("progress", progress),
        status=checks.maybe(_status, "status", status),
        time_left=checks.maybe(checks.duration, "time_left", time_left),
        eta=checks.maybe(checks.timestamp, "eta", eta),
    )


def statistics() -> Query[QueueStatistics]:
    """The queue in numbers."""
    return one(QueueStatistics, _SQL["statistics"])


def remove_many(item_ids: Iterable[int]) -> Query[int]:
    """Removes items and gives how many there were."""
    return affected(_SQL["remove_many"], ids=_ids("item_ids", item_ids))
