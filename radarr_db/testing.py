"""A pytest plugin: a real, migrated database for the tests of services that embed radarr_db.

With the library installed, a test asks for ``radarr_db_tx`` and gets a transaction that is rolled back after it, or
for ``radarr_db_conninfo`` and connects by itself. Both have the rights of the owner, so that a test can make tables,
too; ``radarr_db_app_conninfo`` leads to a database with the rights of a service in production, those of the role app.

The server is, in this order: the one that RADARR_DB_TEST_DSN names (a role that may create databases; one that is no
superuser makes no roles, and all is done with its rights), a container of ``postgres:18`` when RADARR_DB_TEST_DOCKER is
1, an embedded one.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from radarr_db import embedded
from radarr_db.engine import Database, Transaction
from radarr_db.operations import migrations, roles

# Without autovacuum a test sees its own doing only. With the least WAL a copy of a template takes half the time.
_SETTINGS = {"autovacuum": "off", "max_connections": "200", "wal_level": "minimal", "max_wal_senders": "0"}


@dataclass(frozen=True, slots=True)
class AppDatabases:
    """Databases with the roles applied: a template of them, and a login that is a member of app and nothing else.

    ``server`` is the conninfo of the owner; ``login`` is empty where no roles can be made.
    """

    server: str
    template: str
    login: dict[str, str] = field(default_factory=dict, repr=False)

    @contextlib.contextmanager
    def new(self) -> Iterator[str]:
        """The conninfo of a new database as the login; it is dropped at the end."""
        with database(self.server, self.template) as conninfo:
            yield make_conninfo(conninfo, **self.login)


@pytest.fixture(scope="session")
def radarr_db_admin() -> Iterator[str]:
    """The conninfo of a server as it was given."""
    with _server() as conninfo, psycopg.connect(conninfo) as connection:
        # Without a name the database would be that of the role.
        yield make_conninfo(conninfo, dbname=connection.info.dbname)


@pytest.fixture(scope="session")
def radarr_db_server(radarr_db_admin: str) -> Iterator[str]:
    """The conninfo of a server, as a role that owns new databases and is no superuser where that can be."""
    with psycopg.connect(radarr_db_admin, autocommit=True) as connection:
        if _is_superuser(connection):
            with _login(connection, "CREATEDB") as credentials:
                yield make_conninfo(radarr_db_admin, **credentials)
        else:
            yield radarr_db_admin


@pytest.fixture(scope="session")
def radarr_db_template(radarr_db_admin: str, radarr_db_server: str) -> Iterator[str]:
    """The name of a migrated database that others are copied from, with pg_stat_statements where it can be had."""
    with database(radarr_db_server) as conninfo:
        migrations.apply(conninfo)
        # The owner of a database may not create it.
        with psycopg.connect(radarr_db_admin, dbname=_name(conninfo)) as admin, contextlib.suppress(psycopg.Error):
            admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        yield _name(conninfo)


@pytest.fixture(scope="session")
def radarr_db_app(radarr_db_admin: str, radarr_db_server: str, radarr_db_template: str) -> Iterator[AppDatabases]:
    """Databases that are used with the rights of a service."""
    with psycopg.connect(radarr_db_admin, autocommit=True) as connection:
        if not _is_superuser(connection):
            yield AppDatabases(radarr_db_server, radarr_db_template)
            return
        owner = str(conninfo_to_dict(radarr_db_server)["user"])
        prefix = _unique("radarr_db_tests")
        try:
            with database(radarr_db_server, radarr_db_template) as conninfo:
                _, app, *_ = roles.apply(make_conninfo(radarr_db_admin, dbname=_name(conninfo)), prefix=prefix)
                # The owner is a member of the login, and so may end its sessions when a database is to go.
                with _login(connection, f"IN ROLE {app} ROLE {owner}") as login:
                    yield AppDatabases(radarr_db_server, _name(conninfo), login)
        finally:
            for role in roles.ROLES:
                _drop_role(connection, f"{prefix}_{role}")


@pytest.fixture(scope="session")
def radarr_db_conninfo(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """The conninfo of a migrated database, fresh for this session."""
    with database(radarr_db_server, radarr_db_template) as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def radarr_db_app_conninfo(radarr_db_app: AppDatabases) -> Iterator[str]:
    """The conninfo of another such database, as a member of the role app."""
    with radarr_db_app.new() as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def radarr_db_database(radarr_db_conninfo: str) -> Iterator[Database]:
    """An open Database on the session's database."""
    with Database(radarr_db_conninfo) as db:
        yield db


@pytest.fixture
def radarr_db_tx(radarr_db_database: Database) -> Iterator[Transaction]:
    """A transaction that is rolled back after the test."""
    with undone(radarr_db_database) as tx:
        yield tx


@contextlib.contextmanager
def undone(db: Database) -> Iterator[Transaction]:
    """A transaction that is rolled back at the end."""
    with contextlib.suppress(_RolledBackError), db.transaction() as tx:
        yield tx
        raise _RolledBackError


class _RolledBackError(Exception):
    pass


@contextlib.contextmanager
def _server() -> Iterator[str]:
    if conninfo := os.environ.get("RADARR_DB_TEST_DSN"):
        yield conninfo
    elif os.environ.get("RADARR_DB_TEST_DOCKER") == "1":
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - wanted here only

        with PostgresContainer("postgres:18", driver=None) as container:
            yield container.get_connection_url()
    else:
        with embedded.server(settings=_SETTINGS) as server:
            yield server.conninfo


def _is_superuser(connection: psycopg.Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _unique(name: str) -> str:
    """A name for this session alone: others may test on the same server."""
    return f"{name}_{uuid.uuid4().hex[:12]}"


def _name(conninfo: str) -> str:
    return str(conninfo_to_dict(conninfo)["dbname"])


@contextlib.contextmanager
def _login(connection: psycopg.Connection, options: str) -> Iterator[dict[str, str]]:
    """A role that may log in, dropped at the end."""
    name, password = _unique("radarr_db_tests"), uuid.uuid4().hex
    connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' {options}")
    try:
        yield {"user": name, "password": password}
    finally:
        _drop_role(connection, name)


def _drop_role(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """A new database on the server, dropped at the end."""
    name = _unique("radarr_db")
    parts = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**parts))
        try:
            yield make_conninfo(server, dbname=name)
        finally:
            try:
                connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**parts))
            except psycopg.errors.InsufficientPrivilege:
                # Autovacuum is there, which a plain role may not end; a plain DROP sends it away.
                connection.execute(sql.SQL("DROP DATABASE {name}").format(**parts))
