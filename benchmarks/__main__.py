"""The command line: ``python -m benchmarks --help``."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg
from click.core import ParameterSource

from benchmarks import growth, machine, suite, tables
from benchmarks.catalogue import DEFAULT_MOVIES, SEED, Content
from benchmarks.figures import beside, short
from benchmarks.loading import database_for
from benchmarks.results import Results
from benchmarks.suite import PARTS, Plan
from benchmarks.workload import ENTRIES
from radarr_db import embedded
from radarr_db.errors import RadarrDbError
from radarr_db.terminal import ERR, OUT

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
  floor     typed reads beside libpq called from C, and beside asyncpg and psycopg without types
  observing a lookup with metrics and traces beside the same without
  peers     other client libraries on the same tasks, on 10,000 movies; left out by default
  bulk      bulk writes beside COPY, memory, indexes, and writes of nothing new
  restart   requests after all pooled connections died
In the place of a part stand the names of statements, with * and ?: only these are measured.

\b
With --dsn, the role must be allowed to create databases for bulk, peers and --scale:
  radarr_db_bench_N   movies of a size, for --scale and peers; made once, and stays
  radarr_db_bulk_*    where bulk writes go; made anew, and dropped at the end
And restart ends the other sessions that the role has in the database.

\b
Exit codes:
  0    every promise is kept
  1    a promise is broken, or it failed; a line says which, or why
  2    the command was not understood
  130  stopped by Ctrl-C"""


Command = Callable[..., Any]


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
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(130)


def _only(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The parts, and the patterns of the statements."""
    if value is None:
        return suite.BY_DEFAULT, ("*",)
    wanted = [name.strip() for name in value.split(",") if name.strip()]
    statements = tuple(name for name in wanted if name not in PARTS)
    known = {entry.statement for entry in ENTRIES}
    for name in statements:
        if not fnmatch.filter(known, name):
            raise click.BadParameter(f"{name!r} is no part ({', '.join(PARTS)}), and no statement is called so")
    parts = {name for name in wanted if name in PARTS} | ({"queries"} if statements else set())
    return frozenset(parts), statements or ("*",)


def _sizes(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted({int(size) for size in value.split(",")})) if value else ()
    except ValueError:
        sizes = (0,)
    if sizes and sizes[0] < 1:
        raise click.BadParameter("give numbers of movies with commas between them: 10000,100000,1000000")
    return sizes


def _output(*names: str, help: str) -> Callable[[Command], Command]:  # noqa: A002 - as click calls it
    return click.option(*names, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=help)


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
    "With --scale, any database of the server: those of each size are made beside it. See below.",
)
@click.option("--only", callback=_only, metavar="PARTS", help="Do only this: see below.")
@click.option("--peers", is_flag=True, help="Measure other client libraries too.")
@click.option(
    "--scale",
    callback=_sizes,
    metavar="N,N,...",
    help="Run the queries at each of these sizes and see how they grow; the other parts run at 100,000, or at the size "
    "next below. A million movies take 15 GB of disk, and half an hour or more to load.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    metavar="N",
    help="How often to call each side of a comparison, at most: none is called for longer than some seconds.",
)
@_output("--json", "json_file", help="All results, for programs: their fields are those of benchmarks/results.py.")
@_output("--report", help="A page of HTML with all of it to look at; it needs no other file.")
@_output("--chart", help="A picture for a README, as PNG: the specification's queries, and the peers if measured.")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    movies: int,
    seed: int,
    file: Path | None,
    dsn: str | None,
    only: tuple[frozenset[str], tuple[str, ...]],
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
    parts, statements = only
    plan = Plan(parts | {"peers"} if peers else parts, statements, rounds)
    contents = [Content(size, seed, file) for size in scale or (movies,)]
    with _server(dsn) as server:
        databases = {content: database_for(server, content.movies) if scale else server for content in contents}
        results = suite.measure(databases, plan)
    _write(results, json_file, report, chart)
    ctx.exit(_tell(results))


@contextmanager
def _server(dsn: str | None) -> Iterator[str]:
    if dsn is not None:
        yield dsn
        return
    with embedded.server(settings=machine.server_settings()) as server:
        yield server.conninfo


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
        found = f"{beside(promise.found, promise.limit)} {promise.unit}, at most {short(promise.limit)}"
        OUT.print(f"broken: {promise.name}: {found}", style="red", soft_wrap=True)
    if results.promises and not broken:
        OUT.print(f"all {len(results.promises)} promises are kept", style="green")
    return 1 if broken else 0


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
