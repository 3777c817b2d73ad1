"""radarr-db migrate and rollback."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import click
from rich.progress import Progress

from radarr_db import connections
from radarr_db.commands.base import cli, confirm, dsn_option, epilog
from radarr_db.operations import migration_files, migrations
from radarr_db.terminal import OUT, progress


@cli.command(
    epilog=epilog(
        "  radarr-db migrate --dsn postgresql://user:password@localhost/radarr\n"
        '  DATABASE_URL="host=localhost dbname=radarr" radarr-db migrate --to 5',
        {0: "no migration is pending, up to N if it is given", 1: "one failed, or the server is not there"},
    )
)
@dsn_option
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
    epilog=epilog(
        "  radarr-db rollback --to 8\n"
        "  radarr-db rollback --to 0 --yes --dsn postgresql://user:password@localhost/radarr",
        {
            0: "no migration above N is applied",
            1: "one failed, the server is not there, or the answer was no",
        },
    )
)
@dsn_option
@click.option("--to", type=int, metavar="N", required=True, help="Undo what is above migration N; 0 for all.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where no terminal could.")
def rollback(dsn: str, to: int, yes: bool) -> None:
    """Undo migrations, the latest first.

    What is in the tables and columns that they made is lost.
    """
    if not yes:
        confirm(
            f"Undo all above migration {to} in {connections.describe(dsn)}, with what is stored there?",
            "nothing was undone",
        )
    with progress() as bars:
        undone = migrations.rollback(dsn, to=to, on_step=_shown(bars, max(migrations.version(dsn) - to, 0)))
    _tell(dsn, "undone", undone)


def _shown(bars: Progress, total: int) -> Callable[[str], None]:
    """Shows the step that begins, and those before it as done."""
    task, done = bars.add_task("migrations", total=total), count()
    return lambda step: bars.update(task, description=step, completed=next(done))


def _tell(dsn: str, done: str, steps: list[str]) -> None:
    for step in steps:
        OUT.print(f"{done} {step}")
    OUT.print(f"the schema is at version {migrations.version(dsn)}")
