"""How a transaction is kept apart from those beside it."""

from __future__ import annotations

import enum

from radarr_db.errors import InvalidArgumentError

# For a transaction that waits for the caller, who may take his time between two rows or batches.
UNHURRIED = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"


class Isolation(enum.StrEnum):
    """The isolation levels of PostgreSQL; without one the server's default applies, read committed."""

    READ_COMMITTED = "read committed"
    REPEATABLE_READ = "repeatable read"
    SERIALIZABLE = "serializable"


def begin(isolation: Isolation | str | None, *, read_only: bool) -> str:
    """The statement that begins a transaction; InvalidArgumentError for an unknown isolation level."""
    try:
        level = "" if isolation is None else f" ISOLATION LEVEL {Isolation(isolation)}"
    except ValueError:
        raise InvalidArgumentError("isolation", f"must be one of {', '.join(Isolation)}") from None
    return f"BEGIN{level}{' READ ONLY' if read_only else ''}"
