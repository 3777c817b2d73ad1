"""Whether a database can be used right now, told in time whatever has become of its server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from radarr_db import checks, connections
from radarr_db.engine import Database, PoolHealthReport, PoolSettings
from radarr_db.errors import RadarrDbError, StatementError
from radarr_db.models.monitoring import Readiness
from radarr_db.operations import monitoring

# The shortest time in which a connection across a network can be made and asked.
SHORTEST = 0.2
_LONGEST = 60

# What it may take to give the answer once the time is over.
_SLACK = 0.05

_timeout = checks.number(SHORTEST, _LONGEST)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether all is well, what is not, and how many seconds it took to find out.

    ``pool`` and ``readiness`` are None where no answer came.
    """

    ok: bool
    seconds: float
    pool: PoolHealthReport | None
    readiness: Readiness | None
    problems: list[str]


def check(conninfo: str, *, timeout: float = 1.0) -> Health:
    """The health of a database, on connections of its own, within ``timeout`` seconds.

    A server that is stopped, frozen, full or not there is an answer and no error. Only InvalidArgumentError is
    raised. A service that has a ``Database`` open asks ``db.health()`` and runs ``monitoring.readiness()`` on it.
    """
    start = monotonic()
    limit = _timeout("timeout", timeout)
    where = connections.describe(conninfo)
    told: SimpleQueue[object] = SimpleQueue()
    # libpq gives a server two seconds at the least, and looks a host name up without any limit: a thread can be left.
    threading.Thread(target=_ask, args=(conninfo, limit, told.put), name="radarr-db-health", daemon=True).start()
    pool, readiness, problems = None, None, []
    try:
        while (fact := told.get(timeout=max(0, start + limit - _SLACK - monotonic()))) is not None:
            match fact:
                case PoolHealthReport():
                    pool = fact
                case Readiness():
                    readiness = fact
                    problems += fact.problems
                case problem:
                    problems.append(str(problem))
    except Empty:
        problems.append(
            f"{where}: no answer within {limit:g} s: the server hangs or is overloaded, or the network loses packets"
        )
    return Health(readiness is not None and not problems, monotonic() - start, pool, readiness, problems)


def _ask(conninfo: str, limit: float, tell: Callable[[object], None]) -> None:
    """Tell what comes to be known as it does, a problem as text, and at the end None."""
    # A server that restarts just now is waited for, half of the time.
    settings = PoolSettings(min_size=1, max_size=1, acquire_timeout=limit / 2, application_name="radarr_db health")
    try:
        with Database(conninfo, settings) as db:
            pool = db.health()
            tell(pool)
            if not pool.connectivity_ok:
                tell("the server took the connection, but did not answer: radarr-db monitor may tell what it does")
            tell(db.run(monitoring.readiness(), timeout=limit))
    except StatementError:
        tell("there is no schema that this role can read: radarr-db migrate, or GRANT SELECT ON _yoyo_migration")
    except RadarrDbError as error:
        tell(str(error))
    finally:
        tell(None)
