"""What the planner does with 100,000 movies: no large table is read from end to end, and each index is used."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from contract import library
from contract.calls import CALLS, MODULES
from repositories.factories import raw

from radarr_db import Database, PoolSettings, Query
from radarr_db.statements import load
from radarr_db.testing import database


class UndoneError(Exception):
    pass


# Where one fills a database of 100,000 movies, all of its tests run.
pytestmark = pytest.mark.xdist_group("plans")

LARGE = 10_000
SCANS = raw("SELECT relname, seq_scan FROM pg_stat_xact_user_tables")

# A parent's DELETE looks for children by these; no EXPLAIN shows the look-up of a foreign key.
FOREIGN_KEYS = {
    "movies_quality_profile_id_idx",
    "indexers_download_client_id_idx",
    "download_queue_indexer_id_idx",
    "history_indexer_id_idx",
    "history_download_client_id_idx",
}
# A search reads the words only where it must guess, inside functions, whose plans EXPLAIN does not show.
INSIDE_FUNCTIONS = {"search_words_word_idx", "search_words_shortened_idx"}


@pytest.fixture(scope="module")
def filled(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    with database(radarr_db_server, radarr_db_template) as conninfo:
        library.fill(conninfo)
        yield conninfo


@pytest.fixture(scope="module")
def db(filled: str) -> Iterator[Database]:
    with Database(filled, PoolSettings(statement_timeout=60)) as db:
        yield db


@pytest.fixture(scope="module")
def queries(db: Database) -> list[Query[Any]]:
    """What the calls make; after each that gives a page, the query of the page that follows."""
    return [query for calls in CALLS.values() for call in calls for query in (call(), *following(db, call))]


def following(db: Database, call: Callable[..., Query[Any]]) -> Iterator[Query[Any]]:
    if call().most is not None:
        token = db.run(call()).next or db.run(call(limit=1)).next
        assert token is not None, f"the library has too few rows for a second page of {call}"
        yield call(after=token)


def large_tables(db: Database) -> dict[str, str]:
    """The large tables by the names that hold their rows; a partition counts as its parent."""
    rows = db.run(
        raw(
            "SELECT c.relname, coalesce(p.relname, c.relname) FROM pg_class AS c"
            " LEFT JOIN pg_inherits ON inhrelid = c.oid LEFT JOIN pg_class AS p ON p.oid = inhparent"
            " WHERE c.relkind IN ('r', 'm') AND c.relnamespace = 'public'::regnamespace AND c.reltuples >= :large",
            large=LARGE,
        )
    )
    large = dict(rows)
    assert {"movies", "movie_files", "movie_genres", "history", "scene_groups", "search_words"} <= set(large.values())
    return large


def tables_scanned(db: Database, query: Query[Any], mode: str) -> set[str]:
    """The tables that a run reads from end to end, in functions, triggers and foreign keys too; it is undone."""
    with contextlib.suppress(UndoneError), db.transaction() as tx:
        tx.run(raw(f"SET LOCAL plan_cache_mode = {mode}"))
        before = dict(tx.run(SCANS))
        tx.run(query)
        after = dict(tx.run(SCANS))
        raise UndoneError
    return {table for table, scans in after.items() if scans > before.get(table, 0)}


def test_every_variant_of_every_statement_is_tried(queries: list[Query[Any]]) -> None:
    tried = {query.statement for query in queries}
    tables = (module.__name__.rpartition(".")[2] for module in MODULES)
    statements = [statement for table in tables for statement in load(table).values()]
    assert [variant.sql for statement in statements for variant in statement.variants() if variant not in tried] == []


def test_no_large_table_is_read_from_end_to_end_unless_the_statement_says_so(
    db: Database, queries: list[Query[Any]]
) -> None:
    large = large_tables(db)
    found = [
        (query.name, query.params, mode, surplus)
        for query in queries
        for mode in ("force_custom_plan", "force_generic_plan")
        if (surplus := {large[t] for t in tables_scanned(db, query, mode) if t in large} - query.statement.scans)
    ]
    assert not found, "\n".join(map(repr, found))


def test_each_index_is_used_by_a_named_query_or_a_foreign_key(
    filled: str, db: Database, queries: list[Query[Any]]
) -> None:
    with psycopg.connect(filled) as connection:
        indexes = {
            name
            for (name,) in connection.execute("""
                SELECT c.relname
                FROM pg_index AS i
                INNER JOIN pg_class AS c ON c.oid = i.indexrelid
                INNER JOIN pg_class AS t ON t.oid = i.indrelid
                WHERE c.relnamespace = 'public'::regnamespace
                    -- A key keeps its table true, and a partition's index stands for its parent's.
                    AND NOT i.indisunique AND NOT t.relispartition AND t.relname !~ '^_?yoyo'
            """)
        }
        parents: dict[str, str] = dict(
            connection.execute(
                "SELECT c.relname, p.relname FROM pg_inherits"
                " INNER JOIN pg_class AS c ON c.oid = inhrelid INNER JOIN pg_class AS p ON p.oid = inhparent"
            ).fetchall()
        )
    used = {
        parents.get(index, index)
        for query in queries
        for generic in (False, True)
        for index in db.explain(query, generic=generic).indexes
    }
    unused = indexes - used
    assert not unused - FOREIGN_KEYS - INSIDE_FUNCTIONS
