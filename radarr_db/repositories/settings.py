"""The server's configuration: the queries of sql/settings.sql."""

from __future__ import annotations

from collections.abc import Sequence

from radarr_db import checks
from radarr_db.models.settings import ComparedSetting
from radarr_db.query import Query, column, many
from radarr_db.statements import load

_SQL = load("settings")

_names = checks.items(checks.text(63))
_values = checks.items(checks.text(200))


def compare(names: Sequence[str], values: Sequence[str]) -> Query[list[ComparedSetting]]:
    """The settings of these names beside the values that are wanted; what the role may not see is missing."""
    return many(ComparedSetting, _SQL["compare"], names=_names("names", names), values=_values("values", values))


def list_denied(names: Sequence[str]) -> Query[list[str]]:
    """The settings that the role may not store, and the functions for it that it may not call."""
    return column(str, _SQL["list_denied"], names=_names("names", names))
