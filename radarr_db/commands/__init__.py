"""The commands of radarr-db, a file each."""

from radarr_db.commands import (
    backup,
    demo,
    health,
    maintain,
    metrics,
    migrations,
    monitor,
    partitions,
    restore,
    roles,
    secrets,
    status,
    tune,
)
from radarr_db.commands.base import cli

__all__ = [
    "backup",
    "cli",
    "demo",
    "health",
    "maintain",
    "metrics",
    "migrations",
    "monitor",
    "partitions",
    "restore",
    "roles",
    "secrets",
    "status",
    "tune",
]
