"""Secrets as their rows have them, sealed or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from radarr_db.models.lazy import lazy


@lazy("fields")
@dataclass(slots=True)
class StoredSecrets:
    """What may be secret in a row of ``table_name``: its own column for that, and its ``fields``.

    ``version`` is another one after each change of the row.
    """

    table_name: str
    id: int
    version: str
    secret: str | None = field(repr=False)
    fields: list[Any] = field(repr=False)
