"""Download clients: who fetches releases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, TypedDict

from radarr_db.models import fields as f
from radarr_db.models.enums import Protocol
from radarr_db.models.lazy import lazy
from radarr_db.sealed import ClientPassword


@lazy("fields", "tags")
@dataclass(slots=True)
class DownloadClient:
    """A download client; the lower its priority number, the earlier it is picked.

    ``escalation_level`` counts failures in a row; until ``disabled_till`` the client is not picked.
    """

    id: int
    name: str
    implementation: str
    implementation_name: str
    config_contract: str
    enabled: bool
    protocol: Protocol
    priority: int
    host: str
    port: int
    use_ssl: bool
    url_base: str | None
    username: str | None
    password: ClientPassword | None
    category: str | None
    recent_tv_priority: str | None
    older_tv_priority: str | None
    remove_completed_downloads: bool
    remove_failed_downloads: bool
    fields: list[Any] = field(repr=False)
    tags: list[str]
    initial_failure: dt.datetime | None
    most_recent_failure: dt.datetime | None
    escalation_level: int
    disabled_till: dt.datetime | None
    last_picked: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class NewDownloadClient:
    """A download client as a caller supplies it. What is left out is unknown or has its default."""

    name: f.Name
    implementation: f.Name
    implementation_name: f.Name
    config_contract: f.Name
    protocol: f.ProtocolName
    host: f.ShortText
    port: f.Port
    enabled: bool = True
    priority: f.Priority = 1
    use_ssl: bool = False
    url_base: f.ShortText | None = None
    username: f.ShortText | None = None
    password: f.SealedPassword | None = field(default=None, repr=False)
    category: f.ShortText | None = None
    recent_tv_priority: f.ShortText | None = "last"
    older_tv_priority: f.ShortText | None = "last"
    remove_completed_downloads: bool = True
    remove_failed_downloads: bool = True
    fields: f.Settings = field(default_factory=list, repr=False)
    tags: f.Labels = field(default_factory=list)


class DownloadClientChanges(TypedDict, total=False):
    """The fields of a download client that can be changed."""

    name: f.Name
    implementation: f.Name
    implementation_name: f.Name
    config_contract: f.Name
    protocol: f.ProtocolName
    host: f.ShortText
    port: f.Port
    enabled: bool
    priority: f.Priority
    use_ssl: bool
    url_base: f.ShortText | None
    username: f.ShortText | None
    password: f.SealedPassword | None
    category: f.ShortText | None
    recent_tv_priority: f.ShortText | None
    older_tv_priority: f.ShortText | None
    remove_completed_downloads: bool
    remove_failed_downloads: bool
    fields: f.Settings
    tags: f.Labels
