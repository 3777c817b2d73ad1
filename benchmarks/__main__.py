"""The command line: ``python -m benchmarks --help``."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psycopg
from click.core import ParameterSource

from benchmarks import bulk, growth, machine, promises, runner, tables, weight
from benchmarks.awake import kept_awake
from benchmarks.catalogue import DEFAULT_MOVIES, SEED
from benchmarks.loading import Content, database_for, load
from benchmarks.results import PeerResult, Promise, Results, SizeResult
from benchmarks.workload import ENTRIES
from radarr_db import embedded
from radarr_db.errors import RadarrDbError
from radarr_db.terminal import ERR, OUT, progress

PARTS = ("load", "queries", "floor", "peers", "bulk", "promises")
_BY_DEFAULT = frozenset(PARTS) - {"peers"}

_EPILOG = """\b
Examples:
  python -m benchmarks
  python -m benchmarks --movies 10000 --only queries
  python -m benchmarks --dsn "dbname=bench" --only load
  python -m benchmarks --dsn "dbname=bench" --only "movies.list_*,history.*"
  python -m benchmarks --scale 10000,100000,1000000 --only queries --json results.json
  python -m benchmarks --catalogue movies.jsonl.gz --peers --report report.html

\b
Parts, for --only:
  load      make the catalogue and write it; always done if the database is empty
  queries   every statement of sql/ against its budget, and the specification's figures
  floor     single calls beside libpq called from C, and beside asyncpg
  peers     other client libraries on the same tasks
  bulk      bulk writes beside COPY, memory, indexes, and writes of nothing new
  promises  lookups, the whole library and a restart beside bare psycopg
In the place of a part stand the names of statements, with * and ?: only these are measured.

\b
Exit codes:
  0    every promise is kept
  1    a promise is broken, or it failed; a line says which, or why
  2    the command was not understood
  130  stopped by Ctrl-C"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: parts, and the patterns of the statements."""

    parts: frozenset[str]
    statements: tuple[str, ...]


