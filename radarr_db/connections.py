"""One way to connect, and one text for whatever keeps a server from being reached."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from radarr_db.errors import InvalidArgumentError, UnavailableError

OLDEST_SERVER = 15

# By text: libpq gives no SQLSTATE while connecting. A server that speaks another language gets no advice.
_ADVICE = {
    r"Connection refused|No such file or directory": "is the server running, and is this its address?",
    r"resolve host|translate host name": "check the host name",
    r"timeout expired|timed out": "nothing answers: check the address and the firewall",
    r"starting up|shutting down|recovery": "the server is not ready: try again shortly",
    r"password supplied|authentication failed|role .* does not exist|not permitted to log in": (
        "check the user and the password"
    ),
    r"pg_hba\.conf": "pg_hba.conf on the server must let this user in from here",
    r"database .* does not exist": "check its name, or create it",
    r"too many clients|too many connections|connection slots": (
        "all connections are taken: close some, make pools smaller or raise the limit"
    ),
}


def connect(conninfo: str, **kwargs: Any) -> psycopg.Connection:
    """An open autocommit connection to a server that is new enough.

    ``conninfo`` is a libpq URL or keyword string; ``kwargs`` go to ``psycopg.connect``. Raises
    UnavailableError, or InvalidArgumentError when ``conninfo`` cannot be read. A server that does not answer is
    given up after ten seconds, or as ``conninfo`` or PGCONNECT_TIMEOUT say.
    """
    describe(conninfo)  # refuses what cannot be read, without showing it
    given = {"connect_timeout": os.environ.get("PGCONNECT_TIMEOUT", "10"), **conninfo_to_dict(conninfo), **kwargs}
    try:
        # The text stored is Unicode, whatever PGCLIENTENCODING says.
        connection = psycopg.connect(autocommit=True, **given | {"client_encoding": "utf8"})
    except psycopg.Error as error:
        raise unavailable(error, conninfo) from error
    if problem := too_old(connection.info, conninfo):
        connection.close()
        raise problem
    return connection


def too_old(info: psycopg.ConnectionInfo, conninfo: str) -> UnavailableError | None:
    """What to raise when the server is older than this library can use."""
    if info.server_version >= OLDEST_SERVER * 10_000:
        return None
    version = info.parameter_status("server_version")
    return UnavailableError(f"{describe(conninfo)} is PostgreSQL {version}; {OLDEST_SERVER} or newer is needed")


def unavailable(error: psycopg.Error, conninfo: str) -> UnavailableError:
    """What to raise ``from`` the driver's ``error`` at connecting; that one is cut to its first line."""
    where, cause = describe(conninfo), str(error).partition("\n")[0]
    if where == UNSURE:
        cause = "its address holds an @; in a URL's password write %40 for @, %2F for /"  # the driver quotes it
    error.args = (cause,)
    advice = next((f"; {advice}" for text, advice in _ADVICE.items() if re.search(text, cause)), "")
    return UnavailableError(f"cannot connect to {where}: {cause}{advice}")


# libpq cuts a URL at a bare @ or / in the password: the rest of it then stands in the address.
UNSURE = "the server"


def describe(conninfo: str, *, argument: str = "conninfo") -> str:
    """Database, host, port and user of ``conninfo`` for a person to read, never the password.

    Raises InvalidArgumentError, which names it as ``argument``, when ``conninfo`` cannot be read.
    """
    known = parameters(conninfo, argument=argument)
    user = known.get("user", "")
    host = known.get("host") or known.get("hostaddr") or "the local socket"
    where = f'database "{known.get("dbname", user)}" at {host}, port {known["port"]}, as "{user}"'
    return UNSURE if "@" in where else where


def parameters(conninfo: str, *, argument: str = "conninfo") -> dict[str, Any]:
    """The connection parameters of ``conninfo``, and those that come from PGHOST and its like; maybe with the password.

    Raises InvalidArgumentError when ``conninfo`` cannot be read.
    """
    if not isinstance(conninfo, str):
        raise InvalidArgumentError(argument, "must be a libpq URL or keyword string")
    given: dict[str, Any] | None = None
    with suppress(psycopg.ProgrammingError):
        given = conninfo_to_dict(conninfo)
    if given is None:
        # Not ``from`` the driver's error: it quotes what it could not read, which may be the password.
        raise InvalidArgumentError(argument, "is neither a URL nor keyword=value pairs of libpq")
    return {o.keyword.decode(): o.val.decode() for o in pq.Conninfo.get_defaults() if o.val} | given
