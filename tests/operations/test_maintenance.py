from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from repositories.factories import movie
from waiting import until

from radarr_db import Database, InvalidArgumentError, UnavailableError, embedded, movies
from radarr_db.models.maintenance import Done, Outcome, Schedule
from radarr_db.operations import maintenance, migrations, sessions
from radarr_db.testing import database

BLOATED = """
CREATE TABLE bloated (n integer PRIMARY KEY) WITH (autovacuum_enabled = off);
INSERT INTO bloated SELECT generate_series(1, 300000);
DELETE FROM bloated WHERE n % 20 <> 0;
"""


@pytest.fixture
def connection(own_database: str) -> Iterator[psycopg.Connection]:
    """What it writes is in the statistics at once."""
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


def write(connection: psycopg.Connection, statements: str) -> None:
    connection.execute(statements)
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT 1")


def due(conninfo: str, schedule: str = "daily", **options: Any) -> dict[tuple[str, str], str]:
    """The reasons by act and subject of all that is due, except the refresh, which always is."""
    planned = maintenance.run(conninfo, schedule=schedule, dry_run=True, **options)
    assert {each.outcome for each in planned} == {Outcome.PLANNED}
    assert (planned[-1].act, planned[-1].subject) == ("refresh", "popular_movies")
    return {(each.act, each.subject): each.reason for each in planned[:-1]}


def failed(done: list[Done]) -> list[Done]:
    return [each for each in done if each.outcome is Outcome.FAILED]


def test_a_fresh_database_needs_nothing_daily(own_database: str) -> None:
    assert due(own_database) == {}


@pytest.mark.parametrize("schedule", Schedule)
def test_what_was_done_is_not_due_again(own_database: str, connection: psycopg.Connection, schedule: Schedule) -> None:
    write(connection, "INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 1200) AS n")
    write(connection, "INSERT INTO history (movie_id, source_title, event_type) SELECT id, 'x', 'grabbed' FROM movies")
    write(connection, "UPDATE movies SET monitored = FALSE; DELETE FROM movies WHERE id % 2 = 0")
    write(connection, "INSERT INTO scene_groups (name) SELECT n FROM generate_series(1, 2000) AS n")
    found = due(own_database, schedule)
    assert found["vacuum", "movies"] == ("never vacuumed, 1800 dead rows, 1200 new rows, 3000 changes since analyzed")
    assert found["analyze", "history"] == "never analyzed"
    assert (("vacuum", "scene_groups") in found) is (schedule is not Schedule.DAILY)
    done = maintenance.run(own_database, schedule=schedule)
    assert [(each.act, each.subject) for each in done] == [*found, ("refresh", "popular_movies")]
    assert {each.outcome for each in done} == {Outcome.DONE}
    assert due(own_database, schedule) == {}


def test_a_table_is_visited_when_enough_of_it_changed(own_database: str, connection: psycopg.Connection) -> None:
    write(connection, "INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 2000) AS n")
    maintenance.run(own_database)
    insert = "INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series({}, {}) AS n"
    for write_some, reason in (
        ("UPDATE movies SET runtime = 1 WHERE id <= 140", None),
        ("UPDATE movies SET runtime = 1 WHERE id <= 160", "160 dead rows, 160 changes since analyzed"),
        ("DELETE FROM movies WHERE id <= 160", "160 dead rows, 160 changes since analyzed"),
        (insert.format(3001, 3140), None),
        (insert.format(4001, 5200), "1200 new rows, 1200 changes since analyzed"),
    ):
        write(connection, write_some)
        assert due(own_database).get(("vacuum", "movies")) == reason
        connection.execute("VACUUM (ANALYZE) movies")


def test_rows_near_wraparound_are_frozen_whatever_the_schedule() -> None:
    settings = {"autovacuum": "off", "autovacuum_freeze_max_age": "100000"}
    with embedded.server(settings=settings) as server:
        migrations.apply(server.conninfo)
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE x (n integer); DO $$ BEGIN FOR n IN 1..76000 LOOP BEGIN"
                " INSERT INTO x VALUES (n); PERFORM 1 / 0;"
                " EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$"
            )
            before = due(server.conninfo)
            assert "transactions old" in before["vacuum", "scene_groups"]
            maintenance.run(server.conninfo)
            assert due(server.conninfo) == {}


