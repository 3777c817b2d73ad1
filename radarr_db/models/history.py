"""History: what happened to movies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from radarr_db.models import fields as f
from radarr_db.models.enums import EventType, Quality
from radarr_db.models.lazy import lazy


@lazy("custom_formats", "data")
@dataclass(slots=True)
class HistoryEvent:
    """Something that happened to a movie.

    The names of the indexer and the client are those of the time of the event; their ids are None once they are gone.
    """

    id: int
    movie_id: int
    source_title: str
    event_type: EventType
    quality: Quality | None
    custom_formats: list[Any]
    indexer_id: int | None
    indexer_name: str | None
    download_client_id: int | None
    download_client_name: str | None
    download_id: str | None
    data: dict[str, Any]
    date: dt.datetime


@dataclass(slots=True)
class NewHistoryEvent:
    """An event as a caller supplies it. What is left out is unknown or has its default."""

    movie_id: f.Id
    source_title: f.ReleaseTitle
    event_type: f.Event
    quality: f.QualityName | None = None
    custom_formats: f.JsonArray = field(default_factory=list)
    indexer_id: f.Id | None = None
    download_client_id: f.Id | None = None
    download_id: f.DownloadId | None = None
    data: f.JsonObject = field(default_factory=dict)
    date: dt.datetime | None = None
