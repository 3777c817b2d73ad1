"""The fixtures of the plugin under the names that fit this project's own tests, and servers of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from radarr_db import Database, Transaction, embedded, testing


@pytest.fixture(scope="session")
def database_conninfo(radarr_db_conninfo: str) -> str:
    """A migrated database, shared by the session: leave nothing behind."""
    return radarr_db_conninfo


@pytest.fixture(scope="session")
def db(radarr_db_database: Database) -> Database:
    """An open Database on the shared database."""
    return radarr_db_database


@pytest.fixture
def tx(radarr_db_tx: Transaction) -> Transaction:
    """A transaction that is rolled back after the test."""
    return radarr_db_tx


@pytest.fixture
def empty_database(radarr_db_server: str) -> Iterator[str]:
    """A database without a table, for this test alone."""
    with testing.database(radarr_db_server) as conninfo:
        yield conninfo


@pytest.fixture
def own_database(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    """A migrated database for this test alone."""
    with testing.database(radarr_db_server, radarr_db_template) as conninfo:
        yield conninfo


@pytest.fixture
def own_server() -> Iterator[embedded.Server]:
    """A server for this test alone, to be stopped or broken."""
    with embedded.server() as server:
        yield server