def test_an_index_that_is_mostly_empty_is_built_anew_monthly_and_what_a_cancelled_attempt_leaves_is_dropped(
    own_database: str, connection: psycopg.Connection
) -> None:
    write(connection, BLOATED)
    connection.execute("VACUUM ANALYZE bloated")
    assert ("reindex", "bloated_pkey") not in due(own_database, "weekly")
    assert due(own_database, "monthly")["reindex", "bloated_pkey"].endswith("of 6 MiB are empty")
    with psycopg.connect(own_database) as user:
        user.execute("SELECT FROM bloated LIMIT 1")
        user.execute("UPDATE bloated SET n = n WHERE n = 20")  # REINDEX CONCURRENTLY waits for writers
        [problem] = failed(maintenance.run(own_database, schedule="monthly", lock_timeout=0.3))
    assert (problem.act, problem.subject) == ("reindex", "bloated_pkey")
    assert "lock timeout" in str(problem.problem)
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert connection.execute(invalid).fetchall() == [("bloated_pkey_ccnew",)]
    assert due(own_database)["drop", "bloated_pkey_ccnew"] == "left by an interrupted REINDEX of bloated"
    assert failed(maintenance.run(own_database, schedule="monthly")) == []
    assert connection.execute(invalid).fetchall() == []
    assert connection.execute("SELECT pg_relation_size('bloated_pkey') < 400000").fetchone() == (True,)
    assert ("reindex", "bloated_pkey") not in due(own_database, "monthly")


def test_an_index_of_somebody_at_work_is_left_alone(own_database: str, connection: psycopg.Connection) -> None:
    write(connection, "CREATE TABLE few (n integer PRIMARY KEY); INSERT INTO few VALUES (1)")

    def reindex() -> None:
        with psycopg.connect(own_database, autocommit=True) as other:
            other.execute("REINDEX INDEX CONCURRENTLY few_pkey")

    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(own_database) as user:
            user.execute("UPDATE few SET n = 2")
            working = pool.submit(reindex)
            until(lambda: connection.execute("SELECT FROM pg_index WHERE NOT indisvalid").fetchone() is not None)
            assert due(own_database) == {}
        working.result()


def test_the_view_is_filled_the_first_time_and_then_beside_its_readers(
    own_database: str, connection: psycopg.Connection
) -> None:
    connection.execute("REFRESH MATERIALIZED VIEW popular_movies WITH NO DATA")
    first, again = (maintenance.run(own_database)[-1] for _ in range(2))
    assert (first.reason, first.command) == ("never filled", "REFRESH MATERIALIZED VIEW popular_movies")
    assert again.command == "REFRESH MATERIALIZED VIEW CONCURRENTLY popular_movies"
    rated = movie(603, metadata={"ratings": {"imdb": {"value": 8.7}}})
    with Database(own_database) as db:
        db.run(movies.create(rated))
        assert list(db.run(movies.list_popular())) == []
        maintenance.run(own_database)
        assert len(db.run(movies.list_popular())) == 1


def test_missing_months_are_made_daily(own_database: str, connection: psycopg.Connection) -> None:
    [last] = connection.execute(
        "SELECT c.relname FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid"
        " WHERE inhparent = 'history'::regclass AND c.relname ~ '[0-9]$' ORDER BY 1 DESC LIMIT 1"
    ).fetchall()[0]
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(last)))
    assert due(own_database) == {("premake", "history"): f"there is no {last}"}
    maintenance.run(own_database)
    assert connection.execute("SELECT to_regclass(%s) IS NOT NULL", (last,)).fetchone() == (True,)


