"""radarr-db tune."""

from __future__ import annotations

import os
import re

import click

from radarr_db import connections
from radarr_db.commands.base import cli, epilog, json_option, print_json
from radarr_db.operations import tuning
from radarr_db.operations.tuning import Comparison, Setting
from radarr_db.terminal import ERR, OUT

_UNITS = {"MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


def _memory(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> int:
    if value is None:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        ERR.print(f"for {found // _UNITS['MB']}MB, the memory of this machine; --memory names another")
        return int(found)
    read = re.fullmatch(r"(\d+) ?([MGT]B)", value.strip(), re.IGNORECASE)
    if not read:
        raise click.BadParameter("must be like 8GB or 512MB")
    return int(read[1]) * _UNITS[read[2].upper()]


@cli.command(
    epilog=epilog(
        "  radarr-db tune --memory 8GB\n"
        "  radarr-db tune --memory 8GB | psql\n"
        "  radarr-db tune --memory 8GB --apply --dsn postgresql://postgres@localhost/radarr\n"
        "  radarr-db tune --memory 8GB --check",
        {
            0: "printed, applied, or with --check all is in order",
            1: "with --check something differs; or there is no right to it, or no server",
        },
    )
)
@click.option("--memory", metavar="SIZE", callback=_memory, help="What the server has; else what this machine has.")
@click.option("--apply", is_flag=True, help="Store in the server what it has otherwise, and reload.")
@click.option("--check", is_flag=True, help="Compare with the running server; changes nothing.")
@click.option("--dsn", envvar="DATABASE_URL", show_envvar=True, help="The server, for --apply and --check.")
@json_option
@click.pass_context
def tune(ctx: click.Context, *, memory: int, apply: bool, check: bool, dsn: str | None, as_json: bool) -> None:
    """Print, apply or check settings of the server.

    They are scaled to its memory, and for a server that has the machine to itself. --apply keeps libraries that
    are preloaded already, and what is printed does not know them. ALTER SYSTEM is for a superuser, or one with
    GRANT ALTER SYSTEM ON PARAMETER.
    """
    if apply and check:
        raise click.UsageError("--apply and --check do not go together")
    if not (apply or check):
        settings = tuning.settings(memory)
        if as_json:
            print_json(settings)
        else:
            _print(settings, memory)
        return
    if not dsn:
        raise click.UsageError("no server: give --dsn, or set the environment variable DATABASE_URL")
    found = tuning.apply(dsn, memory) if apply else tuning.compare(dsn, memory)
    if as_json:
        print_json(found)
    elif apply:
        _tell_changes(found)
    else:
        _tell_comparison(found, dsn)
    ctx.exit(1 if check and not all(each.in_order for each in found) else 0)


def _print(settings: list[Setting], memory: int) -> None:
    reloaded = [_shown(setting) for setting in settings if not setting.restart]
    restarted = [_shown(setting) for setting in settings if setting.restart]
    parts = [
        f"-- For a server with {memory // _UNITS['MB']}MB of memory, all its own.",
        *reloaded,
        "-- Brings those above.\nSELECT pg_reload_conf();",
        "-- Those below need a restart.",
        *restarted,
    ]
    OUT.print("\n\n".join(parts), soft_wrap=True)


def _shown(setting: Setting) -> str:
    name_all = "-- Name what SHOW shared_preload_libraries shows, too: --apply does it by itself.\n"
    more = name_all if setting.name == "shared_preload_libraries" else ""
    return f"-- {setting.reason}\n{more}{setting.statement}"


def _tell_changes(changes: list[Comparison]) -> None:
    for each in changes:
        OUT.print(f"set  {each.name} = {each.wanted}, was {each.current}", soft_wrap=True)
        _tell_overriding(each)
    if not changes:
        OUT.print("all is in order")
    if waiting := [each.name for each in changes if each.restart]:
        OUT.print(f"waits for a restart: {', '.join(waiting)}", soft_wrap=True)


def _tell_comparison(found: list[Comparison], dsn: str) -> None:
    OUT.print(f"server {connections.describe(dsn)}", soft_wrap=True)
    width = max(len(each.name) for each in found)
    for each in found:
        OUT.print(f"{'ok     ' if each.in_order else 'differs'}  {each.name:<{width}}  {each.current}", soft_wrap=True)
        if each.in_order:
            continue
        when = "; a stored value waits for a restart" if each.pending_restart else "; needs a restart"
        OUT.print(f"         wanted: {each.wanted}{when if each.restart else ''}", soft_wrap=True)
        OUT.print(f"         {each.reason}", soft_wrap=True)
        _tell_overriding(each)


def _tell_overriding(each: Comparison) -> None:
    if each.source not in {"default", "configuration file"}:
        OUT.print(f"         given by the {each.source}, which goes before ALTER SYSTEM", soft_wrap=True)
