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
    ("name", "budget", "rows", "writes", "milliseconds"),
    [
        ("movies.get", Budget.SIMPLE, 50, False, 5),
        ("movies.search", Budget.SEARCH, 20, False, 20),
        ("movies.create", Budget.WRITE, 1, True, 10),
        ("history.purge", Budget.MAINTENANCE, 1000, True, 1000),
        ("movies.list_all", Budget.BULK, 50, False, 50),
        ("movies.list_all", Budget.BULK, 100_000, False, 5000),
        ("movies.list_paths", Budget.BULK, 100_000, False, 500),
        ("movies.create_many", Budget.BULK, 1, True, 2000),
        ("movies.create_many", Budget.BULK, 1500, True, 3000),
    ],
)
def test_bulk_is_held_to_its_rows_and_all_else_to_its_budget(
    name: str, budget: Budget, rows: int, writes: bool, milliseconds: float
) -> None:
    assert target(name, budget, rows, writes=writes, bounded=False) == milliseconds


def test_a_page_of_what_can_be_read_whole_is_held_as_other_pages_are() -> None:
    assert target("movies.list_library", Budget.BULK, 50, writes=False, bounded=True) == 10


def test_every_budget_has_a_target() -> None:
    assert all(target("movies.get", budget, 1, writes=False, bounded=False) > 0 for budget in Budget)


def test_runs_are_warmed_up_and_limited_in_number_and_time() -> None:
    told: list[float] = []

    def run() -> float:
        told.append(1 + len(told) / 1000)
        return told[-1]

    assert sampled(run, seconds=1000) == told[10:]
    assert len(told) == 210
    told.clear()
    assert sampled(run, seconds=7) == told[4:]
    assert len(told) == 4 + 7
    told.clear()
    assert sampled(run, seconds=1) == told[1:]
    assert len(told) == 1 + 3


def test_a_call_that_the_smallest_catalogue_has_no_row_for_has_no_growth() -> None:
    assert growth.promises([size(SMALL), size(LARGE, query(1))]) == (
        Promise("movies.get(id), p95 of 1,000,000 movies", 1.0, 5, "ms"),
    )


def test_a_timing_is_in_milliseconds_by_quantile() -> None:
    found = timing([n / 1000 for n in range(100, -1, -1)])
    assert (found.samples, found.p50, found.p95, found.p99) == (101, 50, 95, 99)
    assert found.quantiles == tuple(range(101))
