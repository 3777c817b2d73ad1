"""Scene groups: the queries of sql/scene_groups.sql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from radarr_db import checks, encoding
from radarr_db.batches import batches
from radarr_db.models.enums import QualityTier
from radarr_db.models.scene_groups import NewSceneGroup, SceneGroup
from radarr_db.query import Page, Query, batched, one, optional, page
from radarr_db.statements import load

_SQL = load("scene_groups")

_name = checks.text(100)
_score = checks.number(0, 100)
_tier = checks.member(QualityTier)


def find_by_name(name: str) -> Query[SceneGroup | None]:
    """The group of this name in any case, or None."""
    return optional(SceneGroup, _SQL["find_by_name"], name=_name("name", name))


def upsert(scene_group: NewSceneGroup) -> Query[SceneGroup]:
    """Stores the analysis of a group, or replaces that of the group of this name, and gives the group as stored.

    The name and the download counts of a stored group stay.
    """
    return one(SceneGroup, _SQL["upsert"], scene_group=encoding.record("scene_group", scene_group, NewSceneGroup))


def upsert_many(scene_groups: Iterable[NewSceneGroup]) -> Query[int]:
    """Stores or replaces analyses as ``upsert`` does, all or none, and gives how many rows were written.

    What did not change is not written. ``scene_groups`` is read in batches; of two with one name the later counts.
    Bulk upserts take turns: RetryableError when another one takes longer than the lock timeout.
    """
    return batched(
        _SQL["upsert_many"],
        batches("scene_groups", scene_groups, NewSceneGroup),
    )


def list_by_min_score(minimum: float, *, limit: int = 50, after: str | None = None) -> Query[Page[SceneGroup]]:
    """The groups with at least this reputation score, 0 to 100, best first."""
    return page(
        SceneGroup,
        _SQL["list_by_min_score"],
        sort="score",
        limit=limit,
        after=after,
        minimum=_score("minimum", minimum),
    )


def list_by_tier(tier: QualityTier | str, *, limit: int = 50, after: str | None = None) -> Query[Page[SceneGroup]]:
    """The groups of a quality tier, best first."""
    return page(SceneGroup, _SQL["list_by_tier"], sort="score", limit=limit, after=after, tier=_tier("tier", tier))


def list_stale(before: dt.datetime, *, limit: int = 50, after: str | None = None) -> Query[Page[SceneGroup]]:
    """The groups last analysed before then, or never; longest ago first."""
    return page(
        SceneGroup,
        _SQL["list_stale"],
        sort="analyzed",
        limit=limit,
        after=after,
        before=checks.timestamp("before", before),
    )


def list_by_category(category: str, *, limit: int = 50, after: str | None = None) -> Query[Page[SceneGroup]]:
    """The groups that release in a category, best first."""
    return page(
        SceneGroup,
        _SQL["list_by_category"],
        sort="score",
        limit=limit,
        after=after,
        category=checks.text(200)("category", category),
    )


def record_download(name: str, success: bool) -> Query[SceneGroup]:
    """Counts a download of a group's release and gives the group as stored; one not met before is added."""
    return one(
        SceneGroup,
        _SQL["record_download"],
        name=_name("name", name),
        success=checks.boolean("success", success),
    )
