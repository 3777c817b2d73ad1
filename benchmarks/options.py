"""What every session asks of its server: those of other clients the same as ours, so that only the clients differ."""

from __future__ import annotations

from radarr_db import PoolSettings

SESSION: str = PoolSettings().parameters("")["options"]

# The part of it that a report shows: without what limits how long a statement may take.
SHOWN = ", ".join(option.strip() for option in SESSION.split("-c ") if option and "timeout" not in option)
