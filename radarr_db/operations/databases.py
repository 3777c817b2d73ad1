"""Databases as a whole, seen from outside: made like another one, put in its place, dropped."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from radarr_db.connections import parameters
from radarr_db.errors import BackupError, InvalidArgumentError, UnavailableError
from radarr_db.models.databases import ServerDatabase
from radarr_db.operations.dumps import session
from radarr_db.operations.sessions import run
from radarr_db.repositories import databases

# One of these is connected to while others are renamed.
_MAINTENANCE = ("postgres", "template1")
_LONGEST_NAME = 63  # bytes
# The comment of a database that is no whole one yet; the id of its maker's server process follows.
_MARK = 'a restore of "{}" that is not finished, by server process '


def name_in(conninfo: str) -> str:
    """The database that ``conninfo`` names; InvalidArgumentError when it names none, or one of the server's own."""
    known, given = parameters(conninfo), conninfo_to_dict(conninfo)
    # What a service says goes before the environment, and only libpq knows it.
    name = (given if "service" in given else known).get("dbname")
    if not name:
        raise InvalidArgumentError("conninfo", "names no database: give it a dbname")
    if name in {*_MAINTENANCE, "template0"}:
        raise InvalidArgumentError("conninfo", f"{name} is a database of the server's own")
    return beside(str(name), "")  # what the server makes of it


@contextmanager
def server(conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection to the server of ``conninfo``, but to a database that is never restored."""
    first, second = (session(make_conninfo(conninfo, dbname=name), "restore") for name in _MAINTENANCE)
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(first)
        except UnavailableError as error:
            try:
                connection = opened.enter_context(second)
            except UnavailableError:
                raise error from None  # what keeps everybody out is the same for both
        yield connection


def find(server: psycopg.Connection, name: str) -> ServerDatabase | None:
    """The database of this name, if there is one."""
    return run(server, databases.find(name))


def check_rights(server: psycopg.Connection, old: ServerDatabase | None) -> None:
    """Refuse, before any work, what ``create`` and ``replace`` would be refused by the server."""
    user = server.info.user
    if not run(server, databases.may_create()):
        raise BackupError(f'"{user}" may not create databases: have a superuser run ALTER ROLE "{user}" CREATEDB')
    if old and not old.is_ours:
        raise BackupError(f'database "{old.name}" belongs to "{old.owner}": restore as that role')
    if old and old.tablespace and not old.may_use_tablespace:
        lacking = f'CREATE ON TABLESPACE "{old.tablespace}" TO "{user}"'
        raise BackupError(f'"{user}" may not create databases where "{old.name}" is: have a superuser GRANT {lacking}')


def check_unused(server: psycopg.Connection, old: ServerDatabase, *, disconnect: bool) -> None:
    """BackupError when somebody is connected to a database; with ``disconnect``, whose sessions we may not end."""
    users = [user for user in run(server, databases.list_users(old.name)) if not (disconnect and user.may_end)]
    if users:
        who = ", ".join(f"{user.name} ({user.sessions})" for user in users)
        way = "or have it disconnected (--disconnect)"
        if disconnect:
            way = f'for "{server.info.user}" may not end its sessions'
        raise BackupError(f'"{old.name}" is in use by {who}: stop what uses it, {way}')


def clear(server: psycopg.Connection, name: str) -> None:
    """Drop what killed restores of the database called ``name`` left: marked as theirs, and used by nobody."""
    for left in run(server, databases.list_left(_MARK.format(name))):
        # Not by force: what is used after all stays.
        with suppress(pg.ObjectInUse, pg.InvalidCatalogName):
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(left)))


def create(server: psycopg.Connection, name: str, like: ServerDatabase | None) -> str:
    """Make an empty database to become the one called ``name``, and give the name that it has until then.

    It is marked: once ``server`` is gone, ``clear`` may drop it.
    """
    new = beside(name, f"_restore_{secrets.token_hex(4)}")
    # Not of template1, where others may have put what the backup has too.
    parts = [sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(new))]
    if like:
        parts.append(sql.SQL("OWNER {}").format(sql.Identifier(like.owner)))
        if like.tablespace:
            parts.append(sql.SQL("TABLESPACE {}").format(sql.Identifier(like.tablespace)))
        options = {
            "ENCODING": like.encoding,
            "LC_COLLATE": like.lc_collate,
            "LC_CTYPE": like.lc_ctype,
            "LOCALE_PROVIDER": like.provider,
            **({f"{like.provider}_LOCALE".upper(): like.locale} if like.locale else {}),
            **({"ICU_RULES": like.icu_rules} if like.icu_rules else {}),
        }
        parts += [sql.SQL("{} {}").format(sql.SQL(key), sql.Literal(value)) for key, value in options.items()]
    server.execute(sql.SQL(" ").join(parts))
    _comment(server, new, f"{_MARK.format(name)}{server.info.backend_pid}")
    return new


def beside(name: str, suffix: str) -> str:
    """A name for a database that belongs to the one called ``name``, cut to what a name may have."""
    return name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore") + suffix


def replace(
    conninfo: str,
    server: psycopg.Connection,
    name: str,
    *,
    old: ServerDatabase | None,
    kept: str,
    new: str,
    disconnect: bool,
) -> None:
    """Call ``old``, if there is one, ``kept``, and ``new`` by its ``name``: both or neither.

    BackupError when ``old`` is in use; with ``disconnect`` only when by those whose sessions this role may not end.
    """
    try:
        if old and disconnect:
            _rename_and_disconnect(conninfo, server, old, kept, new)
        else:
            if old:
                check_unused(server, old, disconnect=False)
            _rename(server, name, old, kept, new)
    except pg.ObjectInUse as error:
        raise BackupError(f"{error.diag.message_primary}: {error.diag.message_detail}") from error


def _rename(server: psycopg.Connection, name: str, old: ServerDatabase | None, kept: str, new: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with server.transaction():
        if old:
            server.execute(rename.format(sql.Identifier(name), sql.Identifier(kept)))
        server.execute(rename.format(sql.Identifier(new), sql.Identifier(name)))
        _comment(server, name, old.comment if old else None)


def _comment(server: psycopg.Connection, name: str, text: str | None) -> None:
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))


def _rename_and_disconnect(
    conninfo: str, connection: psycopg.Connection, old: ServerDatabase, kept: str, new: str
) -> None:
    with server(conninfo) as other, ThreadPoolExecutor(1) as thread:
        renaming = thread.submit(_rename, connection, old.name, old, kept, new)
        # A rename waits some seconds for sessions to end, and lets no new one in meanwhile.
        while wait([renaming], timeout=0.05).not_done:
            run(other, databases.disconnect(old.oid))
        renaming.result()


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a database, if it is there, also when something is still connected to it."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
