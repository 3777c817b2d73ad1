"""The partitions of history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class PartitionState(StrEnum):
    """Whether a partition has a month's rows, those of no other one, or is out of history and waits for its archive."""

    ATTACHED = "attached"
    DEFAULT = "default"
    DETACHED = "detached"


@dataclass(slots=True)
class HistoryPartition:
    """A partition: its rows are from ``first`` on and before ``until``, both None where the state is not attached.

    ``rows`` is an estimate, in DEFAULT the exact number; ``bytes`` are with indexes.
    """

    name: str
    state: PartitionState
    first: dt.datetime | None
    until: dt.datetime | None
    rows: int
    bytes: int


@dataclass(slots=True)
class MissingPartition:
    """A month that has no partition: the name that it would have, and its first day."""

    name: str
    day: dt.date


@dataclass(slots=True)
class AttachedPartition:
    """A partition that is a part of history again, and the number of its rows."""

    name: str
    rows: int


@dataclass(slots=True)
class DetachedPartition:
    """A partition that is out of history, and the name of the file that it goes to."""

    name: str
    file: str
