"""radarr-db metrics."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from radarr_db import connections
from radarr_db.commands.base import Failure, cli, dsn_option, epilog, json_option, print_json
from radarr_db.errors import RadarrDbError
from radarr_db.terminal import ERR, OUT

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


@cli.command(
    epilog=epilog(
        "  radarr-db metrics --port 9187 --dsn postgresql://radarr@localhost/radarr\n"
        "  curl http://127.0.0.1:9187/metrics\n"
        "  radarr-db metrics > /var/lib/node_exporter/radarr.prom",
        {0: "the metrics were printed", 1: "the database is not there (radarr_db_up is 0), or the port is taken"},
    )
)
@dsn_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Serve /metrics on this port until Ctrl-C, 0 for any that is free. Without it, print them once.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 for all.")
@json_option
def metrics(dsn: str, port: int | None, host: str, as_json: bool) -> None:
    """Give Prometheus the metrics of a database.

    Whether it answers and is ready, its tables' sizes, live and dead rows, connections by state, the oldest
    transaction, transaction ids, replication lag; and the times of the queries that found these. Each scrape is
    answered within about a second whatever has happened to the database; stderr says why radarr_db_up is 0.

    A service that embeds the library has the times of its own queries and its pools: see radarr_db.operations.metrics.
    """
    if as_json and port is not None:
        raise click.UsageError("give --json or --port, not both")
    try:
        from radarr_db.operations.metrics import Metrics  # noqa: PLC0415 - it needs the extra, which may be missing
    except ModuleNotFoundError as error:
        raise Failure(str(error)) from error
    from prometheus_client import CollectorRegistry  # noqa: PLC0415

    registry = CollectorRegistry()
    problems: list[RadarrDbError] = []
    with closing(Metrics(dsn, registry=registry, on_error=_tell if port is not None else problems.append)):
        if port is not None:
            _serve(registry, dsn, host, port)
        else:
            _print(registry, as_json=as_json)
    if problems:
        raise Failure(str(problems[0]))


def _serve(registry: CollectorRegistry, dsn: str, host: str, port: int) -> None:
    from prometheus_client import start_http_server  # noqa: PLC0415

    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise Failure(
            f"cannot listen at {host}, port {port}: {error.strerror}; give another --port or --host"
        ) from error
    address = f"[{host}]" if ":" in host else host
    OUT.print(
        f"http://{address}:{server.server_port}/metrics tells of {connections.describe(dsn)}, until Ctrl-C",
        soft_wrap=True,
    )
    with server:
        thread.join()


def _print(registry: CollectorRegistry, *, as_json: bool) -> None:
    from prometheus_client import generate_latest  # noqa: PLC0415

    if not as_json:
        OUT.print(generate_latest(registry).decode(), end="", soft_wrap=True)
        return
    print_json(
        [
            {
                "name": family.name,
                "type": family.type,
                "help": family.documentation,
                "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in family.samples],
            }
            for family in registry.collect()
        ]
    )


def _tell(error: RadarrDbError) -> None:
    ERR.print(f"radarr_db_up 0: {error}", soft_wrap=True)
