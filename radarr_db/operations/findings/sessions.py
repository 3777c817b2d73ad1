"""What is wrong with what sessions do. Who they are is told, and never what they asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from radarr_db.models.monitoring import BlockedSession, LongTransaction
from radarr_db.operations.findings.base import Finding, Severity, Threshold, duration

# A lock is held for milliseconds. The library's own sessions give up after 3 s (lock_timeout), and an idle transaction
# of theirs is ended after 30 s: what lasts longer does not go away by itself.
WAIT_SECONDS = Threshold(1, 30)

# The library's own have ended after 30 s; a person at psql has gone to lunch.
IDLE_SECONDS = 60

# VACUUM removes no row that a transaction may see. A backup may take an hour, and more is worth a look.
TRANSACTION_SECONDS = 3600


def blockers(rows: Iterable[BlockedSession]) -> Iterator[Finding]:
    """The sessions that hold up others, and are not held up themselves."""
    for pid, group in groupby(sorted(rows, key=attrgetter("blocker_pid")), key=attrgetter("blocker_pid")):
        waiting = list(group)
        longest = max(waiting, key=attrgetter("seconds"))
        severity = WAIT_SECONDS.severity(longest.seconds)
        if severity is None or longest.blocker_waits:
            continue
        on = f" for {longest.relation}" if longest.relation else ""
        held_up = f"{len(waiting)} sessions wait" if len(waiting) > 1 else f"process {longest.pid} waits"
        who = _who(longest.blocker_user_name, longest.blocker_application_name)
        lasting = f", transaction open for {duration(longest.blocker_seconds)}" if longest.blocker_seconds else ""
        yield Finding(
            severity,
            f"process {pid}" if pid else "a prepared transaction",
            f"{held_up}{on} behind it, the longest for {duration(longest.seconds)} ({who}, "
            f"{longest.blocker_state or 'state unknown'}{lasting})",
            _ending(pid) if pid else "SELECT * FROM pg_prepared_xacts, then ROLLBACK PREPARED or COMMIT PREPARED it",
        )


def long_transaction(row: LongTransaction) -> Finding | None:
    """A transaction that is open for too long."""
    idle = row.state.startswith("idle")
    if row.state_seconds < IDLE_SECONDS if idle else row.seconds < TRANSACTION_SECONDS:
        return None
    doing = f"{row.state} for {duration(row.state_seconds)}"
    return Finding(
        Severity.WARNING,
        f"process {row.pid}",
        f"its transaction is open for {duration(row.seconds)} and keeps VACUUM from removing rows "
        f"({_who(row.user_name, row.application_name)}, {doing})",
        _ending(row.pid),
    )


def _who(user: str | None, application: str | None) -> str:
    return f"user {user or 'unknown'}" + (f", application {application}" if application else "")


def _ending(pid: int) -> str:
    return f"look at what it does, then end it: SELECT pg_terminate_backend({pid})"
