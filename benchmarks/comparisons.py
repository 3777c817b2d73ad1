"""The clients of the peers beside each other, in times of ours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.results import PeerResult

OURS = "radarr_db"


@dataclass(frozen=True, slots=True)
class Bar:
    """A client at a task; ``ratio`` is its time in times of ours, None when either has no time."""

    peer: PeerResult
    ratio: float | None

    @property
    def faster(self) -> bool:
        """Whether it is faster than ours."""
        return self.ratio is not None and self.ratio < 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The clients at one task on one side, fastest first."""

    task: str
    side: str
    bars: list[Bar]

    @property
    def won(self) -> bool:
        """Whether ours is the fastest."""
        return self.bars[0].ratio == 1


def compare(task: str, side: str, peers: list[PeerResult]) -> Comparison:
    """The clients' times in times of ours; those without a time stand last."""
    ours = next((peer.p50 for peer in peers if peer.client == OURS), None)
    ordered = sorted(peers, key=lambda peer: math.inf if peer.p50 is None else peer.p50)
    return Comparison(task, side, [Bar(peer, peer.p50 / ours if peer.p50 and ours else None) for peer in ordered])


def comparisons(peers: Iterable[PeerResult]) -> list[Comparison]:
    """The peers by task, in the order of the tasks, the sides of a task beside each other."""
    found: dict[str, dict[str, list[PeerResult]]] = {}
    for peer in peers:
        found.setdefault(peer.task, {}).setdefault(peer.side, []).append(peer)
    return [compare(task, side, clients) for task, sides in found.items() for side, clients in sides.items()]


def longest(compared: Iterable[Comparison], most: float) -> float:
    """The ratio that fills the width, ``most`` at most; there is always room for the mark at 1."""
    ratios = [bar.ratio for each in compared for bar in each.bars if bar.ratio]
    return min(max([1.25, *ratios]), most)
