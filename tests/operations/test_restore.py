"""A restored database is the one that was backed up, and a restore that fails leaves the old one as it was."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import get_args

import backups
import psycopg
import pytest
from backups import name_of, names_on, rows_of
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from waiting import until

from radarr_db import (
    BackupError,
    Database,
    InvalidArgumentError,
    NewMovie,
    RadarrDbError,
    UnavailableError,
    embedded,
    movies,
)
from radarr_db.operations import backup, databases, manifests, migrations, programs
from radarr_db.operations.backup import Backup
from radarr_db.operations.manifests import Kind

STATEMENTS = "the statistics of statements are missing: "


@pytest.fixture(scope="module")
def full(library: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    return backup.create(library, tmp_path_factory.mktemp("full"))


@pytest.fixture
def target(own_database: str) -> str:
    """A database in use, with a profile that no backup has."""
    with psycopg.connect(own_database) as connection:
        connection.execute("INSERT INTO quality_profiles (name, cutoff_quality) VALUES ('Mine', 'DVD')")
    return own_database


def is_target(conninfo: str) -> bool:
    with psycopg.connect(conninfo) as connection:
        return bool(connection.execute("SELECT FROM quality_profiles WHERE name = 'Mine'").fetchall())


def forged(made: Backup, folder: Path, **changes: object) -> Path:
    """The backup with another manifest."""
    path = folder / made.path.name
    path.write_bytes(made.path.read_bytes())
    manifests.path_of(path).write_text(manifests.text_of(replace(made.manifest, **changes)))  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("kind", ["full", "data"])
def test_all_rows_counters_and_sequences_come_back(library: str, target: str, tmp_path: Path, kind: Kind) -> None:
    with psycopg.connect(target) as connection:
        assert connection.info.parameter_status("is_superuser") == "off"
    before = rows_of(library)
    assert len(before["movies"]) == 294
    made = backup.create(library, tmp_path, kind=kind)
    restored = backup.restore(target, made.path, drop_old=True)
    assert (restored.database, restored.kept, restored.manifest) == (name_of(target), None, made.manifest)
    grants = ["a data backup has no grants: `radarr-db roles --apply` makes them"] if kind == "data" else []
    assert [note for note in restored.notes if not note.startswith(STATEMENTS)] == grants
    after = rows_of(target)
    assert {name: rows for name, rows in after.items() if rows != before.get(name)} == {}
    assert after.keys() == before.keys()
    with Database(target) as db:
        assert db.run(movies.count()) == 294
        assert db.run(movies.search("movei 17"))[0].title == "Movie 17"
        created = db.run(movies.create(NewMovie(tmdb_id=900, title="New", metadata={"genres": [{"name": "Genre 1"}]})))
        assert created.id == 301
        assert db.run(movies.count()) == 295
        assert {each.genre: each.movies for each in db.run(movies.genre_statistics())}["Genre 1"] == 43
    assert migrations.pending(target) == []


def test_a_schema_comes_back_empty_at_its_migration_also_where_no_database_is_there(
    library: str, radarr_db_server: str, tmp_path: Path
) -> None:
    made = backup.create(library, tmp_path, kind="schema")
    name = f"{name_of(library)} Restored"
    target = make_conninfo(radarr_db_server, dbname=name)
    restored = backup.restore(target, made.path)
    try:
        assert (restored.database, restored.kept) == (name, None)
        assert migrations.pending(target) == []
        rows = rows_of(target)
        assert {name for name, lines in rows.items() if lines and not name.endswith("_seq")} == set()
        assert set(rows["movies_id_seq"]) == {"(1,f)"}
    finally:
        drop(radarr_db_server, name)


def drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


def test_a_backup_of_an_older_schema_is_told_to_need_migrations(
    empty_database: str, target: str, tmp_path: Path
) -> None:
    migrations.apply(empty_database, to=7)
    made = backup.create(empty_database, tmp_path, kind="data")
    restored = backup.restore(target, made.path, drop_old=True)
    assert any("of version 7: `radarr-db migrate` brings it to 9" in note for note in restored.notes)
    assert migrations.version(target) == 7


def test_the_old_database_is_kept_under_another_name_and_a_pool_comes_back_to_the_new_one(
    full: Backup, target: str, radarr_db_server: str
) -> None:
    told: list[tuple[str, float]] = []
    with Database(target) as db:
        assert db.run(movies.count()) == 0
        restored = backup.restore(
            target, full.path, disconnect=True, on_progress=lambda text, share: told.append((text, share))
        )
        assert db.run(movies.count()) == 294
    shares = [share for _, share in told]
    assert (shares, shares[-1]) == (sorted(shares), 1)
    assert {"verifying", "loading movies", "counting movies"} <= {text for text, _ in told}
    assert restored.kept
    assert restored.kept.startswith(f"{name_of(target)}_before_20")
    try:
        assert is_target(make_conninfo(target, dbname=restored.kept))
    finally:
        drop(radarr_db_server, restored.kept)
    assert not is_target(target)


def refused(target: str, path: Path, **options: object) -> str:
    """What a restore fails of; nothing else is there afterwards than before."""
    rows, names = rows_of(target), names_on(target)
    with pytest.raises(RadarrDbError) as error:
        backup.restore(target, path, **options)  # type: ignore[arg-type]
    assert rows_of(target) == rows
    assert names_on(target) == names
    return str(error.value)


def test_counts_that_differ_from_the_manifest_leave_the_old_database(full: Backup, target: str, tmp_path: Path) -> None:
    path = forged(full, tmp_path, rows={**full.manifest.rows, "movies": 295})
    assert "table movies has 294 rows after the restore and not 295" in refused(target, path)


def test_rows_that_no_table_is_there_for_leave_the_old_database(library: str, target: str, tmp_path: Path) -> None:
    made = backup.create(library, tmp_path, kind="data")
    for name in ("more", "history_2024_13"):
        path = forged(made, tmp_path, rows={**made.manifest.rows, name: 1})
        assert f"no migration makes the table {name}" in refused(target, path)
    assert "this radarr_db knows 9: update it" in refused(target, forged(made, tmp_path, schema_version=10))


def test_what_is_no_archive_leaves_the_old_database(full: Backup, target: str, tmp_path: Path) -> None:
    path = forged(full, tmp_path)
    path.write_text("SELECT 1;")
    made = replace(full.manifest, size=path.stat().st_size, sha256=sha256(path.read_bytes()).hexdigest())
    manifests.path_of(path).write_text(manifests.text_of(made))
    assert "pg_restore failed with exit code 1: " in refused(target, path)
    script = tmp_path / "radarr_schema_20260101_000000.sql"
    script.write_text("CREATE TABLE a (); SELECT 1/0; CREATE TABLE b ();")
    digest = sha256(script.read_bytes()).hexdigest()
    made = replace(full.manifest, kind="schema", size=script.stat().st_size, sha256=digest)
    manifests.path_of(script).write_text(manifests.text_of(made))
    assert "psql failed with exit code 3: division by zero" in refused(target, script)


def test_a_backup_of_a_newer_server_is_refused(full: Backup, target: str, tmp_path: Path) -> None:
    assert "is of PostgreSQL 99, and the server is only" in refused(target, forged(full, tmp_path, server=99))


def test_programs_older_than_those_that_made_the_backup_are_refused(full: Backup, target: str, tmp_path: Path) -> None:
    path = forged(full, tmp_path, program=99)
    assert "pg_dump, pg_restore and psql of PostgreSQL 99 or newer are needed" in refused(target, path)


def test_a_pg_restore_that_is_killed_leaves_the_old_database(full: Backup, target: str) -> None:
    killed: list[str] = []

    def kill(text: str, _share: float) -> None:
        if text.startswith("loading ") and not killed:
            killed.append(text)
            backups.kill_children("pg_restore")

    assert "pg_restore was ended by SIGKILL" in refused(target, full.path, on_progress=kill)
    assert killed


def test_an_interrupt_leaves_the_old_database(full: Backup, target: str) -> None:
    def interrupt(text: str, _share: float) -> None:
        if text.startswith("counting"):
            raise KeyboardInterrupt

    rows, names = rows_of(target), names_on(target)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(target, full.path, on_progress=interrupt)
    assert (rows_of(target), names_on(target)) == (rows, names)


def test_a_database_in_use_is_refused_before_any_work_and_at_the_end(full: Backup, target: str) -> None:
    user = conninfo_to_dict(target)["user"]
    with psycopg.connect(target):
        told: list[str] = []
        problem = refused(target, full.path, on_progress=lambda text, _share: told.append(text))
        assert f"is in use by {user} (1): stop what uses it" in problem
        assert told == ["verifying"]
    latecomers: list[psycopg.Connection] = []

    def connect(text: str, _share: float) -> None:
        if text.startswith("replacing"):
            latecomers.append(psycopg.connect(target))

    assert f"is in use by {user} (1)" in refused(target, full.path, on_progress=connect)
    latecomers[0].close()


KILLED = """
def die(text, share):
    if text.startswith("counting"):
        os.kill(os.getpid(), 9)
