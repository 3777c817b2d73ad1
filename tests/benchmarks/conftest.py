"""A small catalogue in a database of its own, loaded once as a run of the benchmarks does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from benchmarks.catalogue import Content
from benchmarks.filling import PATIENT
from benchmarks.loading import Loaded, load
from radarr_db import Database, testing

MOVIES = 1000


@dataclass(frozen=True)
class Bench:
    """A loaded database."""

    conninfo: str
    content: Content
    loaded: Loaded
    db: Database


@pytest.fixture(scope="package")
def bench(radarr_db_admin: str, radarr_db_server: str) -> Iterator[Bench]:
    content = Content(MOVIES)
    with testing.database(radarr_db_server) as conninfo:
        loaded = load(conninfo, content)
        with psycopg.connect(radarr_db_admin, dbname=conninfo_to_dict(conninfo)["dbname"]) as admin:
            admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        with Database(conninfo, PATIENT) as db:
            yield Bench(conninfo, content, loaded, db)
