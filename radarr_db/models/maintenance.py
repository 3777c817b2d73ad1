"""What maintenance does, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Schedule(StrEnum):
    """How much is looked at: each includes the one before it."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Outcome(StrEnum):
    """What became of a step; a dry run leaves it planned."""

    DONE = "done"
    FAILED = "failed"
    PLANNED = "planned"


@dataclass(slots=True)
class Step:
    """What there is to do, to what and why; ``command`` is the SQL, or the query or function that does it."""

    act: str
    subject: str
    reason: str
    command: str


@dataclass(slots=True)
class Done:
    """A step and what became of it: after how many seconds, and if it failed, why."""

    act: str
    subject: str
    reason: str
    command: str
    outcome: Outcome
    seconds: float = 0
    problem: str | None = None
