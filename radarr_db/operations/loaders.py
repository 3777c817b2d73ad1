"""pg_restore and psql, loading what pg_dump wrote."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import IO

import psycopg

from radarr_db.operations import programs
from radarr_db.operations.programs import Programs

# From this version on, what the programs write sets what an older server does not know.
_NEWER = 17
_UNKNOWN = b"\nSET transaction_timeout = 0;\n"
_HEAD = 64 * 1024


def load_archive(
    connection: psycopg.Connection,
    path: Path,
    tools: Programs,
    *options: str,
    on_line: Callable[[str], None] = lambda _: None,
) -> None:
    """Load an archive, or what ``options`` choose of it, into the database of ``connection``: all or nothing."""
    if tools.version >= _NEWER > connection.info.server_version // 10_000:
        reading = tools.start("pg_restore", *options, "--file=-", str(path), stdout=subprocess.PIPE)
        with reading, _psql(connection, tools) as commands:
            assert reading.stdout  # noqa: S101 - it is a pipe
            _copy(reading.stdout, commands)
            programs.wait("pg_restore", reading)  # before psql is told that this was all
    else:
        atomic = ("--single-transaction", "--exit-on-error", "--verbose")
        tools.run("pg_restore", *atomic, *options, str(path), login=programs.login(connection), on_line=on_line)


def load_script(connection: psycopg.Connection, path: Path, tools: Programs) -> None:
    """Load a script of pg_dump's into the database of ``connection``: all or nothing."""
    with path.open("rb") as script, _psql(connection, tools) as commands:
        _copy(script, commands)


def contents_of(path: Path, tools: Programs) -> list[str]:
    """The table of contents of an archive, as pg_restore lists and takes it."""
    with tools.start("pg_restore", "--list", str(path), stdout=subprocess.PIPE) as listing:
        lines = [line.decode() for line in listing.stdout or ()]
        programs.wait("pg_restore", listing)
    return lines


@contextmanager
def _psql(connection: psycopg.Connection, tools: Programs) -> Iterator[IO[bytes]]:
    """The stdin of a psql whose work is kept when the block ends without an error."""
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-")
    with tools.start("psql", *options, login=programs.login(connection), stdin=subprocess.PIPE) as process:
        assert process.stdin  # noqa: S101 - it is a pipe
        try:
            # A pipe that breaks tells that psql failed; wait tells why.
            with suppress(BrokenPipeError):
                yield process.stdin
                process.stdin.close()
            programs.wait("psql", process)
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()


def _copy(script: IO[bytes], commands: IO[bytes]) -> None:
    commands.write(script.read(_HEAD).replace(_UNKNOWN, b"\n", 1))
    copyfileobj(script, commands)
