"""The download queue: what the clients are fetching."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from radarr_db.models import fields as f
from radarr_db.models.enums import Quality, QueueStatus
from radarr_db.models.lazy import lazy


@lazy("custom_formats", "status_messages")
@dataclass(slots=True)
class QueueItem:
    """A download; ``progress`` is in percent, ``size`` in bytes, ``movie_id`` None where the movie is unknown."""

    id: int
    movie_id: int | None
    download_client_id: int | None
    indexer_id: int | None
    download_id: str
    title: str
    size: int
    status: QueueStatus
    tracking_id: str | None
    progress: float
    eta: dt.datetime | None
    time_left: dt.timedelta | None
    quality: Quality | None
    custom_formats: list[Any]
    status_messages: list[Any]
    error_message: str | None
    added: dt.datetime
    grabbed_at: dt.datetime | None
    completed_at: dt.datetime | None
    failed_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class QueueChanges:
    """How many items a sync added, updated and removed."""

    added: int
    updated: int
    removed: int


@dataclass(slots=True)
class QueueStatistics:
    """The queue in numbers."""

    total: int
    errors: int
    warnings: int


@dataclass(slots=True)
class NewQueueItem:
    """A download as its client reports it; ``progress`` is in percent, ``size`` in bytes."""

    download_id: f.DownloadId
    title: f.ReleaseTitle
    movie_id: f.Id | None = None
    indexer_id: f.Id | None = None
    size: f.Bytes = 0
    status: f.QueueState = QueueStatus.QUEUED
    tracking_id: f.Name | None = None
    progress: f.Percent = 0.0
    eta: dt.datetime | None = None
    time_left: dt.timedelta | None = None
    quality: f.QualityName | None = None
    custom_formats: f.JsonArray | None = None
    status_messages: f.JsonArray = field(default_factory=list)
    error_message: f.LongText | None = None
    added: dt.datetime | None = None
    grabbed_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None
    failed_at: dt.datetime | None = None
