"""Least-privilege roles: who may do what in a database, as SQL that a person can read.

Nobody logs in as one of the five until an administrator says so: ``ALTER ROLE radarr_app LOGIN PASSWORD ...`` makes a
login of the role itself, ``GRANT radarr_app TO service`` gives its rights to another.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg

from radarr_db.connections import describe
from radarr_db.errors import InvalidArgumentError, translate
from radarr_db.operations import role_objects
from radarr_db.operations.role_objects import Found
from radarr_db.operations.sessions import connected, run
from radarr_db.repositories import roles

ROLES = ("owner", "app", "read", "monitor", "backup")

# With the longest suffix it fits into a name of the server, and it never needs quotes.
_PREFIX = re.compile(r"[a-z_][a-z0-9_]{0,49}")

# What readiness asks for. yoyo's tables are no one's to write to but the owner's.
_VERSION_TABLES = {"_yoyo_migration", "_yoyo_log"}
_YOYO = re.compile(r"_?yoyo_")


def statements(conninfo: str, *, prefix: str = "radarr") -> list[str]:
    """The SQL that makes the roles and gives them their rights in a migrated database, with comments that say why.

    The roles are ``prefix``, ``_`` and the names in ROLES. To be run in one transaction; run again it changes nothing,
    and takes in what was made since. Only reads. Raises MigrationError when the database was never migrated,
    InvalidArgumentError when ``prefix`` is no plain name or a role of it is there with powers of its own, and
    UnavailableError.
    """
    _check(prefix)
    with _session(conninfo) as connection:
        return _read(connection, prefix)


def apply(conninfo: str, *, prefix: str = "radarr") -> list[str]:
    """Run the ``statements`` in one transaction, and give the names of the roles.

    For a superuser, or an owner of the database who may create roles and databases and grant pg_monitor and
    pg_read_all_data. Raises InvalidArgumentError for anyone else, RetryableError when the users of a table did not
    make room, and what ``statements`` raises.
    """
    _check(prefix)
    with _session(conninfo) as connection, connection.transaction():
        # Whoever comes after a statement that queues for a lock queues behind it.
        connection.execute("SET LOCAL lock_timeout = '5s'")
        for statement in _read(connection, prefix):
            connection.execute(statement)
    return [f"{prefix}_{role}" for role in ROLES]


def _read(connection: psycopg.Connection, prefix: str) -> list[str]:
    names = [f"{prefix}_{role}" for role in ROLES]
    if mighty := run(connection, roles.list_mighty(names, owner=names[0])):
        problem = (
            f"{', '.join(mighty)} exists, with more power than rights in a database can take away: "
            f"ALTER ROLE {mighty[0]} NOSUPERUSER NOCREATEROLE, or choose another prefix"
        )
        raise InvalidArgumentError("prefix", problem)
    return _statements(role_objects.find(connection, names[0]), prefix)


def _check(prefix: object) -> None:
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        raise InvalidArgumentError(
            "prefix", "must be at most 50 lower-case letters, digits and _, and not start with a digit"
        )


@contextmanager
def _session(conninfo: str) -> Iterator[psycopg.Connection]:
    with connected(conninfo, "roles") as connection:
        try:
            yield connection
        except pg.InsufficientPrivilege as error:
            problem = (
                f"{translate(error, 'roles')}; have a superuser do it, for {describe(conninfo)}: "
                "`radarr-db roles` prints the SQL"
            )
            raise InvalidArgumentError("conninfo", problem) from error


def _statements(found: Found, prefix: str) -> list[str]:
    owner, app, read, monitor, backup = (f"{prefix}_{role}" for role in ROLES)
    database, creators = found.database, ", ".join([owner, *found.owners])
    own = [name for name in found.names("table") if not _YOYO.match(name)]
    versions = [name for name in found.names("table") if name in _VERSION_TABLES]
    views = found.names("view", "materialized view")
    functions, sequences = found.names("function", "procedure"), found.names("sequence")
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {creators}"

    return [
        _noted("Names below are those of the schema public.", "SET LOCAL search_path = public, pg_temp;"),
        *_created(prefix),
        *_owned(found, owner),
        _noted(
            "Nobody comes in, and nobody reads or makes anything, but by one of the roles.",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
        ),
        f"GRANT CONNECT ON DATABASE {database} TO {app}, {read}, {monitor}, {backup};",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {owner};",
        f"GRANT USAGE ON SCHEMA public TO {app}, {read}, {monitor};",
        _listed("REVOKE ALL ON ROUTINE", functions, "FROM PUBLIC"),
        _noted(
            "app and read see all rows, and app writes them, those that triggers keep among them: counts, genres and\n"
            "words. It makes, alters and empties no table, and refreshes no view.",
            _listed("GRANT SELECT ON", own + views, f"TO {app}, {read}"),
        ),
        _listed("GRANT INSERT, UPDATE, DELETE ON", own, f"TO {app}"),
        _listed("GRANT EXECUTE ON ROUTINE", functions, f"TO {app}, {read}"),
        _noted(
            "Which migrations are applied: to know whether the schema fits.",
            _listed("GRANT SELECT ON", versions, f"TO {app}, {read}, {monitor}"),
        ),
        _noted(
            "monitor sees the server's statistics and how far sequences are, and no row of a table.",
            f"GRANT pg_monitor TO {monitor};",
        ),
        _listed("GRANT SELECT ON SEQUENCE", sequences, f"TO {monitor}"),
        f"GRANT EXECUTE ON FUNCTION checkpoint_counts() TO {monitor};",
        _noted(
            "backup reads all, as pg_dump must, also in other databases of the server that let it in.",
            f"GRANT pg_read_all_data TO {backup};",
        ),
        _noted("The same for what later migrations make.", f"{defaults}\n    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"),
        f"{defaults} IN SCHEMA public\n    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};",
        f"{defaults} IN SCHEMA public\n    GRANT SELECT ON TABLES TO {read};",
        f"{defaults} IN SCHEMA public\n    GRANT EXECUTE ON FUNCTIONS TO {app}, {read};",
        f"{defaults} IN SCHEMA public\n    GRANT USAGE ON SEQUENCES TO {app};",
        f"{defaults} IN SCHEMA public\n    GRANT SELECT ON SEQUENCES TO {monitor};",
        _noted(
            "A name means the same to everyone: nothing in a schema of one's own goes before it.",
            f"ALTER DATABASE {database} SET search_path = public, pg_temp;",
        ),
        *_limits(database, app, read, monitor),
    ]


def _created(prefix: str) -> Iterator[str]:
    purposes = {
        "owner": "Owns the database and all in it: for migrations and maintenance, not for a service.",
        "app": "What a service works as.",
        "read": "Reads: reports, replicas, people who look.",
        "monitor": "Watches the server without seeing the library.",
        "backup": "Dumps the database.",
    }
    for role, purpose in purposes.items():
        # There is no CREATE ROLE IF NOT EXISTS.
        yield _noted(
            purpose,
            f"DO $$ BEGIN CREATE ROLE {prefix}_{role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
        )


def _owned(found: Found, owner: str) -> Iterator[str]:
    if found.owners:
        yield _noted(
            "Whoever owned the database, or works as its owner, goes on as a member.",
            f"GRANT {owner} TO {', '.join(found.owners)};",
        )
    yield _noted("Today's objects become the owner's.", f"ALTER DATABASE {found.database} OWNER TO {owner};")
    for each in found.objects:
        if not each.is_owned and each.kind != "sequence":  # a sequence goes with its table
            yield f"ALTER {each.kind.upper()} {each.name} OWNER TO {owner};"


def _limits(database: str, app: str, read: str, monitor: str) -> Iterator[str]:
    settings = {
        app: {"statement_timeout": "15s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "30s"},
        read: {
            "default_transaction_read_only": "on",
            "statement_timeout": "60s",
            "idle_in_transaction_session_timeout": "30s",
        },
        monitor: {"default_transaction_read_only": "on", "statement_timeout": "10s", "lock_timeout": "1s"},
    }
    note = (
        "Limits of a session that logs in as the role itself. PostgreSQL hands settings to no member: give a login\n"
        "that is one its own. pg_dump and migrations take as long as they take."
    )
    for role, values in settings.items():
        for name, value in values.items():
            statement = f"ALTER ROLE {role} IN DATABASE {database} SET {name} = '{value}';"
            yield _noted(note, statement) if note else statement
            note = ""


def _noted(comment: str, statement: str) -> str:
    return "\n".join(f"-- {line}" for line in comment.splitlines()) + f"\n{statement}"


def _listed(start: str, names: Sequence[str], end: str) -> str:
    """``start name, name, ... end``, over as many lines as it takes."""
    lines = textwrap.wrap(", ".join(names), 96, break_long_words=False, break_on_hyphens=False)
    if len(lines) == 1:
        return f"{start} {lines[0]} {end};"
    return "\n".join([start, *(f"    {line}" for line in lines), f"{end};"])
