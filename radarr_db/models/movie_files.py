"""Movie files: one a movie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from radarr_db.models import fields as f
from radarr_db.models.enums import Quality, Resolution
from radarr_db.models.lazy import lazy


@lazy("media_info", "custom_formats")
@dataclass(slots=True)
class MovieFile:
    """The file of a movie; ``size`` in bytes, ``relative_path`` from the movie's folder."""

    id: int
    movie_id: int
    relative_path: str
    size: int
    date_added: dt.datetime
    scene_name: str | None
    release_group: str | None
    quality: Quality
    resolution: Resolution | None
    video_codec: str | None
    audio_codec: str | None
    audio_languages: list[str]
    subtitle_languages: list[str]
    edition: str | None
    cut: str | None
    media_info: dict[str, Any]
    custom_formats: list[Any]
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class FileQuality:
    """The quality and size in bytes of a movie's file."""

    id: int
    movie_id: int
    title: str
    quality: Quality
    size: int


@dataclass(slots=True)
class NewMovieFile:
    """A file as a caller supplies it. What is left out is unknown or has its default."""

    movie_id: f.Id
    relative_path: f.RelativePath
    quality: f.QualityName
    size: f.Bytes = 0
    date_added: dt.datetime | None = None
    scene_name: f.ShortText | None = None
    release_group: f.Name | None = None
    resolution: f.ResolutionName | None = None
    video_codec: f.Name | None = None
    audio_codec: f.Name | None = None
    audio_languages: f.Labels = field(default_factory=list)
    subtitle_languages: f.Labels = field(default_factory=list)
    edition: f.Name | None = None
    cut: f.Name | None = None
    media_info: f.JsonObject = field(default_factory=dict)
    custom_formats: f.JsonArray = field(default_factory=list)
