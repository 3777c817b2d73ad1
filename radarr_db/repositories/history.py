"""History: the queries of sql/history.sql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from radarr_db import checks, encoding
from radarr_db.batches import batches
from radarr_db.models.enums import EventType, Quality
from radarr_db.models.history import HistoryEvent, NewHistoryEvent
from radarr_db.query import Page, Query, affected, batched, many, one, optional, page, scalar
from radarr_db.statements import load

_SQL = load("history")

_id = checks.integer(1, checks.INT8)
_ids = checks.items(_id)
_download_id = checks.text(200)
_event = checks.member(EventType)
_events = checks.items(_event)
_qualities = checks.items(checks.member(Quality))


def record(event: NewHistoryEvent) -> Query[HistoryEvent]:
    """Writes down what happened to a movie and gives it as stored; ConflictError when there is no such movie."""
    return one(HistoryEvent, _SQL["record"], event=encoding.record("event", event, NewHistoryEvent))


def record_many(events: Iterable[NewHistoryEvent]) -> Query[int]:
    """Writes down many events, all or none, and gives their number; ConflictError as for ``record``.

    ``events`` is read in batches.
    """
    return batched(_SQL["record_many"], batches("events", events, NewHistoryEvent))


def list_recent(*, limit: int = 20, after: str | None = None) -> Query[Page[HistoryEvent]]:
    """What happened last, newest first."""
    return page(HistoryEvent, _SQL["list_recent"], sort="date", limit=limit, after=after)


def list_by_movie(
    movie_id: int, *, event_type: EventType | str | None = None, limit: int = 50, after: str | None = None
) -> Query[Page[HistoryEvent]]:
    """What happened to a movie, or only the events of one type; newest first."""
    return page(
        HistoryEvent,
        _SQL["list_by_movie"],
        sort="date",
        limit=limit,
        after=after,
        movie_id=_id("movie_id", movie_id),
        event_type=checks.maybe(_event, "event_type", event_type),
    )


def list_page(
    *,
    event_types: Iterable[EventType | str] | None = None,
    movie_ids: Iterable[int] | None = None,
    qualities: Iterable[Quality | str] | None = None,
    download_id: str | None = None,
    since: dt.datetime | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Query[Page[HistoryEvent]]:
    """History, of these events, movies, qualities or this download, or since then, where given; newest first."""
    return page(
        HistoryEvent,
        _SQL["list_page"],
        sort="date",
        limit=limit,
        after=after,
        event_types=checks.maybe(_events, "event_types", event_types),
        movie_ids=checks.maybe(_ids, "movie_ids", movie_ids),
        qualities=checks.maybe(_qualities, "qualities", qualities),
        download_id=checks.maybe(_download_id, "download_id", download_id),
        since=checks.maybe(checks.timestamp, "since", since),
    )


def find_most_recent(movie_id: int, event_type: EventType | str | None = None) -> Query[HistoryEvent | None]:
    """The last event of a movie, or its last one of a type; None when there is none."""
    return optional(
        HistoryEvent,
        _SQL["find_most_recent"],
        movie_id=_id("movie_id", movie_id),
        event_type=checks.maybe(_event, "event_type", event_type),
    )


def find_by_download_id(download_id: str) -> Query[list[HistoryEvent]]:
    """All events of a download, newest first."""
    return many(HistoryEvent, _SQL["find_by_download_id"], download_id=_download_id("download_id", download_id))


def find_most_recent_by_download_id(download_id: str) -> Query[HistoryEvent | None]:
    """The last event of a download, or None."""
    return optional(
        HistoryEvent,
        _SQL["find_most_recent_by_download_id"],
        download_id=_download_id("download_id", download_id),
    )


def already_imported(download_id: str) -> Query[bool]:
    """Whether a download was imported since it was last grabbed."""
    return scalar(bool, _SQL["already_imported"], download_id=_download_id("download_id", download_id))


def purge(before: dt.datetime) -> Query[int]:
    """Removes what happened before then, except the last event of each movie, and gives how many there were."""
    return affected(_SQL["purge"], before=checks.timestamp("before", before))
