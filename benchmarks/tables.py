"""The results as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from benchmarks.growth import LIMIT, by_statement, slowest
from benchmarks.results import PeerResult, Promise, QueryResult, SizeResult


def queries(sizes: Sequence[SizeResult]) -> Table:
    """Each statement by its slowest call on the largest catalogue, and all calls with a figure in the specification."""
    table = _table(
        "Statements, in milliseconds",
        "Of each statement the call that takes most of its target, which p95 is held against; claimed is the "
        f"specification's figure, which p50 is held against. A bounded read may grow {LIMIT:g} times.",
    )
    table.add_column("call", overflow="fold", ratio=1)
    headings = [f"{name} {_count(size.movies)}" for size in sizes for name in ("p50", "p95")]
    for heading in ("rows", "target", "claimed", *headings, *(("growth",) if len(sizes) > 1 else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    found = [{call.call: call for call in size.queries} for size in sizes]
    for calls in by_statement(sizes[-1]).values():
        worst = slowest(calls)
        for call in (call for call in calls if call is worst or call.claimed is not None):
            table.add_row(*_row(call, [results[call.call] for results in found]))
    return table


def peers(results: Iterable[PeerResult]) -> Table:
    """The time of each client library on each task."""
    table = _table("Client libraries, p50 in milliseconds")
    for heading in ("task", "side", "client"):
        table.add_column(heading)
    table.add_column("p50", justify="right")
    table.add_column("note", overflow="fold", ratio=1)
    for peer in results:
        table.add_row(peer.task, peer.side, peer.client, "" if peer.p50 is None else _figure(peer.p50), peer.note)
    return table


def promises(kept: Iterable[Promise]) -> Table:
    """What was found for each promise, with its limit."""
    table = _table("Other promises")
    table.add_column("promise", overflow="fold", ratio=1)
    for heading in ("found", "at most", "unit"):
        table.add_column(heading, justify="right", no_wrap=True)
    for promise in kept:
        table.add_row(promise.name, _verdict(promise), f"{promise.limit:g}", promise.unit)
    return table


def _row(call: QueryResult, by_size: Sequence[QueryResult]) -> list[str | Text]:
    cells: list[str | Text] = [call.call, f"{call.rows:,}", f"{call.target:,g}"]
    cells.append("" if call.claimed is None else f"{call.claimed:g}")
    for result in by_size:
        claimed = result.claimed
        cells.append(_judged(result.timing.p50, claimed))
        cells.append(_judged(result.timing.p95, result.target))
    if len(by_size) > 1:
        grown = by_size[-1].timing.p50 / by_size[0].timing.p50
        cells.append(_judged(grown, LIMIT if call.bounded else None))
    return cells


def _verdict(promise: Promise) -> Text:
    return _judged(promise.found, promise.limit)


def _judged(value: float, limit: float | None) -> Text:
    return Text(_figure(value), "red" if limit is not None and value > limit else "")


def _figure(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - three figures are enough


def _count(movies: int) -> str:
    """Short, for a heading: 10k, 1M."""
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if movies >= unit:
            return f"{movies / unit:g}{sign}"
    return str(movies)


def _table(title: str, caption: str | None = None) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        caption_style="",
        box=SIMPLE_HEAD,
        show_edge=False,
        expand=True,
        padding=(0, 1, 0, 0),
    )