backup.restore(os.environ["DSN"], sys.argv[1], on_progress=die)
"""


def test_what_a_killed_restore_leaves_is_marked_and_goes_with_the_next(full: Backup, target: str) -> None:
    name, names = name_of(target), names_on(target)
    with backups.started(KILLED, target, full.path) as killed:
        assert killed.wait() == -signal.SIGKILL
    [left] = names_on(target) - names
    assert left.startswith(f"{name}_restore_")
    with databases.server(target) as server:
        found = databases.find(server, left)
        assert found
        mark, _, pid = str(found.comment).rpartition(" ")
        assert mark == f'a restore of "{name}" that is not finished, by server process'
        of_it = "SELECT FROM pg_stat_activity WHERE datname = %s OR pid = %s"
        until(lambda: not server.execute(of_it, (left, int(pid))).fetchall())
        # Not what another restore made, nor what somebody uses, nor while its maker is there.
        databases.clear(server, "another")
        with psycopg.connect(make_conninfo(target, dbname=left)):
            databases.clear(server, name)
        server.execute(f"COMMENT ON DATABASE \"{left}\" IS '{mark} {server.info.backend_pid}'")
        databases.clear(server, name)
        assert left in names_on(target)
        assert is_target(target)
    backup.restore(target, full.path, drop_old=True)
    assert names_on(target) == names


@pytest.mark.parametrize("name", ["postgres", "template1", "template0"])
def test_a_database_of_the_servers_own_is_never_replaced(full: Backup, target: str, name: str) -> None:
    with pytest.raises(InvalidArgumentError, match="is a database of the server's own"):
        backup.restore(make_conninfo(target, dbname=name), full.path)


def test_what_a_service_names_is_not_guessed(full: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    with pytest.raises(InvalidArgumentError, match="names no database: give it a dbname"):
        backup.restore("service=radarr", full.path)


def test_a_server_that_is_not_there_is_told_by_its_address(full: Backup) -> None:
    with pytest.raises(UnavailableError, match='cannot connect to database "postgres" at /nowhere'):
        backup.restore("host=/nowhere dbname=radarr", full.path)


@pytest.fixture(scope="module")
def administered() -> Iterator[str]:
    """A server of which the tests are the superuser."""
    with embedded.server() as server:
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute('CREATE ROLE "o w\'n" LOGIN')
            connection.execute("CREATE ROLE reader LOGIN")
            connection.execute('CREATE DATABASE filled OWNER "o w\'n"')
            connection.execute("SET allow_in_place_tablespaces = on")
            connection.execute("CREATE TABLESPACE \"la rge\" LOCATION ''")
        filled = make_conninfo(server.conninfo, dbname="filled", user="o w'n")
        migrations.apply(filled)
        backups.fill(filled)
        yield server.conninfo


@pytest.fixture
def owned(administered: str) -> Iterator[str]:
    """The conninfo, as a superuser, of a migrated database that belongs to another role."""
    with psycopg.connect(administered, autocommit=True) as connection:
        connection.execute('GRANT CREATE ON TABLESPACE "la rge" TO "o w\'n"')
        connection.execute(
            'CREATE DATABASE "ra d\'arr" TEMPLATE filled OWNER "o w\'n" TABLESPACE "la rge" CONNECTION LIMIT 7'
        )
        try:
            yield make_conninfo(administered, dbname="ra d'arr")
        finally:
            connection.execute('DROP DATABASE IF EXISTS "ra d\'arr"')
            connection.execute('ALTER ROLE "o w\'n" NOCREATEDB')
            connection.execute("ALTER ROLE reader NOCREATEDB")


FACTS = """
SELECT
    pg_get_userbyid(d.datdba),
    shobj_description(d.oid, 'pg_database'),
    d.datconnlimit,
    (SELECT t.spcname FROM pg_tablespace AS t WHERE t.oid = d.dattablespace),
    d.datcollate,
    d.datctype,
    d.datlocprovider,
    to_jsonb(d) ->> 'datlocale',
    ARRAY(SELECT x::text FROM unnest(d.datacl) AS x ORDER BY 1),
    (SELECT jsonb_object_agg(s.setrole::regrole, s.setconfig) FROM pg_db_role_setting AS s WHERE s.setdatabase = d.oid),
    (SELECT jsonb_agg(DISTINCT pg_get_userbyid(c.relowner)) FROM pg_class AS c WHERE c.relname ~ '^(movies|history)'),
    has_table_privilege('reader', 'movies', 'SELECT'),
    has_table_privilege('reader', 'movies', 'UPDATE')
