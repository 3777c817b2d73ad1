"""What the queries promise: their targets, the specification's figures, and that they stay fast as a library grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from benchmarks.catalogue import DEFAULT_MOVIES
from benchmarks.results import Promise, QueryResult, SizeResult
from benchmarks.workload import COMMON_WORD_SEARCH

# How often the time on the smallest catalogue a bounded read may take on the largest.
LIMIT = 2.0
COMMON_WORD_LIMIT = 20.0


def promises(sizes: Sequence[SizeResult]) -> tuple[Promise, ...]:
    """All of them; of each statement at each size the call that came nearest to its limit, or farthest beyond."""
    found = [promise for size in sizes for promise in (*_targets(size), *_claims(size))]
    return (*found, *_common_word(sizes[-1]), *_growth(sizes[0], sizes[-1]))


def slowest(queries: Iterable[QueryResult]) -> QueryResult:
    """The call whose p95 takes most of its target."""
    return max(queries, key=lambda query: query.timing.p95 / query.target)


def by_statement(size: SizeResult) -> dict[str, list[QueryResult]]:
    """The calls of each statement."""
    ordered = sorted(size.queries, key=attrgetter("name"))
    return {name: list(calls) for name, calls in groupby(ordered, key=attrgetter("name"))}


def _targets(size: SizeResult) -> Iterable[Promise]:
    for calls in by_statement(size).values():
        call = slowest(calls)
        yield Promise(f"{call.call}, p95 of {size.movies:,} movies", call.timing.p95, call.target, "ms")


def _claims(size: SizeResult) -> Iterable[Promise]:
    """The specification does not say on how many movies it measured: up to as many as these are measured by default."""
    if size.movies > DEFAULT_MOVIES:
        return
    for call in size.queries:
        if call.claimed is not None:
            yield Promise(f"{call.call}, p50 of {size.movies:,} movies", call.timing.p50, call.claimed, "ms")


def _common_word(size: SizeResult) -> Iterable[Promise]:
    for call in size.queries:
        if call.call == COMMON_WORD_SEARCH:
            name = f"a word that 5 % of {size.movies:,} movies hold, p95"
            yield Promise(name, call.timing.p95, COMMON_WORD_LIMIT, "ms")


def _growth(smallest: SizeResult, largest: SizeResult) -> Iterable[Promise]:
    if smallest is largest:
        return
    before = {call.call: call.timing.p50 for call in smallest.queries}
    for calls in by_statement(largest).values():
        known = (call for call in calls if call.bounded and call.call in before)
        grown = {call.call: call.timing.p50 / before[call.call] for call in known}
        if grown:
            call = max(grown, key=grown.__getitem__)
            name = f"{call}, p50 of {largest.movies:,} movies beside {smallest.movies:,}"
            yield Promise(name, grown[call], LIMIT, "times")
