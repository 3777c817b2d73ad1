"""Which statements about the library only read, by the server's own judgment."""

from __future__ import annotations

from contextlib import suppress

from contract.calls import CALLS
from psycopg.errors import ReadOnlySqlTransaction

import radarr_db
from radarr_db import Database, NotFoundError, Query, UnavailableError
from radarr_db.statements import load

# Statements of other files ask a server about itself, so that another one gives another answer.
TABLES = [name for name in radarr_db.__all__ if hasattr(getattr(radarr_db, name), "_SQL")]


def proved(db: Database) -> list[str]:
    """The names of the statements whose every call succeeds where PostgreSQL refuses to write, in triggers too."""
    names = [statement.name for table in TABLES for statement in load(table).values()]
    return sorted(name for name in names if all(_only_reads(db, call()) for call in CALLS[name]))


def _only_reads(db: Database, query: Query[object]) -> bool:
    try:
        with db.transaction(read_only=True) as transaction, suppress(NotFoundError):
            transaction.run(query)
    except UnavailableError as error:
        if not isinstance(error.__cause__, ReadOnlySqlTransaction):
            raise
        return False
    return True
