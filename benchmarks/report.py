"""The results as one page of HTML that needs nothing beside it; its charts are boxes placed in per cent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from benchmarks.comparisons import OURS, comparisons, longest
from benchmarks.figures import beside, figure, short
from benchmarks.growth import LIMIT
from benchmarks.results import Promise, QueryResult, Results, SizeResult

PANELS = 10
# Longer bars are cut here: one very slow peer would press all others into a corner.
LONGEST_BAR = 5.0


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis; ``low`` is more than zero and less than ``high``."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, in per cent of the axis; what lies beyond an end stands at it."""
        inside = min(max(value, self.low), self.high)
        return round(100 * math.log(inside / self.low) / math.log(self.high / self.low), 2)

    @property
    def ticks(self) -> list[float]:
        """The powers of ten from end to end."""
        return [10.0**power for power in range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)]


def decades(values: Iterable[float]) -> Axis:
    """The fewest whole decades that hold the values; a zero, which has no place there, does not count."""
    powers = [math.log10(value) for value in values if value > 0] or [0.0]
    low = math.floor(min(powers))
    return Axis(10.0**low, 10.0 ** max(math.ceil(max(powers)), low + 1))


def share(query: QueryResult) -> float:
    """How much of its target a statement's p95 takes."""
    return query.timing.p95 / query.target


def above_claim(query: QueryResult) -> bool:
    """Whether a statement's p50 is above the specification's figure, where there is one."""
    return query.claimed is not None and query.timing.p50 > query.claimed


def worst_first(queries: Iterable[QueryResult]) -> list[QueryResult]:
    """The statements by how much of their targets they take."""
    return sorted(queries, key=share, reverse=True)


def specified(queries: Iterable[QueryResult]) -> list[QueryResult]:
    """The statements that the specification gives a figure for, worst first."""
    return worst_first(query for query in queries if query.claimed is not None)


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that share an axis, worst first."""

    budget: str
    queries: list[QueryResult]

    @property
    def axis(self) -> Axis:
        """The decades that hold every mark of every statement."""
        marks = ((q.timing.quantiles[5], q.timing.p99, q.target, q.claimed or 0.0) for q in self.queries)
        return decades(chain.from_iterable(marks))

    @property
    def late(self) -> list[QueryResult]:
        """The statements that miss their targets."""
        return [query for query in self.queries if share(query) > 1]

    @property
    def claimed(self) -> list[QueryResult]:
        """The statements with a figure in the specification."""
        return specified(self.queries)

    @property
    def above(self) -> list[QueryResult]:
        """Those of them that take longer."""
        return [query for query in self.claimed if above_claim(query)]


def by_budget(queries: Iterable[QueryResult]) -> list[Group]:
    """The statements of each budget, the budget with the tightest target first."""
    budgets: dict[str, list[QueryResult]] = {}
    for query in sorted(queries, key=attrgetter("target", "budget")):
        budgets.setdefault(query.budget, []).append(query)
    return [Group(budget, worst_first(found)) for budget, found in budgets.items()]


@dataclass(frozen=True, slots=True)
class Curve:
    """The p50 of a statement by number of movies, smallest first."""

    query: QueryResult
    points: list[tuple[int, float]]

    @property
    def factor(self) -> float:
        """How many times as long it takes on the largest catalogue as on the smallest."""
        return self.ratios[-1][1]

    @property
    def ratios(self) -> list[tuple[int, float]]:
        """The points in times of the first."""
        return [(movies, p50 / self.points[0][1]) for movies, p50 in self.points]


def curves(sizes: Iterable[SizeResult]) -> list[Curve]:
    """The curves of the statements measured at more than one size, steepest first."""
    found: dict[tuple[str, str], Curve] = {}
    for size in sizes:
        for query in size.queries:
            curve = found.setdefault((query.name, query.call), Curve(query, []))
            curve.points.append((size.movies, query.timing.p50))
    grown = (curve for curve in found.values() if len(curve.points) > 1)
    return sorted(grown, key=attrgetter("factor"), reverse=True)


@dataclass(frozen=True, slots=True)
class Growth:
    """All curves, and panels of the steepest of those with a bounded result, which alone have a limit."""

    curves: list[Curve]

    @property
    def bounded(self) -> list[Curve]:
        """The curves of results that have a greatest size."""
        return [curve for curve in self.curves if curve.query.bounded]

    @property
    def steep(self) -> list[Curve]:
        """Those of them that are beyond the limit."""
        return [curve for curve in self.bounded if curve.factor > LIMIT]

    @property
    def panels(self) -> list[Curve]:
        """The curves that are drawn."""
        return self.bounded[:PANELS]

    @property
    def across(self) -> Axis:
        """The panels' axis of movies."""
        movies = [movies for curve in self.curves for movies, _ in curve.points]
        return Axis(min(movies), max(movies))

    @property
    def up(self) -> Axis:
        """The panels' axis of times, in times of the first; the limit has its place on it."""
        ratios = [ratio for curve in self.panels for _, ratio in curve.ratios]
        return Axis(min(0.7, *ratios), max(1.3 * LIMIT, *ratios))


def excess(promise: Promise) -> float:
    """What was found in times of the limit; infinity when the limit is zero and something was found."""
    if promise.limit:
        return promise.found / promise.limit
    return math.inf if promise.found else 0.0


def per_cent(part: float) -> str:
    """A part as whole per cents; one too small for that is told from nothing, and what is too much from all."""
    sign = "< " if 0 < part < 0.01 else "> " if 1 < part < 1.005 else ""  # noqa: PLR2004 - a hundredth, and half
    return f"{sign}{max(100 * part, 1 if part else 0):,.0f} %"


def in_bytes(count: float) -> str:
    """Bytes in the largest unit of which there is at least one."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:  # noqa: PLR2004 - the step between units
            return f"{short(count)} {unit}"
        count /= 1024
    return f"{short(count)} TiB"


def breakable(call: str) -> Markup:
    """A call that is broken, where it must be, after a dot, a bracket or an underscore."""
    return Markup(re.sub(r"([.(_])", r"\1<wbr>", str(escape(call))))  # noqa: S704 - escaped


def render(results: Results) -> str:
    """The page."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    for each in (figure, short, beside, per_cent, in_bytes, breakable, share, above_claim, excess):
        environment.filters[each.__name__] = each
    template = environment.from_string(Path(__file__).with_name("report.html.jinja").read_text(encoding="utf-8"))
    sizes = sorted(results.sizes, key=attrgetter("movies"), reverse=True)
    compared = comparisons(results.peers)
    return template.render(
        results=results,
        sizes=sizes,
        promises=sorted(results.promises, key=excess, reverse=True),
        growth=Growth(curves(reversed(sizes))),
        compared=compared,
        longest=longest(compared, LONGEST_BAR),
        by_budget=by_budget,
        specified=lambda queries: Group("specification", specified(queries)),
        growth_limit=LIMIT,
        ours=OURS,
    )


def write(results: Results, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(render(results), encoding="utf-8")
