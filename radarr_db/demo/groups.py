"""Release groups, made up, with what an analysis would say of them."""

from __future__ import annotations

import datetime as dt
import random

from radarr_db.models.documents import GroupAnalysis
from radarr_db.models.enums import Confidence, QualityTier
from radarr_db.models.scene_groups import NewSceneGroup

_WORDS = (
    "AMBER", "BIRCH", "COMET", "DUNLIN", "EMBER", "FJORD", "GNOMON", "HAZEL", "INDIGO", "JUNIPER",
    "KESTREL", "LANTERN", "MARLIN", "NIMBUS", "OSPREY", "PLOVER", "QUILL", "ROWAN", "SORREL", "TAMARISK",
)  # fmt: skip
NAMES = tuple(word + ending for ending in ("", "HD", "WEB") for word in _WORDS)

# The least score of each tier.
_TIERS = {
    90: QualityTier.ELITE,
    80: QualityTier.PREMIUM,
    70: QualityTier.EXCELLENT,
    60: QualityTier.GOOD,
    50: QualityTier.AVERAGE,
    40: QualityTier.BELOW_AVERAGE,
    0: QualityTier.POOR,
}
# The least number of releases for each confidence.
_CONFIDENCES = {400: Confidence.HIGH, 100: Confidence.MEDIUM, 0: Confidence.LOW}


def group(rng: random.Random, name: str, now: dt.datetime) -> NewSceneGroup:
    """A group and its analysis."""
    score = round(rng.triangular(20, 99, 75), 2)
    releases = rng.randint(20, 900)
    internal = rng.randint(0, releases // 3)
    downloads = rng.randint(0, 40 * releases)
    completed = round(downloads * rng.uniform(0.7, 1))
    first_seen = now - dt.timedelta(days=rng.randint(200, 3000))
    analyzed = now - dt.timedelta(days=rng.randint(0, 45))
    analysis: GroupAnalysis = {
        "reputation_factors": {
            "seeder_health_score": round(rng.uniform(30, 100), 1),
            "internal_ratio": round(internal / releases, 2),
            "completion_rate": round(completed / downloads, 2) if downloads else 0,
            "quality_consistency": round(rng.uniform(40, 100), 1),
            "recency_score": round(rng.uniform(20, 100), 1),
        },
        "release_statistics": {
            "total_releases": releases,
            "internal_releases": internal,
            "external_releases": releases - internal,
            "completed_downloads": completed,
            "total_downloads": downloads,
            "average_seeders": round(rng.uniform(2, 300), 1),
        },
        "temporal_data": {"first_seen": first_seen.isoformat(), "last_release": analyzed.isoformat()},
        "categories_covered": ["Movies"],
    }
    return NewSceneGroup(
        name=name,
        reputation_score=score,
        quality_tier=next(tier for least, tier in _TIERS.items() if score >= least),
        confidence_level=next(level for least, level in _CONFIDENCES.items() if releases >= least),
        total_releases=releases,
        internal_releases=internal,
        completed_downloads=completed,
        total_downloads=downloads,
        categories=["Movies"],
        analysis_data=analysis,
        first_seen=first_seen,
        last_analyzed=analyzed,
    )
