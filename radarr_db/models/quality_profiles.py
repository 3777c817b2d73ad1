"""Quality profiles: which qualities a movie may have, and which one is good enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, TypedDict

from radarr_db.models import fields as f
from radarr_db.models.enums import Quality
from radarr_db.models.lazy import lazy


@lazy("quality_items", "custom_formats", "format_items")
@dataclass(slots=True)
class QualityProfile:
    """A quality profile; once a file has ``cutoff_quality``, nothing better is looked for."""

    id: int
    name: str
    upgrade_allowed: bool
    cutoff_quality: Quality
    quality_items: list[Any]
    custom_formats: list[Any]
    format_items: list[Any]
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class NewQualityProfile:
    """A profile as a caller supplies it. What is left out is unknown or has its default."""

    name: f.Name
    cutoff_quality: f.QualityName
    quality_items: f.JsonArray = field(default_factory=list)
    upgrade_allowed: bool = True
    custom_formats: f.JsonArray = field(default_factory=list)
    format_items: f.JsonArray = field(default_factory=list)


class QualityProfileChanges(TypedDict, total=False):
    """The fields of a profile that can be changed."""

    name: f.Name
    cutoff_quality: f.QualityName
    quality_items: f.JsonArray
    upgrade_allowed: bool
    custom_formats: f.JsonArray
    format_items: f.JsonArray
