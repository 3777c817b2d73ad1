"""Frees whoever waits for a server that has gone silent.

A frozen server keeps no statement_timeout, and its kernel goes on answering for it, so that TCP notices
nothing: only a clock of our own tells.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from time import monotonic

from radarr_db.engine.wire import Wire

PERIOD = 0.1


class Watchdog:
    """A thread that cuts each of ``wires`` whose answer is overdue, until it is stopped."""

    def __init__(self, wires: Collection[Wire]) -> None:
        self._wires = wires
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, name="radarr-db-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(PERIOD):
            now = monotonic()
            for wire in tuple(self._wires):
                if wire.overdue_at < now:
                    wire.cut()
