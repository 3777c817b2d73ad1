"""Scene groups: who releases, and how good they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from radarr_db.models import fields as f
from radarr_db.models.documents import GroupAnalysis
from radarr_db.models.enums import Confidence, QualityTier
from radarr_db.models.lazy import lazy


@lazy("analysis_data")
@dataclass(slots=True)
class SceneGroup:
    """A release group; ``reputation_score`` runs from 0 to 100."""

    id: int
    name: str
    reputation_score: float
    quality_tier: QualityTier
    confidence_level: Confidence
    total_releases: int
    internal_releases: int
    completed_downloads: int
    total_downloads: int
    categories: list[str]
    analysis_data: GroupAnalysis
    first_seen: dt.datetime
    last_analyzed: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class NewSceneGroup:
    """A release group as a caller supplies it. What is left out is unknown or has its default."""

    name: f.GroupName
    reputation_score: f.Percent = 0.0
    quality_tier: f.Tier = QualityTier.UNKNOWN
    confidence_level: f.ConfidenceLevel = Confidence.LOW
    total_releases: f.Count = 0
    internal_releases: f.Count = 0
    completed_downloads: f.BigCount = 0
    total_downloads: f.BigCount = 0
    categories: f.Labels = field(default_factory=list)
    analysis_data: f.Analysis = field(default_factory=GroupAnalysis)
    first_seen: dt.datetime | None = None
    last_analyzed: dt.datetime | None = None
