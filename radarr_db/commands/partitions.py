"""radarr-db partitions list, premake, archive and attach."""

from __future__ import annotations

from pathlib import Path

import click
from rich.filesize import decimal

from radarr_db.commands.backup import programs_option
from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.engine import Database, PoolSettings
from radarr_db.models.partitions import HistoryPartition, PartitionState
from radarr_db.operations import partitions as operations_partitions
from radarr_db.terminal import ERR, OUT, progress, table

_CODES = {0: "done", 1: "it failed, and stderr says why"}


@cli.group(
    epilog=epilog(
        "  radarr-db partitions list\n"
        "  radarr-db partitions premake --months 12\n"
        "  radarr-db partitions archive /var/backups/radarr --keep-months 24",
        dict(_CODES),
    )
)
def partitions() -> None:
    """See, make, archive and bring back the months of history.

    History has a partition for each month of UTC. `radarr-db maintain` makes those to come; an event of any other
    month goes to the partition DEFAULT, from where it is moved when its month is made.
    """


@partitions.command(name="list", epilog=epilog("  radarr-db partitions list --json", dict(_CODES)))
@dsn_option
@json_option
def list_(dsn: str, as_json: bool) -> None:
    """Show the partitions, with the rows and the bytes they have.

    The numbers of rows are the server's estimates, except for DEFAULT, which should have none.
    """
    with Database(dsn, PoolSettings(min_size=1, max_size=1, application_name="radarr_db partitions")) as db:
        found = db.run(operations_partitions.list())
    if as_json:
        print_json(found)
        return
    shown = table("history")
    for column in ("partition", "state", "from", "before"):
        shown.add_column(column)
    for column in ("rows", "size"):
        shown.add_column(column, justify="right")
    for each in found:
        first, until = (f"{moment:%Y-%m-%d}" if moment else "" for moment in (each.first, each.until))
        shown.add_row(each.name, each.state.value, first, until, f"{each.rows:,}", decimal(each.bytes))
    OUT.print(shown)
    _advise(found)


def _advise(found: list[HistoryPartition]) -> None:
    if any(each.state is PartitionState.DEFAULT and each.rows for each in found):
        ERR.print(
            "DEFAULT has rows: `radarr-db partitions premake` moves those of recent months, and archive the old ones",
            soft_wrap=True,
        )
    if any(each.state is PartitionState.DETACHED for each in found):
        ERR.print("an archive was interrupted: run `radarr-db partitions archive` again", soft_wrap=True)


@partitions.command(epilog=epilog("  radarr-db partitions premake --months 12", dict(_CODES)))
@dsn_option
@click.option(
    "--months", type=click.IntRange(1, 1200), default=4, show_default=True, help="How many months ahead to make."
)
@json_option
def premake(dsn: str, months: int, as_json: bool) -> None:
    """Make the partitions that are missing, from last month on.

    Rows of such a month that DEFAULT has are moved into it.
    """
    made = operations_partitions.premake(dsn, months=months)
    if as_json:
        print_json({"made": made})
        return
    for name in made:
        OUT.print(f"made {name}")
    if not made:
        OUT.print(f"all there, up to {months} months ahead")


@partitions.command(
    epilog=epilog(
        "  radarr-db partitions archive /var/backups/radarr\n"
        "\n\b\nTo have a month back:\n"
        "  pg_restore -d radarr /var/backups/radarr/history_2024_01-20260201T040000.123456Z.dump\n"
        "  radarr-db partitions attach history_2024_01",
        dict(_CODES),
    )
)
@dsn_option
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option(
    "--keep-months",
    type=click.IntRange(1, 1200),
    default=24,
    show_default=True,
    help="How many months before this one to keep.",
)
@programs_option
@json_option
def archive(*, dsn: str, folder: Path, keep_months: int, programs: Path | None, as_json: bool) -> None:
    """Move old months of history into files in FOLDER.

    Each is taken out of history, dumped with pg_dump, and dropped once the file was read back and has as many rows.
    After an interruption, just run the command again. What is archived is not counted by the popular movies.
    """
    with progress() as bars:
        task = bars.add_task("archiving", total=1.0)
        done = operations_partitions.archive(
            dsn,
            folder,
            keep_months=keep_months,
            programs=programs,
            on_progress=lambda text, share: bars.update(task, description=text, completed=share),
        )
    if as_json:
        print_json(done)
        return
    for each in done:
        OUT.print(f"archived {each.partition}, {each.rows:,} rows, in {each.path}", soft_wrap=True)
    if not done:
        OUT.print(f"nothing is older than this month and the {keep_months} before it")


@partitions.command(
    epilog=epilog(
        "  pg_restore -d radarr /var/backups/radarr/history_2024_01-20260201T040000.123456Z.dump\n"
        "  radarr-db partitions attach history_2024_01",
        dict(_CODES),
    )
)
@dsn_option
@click.argument("partition")
@json_option
def attach(dsn: str, partition: str, as_json: bool) -> None:
    """Make an archived month a part of history again.

    PARTITION is the table that pg_restore made of the archive's file. Events of movies that are gone are left out. The
    next archive takes the month out again, unless --keep-months reaches so far.
    """
    rows = operations_partitions.attach(dsn, partition)
    if as_json:
        print_json({"partition": partition, "rows": rows})
    else:
        OUT.print(f"attached {partition}, {rows:,} rows")
