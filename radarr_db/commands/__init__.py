"""The commands of radarr-db, a file each."""

from radarr_db.commands import demo, migrations, status
from radarr_db.commands.base import cli

__all__ = ["cli", "demo", "migrations", "status"]
