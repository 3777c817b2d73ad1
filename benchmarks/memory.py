"""How much memory a piece of work takes, told by the kernel."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")

# Elsewhere than on Linux nothing tells it so well.
MEASURABLE = _RESET.exists()


def added(work: Callable[..., object], *arguments: object) -> float:
    """The megabytes that ``work`` adds at its peak, in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_added, work, arguments).result()


def _added(work: Callable[..., object], arguments: tuple[object, ...]) -> float:
    # The peak that getrusage tells is at first that of the parent, below which anything would go unseen. This one
    # begins at the memory of the moment.
    _RESET.write_text("5", encoding="ascii")
    before = _peak()
    work(*arguments)
    return _peak() - before


def _peak() -> float:
    found = next(line for line in _STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1024
