"""A small library to back up, what a database holds, and programs of PostgreSQL at work to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from waiting import until

from radarr_db.operations.sessions import run
from radarr_db.repositories import schema

_LIBRARY = """
INSERT INTO movies (tmdb_id, title, metadata)
SELECT n, 'Movie ' || n, jsonb_build_object(
    'genres', jsonb_build_array(jsonb_build_object('name', 'Genre ' || n % 7)),
    'ratings', jsonb_build_object('imdb', jsonb_build_object('value', n % 10))
)
FROM generate_series(1, 300) AS n;
INSERT INTO movie_files (movie_id, relative_path, quality, size)
SELECT id, 'a.mkv', 'DVD', id FROM movies WHERE id % 2 = 0;
INSERT INTO history (movie_id, source_title, event_type, date)
SELECT m.id, 'a', e.event, now() - make_interval(days => m.id::integer)
FROM movies AS m
CROSS JOIN (VALUES ('grabbed'), ('downloaded')) AS e (event);
INSERT INTO quality_profiles (name, cutoff_quality) VALUES ('Any', 'DVD');
INSERT INTO download_clients (name, implementation, implementation_name, config_contract, protocol, host, port)
VALUES ('a', 'b', 'c', 'd', 'torrent', 'localhost', 8080);
INSERT INTO download_queue (movie_id, download_client_id, download_id, title) SELECT id, 1, id, 'a' FROM movies;
INSERT INTO scene_groups (name) SELECT 'Group ' || n FROM generate_series(1, 50) AS n;
SELECT create_history_partition('2020-02-29');
INSERT INTO history (movie_id, source_title, event_type, date) VALUES (1, 'old', 'grabbed', '2020-02-02');
DELETE FROM movies WHERE id % 50 = 0;
REFRESH MATERIALIZED VIEW popular_movies;
"""


def fill(conninfo: str) -> None:
    """Movies with all that belongs to them, in a migrated database."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_LIBRARY)


def rows_of(conninfo: str) -> dict[str, list[str]]:
    """Every row of every table and view, sorted, without what tells of migrations; and where sequences are."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        found = run(connection, schema.list_relations())
        columns = {each.label: "t" if each.is_table else "(last_value, is_called)" for each in found}
        columns["popular_movies"] = "t"
        return {
            name: sorted(row for (row,) in connection.execute(f"SELECT {what}::text FROM {name} AS t"))  # noqa: S608
            for name, what in columns.items()
            if "yoyo" not in name
        }


def names_on(server: str) -> set[str]:
    """The databases of a server."""
    with psycopg.connect(server, autocommit=True) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def name_of(conninfo: str) -> str:
    return str(conninfo_to_dict(conninfo)["dbname"])


def children(program: str, parent: int | None = None) -> list[int]:
    """The processes of this name that a process has started, this one unless another is given."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text(encoding="utf-8").partition(" (")
        except OSError:
            continue  # it has ended
        name, _, rest = rest.rpartition(") ")
        if name == program and int(rest.split()[1]) == (parent or os.getpid()):
            found.append(int(pid))
    return found


def kill_children(program: str) -> None:
    """Kill the one process of this name that runs for us."""
    [pid] = children(program)
    os.kill(pid, signal.SIGKILL)


def started(code: str, conninfo: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A process of its own, for which the conninfo is DSN in the environment: nothing to be seen by others."""
    program = f"import os, sys; from radarr_db.operations import backup; {code}"
    environment = os.environ | {"DSN": conninfo}
    return subprocess.Popen(
        (sys.executable, "-c", program, *arguments), env=environment, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def stuck_dumps(conninfo: str) -> Iterator[psycopg.Connection]:
    """pg_dump comes no further in this block than to its start: a table that it wants to lock is taken."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("LOCK TABLE movies")
        yield connection


def until_stuck(connection: psycopg.Connection) -> None:
    """Return when pg_dump waits for the table."""
    query = """
        SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'movies'::regclass
    """
    until(lambda: connection.execute(query).fetchall())
