"""What a benchmark runs on: the machine, the packages, and the settings of the server."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from benchmarks import awake, options
from benchmarks.results import Machine
from radarr_db.connections import connect

_PACKAGES = ("radarr-db", "psycopg", "psycopg-binary", "psycopg-pool", "asyncpg", "SQLAlchemy", "aiosql")

# Where things lie and who asks is no matter of speed.
_OTHER_SETTINGS = (
    "(file|directory|directories|_log|timezone|locale|datestyle)$|^(lc_|application_name|listen_|port$|default_text)"
)


def server_settings() -> dict[str, str]:
    """What anyone would give a real server of this machine's memory, on a disk that is no hard disk."""
    memory = _memory() // 2**20
    return {
        # An embedded server that is temporary would not wait for the disk.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "512MB",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "max_wal_size": "4GB",
        "max_connections": "200",
    }


def describe(conninfo: str) -> Machine:
    """The machine that this runs on, and the server there or elsewhere."""
    with connect(conninfo) as connection:
        settings = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings"
            " WHERE source IN ('command line', 'configuration file', 'environment variable')"
            " AND setting IS DISTINCT FROM boot_val AND name !~* %s ORDER BY name",
            (_OTHER_SETTINGS,),
        ).fetchall()
        version = connection.info.parameter_status("server_version") or ""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_bytes=_memory(),
        system=f"{platform.system()} {platform.release()}",
        postgres=version,
        versions={"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES},
        settings=dict(settings),
        session=options.SHOWN,
        awake=awake.POSSIBLE,
    )


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cpu() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