class _Command(click.Command):
    """A command that tells an error in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (RadarrDbError, psycopg.Error, OSError) as error:
            ERR.print(f"error: {' '.join(str(error).split())}", style="red", soft_wrap=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(130)


def _plan(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Plan:
    if value is None:
        return Plan(_BY_DEFAULT, ("*",))
    wanted = [name.strip() for name in value.split(",") if name.strip()]
    statements = tuple(name for name in wanted if name not in PARTS)
    known = {entry.statement for entry in ENTRIES}
    for name in statements:
        if not fnmatch.filter(known, name):
            raise click.BadParameter(f"{name!r} is no part ({', '.join(PARTS)}), and no statement is called so")
    parts = {name for name in wanted if name in PARTS} | ({"queries"} if statements else set())
    return Plan(frozenset(parts), statements or ("*",))


def _sizes(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted({int(size) for size in value.split(",")})) if value else ()
    except ValueError:
        sizes = (0,)
    if sizes and sizes[0] < 1:
        raise click.BadParameter("give numbers of movies with commas between them: 10000,100000,1000000")
    return sizes


@click.command(cls=_Command, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--movies",
    type=click.IntRange(min=1),
    default=DEFAULT_MOVIES,
    show_default=True,
    metavar="N",
    help="The size of the catalogue.",
)
@click.option("--seed", type=int, default=SEED, show_default=True, metavar="N", help="Another seed, other movies.")
@click.option(
    "--catalogue",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Real movies as JSON lines, gzipped or not: words, people and facts of the made movies come from these.",
)
@click.option(
    "--dsn",
    metavar="DSN",
    help="A database that is empty, or that an earlier run loaded alike, instead of a server that goes at the end. "
    "With --scale, any database of the server: those of each size are made and stay.",
)
@click.option("--only", "plan", callback=_plan, metavar="PARTS", help="Do only this: see below.")
@click.option("--peers", is_flag=True, help="Measure other client libraries too.")
@click.option(
    "--scale",
    callback=_sizes,
    metavar="N,N,...",
    help="Run the queries at each of these sizes and see how they grow; the other parts run at the smallest.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    metavar="N",
    help="How often to call each side of a comparison.",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Keep the results here.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a report of the results here.")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw a chart of the results here.")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    movies: int,
    seed: int,
    file: Path | None,
    dsn: str | None,
    plan: Plan,
    peers: bool,
    scale: tuple[int, ...],
    rounds: int,
    json_file: Path | None,
    report: Path | None,
    chart: Path | None,
) -> None:
    """Measure what the library promises about its speed, and exit with 1 if a promise is broken.

    A catalogue of made movies with files, history, release groups and a queue is loaded into a PostgreSQL of
    our own, or into --dsn; then every statement in sql/ is run through its repository function, and the time of
    95 % of its runs is held against its budget.
    """
    if scale and ctx.get_parameter_source("movies") is ParameterSource.COMMANDLINE:
        raise click.UsageError("give --movies or --scale, not both")
    if peers:
        plan = Plan(plan.parts | {"peers"}, plan.statements)
    contents = [Content(size, seed, file) for size in scale or (movies,)]
    with _server(dsn) as server:
        databases = [database_for(server, content.movies) for content in contents] if scale else [server]
        results = _measure(dict(zip(databases, contents, strict=True)), plan, rounds)
    _write(results, json_file, report, chart)
    ctx.exit(_tell(results))


@contextmanager
def _server(dsn: str | None) -> Iterator[str]:
    if dsn is not None:
        yield dsn
        return
    with embedded.server(settings=machine.server_settings()) as server:
        yield server.conninfo


def _measure(databases: dict[str, Content], plan: Plan, rounds: int) -> Results:
    """The parts of the plan: the queries on each of the databases, smallest first, the others on the first."""
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    sizes = tuple(_measure_queries(conninfo, content, plan) for conninfo, content in databases.items())
    first = next(iter(databases))
    kept: list[Promise] = []
    if "queries" in plan.parts:
        kept += growth.promises(sizes)
    for part, measure in _PARTS.items():
        if part in plan.parts:
            with _told(part):
                kept += measure(first, rounds)
    peers: tuple[PeerResult, ...] = ()
    if "peers" in plan.parts:
        with _told("peers") as tell:
            peers = _measure_peers(first, rounds, tell)
    return Results(started, machine.describe(first), sizes, peers, tuple(kept))


def _measure_queries(conninfo: str, content: Content, plan: Plan) -> SizeResult:
    loaded = load(conninfo, content)
    if "queries" not in plan.parts:
        return runner.measure(conninfo, content, loaded, (), lambda _: None)
    with _told(f"queries on {content.movies:,} movies") as tell:
        return runner.measure(conninfo, content, loaded, plan.statements, tell)


def _measure_bulk(conninfo: str, _rounds: int) -> tuple[Promise, ...]:
    return (*bulk.measure(conninfo), *weight.measure(conninfo))


# Imported where they are asked for: the libraries that they compare with need not be there otherwise.
def _measure_floor(conninfo: str, rounds: int) -> tuple[Promise, ...]:
    from benchmarks import floor  # noqa: PLC0415

    return floor.measure(conninfo, rounds=rounds)


def _measure_promises(conninfo: str, rounds: int) -> tuple[Promise, ...]:
    return promises.measure(conninfo, rounds=rounds)


def _measure_peers(conninfo: str, rounds: int, tell: Callable[[str], None]) -> tuple[PeerResult, ...]:
    from benchmarks import peers  # noqa: PLC0415

    return peers.measure(conninfo, rounds=rounds, progress=tell)


_PARTS = {"floor": _measure_floor, "bulk": _measure_bulk, "promises": _measure_promises}


@contextmanager
def _told(what: str) -> Iterator[Callable[[str], None]]:
    """Shows what is being measured, on cores kept awake: all of it on a terminal, elsewhere its beginning."""
    if not ERR.is_interactive:
        ERR.print(f"{what} ...")
    with kept_awake(), progress() as bars:
        task = bars.add_task(what, total=None)
        yield lambda step: bars.update(task, description=f"{what}: {step}")


def _write(results: Results, json_file: Path | None, report_file: Path | None, chart_file: Path | None) -> None:
    if json_file:
        results.write(json_file)
    if report_file:
        from benchmarks import report  # noqa: PLC0415

        report.write(results, report_file)
    if chart_file:
        from benchmarks import chart  # noqa: PLC0415

        chart.write(results, chart_file)


def _tell(results: Results) -> int:
    """Prints the results, and gives the exit code."""
    in_queries = growth.promises(results.sizes)
    if in_queries:
        OUT.print(tables.queries(results.sizes), "")
    if results.peers:
        OUT.print(tables.peers(results.peers), "")
    if others := [promise for promise in results.promises if promise not in in_queries]:
        OUT.print(tables.promises(others), "")
    settings = ", ".join(f"{name} = {value}" for name, value in results.machine.settings.items())
    OUT.print(f"{results.machine.cpu}; PostgreSQL {results.machine.postgres}, {settings}\n")
    broken = [promise for promise in results.promises if not promise.kept]
    for promise in broken:
        found = f"{promise.found:,.2f} {promise.unit}, at most {promise.limit:,g}"
        OUT.print(f"broken: {promise.name}: {found}", style="red", soft_wrap=True)
    if results.promises and not broken:
        OUT.print(f"all {len(results.promises)} promises are kept", style="green")
    return 1 if broken else 0


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