FROM pg_database AS d
WHERE d.datname = current_database()
"""


def facts(conninfo: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(FACTS).fetchall()


@pytest.mark.parametrize("kind", ["full", "data"])
def test_owner_settings_and_grants_are_carried_over(owned: str, tmp_path: Path, kind: Kind) -> None:
    with psycopg.connect(owned) as connection:
        connection.execute('ALTER DATABASE "ra d\'arr" SET search_path = "$user", public, "a b"')
        connection.execute("ALTER DATABASE \"ra d'arr\" SET statement_timeout = '15s'")
        connection.execute("ALTER ROLE reader IN DATABASE \"ra d'arr\" SET work_mem = '5MB'")
        connection.execute("COMMENT ON DATABASE \"ra d'arr\" IS 'films'")
        connection.execute('REVOKE ALL ON DATABASE "ra d\'arr" FROM PUBLIC')
        connection.execute('GRANT CONNECT ON DATABASE "ra d\'arr" TO reader WITH GRANT OPTION')
        if kind == "full":
            connection.execute("GRANT SELECT ON movies TO reader")
    before = facts(owned)
    made = backup.create(owned, tmp_path, kind=kind)
    restored = backup.restore(owned, made.path, drop_old=True)
    assert facts(owned) == before
    assert before[0][0] == "o w'n"
    grants = ["a data backup has no grants: `radarr-db roles --apply` makes them"] if kind == "data" else []
    assert restored.notes == grants  # and as a superuser restored it, the statistics of statements are there
    assert len(rows_of(make_conninfo(owned, user="o w'n"))["movies"]) == 294


@pytest.mark.parametrize("disconnect", [False, True])
def test_sessions_of_other_roles_are_seen_before_any_work(
    owned: str, administered: str, tmp_path: Path, *, disconnect: bool
) -> None:
    made, told = backup.create(owned, tmp_path, kind="schema"), set()
    with psycopg.connect(administered, autocommit=True) as connection:
        connection.execute('ALTER ROLE "o w\'n" CREATEDB')
    owner = make_conninfo(owned, user="o w'n")
    with (
        psycopg.connect(make_conninfo(owned, user="reader")),
        pytest.raises(BackupError, match=r"is in use by reader \(1\): stop what uses it, "),
    ):
        backup.restore(owner, made.path, disconnect=disconnect, on_progress=lambda text, _share: told.add(text))
    assert told == {"verifying"}


def test_a_database_that_lets_nobody_in_is_restored_by_its_owner_and_goes_on_so(
    owned: str, administered: str, tmp_path: Path
) -> None:
    made = backup.create(owned, tmp_path, kind="schema")
    with psycopg.connect(administered, autocommit=True) as connection:
        connection.execute('ALTER ROLE "o w\'n" CREATEDB')
        connection.execute('ALTER DATABASE "ra d\'arr" CONNECTION LIMIT 0')
    backup.restore(make_conninfo(owned, user="o w'n"), made.path, drop_old=True)
    assert [fact[2] for fact in facts(owned)] == [0]


def test_an_old_database_that_cannot_be_dropped_is_told_and_kept(owned: str, tmp_path: Path) -> None:
    made = backup.create(owned, tmp_path, kind="schema")
    with psycopg.connect(owned, autocommit=True) as connection:
        connection.execute("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = FALSE, slot_name = NONE)")
    restored = backup.restore(owned, made.path, drop_old=True)
    assert f'"{restored.kept}", the old database, could not be dropped: ' in restored.notes[-1]
    with psycopg.connect(make_conninfo(owned, dbname=restored.kept), autocommit=True) as connection:
        connection.execute("DROP SUBSCRIPTION s")
    with psycopg.connect(owned, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{restored.kept}"')


def test_a_name_too_long_is_cut_as_the_server_does_it() -> None:
    assert databases.name_in(f"dbname={'ä' * 40}") == "ä" * 31


def test_grants_to_a_role_that_is_not_there_are_told(owned: str, tmp_path: Path) -> None:
    with psycopg.connect(owned) as connection:
        connection.execute("CREATE ROLE passing")
        connection.execute("GRANT SELECT ON movies TO passing")
    made = backup.create(owned, tmp_path)
    with psycopg.connect(owned) as connection:
        connection.execute("REVOKE SELECT ON movies FROM passing")
        connection.execute("DROP ROLE passing")
    [note] = backup.restore(owned, made.path, drop_old=True).notes
    assert "the grants were not restored: pg_restore failed with exit code 1: " in note
    assert 'role "passing" does not exist' in note
    assert len(rows_of(owned)["movies"]) == 294


def test_a_role_that_may_not_is_told_what_it_lacks(owned: str, administered: str, tmp_path: Path) -> None:
    made = backup.create(owned, tmp_path)
    as_owner = make_conninfo(owned, user="o w'n")
    assert '"o w\'n" may not create databases: have a superuser run ALTER ROLE "o w\'n" CREATEDB' in refused(
        as_owner, made.path
    )
    with psycopg.connect(administered, autocommit=True) as connection:
        connection.execute("ALTER ROLE reader CREATEDB")
        connection.execute('ALTER ROLE "o w\'n" CREATEDB')
        connection.execute('REVOKE CREATE ON TABLESPACE "la rge" FROM "o w\'n"')
    assert 'have a superuser GRANT CREATE ON TABLESPACE "la rge" TO "o w\'n"' in refused(as_owner, made.path)
    with pytest.raises(BackupError, match='belongs to "o w\'n": restore as that role'):
        backup.restore(make_conninfo(owned, user="reader"), made.path)


def test_a_setting_that_the_role_may_not_make_is_told(owned: str, administered: str, tmp_path: Path) -> None:
    with psycopg.connect(administered, autocommit=True) as connection:
        connection.execute('ALTER ROLE "o w\'n" CREATEDB')
        connection.execute("ALTER DATABASE \"ra d'arr\" SET log_statement = 'none'")
    as_owner = make_conninfo(owned, user="o w'n")
    made = backup.create(as_owner, tmp_path)
    notes = backup.restore(as_owner, made.path, drop_old=True).notes
    assert any(note.startswith("the database's setting log_statement was not carried over: ") for note in notes)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that is not in root's alone, where a server may keep its data."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def test_a_server_that_dies_under_a_restore_has_the_old_database_when_it_is_back(
    full: Backup, open_folder: Path
) -> None:
    with embedded.server(open_folder) as server:
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute("CREATE DATABASE radarr")
        conninfo = make_conninfo(server.conninfo, dbname="radarr")
        with psycopg.connect(conninfo) as connection:
            connection.execute("CREATE TABLE films AS SELECT 'The Matrix' AS title")
        died: list[str] = []
        postmaster = int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])

        def die(text: str, _share: float) -> None:
            if text.startswith("loading ") and not died:
                died.append(text)
                os.kill(postmaster, signal.SIGQUIT)

        with pytest.raises(RadarrDbError):
            backup.restore(conninfo, full.path, on_progress=die)
        assert died
    with (
        embedded.server(open_folder) as server,
        psycopg.connect(make_conninfo(server.conninfo, dbname="radarr")) as connection,
    ):
        assert connection.execute("SELECT title FROM films").fetchall() == [("The Matrix",)]


def test_newer_programs_restore_into_an_older_server(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(own_database) as connection:
        server = connection.info.server_version // 10_000
    monkeypatch.delenv("RADARR_DB_PG_BIN", raising=False)
    newer = programs.find(17, embedded.binaries())
    if newer.version == server:
        pytest.skip("the server is as new as the programs")
    backups.fill(own_database)
    before = rows_of(own_database)
    for kind in get_args(Kind):
        made = backup.create(own_database, tmp_path, kind=kind, programs=newer.folder)
        assert (made.manifest.program, made.manifest.server) == (newer.version, server)
        if kind != "schema":
            backup.restore(own_database, made.path, drop_old=True)
            assert rows_of(own_database) == before
    backup.restore(own_database, made.path, drop_old=True)
    assert migrations.version(own_database) == 9
