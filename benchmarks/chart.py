"""The main chart as a PNG for the README: the specification's queries, and the peers where they were measured."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from textwrap import fill
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmarks.comparisons import OURS, Comparison, comparisons, longest
from benchmarks.figures import beside, short
from benchmarks.report import Group, above_claim, share, specified
from benchmarks.results import QueryResult, Results

# 1600 pixels, at twice the width of a README. Inches, as the heights of a row and of what stands around the rows.
WIDTH, DPI, ROW, AROUND = 8, 200, 0.26, 1.15
LONGEST_BAR = 3.0
# A ground of its own, since a README is read on white and on black.
PAPER, INK, SOFT, LINE = "#fcfcfa", "#1d2023", "#595f65", "#dadad3"
SPAN, MARK, CLAIM, BAD, PEER = "#6aa5d6", "#0a4a80", "#a85200", "#b23a06", "#c9cdd0"
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0,
    "xtick.major.size": 0,
}
MARKS: dict[str, dict[str, Any]] = {
    "p50": {"marker": "o", "color": MARK, "markersize": 6, "zorder": 4},
    "p95": {"marker": "|", "color": MARK, "markersize": 10, "markeredgewidth": 1.6, "zorder": 4},
    "target of p95": {"marker": "|", "color": INK, "markersize": 14, "markeredgewidth": 2.8, "zorder": 3},
    "figure in the specification": {
        "marker": "D", "color": PAPER, "markersize": 4.5, "markeredgecolor": CLAIM, "markeredgewidth": 1.4, "zorder": 5
    },
}  # fmt: skip
# Where the right edges of the columns of values stand, in widths of them all.
COLUMNS = {"p50": 0.18, "p95": 0.45, "target": 0.7, "claimed": 1.0}


def rows_of(axes: Axes, names: list[str]) -> None:
    """A quiet panel with a row for each name, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.spines[:].set_visible(False)


def draw_query(axes: Axes, row: int, query: QueryResult) -> None:
    """A line from p50 to p95, and the marks; what is beyond its limit has the colour of a miss."""
    values = (query.timing.p50, query.timing.p95, query.target, query.claimed or 0.0)
    axes.plot(values[:2], (row, row), color=SPAN, linewidth=5, solid_capstyle="butt", zorder=2)
    for value, (name, style) in zip(values, MARKS.items(), strict=True):
        axes.plot(value, row, **style | ({"color": BAD} if name in missed(query) else {}))


def missed(query: QueryResult) -> set[str]:
    """The marks that are beyond their limits: p50 beyond what the specification says, p95 beyond the target."""
    return {name for name, bad in (("p50", above_claim(query)), ("p95", share(query) > 1)) if bad}


def write_query(axes: Axes, row: int, query: QueryResult) -> None:
    """The values in columns; what is beyond its limit has a mark."""
    timing, claimed, bad = query.timing, query.claimed or 0.0, missed(query)
    texts = (beside(timing.p50, claimed), beside(timing.p95, query.target), short(query.target), short(claimed))
    for text, (name, edge) in zip(texts, COLUMNS.items(), strict=True):
        text_at(axes, edge, row, f"▲ {text}" if name in bad else text, color=BAD if name in bad else INK)


def text_at(axes: Axes, edge: float, row: float, text: str, **style: Any) -> None:
    """A text that ends at a place, on the line of the names of the rows."""
    axes.text(edge, row, text, ha="right", va="center_baseline", **style)


def draw_queries(part: SubFigure, movies: int, group: Group) -> None:
    """A statement a row, on a logarithmic axis of milliseconds."""
    part.suptitle(
        f"The specification's queries at {movies:,} movies, in ms (▲ misses its limit)",
        x=0.01,
        ha="left",
        weight="bold",
    )
    axes, columns = part.subplots(1, 2, sharey=True, width_ratios=(2, 1))
    rows_of(axes, [query.name for query in group.queries])
    columns.axis("off")
    axes.set_xscale("log")
    axes.set_xlim(group.axis.low, group.axis.high)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    for name, edge in COLUMNS.items():
        text_at(columns, edge, -0.85, name, color=SOFT)
    for row, query in enumerate(group.queries):
        draw_query(axes, row, query)
        write_query(columns, row, query)
    handles = [axes.plot([], [], linestyle="", label=name, **style)[0] for name, style in MARKS.items()]
    part.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, handletextpad=0.1)


def draw_client(axes: Axes, client: str, compared: list[Comparison], room: float) -> None:
    """One peer at every task, in times of ours; what is faster than ours stands out."""
    axes.set_title(fill(client, 11), fontsize=8, loc="left", pad=5)
    axes.set_xlim(0, 2.1 * room)
    axes.set_xticks([])
    axes.plot((1, 1), (-0.5, len(compared) - 0.5), color=INK, linewidth=1, linestyle=(0, (3, 2)))
    for row, comparison in enumerate(compared):
        ratio = next((bar.ratio for bar in comparison.bars if bar.peer.client == client), None)
        if ratio is None:
            text_at(axes, 2.05 * room, row, "none", color=SOFT)
            continue
        axes.barh(row, min(ratio, room), height=0.6, color=PEER)
        if ratio > room:
            axes.plot((0.88 * room, 0.93 * room), (row + 0.4, row - 0.4), color=PAPER, linewidth=2)
        style = {"color": BAD, "weight": "bold"} if ratio < 1 else {}
        text_at(axes, 2.05 * room, row, beside(ratio, 1), **style)


def others(compared: list[Comparison]) -> list[str]:
    """The clients that ours is compared with, as they come."""
    return list(dict.fromkeys(bar.peer.client for each in compared for bar in each.bars if bar.peer.client != OURS))


def draw_peers(part: SubFigure, side: str, compared: list[Comparison]) -> None:
    """A task a row, a peer a column."""
    title = f"Peers, {side}: p50 in times of {OURS} (dashed); lower is better, bold is faster"
    part.suptitle(title, x=0.01, ha="left", weight="bold")
    clients = others(compared)
    columns = part.subplots(1, len(clients), sharey=True, squeeze=False)[0]
    rows_of(columns[0], [each.task for each in compared])
    for axes, client in zip(columns, clients, strict=True):
        axes.spines[:].set_visible(False)
        draw_client(axes, client, compared, longest(compared, LONGEST_BAR))


def draw(results: Results) -> Figure:
    """The panels for which there is something."""
    largest = max(results.sizes, key=attrgetter("movies"), default=None)
    group = Group("specification", specified(largest.queries if largest else ()))
    sides: dict[str, list[Comparison]] = {}
    for each in comparisons(results.peers):
        if others([each]):
            sides.setdefault(each.side, []).append(each)
    rows = [len(group.queries), *map(len, sides.values())]
    heights = [AROUND + ROW * count for count in rows if count] or [AROUND]
    drawing = Figure(figsize=(WIDTH, sum(heights)), dpi=DPI, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))
    parts = iter(drawing.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
    if largest and group.queries:
        draw_queries(next(parts), largest.movies, group)
    for side, compared in sides.items():
        draw_peers(next(parts), side, compared)
    return drawing


def write(results: Results, path: Path) -> None:
    """Write the chart to a file, 1600 pixels wide."""
    with rc_context(STYLE):
        draw(results).savefig(path, format="png")
