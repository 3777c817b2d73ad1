"""Quality profiles: the queries of sql/quality_profiles.sql."""

from __future__ import annotations

import builtins
from typing import Unpack

from radarr_db import checks, encoding
from radarr_db.models.quality_profiles import NewQualityProfile, QualityProfile, QualityProfileChanges
from radarr_db.query import Query, many, one, optional
from radarr_db.statements import load

_SQL = load("quality_profiles")

_id = checks.integer(1, checks.INT8)


def get(profile_id: int) -> Query[QualityProfile]:
    """The profile with this id; NotFoundError when there is none."""
    return one(QualityProfile, _SQL["get"], id=_id("profile_id", profile_id))


def find_by_name(name: str) -> Query[QualityProfile | None]:
    """The profile of this name, or None."""
    return optional(QualityProfile, _SQL["find_by_name"], name=checks.text(200)("name", name))


def list() -> Query[builtins.list[QualityProfile]]:  # noqa: A001 - the module is its namespace
    """All profiles, by name."""
    return many(QualityProfile, _SQL["list"])


def create(profile: NewQualityProfile) -> Query[QualityProfile]:
    """Adds a profile and gives it as stored; ConflictError when its name is taken."""
    return one(QualityProfile, _SQL["create"], profile=encoding.record("profile", profile, NewQualityProfile))


def update(profile_id: int, **changes: Unpack[QualityProfileChanges]) -> Query[QualityProfile]:
    """Changes the given fields of a profile and gives it as stored; NotFoundError when there is none.

    ConflictError when its name is taken.
    """
    return one(
        QualityProfile,
        _SQL["update"],
        id=_id("profile_id", profile_id),
        changes=encoding.changes(changes, QualityProfileChanges),
    )


def delete(profile_id: int) -> Query[QualityProfile]:
    """Removes a profile and gives it as it was; NotFoundError when there is none.

    ConflictError while a movie uses it.
    """
    return one(QualityProfile, _SQL["delete"], id=_id("profile_id", profile_id))
