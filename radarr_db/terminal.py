"""What the command lines write to: results to stdout, in tables; bars, questions and errors to stderr."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

OUT = Console(highlight=False, markup=False, emoji=False)
ERR = Console(highlight=False, markup=False, emoji=False, stderr=True)


def progress() -> Progress:
    """Bars that go when their work is done, and are not drawn at all where no terminal shows them."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=ERR,
        transient=True,
        disable=not ERR.is_interactive,
    )


def table(title: str, caption: str | None = None, *, expand: bool = False) -> Table:
    """A table without columns yet, under its title; as wide as the terminal with ``expand``."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        caption_style="",
        box=SIMPLE_HEAD,
        show_edge=False,
        expand=expand,
        padding=(0, 1, 0, 0),
    )
