"""The demo's tables, made for 80 columns, with colour and without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from radarr_db import terminal
from radarr_db.demo.queries import Measurement, SpecifiedQuery
from radarr_db.models.movies import MovieMatch

_MET, _MISSED = Text("met", "green"), Text("missed", "red")
_LEGEND = (
    "Half of the runs took p50 at most, 95 % of them p95, which the verdict is on. Claimed is what the "
    "specification says it takes. Lists give a page of 50 rows."
)


def performance(measured: Iterable[tuple[SpecifiedQuery, Measurement]]) -> Table:
    """The queries of the specification with their times in milliseconds."""
    table = terminal.table("The specification's queries, in milliseconds", _LEGEND)
    table.add_column("query", no_wrap=True)
    for heading in ("rows", "p50", "p95", "target", "claimed"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for specified, times in measured:
        table.add_row(
            specified.text,
            str(times.rows),
            _milliseconds(times.p50),
            _milliseconds(times.p95),
            f"< {specified.target}",
            f"{specified.claimed:.2f}",
            _MET if is_met(specified, times) else _MISSED,
        )
    return table


def is_met(specified: SpecifiedQuery, times: Measurement) -> bool:
    """Whether 95 of 100 runs stayed below the target."""
    return times.p95 < specified.target


def searches(found: Iterable[tuple[str, Sequence[MovieMatch]]]) -> Table:
    """What was typed, and the movies that a search gives for it."""
    table = terminal.table("Searches as people type them")
    table.add_column("typed", no_wrap=True)
    table.add_column("best three")
    for typed, matches in found:
        table.add_row(typed, "\n".join(f"{match.title} ({match.year})" for match in matches))
    return table


def _milliseconds(time: float) -> str:
    return f"{time:.2f}" if time < 10 else f"{time:.1f}"  # noqa: PLR2004 - three figures are enough
