"""radarr-db status."""

from __future__ import annotations

import click

from radarr_db import connections
from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.operations import status as operations_status
from radarr_db.operations.status import Status
from radarr_db.terminal import OUT


@cli.command(
    epilog=epilog(
        "  radarr-db status --dsn postgresql://user:password@localhost/radarr\n  radarr-db status || radarr-db migrate",
        {0: "the schema is up to date", 1: "migrations are pending, or the server is not there"},
    )
)
@dsn_option
@json_option
@click.pass_context
def status(ctx: click.Context, dsn: str, as_json: bool) -> None:
    """Show the server, the schema and the tables.

    The numbers of rows are the server's estimates. All works without pg_stat_statements, except the
    statistics of statements.
    """
    found = operations_status.read(dsn)
    if as_json:
        print_json(found)
    else:
        _show(found, connections.describe(dsn))
    ctx.exit(1 if found.pending else 0)


def _show(found: Status, where: str) -> None:
    pending = f"{len(found.pending)} pending: {', '.join(found.pending)}" if found.pending else "up to date"
    OUT.print(f"database   {where}", soft_wrap=True)
    OUT.print(f"server     PostgreSQL {found.server}")
    OUT.print(f"schema     version {found.version}, {pending}", soft_wrap=True)
    for name, version in found.extensions.items():
        OUT.print(f"extension  {name} {version or 'absent'}")
    if not found.statements_tracked:
        OUT.print("           pg_stat_statements is not in the server's shared_preload_libraries")
    for table, rows in found.tables.items():
        OUT.print(f"table      {table:<20} {rows:>11,} rows")
