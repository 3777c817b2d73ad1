"""The engine: the only room that talks to a server while queries run.

``_async`` is written by hand; ``_sync`` is generated from it by scripts/generate_sync.py.
"""

from __future__ import annotations

from radarr_db.engine._async.database import AsyncDatabase
from radarr_db.engine._async.transaction import AsyncTransaction
from radarr_db.engine._sync.database import Database
from radarr_db.engine._sync.transaction import Transaction
from radarr_db.engine.isolation import Isolation
from radarr_db.engine.observers import Observer
from radarr_db.engine.plan import Plan
from radarr_db.engine.reports import PoolHealthReport, PoolPerformanceMetrics, PoolStatistics
from radarr_db.engine.settings import PoolSettings

__all__ = [
    "AsyncDatabase",
    "AsyncTransaction",
    "Database",
    "Isolation",
    "Observer",
    "Plan",
    "PoolHealthReport",
    "PoolPerformanceMetrics",
    "PoolSettings",
    "PoolStatistics",
    "Transaction",
]
