"""radarr-db maintain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import click
from rich.progress import Progress

from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.models.maintenance import Done, Outcome, Schedule, Step
from radarr_db.operations import maintenance
from radarr_db.terminal import ERR, OUT, progress, table


@cli.command(
    epilog=epilog(
        "  radarr-db maintain --schedule monthly --dry-run\n"
        "  radarr-db maintain --schedule weekly --keep-history 730 --json\n"
        "\n\b\nA line for cron:\n"
        "  0 4 * * *  DATABASE_URL=postgresql://localhost/radarr radarr-db maintain --schedule daily",
        {0: "all that was due is done", 1: "a step failed, another maintainer is at work, or there is no server"},
    )
)
@dsn_option
@click.option(
    "--schedule",
    type=click.Choice([each.value for each in Schedule]),
    default=Schedule.DAILY.value,
    show_default=True,
    help="Each includes the one before it.",
)
@click.option(
    "--keep-history",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Remove older events, except the last of each movie; without it, all are kept.",
)
@click.option("--dry-run", is_flag=True, help="Change nothing: say what would be done, and why.")
@json_option
@click.pass_context
def maintain(
    ctx: click.Context, *, dsn: str, schedule: str, keep_history: int | None, dry_run: bool, as_json: bool
) -> None:
    """Do what the database needs to stay fast, beside its users.

    \b
    daily    partitions of the months to come; failures that a wrong clock put into
             the future; VACUUM and ANALYZE of the tables written to most; indexes
             that an interrupted REINDEX left; the popular movies
    weekly   also all other tables, and whether counts and genres are right
    monthly  also REINDEX CONCURRENTLY of B-tree indexes that are mostly empty

    Nothing is done that need not be: after an interruption, just run the command again. It is for the owner of the
    tables; a step that the server warns of has failed, and stops no other.
    """  # noqa: D301 - click takes the character, and not its escape
    with progress() as bars:
        done = maintenance.run(
            dsn,
            schedule=schedule,
            dry_run=dry_run,
            keep_history=None if keep_history is None else dt.timedelta(days=keep_history),
            on_step=_shown(bars),
        )
    if as_json:
        print_json(done)
    else:
        _tell(done)
    ctx.exit(int(any(each.outcome is Outcome.FAILED for each in done)))


def _shown(bars: Progress) -> Callable[[int, int, Step], None]:
    task = bars.add_task("planning", total=None)
    return lambda number, total, step: bars.update(
        task, description=f"{step.act} {step.subject}", completed=number, total=total
    )


def _tell(done: list[Done]) -> None:
    planned = any(each.outcome is Outcome.PLANNED for each in done)
    shown = table("what is due" if planned else "what was done")
    for column in ("step", "of", "why"):
        shown.add_column(column, overflow="fold")
    if not planned:
        shown.add_column("took", justify="right", no_wrap=True)
    for each in done:
        took = "failed" if each.outcome is Outcome.FAILED else f"{each.seconds:.1f} s"
        shown.add_row(each.act, each.subject, each.reason, *([] if planned else [took]))
    OUT.print(shown)
    for each in done:
        if each.problem:
            ERR.print(f"failed: {each.command}: {each.problem}", style="red", soft_wrap=True)
