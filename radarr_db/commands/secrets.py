"""radarr-db new-key and rotate-keys."""

from __future__ import annotations

from pathlib import Path

import click

from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.operations import secrets
from radarr_db.secrets import ENVIRONMENT, Keyring
from radarr_db.terminal import ERR, OUT, progress


@cli.command(
    epilog=epilog(
        "  (umask 077; radarr-db new-key 2026 > keys)\n"
        '  export RADARR_DB_KEYS="$(radarr-db new-key 2026)"\n'
        "  (umask 077; { radarr-db new-key 2027; cat keys; } > keys.new)",
        {0: "done", 1: "the id has a character that none may have"},
    )
)
@click.argument("key_id", metavar="ID")
@json_option
def new_key(key_id: str, as_json: bool) -> None:
    """Print a new key, to seal secrets with.

    ID is a name of your choice, like the year: it is stored with each secret, so that the key which opens
    it is found. Keep the line where only the service can read it, and not with the backups: what is sealed
    cannot be opened without its key.
    """
    line = Keyring.new_key(key_id)
    if as_json:
        print_json({"key": line})
    else:
        OUT.print(line, soft_wrap=True)


@cli.command(
    epilog=epilog(
        "  radarr-db rotate-keys --keys keys --dry-run\n"
        "  radarr-db rotate-keys --keys keys\n"
        '  RADARR_DB_KEYS="$(cat keys)" radarr-db rotate-keys --json',
        {
            0: "all secrets are sealed with the first key; with --dry-run: they can be",
            1: "some cannot be opened (see --partial), there is no key, or the server is not there",
        },
    )
)
@dsn_option
@click.option(
    "--keys",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"A file with a key a line; without it, they are in the environment variable {ENVIRONMENT}.",
)
@click.option("--dry-run", is_flag=True, help="Open all secrets and count them, but write nothing.")
@click.option("--partial", is_flag=True, help="Seal the others although some cannot be opened.")
@json_option
@click.pass_context
def rotate_keys(
    ctx: click.Context, *, dsn: str, file: Path | None, dry_run: bool, partial: bool, as_json: bool
) -> None:
    """Seal all secrets with the first key.

    Those that another key of the file sealed, and those that are still plain in a database of an older
    version. It may be stopped at any time, and goes on when it is run again.

    Be sure that these are the keys of the service: what is plain is sealed with any key. Where a secret cannot
    be opened they may not be, and nothing is written. To change keys:

    \b
    1. Give the service the new key too, as the last one: then it can open both.
    2. Put the new key first: from now on it seals.
    3. Run this command, on a file or variable in that order.
    4. Remove the old key. Backups from before still need it.
    """  # noqa: D301 - \b is a character to click
    keyring = Keyring.from_file(file) if file else Keyring.from_environment()
    with progress() as bars:
        task = bars.add_task("secrets")
        rotation = secrets.rotate(
            dsn,
            keyring,
            dry_run=dry_run,
            partial=partial,
            on_progress=lambda done, rows: bars.update(task, completed=done, total=rows),
        )
    if as_json:
        print_json(rotation)
    else:
        _tell(rotation, keyring.ids[0], "to seal" if dry_run else "sealed")
        if rotation.failures and not (dry_run or partial):
            ERR.print(
                "error: nothing was written: are these the right keys? --partial seals all that they can",
                style="red",
                soft_wrap=True,
            )
    ctx.exit(1 if rotation.failures else 0)


def _tell(rotation: secrets.Rotation, key: str, done: str) -> None:
    OUT.print(f'{rotation.resealed:>7,} {done} with the key "{key}"')
    OUT.print(f"{rotation.unchanged:>7,} sealed with it already")
    if rotation.failures:
        OUT.print(f"{len(rotation.failures):>7,} left as they are, for they could not be opened")
    for failure in rotation.failures:
        ERR.print(f"error: {failure.table}, id {failure.id}: {failure.problem}", style="red", soft_wrap=True)
