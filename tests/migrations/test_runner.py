from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from radarr_db.errors import InvalidArgumentError, MigrationError, RetryableError, UnavailableError
from radarr_db.operations import migrations

ALL = ["001_a", "002_b", "003_c"]
GATE = 1
SPAWN = multiprocessing.get_context("spawn")
# A migration with this line waits until the test opens the gate, however long that takes.
WAIT_AT_GATE = f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({GATE});"
MIGRATORS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three small migrations; the folder's name could be taken for a pattern."""
    folder = tmp_path / "a[b]*"
    folder.mkdir()
    write(folder, "001_a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    write(folder, "002_b", "CREATE TABLE b (id int);", "DROP TABLE b;")
    write(folder, "003_c", "-- depends: 001_a\nCREATE TABLE c (id int);", "DROP TABLE c;")
    return folder


@pytest.fixture
def watcher(empty_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        yield connection


def write(folder: Path, name: str, script: str, rollback: str | None = None) -> None:
    (folder / f"{name}.sql").write_text(script, "utf-8")
    if rollback is not None:
        (folder / f"{name}.rollback.sql").write_text(rollback, "utf-8")


def tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows if not name.startswith("_yoyo")]


def close_gate(watcher: psycopg.Connection) -> None:
    watcher.execute("SELECT pg_advisory_lock(%s)", (GATE,))


def open_gate(watcher: psycopg.Connection) -> None:
    watcher.execute("SELECT pg_advisory_unlock(%s)", (GATE,))


def wait_until(watcher: psycopg.Connection, count_query: str, expected: int) -> None:
    deadline = time.monotonic() + 60
    while watcher.execute(count_query).fetchone() != (expected,):
        assert time.monotonic() < deadline, f"never {expected}: {count_query}"
        # In a transaction the server would go on showing the activity first seen.
        watcher.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")


# Forward and back


def test_apply_runs_what_is_pending_in_order_and_tells_each_before_it_runs(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    seen: list[tuple[str, list[str]]] = []
    applied = migrations.apply(empty_database, folder=folder, on_step=lambda name: seen.append((name, tables(watcher))))
    assert applied == ALL
    assert seen == [("001_a", []), ("002_b", ["a"]), ("003_c", ["a", "b"])]
    assert migrations.version(empty_database) == 3
    assert migrations.pending(empty_database, folder=folder) == []
    assert migrations.apply(empty_database, folder=folder) == []


def test_apply_and_rollback_stop_at_the_target(empty_database: str, folder: Path, watcher: psycopg.Connection) -> None:
    assert migrations.rollback(empty_database, to=0, folder=folder) == []
    assert migrations.apply(empty_database, to=0, folder=folder) == []
    assert migrations.apply(empty_database, to=2, folder=folder) == ["001_a", "002_b"]
    assert migrations.pending(empty_database, folder=folder) == ["003_c"]
    assert migrations.apply(empty_database, folder=folder) == ["003_c"]
    undone: list[str] = []
    assert migrations.rollback(empty_database, to=1, folder=folder, on_step=undone.append) == [
        "003_c",
        "002_b",
    ]
    assert undone == ["003_c", "002_b"]
    assert tables(watcher) == ["a"]
    assert migrations.version(empty_database) == 1
    assert migrations.apply(empty_database, folder=folder) == ["002_b", "003_c"]
    assert migrations.rollback(empty_database, to=0, folder=folder) == ["003_c", "002_b", "001_a"]
    assert migrations.version(empty_database) == 0


def test_numbers_and_not_names_give_the_order(empty_database: str, tmp_path: Path) -> None:
    for name in ("10_last", "9_middle", "1_first"):
        write(tmp_path, name, "SELECT 1;")
    assert migrations.apply(empty_database, folder=tmp_path) == ["1_first", "9_middle", "10_last"]
    assert migrations.version(empty_database) == 10


def test_version_and_pending_only_read(empty_database: str, folder: Path, watcher: psycopg.Connection) -> None:
    read_only = make_conninfo(empty_database, options="-c default_transaction_read_only=on")
    assert migrations.version(read_only) == 0
    assert migrations.pending(read_only, folder=folder) == ALL
    assert watcher.execute("SELECT count(*) FROM pg_class WHERE relname LIKE '%yoyo%'").fetchone() == (0,)
    with pytest.raises(UnavailableError, match="read-only"):
        migrations.apply(read_only, folder=folder)
    migrations.apply(empty_database, folder=folder)
    assert migrations.version(read_only) == 3
    assert migrations.apply(read_only, folder=folder) == []


def yoyo(conninfo: str, folder: Path, command: str, *options: str) -> str:
    parameters = urlencode(conninfo_to_dict(conninfo), quote_via=quote)
    settings = ("--batch", "--no-config-file", f"--database=postgresql+psycopg:///?{parameters}")
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "yoyo", command, *settings, *options, "."],
        cwd=folder,  # and "." for its name, which yoyo would take for a pattern
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_stock_yoyo_reads_what_is_recorded(empty_database: str, folder: Path) -> None:
    migrations.apply(empty_database, to=2, folder=folder)
    listed = [line.split()[:2] for line in yoyo(empty_database, folder, "list").splitlines() if "00" in line]
    assert listed == [["A", "001_a"], ["A", "002_b"], ["U", "003_c"]]


def test_what_stock_yoyo_applied_or_marked_counts_and_may_have_any_text(empty_database: str, folder: Path) -> None:
    migrations.apply(empty_database, to=2, folder=folder)
    yoyo(empty_database, folder, "apply")
    assert migrations.version(empty_database) == 3
    write(folder, "003_c", "SELECT 'another text';")
    write(folder, "002_b", "SELECT 'another text';")
    with pytest.raises(MigrationError, match=r"changed: 002_b\.sql was edited;"):
        migrations.pending(empty_database, folder=folder)
    yoyo(empty_database, folder, "unmark", "--revision=002_b")
    yoyo(empty_database, folder, "mark")
    assert migrations.pending(empty_database, folder=folder) == []
    assert migrations.rollback(empty_database, to=1, folder=folder) == ["003_c", "002_b"]


# Refused before any connection


@pytest.mark.parametrize("to", [-1, 4, True, False, 1.0, "1"])
def test_a_target_that_is_no_number_of_a_migration_is_refused(folder: Path, to: int) -> None:
    for act in (migrations.apply, migrations.rollback):
        with pytest.raises(InvalidArgumentError, match="from 0 to 3") as raised:
            act("host=/nowhere", to=to, folder=folder)
        assert raised.value.argument == "to"


def test_a_folder_without_migrations_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(MigrationError, match="there are no migrations"):
            migrations.apply("host=/nowhere", folder=folder)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("004_d.py", b"", "named as in"),
        ("001_a.py", b"", "two files are migration 001_a"),
        ("post-apply.sql", b"", "named as in"),
        ("later.sql", b"", "named as in"),
        ("03_d.sql", b"", "have the same number"),
        ("004_d.sql", b"-- depends: 005_e\nSELECT 1;", "004_d.sql: its directives"),
        ("004_d.sql", b"-- transactional: maybe\nSELECT 1;", "004_d.sql: its directives"),
        ("004_d.sql", b"SELECT '\xff';", "004_d.sql: its directives or its encoding"),
        ("002_b.sql", b"-- depends: 003_c\nSELECT 1;", "depends on 003_c, which does not come before it"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused(folder: Path, name: str, content: bytes, problem: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(MigrationError, match=problem):
        migrations.apply("host=/nowhere", folder=folder)


# What a file may hold


def test_bodies_comments_and_percent_signs_reach_the_server_as_written(
    empty_database: str, tmp_path: Path, watcher: psycopg.Connection
) -> None:
    write(
        tmp_path,
        "001_all",
        r"""
        /* a /* nested; */ comment; */
        CREATE TABLE a (begin int, note text DEFAULT '100% of %s %(x)s :name' || E'it\'s;');
        CREATE TABLE b (id int);
        CREATE FUNCTION classic() RETURNS int LANGUAGE plpgsql
            AS $$ BEGIN IF true THEN RETURN 1; END IF; END; $$;
        CREATE FUNCTION standard() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
        CREATE FUNCTION expression() RETURNS int RETURN 13 % 10;
        DO $do$ BEGIN EXECUTE $x$ INSERT INTO a (begin) VALUES (4); $x$; END; $do$;
        CREATE RULE r AS ON INSERT TO b DO ALSO (INSERT INTO a VALUES (5); INSERT INTO a VALUES (6));
        INSERT INTO b VALUES (1);
        """,
    )
    migrations.apply(empty_database, folder=tmp_path)
    assert watcher.execute("SELECT classic(), standard(), expression()").fetchone() == (1, 2, 3)
    assert watcher.execute("SELECT array_agg(begin), min(note) FROM a").fetchone() == (
        [4, 5, 6],
        "100% of %s %(x)s :nameit's;",
    )


@pytest.mark.parametrize("control", ["COMMIT", "begin", "ROLLBACK", "END", "START TRANSACTION", "ABORT"])
def test_a_file_that_would_end_the_transaction_is_refused_before_anything_runs(
    empty_database: str, folder: Path, control: str
) -> None:
    write(folder, "003_c", f"CREATE TABLE c (begin int);\n/* a /* ; */ b */ {control};")
    with pytest.raises(MigrationError, match=f"003_c.sql, line 2: .* {control}"):
        migrations.apply(empty_database, folder=folder)
    assert migrations.version(empty_database) == 0


def test_settings_of_a_file_reach_neither_the_record_nor_the_next_file(
    empty_database: str, tmp_path: Path, watcher: psycopg.Connection
) -> None:
    write(tmp_path, "001_a", "SELECT set_config('search_path', '', false); SET work_mem = '77MB';")
    write(
        tmp_path,
        "002_b",
        "CREATE TABLE seen AS SELECT current_setting('work_mem') AS memory, current_setting('lock_timeout') AS lock;",
    )
    migrations.apply(empty_database, folder=tmp_path)
    memory, lock = watcher.execute("SELECT memory, lock FROM seen").fetchone() or ("", "")
    assert memory != "77MB"
    assert lock == "5s"


# Failures


def test_a_failing_file_leaves_nothing_and_is_named_with_the_statement(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    good = (folder / "002_b.sql").read_text("utf-8")
    write(folder, "002_b", f"{good}\n-- why\nALTER TABLE b\n    ADD COLUMN x int,\n    ADD COLUMN y absent;")
    with pytest.raises(MigrationError) as raised:
        migrations.apply(empty_database, folder=folder)
    assert str(raised.value) == (
        '002_b.sql, line 5: type "absent" does not exist (UndefinedObject), '
        "in: ALTER TABLE b ADD COLUMN x int, ADD COLUMN y absent; nothing of the file was kept"
    )
    assert isinstance(raised.value.__cause__, psycopg.errors.UndefinedObject)
    assert tables(watcher) == ["a"]
    assert migrations.version(empty_database) == 1
    write(folder, "002_b", good)
    assert migrations.apply(empty_database, folder=folder) == ["002_b", "003_c"]


def test_a_failing_rollback_leaves_the_migration_applied(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    migrations.apply(empty_database, folder=folder)
    write(folder, "002_b", (folder / "002_b.sql").read_text("utf-8"), "DROP TABLE b; DROP TABLE absent;")
    with pytest.raises(MigrationError, match=r'002_b.rollback.sql, line 1: table "absent" does not exist'):
        migrations.rollback(empty_database, to=0, folder=folder)
    assert tables(watcher) == ["a", "b"]
    assert migrations.version(empty_database) == 2


def test_a_missing_rollback_file_is_told_before_anything_is_undone(empty_database: str, folder: Path) -> None:
    migrations.apply(empty_database, folder=folder)
    (folder / "001_a.rollback.sql").unlink()
    with pytest.raises(MigrationError, match=r"001_a.rollback.sql is missing"):
        migrations.rollback(empty_database, to=0, folder=folder)
    assert migrations.version(empty_database) == 3


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE UNIQUE INDEX ON t (x)", "UniqueViolation"),
        ("ALTER TABLE t ALTER COLUMN x TYPE int USING x::int", "InvalidTextRepresentation"),
        ("ALTER TABLE t ADD CHECK (x = '')", "CheckViolation"),
    ],
)
def test_a_failure_shows_no_stored_value(
    empty_database: str, tmp_path: Path, watcher: psycopg.Connection, statement: str, problem: str
) -> None:
    watcher.execute("CREATE TABLE t (x text); INSERT INTO t VALUES ('canary'), ('canary')")
    write(tmp_path, "001_a", statement)
    with pytest.raises(MigrationError, match=problem) as raised:
        migrations.apply(empty_database, folder=tmp_path)
    assert "canary" not in "".join(traceback.format_exception(raised.value))


def test_a_constraint_that_fails_only_at_commit_names_the_file(
    empty_database: str, tmp_path: Path, watcher: psycopg.Connection
) -> None:
    write(
        tmp_path,
        "001_a",
        "CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a DEFERRABLE INITIALLY DEFERRED);"
        "INSERT INTO a VALUES (1, 2);",
    )
    with pytest.raises(MigrationError, match=r"001_a.sql: .*\(ForeignKeyViolation\); nothing"):
        migrations.apply(empty_database, folder=tmp_path)
    assert tables(watcher) == []
    assert migrations.version(empty_database) == 0


def test_a_table_in_use_fails_the_file_soon_and_can_be_tried_again(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    write(folder, "002_b", "SET LOCAL lock_timeout = '20ms';\nALTER TABLE a ADD COLUMN x int;")
    migrations.apply(empty_database, to=1, folder=folder)
    with watcher.transaction():
        watcher.execute("SELECT FROM a")
        with pytest.raises(RetryableError, match=r"002_b.sql, line 2: .*lock timeout"):
            migrations.apply(empty_database, folder=folder)
    assert migrations.apply(empty_database, folder=folder) == ["002_b", "003_c"]


def test_a_connection_lost_on_the_way_is_told(empty_database: str, folder: Path) -> None:
    write(folder, "002_b", "CREATE TABLE b (id int); SELECT pg_terminate_backend(pg_backend_pid());")
    with pytest.raises(UnavailableError, match=r"002_b.sql, line 1: .*run again"):
        migrations.apply(empty_database, folder=folder)
    write(folder, "002_b", "CREATE TABLE b (id int);")
    assert migrations.apply(empty_database, folder=folder) == ["002_b", "003_c"]


# Applied files that changed


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda folder: write(folder, "001_a", "CREATE TABLE a (id bigint);"), "001_a.sql was edited"),
        (lambda folder: (folder / "002_b.sql").unlink(), "002_b.sql was deleted"),
        (
            lambda folder: (folder / "001_a.sql").rename(folder / "001_b.sql"),
            "001_a was renamed to 001_b",
        ),
    ],
)
def test_a_changed_file_stops_every_act(
    empty_database: str, folder: Path, change: partial[object], problem: str
) -> None:
    write(folder, "003_c", "CREATE TABLE c (id int);")
    migrations.apply(empty_database, to=2, folder=folder)
    change(folder)
    for act in (migrations.apply, partial(migrations.rollback, to=0), migrations.pending):
        with pytest.raises(MigrationError, match=problem):
            act(empty_database, folder=folder)
    assert migrations.version(empty_database) == 2


def test_other_line_ends_are_no_change_and_a_file_may_change_while_it_is_not_applied(
    empty_database: str, folder: Path
) -> None:
    write(folder, "001_a", "CREATE TABLE a (\n    id int\n);\n")
    migrations.apply(empty_database, folder=folder)
    (folder / "001_a.sql").write_bytes(b"CREATE TABLE a (\r\n    id int\r\n);\r\n")
    assert migrations.apply(empty_database, folder=folder) == []
    migrations.rollback(empty_database, to=0, folder=folder)
    write(folder, "001_a", "CREATE TABLE a (id bigint);")
    assert migrations.apply(empty_database, folder=folder) == ALL
    assert migrations.pending(empty_database, folder=folder) == []


# Without a transaction


def test_a_file_without_transaction_runs_its_statements_alone(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    write(
        folder,
        "002_b",
        "-- transactional: false\nDROP INDEX IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON a (id);",
        "DROP INDEX CONCURRENTLY i;",
    )
    assert migrations.apply(empty_database, folder=folder) == ALL
    indexes = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('i') AND indisvalid"
    assert watcher.execute(indexes).fetchone() == (1,)
    migrations.rollback(empty_database, to=1, folder=folder)
    assert watcher.execute(indexes).fetchone() == (0,)


def test_a_failing_file_without_transaction_says_what_stays(empty_database: str, folder: Path) -> None:
    broken = "-- transactional: false\nCREATE TABLE IF NOT EXISTS b (id int);\nSELECT absent;"
    write(folder, "002_b", broken)
    with pytest.raises(MigrationError, match=r"002_b.sql, line 3: .*what ran before stays"):
        migrations.apply(empty_database, folder=folder)
    assert migrations.version(empty_database) == 1
    write(folder, "002_b", broken.replace("SELECT absent;", ""))
    assert migrations.apply(empty_database, folder=folder) == ["002_b", "003_c"]


# Several migrators, and killed ones


def test_of_ten_processes_one_applies_all(empty_database: str, folder: Path, watcher: psycopg.Connection) -> None:
    write(folder, "001_a", f"{WAIT_AT_GATE} CREATE TABLE a (id int);")
    close_gate(watcher)
    with ProcessPoolExecutor(10, mp_context=SPAWN) as processes:
        runs = [processes.submit(migrations.apply, empty_database, folder=folder) for _ in range(10)]
        wait_until(watcher, MIGRATORS, 10)
        open_gate(watcher)
        results = sorted(run.result() for run in runs)
    assert results == [[]] * 9 + [ALL]


def test_a_waiting_migrator_does_not_deadlock_an_index_built_concurrently(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    write(
        folder,
        "002_b",
        f"-- transactional: false\nSELECT pg_advisory_xact_lock({GATE});\nCREATE INDEX CONCURRENTLY i ON a (id);",
    )
    close_gate(watcher)
    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(migrations.apply, empty_database, folder=folder) for _ in range(2)]
        wait_until(watcher, f"{MIGRATORS} AND wait_event = 'advisory'", 1)
        wait_until(watcher, f"{MIGRATORS} AND query LIKE '%advisory_lock%'", 1)
        open_gate(watcher)
        assert sorted(run.result() for run in runs) == [[], ALL]


def test_the_wait_for_another_migrator_ends_and_names_it(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    watcher.execute("SELECT pg_advisory_lock(%s)", (migrations.LOCK_KEY,))
    with pytest.raises(UnavailableError, match=rf"another migrator .*, as server process {watcher.info.backend_pid};"):
        migrations.apply(empty_database, folder=folder, lock_timeout=0.2)
    watcher.execute("SELECT pg_advisory_unlock(%s)", (migrations.LOCK_KEY,))
    assert migrations.apply(empty_database, folder=folder, lock_timeout=0) == ALL


def kill_when(waiting: str, watcher: psycopg.Connection, act: Callable[[], object]) -> None:
    """Run ``act`` in a process of its own, and kill that when its session waits for what the test holds."""
    process = SPAWN.Process(target=act)
    process.start()
    wait_until(watcher, f"{MIGRATORS} AND wait_event = '{waiting}'", 1)
    process.kill()
    process.join()
    # The session ends, and so its locks, although the statement it was at could not.
    wait_until(watcher, MIGRATORS, 0)


@pytest.mark.parametrize("position", range(4))
def test_a_migrator_killed_at_any_statement_leaves_the_schema_before_the_file(
    empty_database: str, folder: Path, watcher: psycopg.Connection, position: int
) -> None:
    statements = ["CREATE TABLE b (id int);", "INSERT INTO b VALUES (1);", "ALTER TABLE a ADD COLUMN x int;"]
    statements.insert(position, WAIT_AT_GATE)
    write(folder, "002_b", "\n".join(statements))
    close_gate(watcher)
    kill_when("advisory", watcher, partial(migrations.apply, empty_database, folder=folder))
    assert migrations.version(empty_database) == 1
    assert tables(watcher) == ["a"]
    assert migrations.pending(empty_database, folder=folder) == ["002_b", "003_c"]
    open_gate(watcher)
    assert migrations.apply(empty_database, folder=folder, lock_timeout=0) == ["002_b", "003_c"]
    assert watcher.execute("SELECT id, (SELECT count(x) FROM a) FROM b").fetchall() == [(1, 0)]


def test_a_migrator_killed_without_a_transaction_is_followed_by_one_that_completes(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    write(
        folder,
        "002_b",
        "-- transactional: false\nCREATE TABLE IF NOT EXISTS b (id int);\n"
        f"SELECT pg_advisory_xact_lock({GATE});\nCREATE INDEX IF NOT EXISTS i ON b (id);",
    )
    close_gate(watcher)
    kill_when("advisory", watcher, partial(migrations.apply, empty_database, folder=folder))
    assert migrations.version(empty_database) == 1
    assert tables(watcher) == ["a", "b"]
    open_gate(watcher)
    assert migrations.apply(empty_database, folder=folder, lock_timeout=0) == ["002_b", "003_c"]


def test_a_migrator_killed_at_the_mark_leaves_steps_and_mark_undone_together(
    empty_database: str, folder: Path, watcher: psycopg.Connection
) -> None:
    migrations.apply(empty_database, to=2, folder=folder)
    for act, done in (
        (partial(migrations.apply, empty_database, folder=folder), ["003_c"]),
        (partial(migrations.rollback, empty_database, to=0, folder=folder), ["003_c", "002_b", "001_a"]),
    ):
        before = migrations.version(empty_database), tables(watcher)
        with watcher.transaction():
            watcher.execute("LOCK TABLE _yoyo_migration IN SHARE MODE")
            kill_when("relation", watcher, act)
        assert (migrations.version(empty_database), tables(watcher)) == before
        assert act() == done
