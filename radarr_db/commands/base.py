"""What all commands of radarr-db have in common: how they name a database, fail, and teach."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import sys
from collections.abc import Callable
from typing import IO, Any

import click

from radarr_db.errors import RadarrDbError
from radarr_db.terminal import ERR, OUT

_INTERRUPTED = 130


class Failure(click.ClickException):
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
            raise Failure(str(error)) from error
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_INTERRUPTED)


def epilog(examples: str, codes: dict[int, str]) -> str:
    codes |= {2: "the command was not understood, or names no database", _INTERRUPTED: "stopped by Ctrl-C"}
    lines = ["\b", "Examples:", *examples.splitlines(), "", "\b", "Exit codes:"]
    return "\n".join(lines + [f"  {code:<4} {meaning}" for code, meaning in codes.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=epilog(
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


dsn_option: Callable[..., Any] = click.option(
    "--dsn",
    envvar="DATABASE_URL",
    show_envvar=True,
    callback=_named,
    help="The database: a URL or keywords, as libpq has them.",
)

json_option: Callable[..., Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for another program to read."
)


def print_json(found: object) -> None:
    """Dataclasses, and what holds them, as JSON: times as ISO 8601, lengths of time in seconds."""
    OUT.print(json.dumps(found, default=_plain, ensure_ascii=False, indent=2), soft_wrap=True)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else str(value)


def confirm(question: str, otherwise: str) -> None:
    """Ask at the terminal; the Failure ``otherwise`` when the answer is no."""
    if not sys.stdin.isatty():
        raise click.UsageError("no terminal to ask at: give --yes")
    if not click.confirm(question, err=True):
        raise Failure(otherwise)
