"""radarr-db backup create, verify, list and prune."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click
from rich.filesize import decimal

from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.errors import BackupError
from radarr_db.operations import backup as operations_backup
from radarr_db.operations.backup import Found, Manifest, Pruned
from radarr_db.operations.dumps import OnProgress
from radarr_db.operations.manifests import Kind
from radarr_db.terminal import ERR, OUT, progress, table

folder_option: Callable[..., Any] = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where the backups are."
)
programs_option: Callable[..., Any] = click.option(
    "--programs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder of pg_dump, pg_restore and psql; without it they are looked for.",
)


@cli.group(
    epilog=epilog(
        "  radarr-db backup create --folder /backups --prune-days 30\n"
        "  radarr-db backup list --folder /backups\n"
        "  radarr-db backup verify /backups/*.dump\n"
        "\n\b\nEvery night at three, by cron:\n"
        "  0 3 * * *  DATABASE_URL=postgresql://localhost/radarr"
        " radarr-db backup create --folder /backups --prune-days 30",
        {0: "done", 1: "it failed, or a backup is damaged, and stderr says why"},
    )
)
def backup() -> None:
    """Make, verify, list and delete backups.

    A backup is a file that pg_dump wrote, and beside it a .json with its checksum and the rows of each table.
    It gets its name once it is whole, on the disk and read back. `radarr-db restore` restores it.
    """


@backup.command(
    epilog=epilog(
        "  radarr-db backup create --folder /backups\n"
        "  radarr-db backup create --folder /backups --prune-days 30\n"
        "  radarr-db backup create --folder /backups --kind schema",
        {0: "the backup is made", 1: "it is not, or an old one is damaged, and stderr says why"},
    )
)
@dsn_option
@folder_option
@click.option(
    "--kind",
    type=click.Choice(get_args(Kind)),
    default="full",
    show_default=True,
    help="All there is; the schema, as SQL to read; or the rows.",
)
@click.option(
    "--prune-days",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Then delete what is older, as `radarr-db backup prune` does.",
)
@programs_option
@json_option
@click.pass_context
def create(
    ctx: click.Context,
    *,
    dsn: str,
    folder: Path,
    kind: Kind,
    prune_days: int | None,
    programs: Path | None,
    as_json: bool,
) -> None:
    """Back a database up while it is in use.

    Only their owner can read the files. A backup that fails leaves no file, and the older ones as they were.
    """
    with shown_progress() as on_progress:
        made = operations_backup.create(dsn, folder, kind=kind, programs=programs, on_progress=on_progress)
    pruned = operations_backup.prune(folder, days=prune_days) if prune_days else Pruned([], [])
    if as_json:
        print_json({"path": made.path, "manifest": made.manifest, "deleted": pruned.deleted, "damaged": pruned.damaged})
    else:
        OUT.print(f"made {made.path}: {summary(made.manifest)}", soft_wrap=True)
        _tell_deleted("deleted", pruned)
    _end(ctx, [each.problem for each in pruned.damaged])


@backup.command(
    epilog=epilog(
        "  radarr-db backup verify /backups/radarr_full_20260131_030000.dump\n"
        "  radarr-db backup verify /backups/*.dump",
        {0: "all are sound", 1: "one is not, and stderr says which"},
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def verify(ctx: click.Context, files: Sequence[Path], as_json: bool) -> None:
    """Tell whether backups are sound.

    Each is read, and compared with what was written, to the byte.
    """
    verified = [_verified(file) for file in files]
    if as_json:
        print_json(verified)
    else:
        for each in verified:
            if each.manifest:
                OUT.print(f"sound {each.path}: {summary(each.manifest)}", soft_wrap=True)
    _end(ctx, [each.problem for each in verified if each.problem])


@backup.command(
    name="list",
    epilog=epilog(
        "  radarr-db backup list --folder /backups", {0: "all look sound", 1: "one does not, and stderr says why"}
    ),
)
@folder_option
@json_option
@click.pass_context
def list_(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Show the backups of a folder, newest first.

    They are not read whole, as `radarr-db backup verify` does, so a flipped bit does not show here.
    """
    found = operations_backup.find(folder)
    if as_json:
        print_json(found)
    else:
        _show(found)
    _end(ctx, [each.problem for each in found if each.problem])


@backup.command(
    epilog=epilog(
        "  radarr-db backup prune --folder /backups --dry-run\n  radarr-db backup prune --folder /backups --days 90",
        {0: "done", 1: "it failed, or a backup is damaged, and stderr says why"},
    )
)
@folder_option
@click.option("--days", type=click.IntRange(1, 36_500), default=30, show_default=True, help="How old they must be.")
@click.option(
    "--keep", type=click.IntRange(1, 1_000), default=3, show_default=True, help="How many newer ones must be sound."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would be deleted.")
@json_option
@click.pass_context
def prune(ctx: click.Context, *, folder: Path, days: int, keep: int, dry_run: bool, as_json: bool) -> None:
    """Delete old backups while newer ones are sound.

    Newer ones of the same database and kind are read to know that they are sound. A damaged backup is told, and
    neither counts nor is deleted. Databases of the same name on several servers need a folder each.
    """
    pruned = operations_backup.prune(folder, days=days, keep=keep, dry_run=dry_run)
    if as_json:
        print_json(pruned)
    else:
        _tell_deleted("would delete" if dry_run else "deleted", pruned)
        if not pruned.deleted:
            OUT.print("nothing to delete")
    _end(ctx, [each.problem for each in pruned.damaged])


def summary(manifest: Manifest) -> str:
    """A backup in a few words."""
    rows = f"{sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables"
    what = "schema" if manifest.kind == "schema" else rows
    return f"{manifest.database}, {what}, {decimal(manifest.size)}, {_when(manifest.created)} UTC"


@contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """A bar for what tells its share of the whole."""
    with progress() as bars:
        task = bars.add_task("", total=1.0)
        yield lambda text, share: bars.update(task, description=text, completed=share)


def _verified(file: Path) -> Found:
    try:
        return Found(file, operations_backup.verify(file))
    except BackupError as error:
        return Found(file, None, str(error))


def _show(found: Sequence[Found]) -> None:
    shown = table("backups")
    shown.add_column("file", min_width=max((len(each.path.name) for each in found), default=0))
    for column in ("database", "made (UTC)"):
        shown.add_column(column)
    for column in ("rows", "size"):
        shown.add_column(column, justify="right")
    for each in found:
        if manifest := each.manifest:
            rows = f"{sum(manifest.rows.values()):,}"
            cells = (manifest.database, _when(manifest.created), rows, decimal(manifest.size))
        else:
            cells = ("?",) * 4
        shown.add_row(each.path.name, *cells)
    OUT.print(shown)


def _when(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def _tell_deleted(done: str, pruned: Pruned) -> None:
    for path in pruned.deleted:
        OUT.print(f"{done} {path}", soft_wrap=True)


def _end(ctx: click.Context, problems: Sequence[str | None]) -> None:
    for problem in problems:
        ERR.print(f"error: {problem}", style="red", soft_wrap=True)
    ctx.exit(1 if problems else 0)
