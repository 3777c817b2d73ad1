"""Frees whoever waits for a server that has gone silent, and is the clock of the pool.

A frozen server keeps no statement_timeout, and its kernel goes on answering for it, so that TCP notices
nothing: only a clock of our own tells.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from time import monotonic

from radarr_db.engine.wire import Wire

PERIOD = 0.1
_ROUND = 10

_logger = logging.getLogger(__name__)


class Watchdog:
    """A thread that cuts each of ``wires`` whose answer is overdue, until it is stopped.

    It calls ``every_second`` about so often.
    """

    def __init__(self, wires: set[Wire], every_second: Callable[[], None]) -> None:
        self._wires = wires
        self._every_second = every_second
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, name="radarr-db-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        for period in itertools.count(1):
            if self._stopped.wait(PERIOD):
                return
            try:
                self._look()
                if period % _ROUND == 0:
                    self._every_second()
            except Exception:
                _logger.exception("the watchdog of a pool met an error, and goes on")

    def _look(self) -> None:
        now = monotonic()
        for wire in self._wires.copy():
            if wire.overdue_at < now:
                wire.cut("no answer in time: the connection was given up, and the server may go on with it")
