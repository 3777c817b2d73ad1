"""radarr-db monitor."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import click
from rich.table import Table

from radarr_db import connections
from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.operations import monitoring
from radarr_db.operations.findings import Finding, Severity
from radarr_db.operations.findings.base import duration, size
from radarr_db.operations.monitoring import MonitoringReport
from radarr_db.terminal import OUT, table

# A page, and no book: --json has all.
_ROWS = 10
_NARROWEST = 20
_GAP = 2  # between two columns

_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}


@cli.command(
    epilog=epilog(
        "  radarr-db monitor --dsn postgresql://user:password@localhost/radarr\n"
        "  radarr-db monitor --json | jq '.findings[] | select(.severity == \"critical\")'",
        {
            0: "nothing is wrong; there may be notices",
            1: "there is a warning or something critical, or the server is not there",
        },
    )
)
@dsn_option
@json_option
@click.pass_context
def monitor(ctx: click.Context, dsn: str, as_json: bool) -> None:
    """Show what is wrong, worst first, and what to do about it.

    Below that, what the server is busy with and what the database holds. Only reads. A member of pg_monitor sees
    most; where something cannot be seen, a notice says how to get it.
    """
    report = monitoring.report(dsn)
    if as_json:
        print_json(report)
    else:
        _show(report, connections.describe(dsn))
    ctx.exit(1 if any(finding.severity is not Severity.NOTICE for finding in report.findings) else 0)


def _show(report: MonitoringReport, where: str) -> None:
    now = dt.datetime.now(dt.UTC)
    for line in _heading(report, where, now):
        OUT.print(line, soft_wrap=True)
    for finding in report.findings:
        _show_finding(finding)
    for shown in _tables(report, now):
        OUT.print()
        OUT.print(shown)


def _heading(report: MonitoringReport, where: str, now: dt.datetime) -> Iterator[str]:
    server = report.server
    yield f"database    {where}"
    role = "standby" if server.in_recovery else "primary"
    yield f"server      PostgreSQL {server.version}, {role}, up for {_ago(server.started, now)}"
    since = server.statistics_since
    yield f"statistics  counted for {_ago(since, now)}" if since else "statistics  counted since the database was made"
    counts = Counter(finding.severity for finding in report.findings)
    told = ", ".join(f"{counts[each]} {each}" for each in Severity if counts[each])
    yield f"findings    {told or 'nothing is wrong'}"


def _show_finding(finding: Finding) -> None:
    OUT.print()
    OUT.print(f"{finding.severity.upper():<9} {finding.subject}", style=_STYLES[finding.severity], soft_wrap=True)
    for mark, text in (("", finding.problem), ("do:", finding.advice)):
        OUT.print(_wrapped(f"{mark:<10}", text), soft_wrap=True)


def _wrapped(mark: str, text: str) -> str:
    """The text in the width of the terminal behind its mark; a name or a number is never cut in two."""
    return textwrap.fill(
        text,
        width=max(OUT.width, _NARROWEST),
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _tables(report: MonitoringReport, now: dt.datetime) -> Iterator[Table]:
    yield _filled(
        "Connections",
        ["state", ">number", ">seconds in it, on average"],
        (
            (each.state or "not visible", f"{each.connections}", _number(each.average_seconds))
            for each in report.connections
        ),
    )
    yield _filled(
        _largest("Tables", len(report.tables)),
        ["table", ">size", ">indexes", ">rows", ">dead", ">vacuumed", ">analysed"],
        (
            (
                each.name,
                size(each.total_bytes),
                size(each.index_bytes),
                f"{each.live_tuples:,}",
                f"{each.dead_tuples:,}",
                _ago(each.last_vacuum, now),
                _ago(each.last_analyze, now),
            )
            for each in report.tables[:_ROWS]
        ),
    )
    if report.statements:
        yield _filled(
            "Statements, slowest on average",
            [">mean ms", ">max ms", ">calls", ">total s", "statement"],
            (
                (
                    f"{each.mean_exec_time:,.1f}",
                    f"{each.max_exec_time:,.1f}",
                    f"{each.calls:,}",
                    f"{each.total_exec_time / 1000:,.1f}",
                    each.query,
                )
                for each in report.statements[:_ROWS]
            ),
        )
    if report.replication:
        yield _filled(
            "Replication",
            ["standby", "address", "state", ">bytes behind", ">time behind"],
            (
                (
                    each.name,
                    each.address or "local",
                    each.state or "not visible",
                    size(each.lag_bytes),
                    duration(each.lag_seconds),
                )
                for each in report.replication
            ),
        )


def _filled(title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Table:
    """A table whose columns marked with > are aligned to the right; its last one is cut to the terminal's width."""
    made, cells = table(title), list(rows)
    names = [column.removeprefix(">") for column in columns]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    room = max(OUT.width - sum(width + _GAP for width in widths[:-1]) - _GAP, _NARROWEST)
    for column, name in zip(columns, names, strict=True):
        made.add_column(name, justify="right" if column.startswith(">") else "left", no_wrap=True)
    for *row, last in cells:
        made.add_row(*row, last if len(last) <= room else f"{last[: room - 1]}…")
    return made


def _largest(title: str, count: int) -> str:
    return f"{title}, the largest {_ROWS} of {count}" if count > _ROWS else title


def _ago(moment: dt.datetime | None, now: dt.datetime) -> str:
    return duration((now - moment).total_seconds()) if moment else "never"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"
