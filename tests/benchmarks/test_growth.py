"""What becomes a promise, and when it is kept."""

from __future__ import annotations

import pytest

from benchmarks import growth
from benchmarks.measure import sampled, timing
from benchmarks.results import Promise, QueryResult, SizeResult
from benchmarks.targets import target
from benchmarks.workload import COMMON_WORD_SEARCH
from radarr_db.statements import Budget

SMALL, LARGE = 10_000, 1_000_000


def size(movies: int, *queries: QueryResult) -> SizeResult:
    return SizeResult(movies=movies, loaded_rows=movies, load_seconds=1, weights=(), queries=queries)


def query(
    p50: float, *, call: str = "movies.get(id)", claimed: float | None = None, bounded: bool = True
) -> QueryResult:
    return QueryResult(
        name=call.partition("(")[0],
        call=call,
        budget="simple",
        target=5,
        claimed=claimed,
        bounded=bounded,
        rows=1,
        timing=timing([p50 / 1000] * 20),
        plan="",
    )


def broken(*sizes: SizeResult) -> list[str]:
    return [promise.name for promise in growth.promises(sizes) if not promise.kept]


def test_a_statement_is_held_to_its_target_by_its_slowest_call() -> None:
    found = growth.promises([size(SMALL, query(4), query(6, call="movies.get(other)"))])
    assert found == (Promise("movies.get(other), p95 of 10,000 movies", 6.0, 5, "ms"),)
    assert not found[0].kept


def test_the_specification_is_held_to_its_figure_by_the_median() -> None:
    assert broken(size(100_000, query(1, claimed=0.5))) == ["movies.get(id), p50 of 100,000 movies"]
    assert not broken(size(100_000, query(1, claimed=1.5)))
    assert not broken(size(LARGE, query(1, claimed=0.5)))


def test_a_bounded_read_may_take_twice_as_long_on_the_largest_catalogue() -> None:
    name = "movies.get(id), p50 of 1,000,000 movies beside 10,000"
    assert broken(size(SMALL, query(1)), size(100_000, query(9)), size(LARGE, query(2.1))) == [
        "movies.get(id), p95 of 100,000 movies",
        name,
    ]
    assert not broken(size(SMALL, query(1)), size(LARGE, query(1.9)))
    assert not broken(size(SMALL, query(1, bounded=False)), size(LARGE, query(4, bounded=False)))


def test_the_common_word_has_a_promise_of_its_own() -> None:
    found = growth.promises([size(LARGE, query(1, call=COMMON_WORD_SEARCH))])
    assert Promise("a word that 5 % of 1,000,000 movies hold, p95", 1.0, 20, "ms") in found


def test_nothing_measured_promises_nothing() -> None:
    assert growth.promises([size(SMALL), size(LARGE)]) == ()


@pytest.mark.parametrize(
    ("budget", "rows", "writes", "milliseconds"),
    [
        (Budget.SIMPLE, 50, False, 5),
        (Budget.SEARCH, 20, False, 20),
        (Budget.WRITE, 1, True, 10),
        (Budget.BULK, 50, False, 100),
        (Budget.BULK, 100_000, False, 10_000),
        (Budget.BULK, 1000, True, 2000),
        (Budget.BULK, 1001, True, 4000),
    ],
)
def test_bulk_is_held_to_its_rows_and_all_else_to_its_budget(
    budget: Budget, rows: int, writes: bool, milliseconds: float
) -> None:
    assert target(budget, rows, writes=writes) == milliseconds


def test_every_budget_has_a_target() -> None:
    assert all(target(budget, 1, writes=False) > 0 for budget in Budget)


def test_runs_are_warmed_up_and_limited_in_number_and_time() -> None:
    numbers: list[int] = []

    def run(number: int) -> float:
        numbers.append(number)
        return float(number)

    times = sampled(run, seconds=60)
    assert numbers == list(range(len(numbers)))
    assert times == numbers[-200:]
    assert len(numbers) - len(times) == 10
    numbers.clear()
    assert len(sampled(run, seconds=0)) == 3
    assert numbers == [0, 1, 2, 3]


def test_a_timing_is_in_milliseconds_by_quantile() -> None:
    found = timing([n / 1000 for n in range(100, -1, -1)])
    assert (found.samples, found.p50, found.p95, found.p99) == (101, 50, 95, 99)
    assert found.quantiles == tuple(range(101))
