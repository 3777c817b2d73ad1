"""A pytest plugin: a real, migrated database for the tests of services that embed radarr_db.

With the library installed, a test asks for ``radarr_db_tx`` and gets a transaction that is rolled back after it, or
for ``radarr_db_conninfo`` and connects by itself. The server is, in this order: the one that RADARR_DB_TEST_DSN names
(a role that may create databases), a container of ``postgres:18`` when RADARR_DB_TEST_DOCKER is 1, an embedded one.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from radarr_db import embedded
from radarr_db.engine import Database, Transaction
from radarr_db.operations import migrations


@pytest.fixture(scope="session")
def radarr_db_server() -> Iterator[str]:
    """The conninfo of a server, as a role that owns new databases and is no superuser where that can be."""
    with _server() as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        if connection.info.parameter_status("is_superuser") == "on":
            with _plain_role(connection) as credentials:
                # Without a name the database would be that of the role.
                yield make_conninfo(conninfo, dbname=connection.info.dbname, **credentials)
        else:
            yield conninfo


@pytest.fixture(scope="session")
def radarr_db_template(radarr_db_server: str) -> Iterator[str]:
    """The name of a migrated database that others are copied from."""
    with database(radarr_db_server) as conninfo:
        migrations.apply(conninfo)
        yield psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]  # type: ignore[misc]  # a text for dbname


@pytest.fixture(scope="session")
def radarr_db_conninfo(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """The conninfo of a migrated database, fresh for this session."""
    with database(radarr_db_server, radarr_db_template) as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def radarr_db_database(radarr_db_conninfo: str) -> Iterator[Database]:
    """An open Database on the session's database."""
    with Database(radarr_db_conninfo) as db:
        yield db


@pytest.fixture
def radarr_db_tx(radarr_db_database: Database) -> Iterator[Transaction]:
    """A transaction that is rolled back after the test."""
    with contextlib.suppress(_RolledBackError), radarr_db_database.transaction() as tx:
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
        # Without autovacuum a test sees its own doing only.
        with embedded.server(settings={"autovacuum": "off", "max_connections": "200"}) as server:
            yield server.conninfo


@contextlib.contextmanager
def _plain_role(connection: psycopg.Connection) -> Iterator[dict[str, str]]:
    """A role for this session alone: others may test on the same server."""
    name, password = f"radarr_db_tests_{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    parts = {"name": sql.Identifier(name), "password": sql.Literal(password)}
    connection.execute(sql.SQL("CREATE ROLE {name} LOGIN CREATEDB PASSWORD {password}").format(**parts))
    try:
        yield {"user": name, "password": password}
    finally:
        connection.execute(sql.SQL("DROP ROLE {name}").format(**parts))


@contextlib.contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """A new database on the server, dropped at the end."""
    name = f"radarr_db_{uuid.uuid4().hex[:12]}"
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
