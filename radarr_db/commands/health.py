"""radarr-db health."""

from __future__ import annotations

import click

from radarr_db import connections
from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.operations import health as operations_health
from radarr_db.operations.health import Health
from radarr_db.terminal import OUT


@cli.command(
    epilog=epilog(
        "  radarr-db health --dsn postgresql://user:password@localhost/radarr\n"
        "  radarr-db health --timeout 0.5 --json | jq .problems",
        {0: "the database can be used", 1: "it cannot, and the lines that begin with `problem` say why"},
    )
)
@dsn_option
@click.option(
    "--timeout",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest time to ask for, whatever has become of the server.",
)
@json_option
@click.pass_context
def health(ctx: click.Context, dsn: str, timeout: float, as_json: bool) -> None:
    """Tell whether the database can be used right now.

    That is: the server answers in time, the schema is that of this version, and more connections can be opened.
    """
    found = operations_health.check(dsn, timeout=timeout)
    if as_json:
        print_json(found)
    else:
        _show(found, connections.describe(dsn))
    ctx.exit(0 if found.ok else 1)


def _show(found: Health, where: str) -> None:
    OUT.print(f"database     {where}", soft_wrap=True)
    if found.pool and found.pool.connectivity_ok:
        OUT.print(f"answer       {1000 * found.pool.connectivity_time:.1f} ms for a connection and a query")
    if ready := found.readiness:
        OUT.print(f"server       {ready.role}")
        OUT.print(f"schema       version {ready.schema_version} of {ready.expected_version}")
        OUT.print(f"connections  {ready.connections} open, {ready.connections_left} more can be")
    for problem in found.problems:
        OUT.print(f"problem      {' '.join(problem.split())}", style="red", soft_wrap=True)
    OUT.print(
        f"health       {'ok' if found.ok else 'NOT OK'}, told in {found.seconds:.2f} s",
        style="green" if found.ok else "bold red",
    )
