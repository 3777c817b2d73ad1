"""Each index earns its keep: a named query uses it, or a parent's delete finds its children by it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from contract import library
from contract.calls import CALLS

from radarr_db import Database
from radarr_db.testing import database

# A parent's DELETE looks for children by these; no EXPLAIN shows the look-up of a foreign key.
FOREIGN_KEYS = {
    "indexers_download_client_id_idx",
    "download_queue_indexer_id_idx",
    "history_indexer_id_idx",
    "history_download_client_id_idx",
}
# A search reads the words only where it must guess, inside functions, whose plans EXPLAIN does not show.
INSIDE_FUNCTIONS = {"search_words_word_idx", "search_words_trigram_idx"}


@pytest.fixture(scope="module")
def filled(radarr_db_server: str, radarr_db_template: str) -> Iterator[str]:
    with database(radarr_db_server, radarr_db_template) as conninfo:
        library.fill(conninfo)
        yield conninfo


def test_each_index_is_used_by_a_named_query_or_a_foreign_key(filled: str) -> None:
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
    with Database(filled) as db:
        used = {
            parents.get(index, index)
            for calls in CALLS.values()
            for call in calls
            for generic in (False, True)
            for index in db.explain(call(), generic=generic).indexes
        }
    unused = indexes - used
    assert not unused - FOREIGN_KEYS - INSIDE_FUNCTIONS
