"""Secrets of indexers and download clients: the queries of sql/secrets.sql."""

from __future__ import annotations

from typing import Any

from radarr_db import checks
from radarr_db.models.secrets import StoredSecrets
from radarr_db.query import Query, affected, many
from radarr_db.sealed import ApiKey, ClientPassword
from radarr_db.statements import load

_SQL = load("secrets")

_id = checks.integer(1, checks.INT8)
_version = checks.text(20)
_api_key = checks.sealed(ApiKey)
_password = checks.sealed(ClientPassword)


def list_all() -> Query[list[StoredSecrets]]:
    """What is stored of the secrets of all indexers and download clients, enabled or not."""
    return many(StoredSecrets, _SQL["list_all"])


def reseal_indexer(indexer_id: int, version: str, secret: ApiKey | None, fields: list[Any]) -> Query[int]:
    """Stores an indexer's secrets as they are sealed now, and gives 1; 0 when its row is no longer of this version."""
    return affected(
        _SQL["reseal_indexer"],
        id=_id("indexer_id", indexer_id),
        version=_version("version", version),
        secret=checks.maybe(_api_key, "secret", secret),
        fields=checks.fields("fields", fields),
    )


def reseal_client(client_id: int, version: str, secret: ClientPassword | None, fields: list[Any]) -> Query[int]:
    """Stores a client's secrets as they are sealed now, and gives 1; 0 when its row is no longer of this version."""
    return affected(
        _SQL["reseal_client"],
        id=_id("client_id", client_id),
        version=_version("version", version),
        secret=checks.maybe(_password, "secret", secret),
        fields=checks.fields("fields", fields),
    )
