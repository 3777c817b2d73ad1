"""radarr-db restore."""

from __future__ import annotations

from pathlib import Path

import click

from radarr_db import connections
from radarr_db.commands.backup import programs_option, shown_progress, summary
from radarr_db.commands.base import cli, confirm, dsn_option, epilog, json_option, print_json
from radarr_db.operations import backup
from radarr_db.terminal import ERR, OUT


@cli.command(
    epilog=epilog(
        "  radarr-db restore /backups/radarr_full_20260131_030000.dump\n"
        "  radarr-db restore /backups/radarr_full_20260131_030000.dump --disconnect --yes\n"
        "\n\b\nTo look at a backup, without touching the database in use:\n"
        "  DATABASE_URL=postgresql://localhost/look radarr-db restore FILE --yes",
        {
            0: "the database is restored",
            1: "it is as it was before, and stderr says why; or the answer was no",
        },
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@dsn_option
@click.option("--yes", is_flag=True, help="Do not ask; needed where no terminal could.")
@click.option("--disconnect", is_flag=True, help="End the sessions that use the database; else it must not be in use.")
@click.option("--drop-old", is_flag=True, help="Do not keep the database that was there.")
@programs_option
@json_option
def restore(
    *, file: Path, dsn: str, yes: bool, disconnect: bool, drop_old: bool, programs: Path | None, as_json: bool
) -> None:
    """Restore a backup as the database that --dsn names.

    It may be there or not. FILE is verified, loaded into a new database and compared with its .json. Then the two
    change names; the old one is kept under another name. Until then, and whatever fails, nothing is changed.

    The role must own the database and be one that may create others (CREATEDB).
    """
    if not yes:
        confirm(f"Restore {connections.describe(dsn)} from {file}?", "nothing was restored")
    with shown_progress() as on_progress:
        done = backup.restore(
            dsn, file, disconnect=disconnect, drop_old=drop_old, programs=programs, on_progress=on_progress
        )
    if as_json:
        print_json(done)
        return
    OUT.print(f"restored database {done.database} from {file}: {summary(done.manifest)}", soft_wrap=True)
    if done.kept:
        OUT.print(f'the old one is kept as "{done.kept}": drop it when you no longer need it', soft_wrap=True)
    for note in done.notes:
        ERR.print(f"note: {note}", style="yellow", soft_wrap=True)
