"""Every query and finding, on trouble made on purpose."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from operations import trouble
from psycopg.conninfo import make_conninfo
from repositories.factories import raw
from waiting import until

from radarr_db import Database, NewMovie, StatementError, embedded, movies, testing
from radarr_db.models.monitoring import Readiness, ServerRole
from radarr_db.operations import migrations, monitoring, roles
from radarr_db.operations.findings import Finding, Severity
from radarr_db.operations.monitoring import MonitoringReport

SQL = re.compile(r"(?:DROP|CREATE|ALTER|SELECT) [^;,(]*(?:\([^;]*\)[^;,]*)?")


@pytest.fixture(scope="module")
def troubled() -> Iterator[str]:
    with trouble.made() as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def report(troubled: str) -> MonitoringReport:
    return monitoring.report(troubled)


@pytest.fixture(scope="module")
def db(troubled: str) -> Iterator[Database]:
    with Database(troubled) as db:
        yield db


@pytest.fixture
def connection(troubled: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(troubled, autocommit=True) as connection:
        yield connection


def subjects(report: MonitoringReport, *severities: Severity) -> set[str]:
    return {finding.subject for finding in report.findings if finding.severity in severities}


def found(report: MonitoringReport, subject: str) -> Finding:
    (finding,) = (finding for finding in report.findings if finding.subject == subject)
    return finding


def test_what_is_wrong_is_found_worst_first(report: MonitoringReport) -> None:
    assert subjects(report, Severity.CRITICAL) == {"sequence shows_id_seq", "sequence movies_id_seq"}
    assert subjects(report, Severity.WARNING) == {
        "replication slot gone",
        "table history_default",
        "index shows_broken_key",
        "index shows_broken_key_ccnew",
        "table shows",
        "index shows_title_again_idx",
        "index shows_code_again_key",
        "foreign key shows_other_id_fkey",
    }
    # The notice about shows is that of its unused indexes.
    assert subjects(report, Severity.NOTICE) == {"table emptied", "table shows"}
    order = [list(Severity).index(finding.severity) for finding in report.findings]
    assert order == sorted(order)


def test_a_fresh_database_has_nothing_wrong_and_its_plain_owner_is_told_what_is_hidden(own_database: str) -> None:
    report = monitoring.report(own_database)
    wrong = {finding.subject: finding for finding in report.findings if finding.subject != "checkpoints"}
    assert [finding.severity for finding in wrong.values()] == [Severity.NOTICE]
    (advice,) = (finding.advice for finding in wrong.values())
    with psycopg.connect(own_database) as connection:
        assert advice == f"as a superuser: GRANT pg_monitor TO {connection.info.user}"
    assert report.readiness is not None
    assert report.readiness.ready


@pytest.mark.parametrize(
    "subject",
    [
        "index shows_title_again_idx",
        "index shows_code_again_key",
        "index shows_broken_key_ccnew",
        "foreign key shows_other_id_fkey",
        "sequence shows_id_seq",
        "sequence movies_id_seq",
    ],
)
def test_the_sql_of_an_advice_does_away_with_its_finding(db: Database, report: MonitoringReport, subject: str) -> None:
    queries = (
        monitoring.unused_indexes(),
        monitoring.duplicate_indexes(),
        monitoring.invalid_indexes(),
        monitoring.unindexed_foreign_keys(),
    )
    with testing.undone(db) as tx:
        if subject.startswith("sequence"):
            tx.run(raw("DROP INDEX shows_broken_key, shows_broken_key_ccnew"))  # which no table could be rebuilt with
        for statement in SQL.findall(found(report, subject).advice):
            # What CONCURRENTLY does could not be undone.
            tx.run(raw(statement.replace(" CONCURRENTLY", "")))
        after = repr(tx.run_all(*queries))
        used = {f"sequence {row.name}": row.used for row in tx.run(monitoring.sequences())}
    assert used.get(subject, 0) < 0.5
    assert subject.partition(" ")[2] not in re.findall(r"(?<!of=')\b\w+\b", after)


def test_an_index_counts_as_unused_when_no_query_constraint_or_foreign_key_needs_it(db: Database) -> None:
    names = {row.name for row in db.run(monitoring.unused_indexes()) if row.table_name == "shows"}
    assert names == {"shows_title_idx", "shows_title_again_idx", "shows_code_md5_idx"}
    assert {row.table_scans >= 1000 for row in db.run(monitoring.unused_indexes()) if row.table_name == "shows"} == {
        True
    }


def test_an_index_of_a_partitioned_table_is_one_index(db: Database, connection: psycopg.Connection) -> None:
    unused = {row.name: row for row in db.run(monitoring.unused_indexes())}
    assert not [name for name in unused if re.search("history_(default|[0-9])", name)]
    row = unused["history_download_id_idx"]
    assert (row.table_name, row.is_partitioned) == ("history", True)
    sizes = connection.execute(
        "SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'history_download_id_idx'::regclass"
    ).fetchone()
    assert sizes == (row.bytes,)


def test_of_duplicates_the_one_of_a_constraint_is_kept(db: Database) -> None:
    rows = {row.name: (row.duplicate_of, row.constraint_name) for row in db.run(monitoring.duplicate_indexes())}
    assert rows == {
        "shows_title_again_idx": ("shows_title_idx", None),
        "shows_code_again_key": ("shows_code_key", None),
    }


def test_a_duplicate_of_a_constraint_is_dropped_as_one(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE movies ADD CONSTRAINT twice UNIQUE (tmdb_id)")
    report = monitoring.report(own_database)
    assert found(report, "index twice").advice == "ALTER TABLE movies DROP CONSTRAINT twice"


def test_a_duplicate_that_something_else_needs_is_not_to_be_dropped(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute(
            """
            CREATE TABLE shows (id int CONSTRAINT referred UNIQUE, code int NOT NULL, years int4range);
            CREATE TABLE episodes (show_id int REFERENCES shows (id));
            CREATE INDEX ON episodes (show_id);
            ALTER TABLE shows ADD PRIMARY KEY (id);
            CREATE UNIQUE INDEX needless ON shows (code);
            CREATE UNIQUE INDEX replicated ON shows (code);
            ALTER TABLE shows REPLICA IDENTITY USING INDEX replicated;
            ALTER TABLE shows ADD CONSTRAINT apart EXCLUDE USING gist (years WITH &&);
            ALTER TABLE shows ADD CONSTRAINT with_gaps EXCLUDE USING gist (years WITH -|-);
            """
        )
    with Database(own_database) as db:
        assert [(row.name, row.duplicate_of) for row in db.run(monitoring.duplicate_indexes())] == [
            ("needless", "replicated")
        ]


def test_of_a_partitioned_index_what_is_missing_is_made_on_the_partitions(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("CREATE INDEX history_half_idx ON ONLY history (source_title)")
        advice = found(monitoring.report(own_database), "index history_half_idx").advice
        assert "ALTER INDEX history_half_idx ATTACH PARTITION" in advice
        assert "REINDEX" not in advice  # which leaves it invalid
        for (name,) in connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'history'::regclass"
        ).fetchall():
            connection.execute(f"CREATE INDEX {name}_half_idx ON {name} (source_title)")
            connection.execute(f"ALTER INDEX history_half_idx ATTACH PARTITION {name}_half_idx")
    with Database(own_database) as db:
        assert db.run(monitoring.invalid_indexes()) == []


def test_the_advice_for_a_sequence_with_a_quote_in_its_name_can_be_run(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute('CREATE TABLE "o\'hara" (id bigint GENERATED ALWAYS AS IDENTITY)')
        connection.execute("SELECT setval(pg_get_serial_sequence('\"o''hara\"', 'id'), 9000000000000000000)")
        advice = found(monitoring.report(own_database), 'sequence "o\'hara_id_seq"').advice
        connection.execute(advice[advice.index("SELECT") :].encode())
    assert 'sequence "o\'hara_id_seq"' not in subjects(monitoring.report(own_database), *Severity)


def test_what_an_interrupted_command_left_is_told_from_a_failed_one(db: Database) -> None:
    rows = {row.name: row.is_leftover for row in db.run(monitoring.invalid_indexes())}
    assert rows == {"shows_broken_key": False, "shows_broken_key_ccnew": True}
    assert {row.name for row in db.run(monitoring.indexes()) if not row.is_valid} == set(rows)


def test_indexes_are_listed_with_their_use_most_used_first(db: Database) -> None:
    rows = db.run(monitoring.indexes())
    scans = [row.scans for row in rows]
    assert scans == sorted(scans, reverse=True)
    (used,) = (row for row in rows if row.name == "shows_used_idx")
    assert used.scans == 1
    assert used.bytes is not None
    assert used.bytes > 1 << 20


def test_a_foreign_key_needs_an_index_that_begins_with_it(db: Database) -> None:
    (row,) = db.run(monitoring.unindexed_foreign_keys())
    assert (row.table_name, row.column_names, row.referenced_table) == ("shows", "other_id", "movies")


def test_tables_have_sizes_and_counts_of_rows(db: Database, connection: psycopg.Connection) -> None:
    rows = {row.name: row for row in db.run(monitoring.tables())}
    shows = rows["shows"]
    assert (shows.live_tuples, shows.dead_tuples) == (30_000, 15_000)
    sizes = connection.execute("SELECT pg_total_relation_size('shows'), pg_indexes_size('shows')").fetchone()
    assert (shows.total_bytes, shows.index_bytes) == sizes
    assert rows["emptied"].last_vacuum is not None
    assert rows["emptied"].last_analyze is not None
    assert shows.last_vacuum is None
    assert "history" not in rows
    assert rows["history_default"].live_tuples == 3


def test_bloat_is_estimated_to_a_tenth_and_none_is_seen_where_there_is_none(db: Database) -> None:
    rows = {row.name: row for row in db.run(monitoring.bloat())}
    # One row in twenty is left.
    assert rows["emptied"].wasted_bytes / rows["emptied"].bytes == pytest.approx(0.95, abs=0.05)
    assert rows["emptied_pkey"].kind == "index"
    assert rows["emptied_pkey"].wasted_bytes / rows["emptied_pkey"].bytes > 0.5
    for name in ("shows_title_idx", "shows_code_md5_idx"):
        assert rows[name].wasted_bytes <= 0.1 * rows[name].bytes


def test_who_holds_up_whom_is_told_without_the_text_of_their_queries(troubled: str) -> None:
    with trouble.blocked(troubled) as (waiter, holder):
        report = monitoring.report(troubled)
    (row,) = report.blocked_sessions
    assert (row.pid, row.blocker_pid, row.relation) == (waiter, holder, "movies")
    assert (row.application_name, row.blocker_application_name) == ("waiter", "holder")
    assert (row.blocker_state, row.blocker_waits) == ("idle in transaction", False)
    assert row.blocker_seconds is not None
    assert row.blocker_seconds > row.seconds > 0
    assert trouble.CANARY not in repr(report)


def test_a_locked_table_is_not_waited_for_and_has_no_size(troubled: str) -> None:
    with trouble.blocked(troubled):
        report = monitoring.report(troubled)
    sizes = {table.name: table.total_bytes for table in report.tables}
    assert sizes.pop("movies") is None
    assert None not in sizes.values()
    assert {index.bytes for index in report.indexes if index.table_name == "movies"} == {None}


def test_a_prepared_transaction_that_holds_up_others_has_no_process(
    db: Database, connection: psycopg.Connection, troubled: str
) -> None:
    with connection.transaction():
        connection.execute("UPDATE movies SET title = 'B'")
        connection.execute("PREPARE TRANSACTION 'forgotten'")
    waiting = psycopg.connect(troubled)
    thread = threading.Thread(target=waiting.execute, args=("UPDATE movies SET title = 'C'",))
    thread.start()
    until(lambda: db.run(monitoring.blocked_sessions()))
    (row,) = db.run(monitoring.blocked_sessions())
    connection.execute("ROLLBACK PREPARED 'forgotten'")
    thread.join()
    waiting.close()
    assert (row.blocker_pid, row.blocker_user_name) == (0, None)


def test_long_transactions_are_those_of_others_that_are_old_enough(db: Database, troubled: str) -> None:
    with psycopg.connect(troubled) as idle:
        idle.execute("SELECT 1")
        rows = db.run(monitoring.long_transactions(minimum_seconds=0))
        (row,) = (row for row in rows if row.pid == idle.info.backend_pid)
        assert row.state == "idle in transaction"
        assert row.seconds >= row.state_seconds > 0
        assert db.run(monitoring.long_transactions()) == []


def test_connections_are_counted_by_state(db: Database, troubled: str) -> None:
    with psycopg.connect(troubled) as idle:
        idle.execute("SELECT 1")
        states = {row.state: row for row in db.run(monitoring.connections())}
    assert states["idle in transaction"].connections >= 1
    assert states["active"].connections == 1
    assert states["idle"].average_seconds is not None
    assert states["idle"].average_seconds > 0


def test_wraparound_is_the_age_in_parts_of_two_billion(db: Database, connection: psycopg.Connection) -> None:
    rows = db.run(monitoring.wraparound())
    ages: dict[str, int] = dict(connection.execute("SELECT datname, age(datfrozenxid) FROM pg_database").fetchall())
    databases = {row.name: row for row in rows if row.kind == "database"}
    assert set(databases) == set(ages)
    for name, row in databases.items():
        assert row.transactions == pytest.approx(ages[name], abs=5)
        assert row.used == pytest.approx(max(row.transactions, row.multixacts) / 2**31)
    assert len([row for row in rows if row.kind == "table"]) == 10


def test_a_sequence_is_measured_by_the_type_of_its_column(db: Database, connection: psycopg.Connection) -> None:
    rows = {row.name: row for row in db.run(monitoring.sequences())}
    shows = rows["shows_id_seq"]
    assert (shows.table_name, shows.column_name, shows.data_type) == ("shows", "id", "integer")
    assert (shows.last_value, shows.limit_value) == (2_100_000_000, 2**31 - 1)
    assert rows["movies_id_seq"].limit_value == 2**63 - 1
    assert rows["indexers_id_seq"].used == 0
    connection.execute("CREATE SEQUENCE wide")
    connection.execute("CREATE TABLE narrow (id smallint DEFAULT nextval('wide'))")
    connection.execute("ALTER SEQUENCE wide OWNED BY narrow.id")
    rows = {row.name: row for row in db.run(monitoring.sequences())}
    connection.execute("DROP TABLE narrow")
    assert (rows["wide"].data_type, rows["wide"].limit_value) == ("smallint", 32_767)


def test_a_slot_without_a_reader_keeps_wal(db: Database) -> None:
    (row,) = db.run(monitoring.replication_slots())
    assert (row.name, row.slot_type, row.active) == ("gone", "physical", False)
    assert row.retained_bytes is not None
    assert row.retained_bytes > 1 << 20


def test_a_checkpoint_that_is_asked_for_is_counted(db: Database, connection: psycopg.Connection) -> None:
    before = db.run(monitoring.checkpoints())
    connection.execute("UPDATE movies SET title = 'D'")
    connection.execute("CHECKPOINT")
    until(lambda: db.run(monitoring.checkpoints()).requested > before.requested)
    after = db.run(monitoring.checkpoints())
    assert after.buffers_written > before.buffers_written
    assert (after.timed, after.since) == (before.timed, before.since)


def test_events_without_a_month_are_counted_up_to_a_limit(db: Database) -> None:
    assert db.run(monitoring.default_partition_rows()) == 3
    assert db.run(monitoring.default_partition_rows(limit=2)) == 2


def test_statements_are_the_slowest_first_and_show_nothing_that_was_quoted(
    db: Database, connection: psycopg.Connection
) -> None:
    connection.execute(f"CREATE ROLE someone PASSWORD '{trouble.CANARY}'")
    connection.execute(f"ALTER ROLE someone PASSWORD E'a\\'{trouble.CANARY}'")
    connection.execute(f"COMMENT ON ROLE someone IS 'a--b'; \n COMMENT ON TABLE shows IS '{trouble.CANARY}'")
    connection.execute(f"DO $$ BEGIN PERFORM '{trouble.CANARY}'; END $$")
    connection.execute(f"DO $a1$ BEGIN PERFORM '{trouble.CANARY}'; END $a1$")
    connection.execute(f"""COMMENT ON COLUMN shows."title" IS '{trouble.CANARY}' """)
    connection.execute(f"""CREATE ROLE "o'hara" PASSWORD '{trouble.CANARY}' """)
    connection.execute("""DROP ROLE someone, "o'hara" """)
    rows = db.run(monitoring.statements(limit=1000))
    assert "CREATE ROLE someone PASSWORD '...'" in {row.query for row in rows}
    assert trouble.CANARY not in repr(rows)
    means = [row.mean_exec_time for row in rows]
    assert means == sorted(means, reverse=True)
    assert all(row.calls >= 1 and row.max_exec_time >= row.mean_exec_time for row in rows)
    assert len(db.run(monitoring.statements(limit=2))) == 2


def test_without_pg_stat_statements_all_else_works_and_the_report_says_how_to_get_it() -> None:
    with embedded.server(settings={"shared_preload_libraries": ""}) as server:
        report = monitoring.report(server.conninfo)
    assert report.statements is None
    assert report.connections
    assert "add it to shared_preload_libraries" in found(report, "pg_stat_statements").advice


def test_a_database_without_the_schema_has_a_report_that_says_so(empty_database: str) -> None:
    report = monitoring.report(empty_database)
    assert report.readiness is None
    assert report.findings[0].advice == "radarr-db migrate"
    with Database(empty_database) as db, pytest.raises(StatementError):
        db.run(monitoring.readiness())


def test_a_schema_that_is_behind_is_critical(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '009%'")
    report = monitoring.report(own_database)
    assert report.findings[0] == Finding(Severity.CRITICAL, "schema", "it is at version 8 of 9", "radarr-db migrate")
    assert report.readiness is not None
    assert report.readiness.problems == ["the schema is at version 8 of 9: radarr-db migrate"]


def test_a_member_of_the_role_monitor_has_a_whole_report(troubled: str, connection: psycopg.Connection) -> None:
    roles.apply(troubled, prefix="watched")
    connection.execute("ALTER ROLE watched_monitor LOGIN")
    report = monitoring.report(make_conninfo(troubled, user="watched_monitor"))
    assert report.server.sees_all
    assert report.readiness is not None
    assert report.statements
    assert found(report, "table history_default").problem.startswith("it holds 3 events of months")


def test_the_connections_left_are_those_that_this_role_can_open(troubled: str, connection: psycopg.Connection) -> None:
    def left_is(expected: Callable[[int], int]) -> None:
        until(lambda: (row := asked(plain)).connections_left == expected(row.connections))

    connection.execute("CREATE ROLE plain LOGIN")
    connection.execute("GRANT CONNECT ON DATABASE postgres TO plain")
    connection.execute("GRANT USAGE ON SCHEMA public TO plain")
    connection.execute("GRANT SELECT ON _yoyo_migration TO plain")
    with psycopg.connect(troubled, user="plain") as plain:
        # The server keeps three of its hundred for superusers.
        left_is(lambda used: 97 - used)
        connection.execute("ALTER ROLE plain CONNECTION LIMIT 5")
        left_is(lambda _: 4)
        connection.execute("ALTER DATABASE postgres CONNECTION LIMIT 3")
        left_is(lambda _: 0)
        (problem,) = asked(plain).problems
        assert problem.startswith("no connection is left, with ")
        connection.execute("ALTER DATABASE postgres CONNECTION LIMIT -1")
    connection.execute("DROP OWNED BY plain")
    connection.execute("DROP ROLE plain")


def asked(connection: psycopg.Connection) -> Readiness:
    """The readiness as a single session sees it: a pool may have more than one."""
    query = monitoring.readiness()
    row = psycopg.RawCursor(connection).execute(query.sql, query.params).fetchone()
    assert row
    return Readiness(*row)


def test_a_standby_tells_how_far_it_is_behind_and_so_does_its_primary(own_server: embedded.Server) -> None:
    migrations.apply(own_server.conninfo)
    with (
        embedded.server(standby_of=own_server) as standby,
        Database(own_server.conninfo) as primary,
        Database(standby.conninfo) as db,
        psycopg.connect(standby.conninfo, autocommit=True) as connection,
    ):
        until(lambda: [row.lag_bytes for row in primary.run(monitoring.replication())] == [0])
        (row,) = primary.run(monitoring.replication())
        assert (row.state, row.sync_state, row.lag_seconds) == ("streaming", "async", 0)
        until(lambda: [row.state for row in db.run(monitoring.replication())] == ["streaming"])
        (row,) = db.run(monitoring.replication())
        assert (row.name, row.lag_bytes, row.lag_seconds) == ("this server", 0, 0)
        assert db.run(monitoring.readiness()).role is ServerRole.STANDBY
        assert "standby" not in subjects(monitoring.report(standby.conninfo), *Severity)

        connection.execute("SELECT pg_wal_replay_pause()")
        primary.run(movies.create(NewMovie(603, "The Matrix")))
        until(lambda: (db.run(monitoring.replication())[0].lag_bytes or 0) > 0)
        assert found(monitoring.report(standby.conninfo), "standby").advice == "on it: SELECT pg_wal_replay_resume()"
        assert (primary.run(monitoring.replication())[0].lag_bytes or 0) > 0

        connection.execute("SELECT pg_wal_replay_resume()")
        os.kill(int((own_server.data_dir / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        until(lambda: db.run(monitoring.replication())[0].state == "disconnected")
        assert "receives nothing" in found(monitoring.report(standby.conninfo), "standby").problem
