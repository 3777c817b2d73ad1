"""What a finding is, and what those that find one share."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Severity(enum.StrEnum):
    """How soon someone must act: now, in working hours, or when there is time."""

    CRITICAL = enum.auto()
    WARNING = enum.auto()
    NOTICE = enum.auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with ``subject``, and what to do about it."""

    severity: Severity
    subject: str
    problem: str
    advice: str


class Threshold(NamedTuple):
    """From which value on something is a warning, and from which on critical."""

    warning: float
    critical: float

    def severity(self, value: float | None) -> Severity | None:
        """None for a value that is fine, and for one that is not known."""
        if value is None or value < self.warning:
            return None
        return Severity.WARNING if value < self.critical else Severity.CRITICAL


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def size(count: float | None) -> str:
    """Bytes for a person to read."""
    if count is None:
        return "unknown"
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1024:  # noqa: PLR2004 - as PostgreSQL counts
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"


def duration(seconds: float | None) -> str:
    """A length of time for a person to read."""
    if seconds is None:
        return "unknown"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
