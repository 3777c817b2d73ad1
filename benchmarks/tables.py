"""The results as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from benchmarks.comparisons import OURS, Bar, comparisons
from benchmarks.figures import beside, figure, short
from benchmarks.growth import LIMIT, by_statement, slowest
from benchmarks.results import PeerResult, Promise, QueryResult, SizeResult
from radarr_db import terminal


def queries(sizes: Sequence[SizeResult]) -> Table:
    """Each statement by its slowest call on the largest catalogue, and all calls with a figure in the specification."""
    table = terminal.table(
        "Statements, in milliseconds",
        "Of each statement the call that takes most of its target, which p95 is held against; claimed is the "
        f"specification's figure, which p50 is held against. A bounded read may grow {short(LIMIT)} times. Red is "
        "beyond its limit.",
        expand=True,
    )
    table.add_column("call", overflow="fold", ratio=1)
    headings = [f"{name} {_count(size.movies)}" for size in sizes for name in ("p50", "p95")]
    for heading in ("rows", "target", "claimed", *headings, *(("growth",) if len(sizes) > 1 else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    found = [{call.call: call for call in size.queries} for size in sizes]
    for calls in by_statement(sizes[-1]).values():
        worst = slowest(calls)
        for call in (call for call in calls if call is worst or call.claimed is not None):
            table.add_row(*_row(call, [results.get(call.call) for results in found]))
    return table


def peers(results: Iterable[PeerResult]) -> Table:
    """The time of each client library on each task, fastest first."""
    table = terminal.table(
        "Client libraries, p50 in milliseconds", f"Lower is better. Red is faster than {OURS}.", expand=True
    )
    table.add_column("client", max_width=24)
    for heading in ("p50", "times ours"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("note", ratio=1)
    for each in comparisons(results):
        table.add_row(Text(f"{each.task}, {each.side}", "bold"))
        for bar in each.bars:
            table.add_row(*_client(bar))
    return table


def promises(kept: Iterable[Promise]) -> Table:
    """What was found for each promise, with its limit."""
    table = terminal.table("Other promises", expand=True)
    table.add_column("promise", overflow="fold", ratio=1)
    for heading in ("found", "at most", "unit"):
        table.add_column(heading, justify="right", no_wrap=True)
    for promise in kept:
        table.add_row(promise.name, _judged(promise.found, promise.limit), short(promise.limit), promise.unit)
    return table


def _client(bar: Bar) -> list[str | Text]:
    style = "red" if bar.faster else "blue" if bar.peer.client == OURS else ""
    p50 = "" if bar.peer.p50 is None else figure(bar.peer.p50)
    ratio = "" if bar.ratio is None else beside(bar.ratio, 1)
    return [*(Text(text, style) for text in (bar.peer.client, p50, ratio)), bar.peer.note]


def _row(call: QueryResult, by_size: Sequence[QueryResult | None]) -> list[str | Text]:
    cells: list[str | Text] = [call.call, f"{call.rows:,}", short(call.target)]
    cells.append("" if call.claimed is None else short(call.claimed))
    for result in by_size:
        # A small catalogue may have nothing to draw the arguments from.
        if result is None:
            cells += ["", ""]
        else:
            cells += [_judged(result.timing.p50, result.claimed), _judged(result.timing.p95, result.target)]
    if len(by_size) > 1:
        grown = call.timing.p50 / by_size[0].timing.p50 if by_size[0] else None
        cells.append("" if grown is None else _judged(grown, LIMIT if call.bounded else None))
    return cells


def _judged(value: float, limit: float | None) -> Text:
    if limit is None:
        return Text(figure(value))
    return Text(beside(value, limit), "red" if value > limit else "")


def _count(movies: int) -> str:
    """Short, for a heading: 10k, 1M."""
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if movies >= unit:
            return f"{movies / unit:g}{sign}"
    return str(movies)
