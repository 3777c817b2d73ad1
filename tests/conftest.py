"""The fixtures of the plugin under the names that fit this project's own tests, and servers of one's own.

The tests of the library run with the rights of a service, those of operations as the owner. With ``--pooler`` what is
shared by the session, and what tests/repositories makes, is reached through PgBouncer.
"""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Iterator

import backups
import pgbouncer
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from radarr_db import Database, PoolSettings, Transaction, embedded, testing
from radarr_db.operations import roles


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pooler", action="store_true", help="reach databases through PgBouncer in transaction mode")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--pooler"):
        # What reaches no database passes through nothing.
        items[:] = [item for item in items if isinstance(item, pytest.Function) and "reach" in item.fixturenames]


def pytest_collection_finish() -> None:
    # Modules and collected tests stay to the end: no collection of garbage has to look through them.
    gc.freeze()


@pytest.fixture(scope="session")
def reach(
    request: pytest.FixtureRequest, radarr_db_server: str, radarr_db_app_conninfo: str
) -> Iterator[Callable[[str], str]]:
    """What makes of a database's conninfo the one by which the tests reach it."""
    if not request.config.getoption("--pooler"):
        yield str
        return
    with pgbouncer.start(radarr_db_server, radarr_db_app_conninfo) as reach:
        yield reach


@pytest.fixture(scope="session")
def pool_settings(request: pytest.FixtureRequest) -> PoolSettings:
    """The settings of a pool that goes by ``reach``."""
    return PoolSettings(prepare=not request.config.getoption("--pooler"))


@pytest.fixture(scope="session")
def database_conninfo(radarr_db_app_conninfo: str, reach: Callable[[str], str]) -> str:
    """A migrated database, shared by the session, with the rights of a service: leave nothing behind."""
    return reach(radarr_db_app_conninfo)


@pytest.fixture(scope="session")
def db(database_conninfo: str, pool_settings: PoolSettings) -> Iterator[Database]:
    """An open Database on the shared database."""
    with Database(database_conninfo, pool_settings) as db:
        yield db


@pytest.fixture
def tx(db: Database) -> Iterator[Transaction]:
    """A transaction that is rolled back after the test."""
    with testing.undone(db) as tx:
        yield tx


@pytest.fixture
def empty_database(radarr_db_server: str) -> Iterator[str]:
    """A database without a table, for this test alone, as its owner."""
    with testing.database(radarr_db_server) as conninfo:
        yield conninfo


@pytest.fixture
def own_database(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """A migrated database for this test alone, as its owner."""
    with testing.database(radarr_db_server, radarr_db_template) as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def library(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """A migrated database with some movies, as its owner: only read it."""
    with testing.database(radarr_db_server, radarr_db_template) as conninfo:
        backups.fill(conninfo)
        yield conninfo


@pytest.fixture
def prefix(radarr_db_admin: str) -> Iterator[str]:
    """What the names of roles begin with that a test makes; they are dropped after it."""
    name = f"radarr_db_tests_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(radarr_db_admin, autocommit=True) as admin:
        if admin.info.parameter_status("is_superuser") != "on":
            pytest.skip("RADARR_DB_TEST_DSN names no superuser, who alone may make all roles")
        yield name
        for role in roles.ROLES:
            admin.execute(f"DROP ROLE IF EXISTS {name}_{role}")


@pytest.fixture
def superuser(radarr_db_admin: str, prefix: str, own_database: str) -> str:  # noqa: ARG001 - the roles go after it
    """A migrated database of a plain role, as a superuser."""
    return make_conninfo(radarr_db_admin, dbname=conninfo_to_dict(own_database)["dbname"])


@pytest.fixture
def own_server() -> Iterator[embedded.Server]:
    """A server for this test alone, to be stopped or broken."""
    with embedded.server() as server:
        yield server
