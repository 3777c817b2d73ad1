"""PgBouncer in transaction mode, before a server of the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import waiting
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# Debian puts it where not every account looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
ABSENT = "pgbouncer is not installed: apt-get install pgbouncer"

_PORT = 6432

# stdin is the lifeline: however the tests end, it ends with them. PgBouncer keeps nothing that would have to be saved.
_SUPERVISOR = '"$0" -q "$1/pgbouncer.ini" & read -r _; kill -s KILL $!; wait; rm -rf "$1"'


@contextmanager
def start(*conninfos: str, pool_size: int = 20) -> Iterator[Callable[[str], str]]:
    """A function from the conninfo of a database to the one that leads there through PgBouncer.

    It lets in the users of ``conninfos``, all of one server; ``pool_size`` is how many connections it opens there for
    one user to one database.
    """
    folder = Path(tempfile.mkdtemp(prefix="radarr-db-pooler-", dir="/tmp"))  # a socket's path is short
    account = _account()
    _write(folder, [conninfo_to_dict(conninfo) for conninfo in conninfos], pool_size)
    for path in (folder, *folder.iterdir()):
        os.chown(path, account.get("user", -1), account.get("group", -1))

    def reach(conninfo: str) -> str:
        return make_conninfo(conninfo, host=str(folder), hostaddr=None, port=_PORT)

    command = ("/bin/sh", "-c", _SUPERVISOR, PROGRAM or ABSENT, folder)
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **account):
        _await_ready(reach(conninfos[0]), folder)
        yield reach


def _account() -> dict[str, Any]:
    """Whom it runs as: the caller, unless that is root, whom PgBouncer refuses."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
    raise AssertionError("PgBouncer does not run as root, and there is no user postgres or nobody")


def _write(folder: Path, logins: list[dict[str, Any]], pool_size: int) -> None:
    users = {f'"{login["user"]}" "{login.get("password", "")}"\n' for login in logins}
    (folder / "users").write_text("".join(sorted(users)))
    (folder / "pgbouncer.ini").write_text(
        f"""
[databases]
* = host={logins[0]["host"]} port={logins[0].get("port", 5432)}

[pgbouncer]
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 1000
listen_port = {_PORT}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
"""
    )


def _await_ready(conninfo: str, folder: Path) -> None:
    last = ""
    try:
        for _ in waiting.attempts(20):
            try:
                psycopg.connect(conninfo).close()
            except psycopg.OperationalError as error:
                last = str(error)
            else:
                return
    except AssertionError:
        log = folder / "log"
        raise AssertionError(f"PgBouncer: {last}\n{log.read_text() if log.exists() else 'it wrote no log'}") from None
