"""How a pool behaves: sizes, time limits, and what each session asks of its server."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from radarr_db.errors import InvalidArgumentError

# The server keeps its limits as milliseconds in 32 bits.
_LONGEST = 2_147_483

_SERVER_LIMITS = {
    "statement_timeout": "statement_timeout",
    "lock_timeout": "lock_timeout",
    "idle_in_transaction_timeout": "idle_in_transaction_session_timeout",
}

# Each statement is planned once for all arguments: with a limit that is an argument the server would plan every page
# anew, which takes longer than to run it. Parallel workers and compiled plans start more slowly than a page is read.
_PLANNING = "-c plan_cache_mode=force_generic_plan -c jit=off -c max_parallel_workers_per_gather=0"

# What the server may take beyond its own time limit to say so, before it counts as gone.
_GRACE = 2.0


def _fast_path() -> bool:
    return os.environ.get("RADARR_DB_FAST_PATH") != "0"


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """The settings of a pool; times are in seconds.

    ``max_size`` and ``min_size`` bound the open connections. ``acquire_timeout`` is the longest wait for one
    of them. One beyond ``min_size`` is closed when it was not needed for ``idle_timeout``, and each is
    replaced after ``max_lifetime``. ``application_name`` is what the server shows, unless the conninfo or
    PGAPPNAME give another. ``statement_timeout``, ``lock_timeout`` and ``idle_in_transaction_timeout`` are
    kept by the server, 0 for none; options in the conninfo or in PGOPTIONS go before them.
    ``prepare=False`` is for PgBouncer in transaction mode: nothing is prepared, and the three limits are
    the server's own, as PgBouncer passes no options on. ``fast_path=False`` has statements travel
    by psycopg's cursors, which is slower and otherwise the same: to tell whether an odd thing comes of the fast
    path. RADARR_DB_FAST_PATH=0 in the environment makes it the default. With ``autosize`` the pool starts at
    ``min_size``, grows towards ``max_size`` only while callers wait, and leaves a tenth of the server's connections to
    others; what it does not need it closes within ``idle_timeout``. A replica more than ``max_lag`` behind is not read.

    InvalidArgumentError names the setting that was refused.
    """

    max_size: int = 20
    min_size: int = 2
    acquire_timeout: float = 8.0
    idle_timeout: float = 300.0
    max_lifetime: float = 1800.0
    application_name: str = "radarr-mvp"
    statement_timeout: float = 15.0
    lock_timeout: float = 3.0
    idle_in_transaction_timeout: float = 30.0
    prepare: bool = True
    fast_path: bool = field(default_factory=_fast_path)
    autosize: bool = False
    max_lag: float = 10.0

    def __post_init__(self) -> None:
        for name in ("acquire_timeout", "idle_timeout", "max_lifetime", "max_lag"):
            check_seconds(name, getattr(self, name))
        for name in _SERVER_LIMITS:
            check_seconds(name, getattr(self, name), least=0)
        _check_size("max_size", self.max_size, least=1)
        _check_size("min_size", self.min_size, least=0)
        if self.min_size > self.max_size:
            raise InvalidArgumentError("min_size", "must not be above max_size")
        for name in ("prepare", "fast_path", "autosize"):
            if type(getattr(self, name)) is not bool:
                raise InvalidArgumentError(name, "must be True or False")
        shown: object = self.application_name
        if not isinstance(shown, str) or not shown.isprintable():
            raise InvalidArgumentError("application_name", "must be printable text")

    def parameters(self, conninfo: str) -> dict[str, Any]:
        """The connection parameters: those of ``conninfo``, and ours where it has none."""
        given = conninfo_to_dict(conninfo)
        ours = {
            "fallback_application_name": self.application_name,
            # Only both together notice every silent loss of the network.
            "keepalives": 1,
            "keepalives_idle": 4,
            "keepalives_interval": 2,
            "keepalives_count": 2,
            "tcp_user_timeout": 1000 * math.ceil(self.acquire_timeout),
        }
        if self.prepare:
            given["options"] = f"-c TimeZone=UTC {_PLANNING} {self._limits()} {_options(given)}".strip()
        return {**ours, **given, "client_encoding": "utf8"}

    @property
    def shed_interval(self) -> float:
        """The seconds after which the pool closes one connection that was not needed; it never closes two at once."""
        return self.idle_timeout / max(self.max_size - self.min_size, 1) if self.autosize else self.idle_timeout

    def answer_limit(self, conninfo: str) -> float:
        """How long a statement can take while its server lives; infinite where it keeps another limit."""
        own = self.prepare and "statement_timeout" not in _options(conninfo_to_dict(conninfo))
        return self.statement_timeout + _GRACE if own and self.statement_timeout else math.inf

    def _limits(self) -> str:
        limits = ((option, getattr(self, name)) for name, option in _SERVER_LIMITS.items())
        return " ".join(f"-c {option}={round(1000 * seconds)}" for option, seconds in limits)


def _options(given: Mapping[str, Any]) -> str:
    return str(given.get("options") or os.environ.get("PGOPTIONS", ""))


def check_seconds(name: str, value: object, least: float = 0.001) -> None:
    """InvalidArgumentError when ``value`` is no number of seconds, or less than ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= _LONGEST:
        raise InvalidArgumentError(name, f"must be a number of seconds from {least:g} to {_LONGEST}")


def _check_size(name: str, value: object, *, least: int) -> None:
    if type(value) is not int or value < least:
        raise InvalidArgumentError(name, f"must be a whole number, at least {least}")
