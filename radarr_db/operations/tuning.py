"""The server's configuration, scaled to its memory: what to set, why, and whether a running server has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from radarr_db.errors import InvalidArgumentError
from radarr_db.models.settings import ComparedSetting
from radarr_db.operations.sessions import connected, run
from radarr_db.repositories import settings as server_settings

_MB = 1024**2
_LEAST, _MOST = 256, 16 * _MB  # in MB
_LIBRARIES = "shared_preload_libraries"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the server, and why it has this value; ``restart`` when only a restart brings it."""

    name: str
    value: str
    reason: str
    restart: bool

    @property
    def statement(self) -> str:
        """The SQL that stores it, for a server that preloads no other library."""
        return f"ALTER SYSTEM SET {self.name} = '{self.value}';"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A setting beside what a server has.

    ``current`` is the server's value, and ``source`` where it has it from, as in pg_settings. ``wanted`` is the value
    that is to be stored, here with the libraries that are preloaded already. ``pending_restart`` tells that another
    value is stored and waits for a restart.
    """

    name: str
    current: str
    wanted: str
    in_order: bool
    restart: bool
    pending_restart: bool
    source: str
    reason: str


def settings(memory_bytes: int) -> list[Setting]:
    """The settings for a server of its own with so much memory: those that a reload brings first, by name.

    With 8 GB they are the specification's. InvalidArgumentError below 256 MB and above 16 TB.
    """
    if type(memory_bytes) is not int or not _LEAST <= memory_bytes // _MB <= _MOST:
        raise InvalidArgumentError("memory_bytes", "must be a whole number of bytes, from 256MB to 16TB")
    memory = memory_bytes // _MB
    found = [
        Setting("shared_buffers", _size(memory // 4), "The server's own cache: a quarter of the memory.", True),
        Setting(
            "effective_cache_size",
            _size(memory * 3 // 4),
            "What the system caches beside it, three quarters together: the planner trusts indexes the more.",
            False,
        ),
        Setting(
            "work_mem",
            _size(min(max(memory // 256, 4), 1024)),
            "For each sort or hash, of which a query may have several: beyond it they go to disk.",
            False,
        ),
        Setting(
            "maintenance_work_mem",
            _size(min(memory // 16, 2048)),
            "VACUUM, CREATE INDEX and restores are few at a time and gain by memory, up to some 2 GB.",
            False,
        ),
        Setting("random_page_cost", "1.1", "On an SSD a page elsewhere costs hardly more than the next one.", False),
        Setting("effective_io_concurrency", "200", "An SSD serves many reads at once.", False),
        Setting("checkpoint_completion_target", "0.9", "Checkpoints write evenly instead of in a burst.", False),
        Setting(
            "wal_buffers",
            _size(min(memory // 4 // 32, 16)),
            "A whole segment of the log waits in memory, so that bulk writes seldom wait for the disk.",
            True,
        ),
        Setting("default_statistics_target", "100", "Enough for the planner; more makes ANALYZE slow.", False),
        Setting(
            "max_connections",
            f"{min(memory // 10, 200)}",
            "Room for ten full pools of the default size, as far as there are some 10 MB for each connection.",
            True,
        ),
        Setting(_LIBRARIES, "pg_stat_statements", "Counts and times statements: monitoring reads it.", True),
    ]
    return sorted(found, key=lambda setting: (setting.restart, setting.name))


def compare(conninfo: str, memory_bytes: int) -> list[Comparison]:
    """The settings beside those of the server. Only reads; for a superuser or a member of pg_monitor.

    Raises InvalidArgumentError when the server does not show all to this user, and UnavailableError.
    """
    wanted = settings(memory_bytes)
    with connected(conninfo, "tuning") as connection:
        return _compared(connection, wanted)


def apply(conninfo: str, memory_bytes: int) -> list[Comparison]:
    """Store what the server has otherwise, and reload; gives that, with the values that it had.

    What has ``restart`` set waits for one. Libraries that are preloaded already stay. Raises InvalidArgumentError when
    the user may not do all of it, before anything is changed, and UnavailableError.
    """
    wanted = settings(memory_bytes)
    with connected(conninfo, "tuning") as connection:
        changes = [found for found in _compared(connection, wanted) if not found.in_order]
        _check_rights(connection, [change.name for change in changes])
        for change in changes:
            values = _preloaded(connection, change) if change.name == _LIBRARIES else [change.wanted]
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(
                    # One text with commas would be the name of one library, and the server would not start.
                    sql.Identifier(change.name),
                    sql.SQL(", ").join(map(sql.Literal, values)),
                )
            )
        if changes:
            connection.execute("SELECT pg_reload_conf()")
    return changes


def _size(megabytes: int) -> str:
    return f"{megabytes}MB" if megabytes % 1024 else f"{megabytes // 1024}GB"


def _compared(connection: psycopg.Connection, wanted: Sequence[Setting]) -> list[Comparison]:
    names, values = [each.name for each in wanted], [each.value for each in wanted]
    found = {row.name: row for row in run(connection, server_settings.compare(names, values))}
    if hidden := [name for name in names if name not in found]:
        problem = f"its user may not see {', '.join(hidden)}: be a superuser, or have one GRANT pg_monitor"
        raise InvalidArgumentError("conninfo", problem)
    return [_comparison(each, found[each.name]) for each in wanted]


def _comparison(wanted: Setting, found: ComparedSetting) -> Comparison:
    return Comparison(
        name=wanted.name,
        current=found.current,
        wanted=", ".join(_added(found.current, wanted.value)) if wanted.name == _LIBRARIES else wanted.value,
        in_order=found.in_order,
        restart=wanted.restart,
        pending_restart=found.pending_restart,
        source=found.source,
        reason=wanted.reason,
    )


def _check_rights(connection: psycopg.Connection, names: list[str]) -> None:
    denied = run(connection, server_settings.list_denied(names))
    if names and denied:
        problem = (
            f"its user has no right to {', '.join(denied)}: be a superuser, or have one GRANT ALTER SYSTEM ON PARAMETER"
        )
        raise InvalidArgumentError("conninfo", f"{problem} and EXECUTE ON FUNCTION")


def _preloaded(connection: psycopg.Connection, change: Comparison) -> list[str]:
    """The libraries of the next start, which may not be those of the last one, and the one that is wanted."""
    stored = connection.execute(
        "SELECT setting FROM pg_show_all_file_settings() WHERE name = %s ORDER BY seqno DESC LIMIT 1", (_LIBRARIES,)
    ).fetchone()
    return _added(stored[0] if stored else change.current, "pg_stat_statements")


def _added(libraries: str, library: str) -> list[str]:
    present = [name for part in libraries.split(",") if (name := part.strip(' "'))]
    return [*present, *({library} - {*present})]
