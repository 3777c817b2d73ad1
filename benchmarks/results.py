"""What a run of the benchmarks found: values that are printed, drawn and kept as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the runs of one call took, in milliseconds; ``quantiles`` are those of 0, 1, 2 ... 100 %."""

    samples: int
    p50: float
    p95: float
    p99: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One statement, run through its repository function.

    ``call`` is how it is written in Python, ``rows`` what one run gives (the median), ``target`` the milliseconds
    its p95 may take, ``claimed`` the milliseconds that the specification says it takes, ``bounded`` whether its
    result has a greatest size, ``plan`` the plan as text that serves any arguments, of a read with its real times.
    """

    name: str
    call: str
    budget: str
    target: float
    claimed: float | None
    bounded: bool
    rows: int
    timing: Timing
    plan: str


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of a table with its TOAST, and of all its indexes."""

    table: str
    table_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class SizeResult:
    """Everything measured on a catalogue of ``movies`` movies; loading is of all its tables, in rows a second."""

    movies: int
    loaded_rows: int
    load_seconds: float
    weights: tuple[Weight, ...]
    queries: tuple[QueryResult, ...]


@dataclass(frozen=True, slots=True)
class PeerResult:
    """One client library on one task, timed in turn with the others: ``side`` is sync or async.

    ``p50`` is in milliseconds; for a throughput task it is that of one round of all its concurrent calls.
    ``note`` says what a reader must know to compare, for example why there is no figure (``p50`` is None then),
    ``samples`` of how many times ``p50`` is the median.
    """

    task: str
    side: str
    client: str
    p50: float | None
    note: str = ""
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure held against its limit: ``kept`` when ``found`` is at most ``limit``, both in ``unit``."""

    name: str
    found: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.found <= self.limit


@dataclass(frozen=True, slots=True)
class Machine:
    """What it ran on; ``versions`` by package, ``settings`` are the server's that differ from its defaults.

    ``session`` are the settings that each session asked for besides, ours and those of other clients; ``awake``
    tells whether idle cores were kept from falling asleep.
    """

    cpu: str
    cores: int
    memory_bytes: int
    system: str
    postgres: str
    versions: dict[str, str]
    settings: dict[str, str]
    session: str = ""
    awake: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run; ``started`` is UTC, to the second, as ISO 8601."""

    started: str
    machine: Machine
    sizes: tuple[SizeResult, ...] = field(default=())
    peers: tuple[PeerResult, ...] = field(default=())
    promises: tuple[Promise, ...] = field(default=())

    def write(self, path: Path) -> None:
        """Keep the results as JSON."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)))