def test_a_warning_is_a_failure_and_stops_no_other_step(own_server: embedded.Server) -> None:
    with psycopg.connect(own_server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
    with database(own_server.conninfo) as conninfo, psycopg.connect(conninfo, autocommit=True) as superuser:
        plain = make_conninfo(conninfo, user="plain")
        superuser.execute(
            f"GRANT CREATE ON DATABASE {superuser.info.dbname} TO plain; GRANT ALL ON SCHEMA public TO plain"
        )
        migrations.apply(plain)
        superuser.execute("ALTER TABLE quality_profiles OWNER TO postgres")
        done = maintenance.run(plain, schedule="weekly")
    [problem] = failed(done)
    assert problem.subject == "quality_profiles"
    assert "permission denied to vacuum" in str(problem.problem) or "only table or" in str(problem.problem)
    assert done[-1].outcome is Outcome.DONE


def test_an_error_of_a_step_stops_no_other_step(own_database: str, connection: psycopg.Connection) -> None:
    write(connection, "INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 2000) AS n")
    with psycopg.connect(own_database) as user:
        user.execute("LOCK TABLE movies IN ACCESS EXCLUSIVE MODE")
        done = maintenance.run(own_database, lock_timeout=0.1)
    assert {each.subject for each in failed(done)} == {"movies", "popular_movies"}
    assert all("somebody holds on to the table: run again" in str(each.problem) for each in failed(done))


def test_one_maintainer_works_at_a_time_and_another_may_look(own_database: str) -> None:
    with sessions.session(own_database, "maintenance", lock_timeout=1) as connection:
        sessions.lock(connection, maintenance.LOCK_KEY, "another maintainer", 0)
        pid = connection.info.backend_pid
        with pytest.raises(UnavailableError, match=rf"another maintainer is at work already, as server process {pid}"):
            maintenance.run(own_database, lock_timeout=0)
        assert due(own_database) == {}
    assert failed(maintenance.run(own_database)) == []


def test_after_a_kill_the_next_run_does_the_rest_and_nothing_twice(
    own_database: str, connection: psycopg.Connection
) -> None:
    write(connection, "INSERT INTO movies (tmdb_id, title) SELECT n, 'x' FROM generate_series(1, 2000) AS n")
    write(connection, "INSERT INTO history (movie_id, source_title, event_type) SELECT id, 'x', 'grabbed' FROM movies")
    names = list(due(own_database))
    assert [subject for _, subject in names] == [names[0][1], "movies", "history"]
    code = "import sys; from radarr_db.operations import maintenance; maintenance.run(sys.argv[1])"
    with psycopg.connect(own_database) as user:
        # The first table is free, and then the maintainer waits.
        user.execute("LOCK TABLE movies IN ACCESS EXCLUSIVE MODE")
        with subprocess.Popen([sys.executable, "-c", code, own_database]) as maintainer:
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'movies'::regclass"
            until(lambda: connection.execute(waiting).fetchone() is not None)
            maintainer.send_signal(signal.SIGKILL)
            # Its session sees that soon, and takes its work and its lock with it.
            session = "SELECT FROM pg_stat_activity WHERE application_name = 'radarr_db maintenance'"
            until(lambda: connection.execute(session).fetchone() is None)
    assert list(due(own_database)) == names[1:]
    done = maintenance.run(own_database)
    assert [(each.act, each.subject) for each in done[:-1]] == names[1:]
    assert failed(done) == []


def test_a_connection_that_breaks_off_ends_the_run(own_database: str, connection: psycopg.Connection) -> None:
    of_maintainer = "SELECT pid FROM pg_stat_activity WHERE application_name = 'radarr_db maintenance'"
    told = []

    def end(*step: object) -> None:
        told.append(step)
        connection.execute(f"SELECT pg_terminate_backend(pid, 60000) FROM ({of_maintainer}) AS m")  # noqa: S608

    with pytest.raises(UnavailableError):
        maintenance.run(own_database, schedule="weekly", on_step=end)
    assert len(told) == 1


def test_each_step_is_told_before_it_begins(own_database: str) -> None:
    told: list[tuple[int, int, str]] = []
    done = maintenance.run(
        own_database, schedule="weekly", on_step=lambda place, total, step: told.append((place, total, step.subject))
    )
    assert told == [(place, len(done), each.subject) for place, each in enumerate(done)]


def test_what_cannot_be_meant_is_refused(own_database: str) -> None:
    with pytest.raises(InvalidArgumentError, match="schedule: unknown: 'hourly'; one of daily, weekly, monthly"):
        maintenance.run(own_database, schedule="hourly")
    with pytest.raises(InvalidArgumentError, match="keep_history: must be at least a day"):
        maintenance.run(own_database, keep_history=dt.timedelta(hours=23))


def test_a_standby_is_refused(own_server: embedded.Server) -> None:
    with (
        embedded.server(standby_of=own_server) as standby,
        pytest.raises(UnavailableError, match="is a standby: maintain its primary"),
    ):
        maintenance.run(standby.conninfo)
