"""Indexers: where releases are found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, TypedDict

from radarr_db.models import fields as f
from radarr_db.models.lazy import lazy
from radarr_db.sealed import ApiKey


@lazy("fields", "tags")
@dataclass(slots=True)
class Indexer:
    """An indexer; the lower its priority number, the earlier it is asked.

    ``escalation_level`` counts failures in a row; until ``disabled_till`` the indexer is not asked.
    """

    id: int
    name: str
    implementation: str
    implementation_name: str
    config_contract: str
    enabled: bool
    enable_rss: bool
    enable_automatic_search: bool
    enable_interactive_search: bool
    supports_rss: bool
    supports_search: bool
    base_url: str
    api_path: str | None
    api_key: ApiKey | None
    additional_parameters: str | None = field(repr=False)
    priority: int
    download_client_id: int | None
    fields: list[Any] = field(repr=False)
    tags: list[str]
    grab_limit: int | None
    query_limit: int | None
    initial_failure: dt.datetime | None
    most_recent_failure: dt.datetime | None
    escalation_level: int
    disabled_till: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class NewIndexer:
    """An indexer as a caller supplies it. What is left out is unknown or has its default."""

    name: f.Name
    implementation: f.Name
    implementation_name: f.Name
    config_contract: f.Name
    base_url: f.ShortText
    enabled: bool = True
    enable_rss: bool = True
    enable_automatic_search: bool = True
    enable_interactive_search: bool = True
    supports_rss: bool = True
    supports_search: bool = True
    api_path: f.ShortText | None = "/api"
    api_key: f.SealedApiKey | None = field(default=None, repr=False)
    additional_parameters: f.ShortText | None = field(default=None, repr=False)
    priority: f.Priority = 25
    download_client_id: f.Id | None = None
    fields: f.Settings = field(default_factory=list, repr=False)
    tags: f.Labels = field(default_factory=list)
    grab_limit: f.Count | None = 100
    query_limit: f.Count | None = 100


class IndexerChanges(TypedDict, total=False):
    """The fields of an indexer that can be changed."""

    name: f.Name
    implementation: f.Name
    implementation_name: f.Name
    config_contract: f.Name
    base_url: f.ShortText
    enabled: bool
    enable_rss: bool
    enable_automatic_search: bool
    enable_interactive_search: bool
    supports_rss: bool
    supports_search: bool
    api_path: f.ShortText | None
    api_key: f.SealedApiKey | None
    additional_parameters: f.ShortText | None
    priority: f.Priority
    download_client_id: f.Id | None
    fields: f.Settings
    tags: f.Labels
    grab_limit: f.Count | None
    query_limit: f.Count | None
