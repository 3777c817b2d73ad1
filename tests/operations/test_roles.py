from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import errors as pg
from psycopg.conninfo import make_conninfo

from radarr_db import Database, InvalidArgumentError, MigrationError, NewMovie, embedded, movies
from radarr_db.operations import migrations, roles, status

Connect = Callable[[str], psycopg.Connection]

DENIED = pg.InsufficientPrivilege


@pytest.fixture
def connect(superuser: str, prefix: str) -> Iterator[Connect]:
    """Connects with the rights of one of the roles, which are applied."""
    roles.apply(superuser, prefix=prefix)
    opened: list[psycopg.Connection] = []

    def connect(role: str) -> psycopg.Connection:
        opened.append(psycopg.connect(superuser, autocommit=True, options=f"-c role={prefix}_{role}"))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def refused(connection: psycopg.Connection, *statements: str) -> None:
    for statement in statements:
        with pytest.raises(DENIED):
            connection.execute(statement)


def rights(conninfo: str) -> list[tuple[object, ...]]:
    """All that the roles have been given in a database."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute(
            """
            SELECT 'class', c.oid::regclass::text, c.relowner::regrole::text, c.relacl::text FROM pg_class AS c
            UNION ALL SELECT 'function', p.oid::regprocedure::text, p.proowner::regrole::text, p.proacl::text
            FROM pg_proc AS p
            UNION ALL SELECT 'namespace', n.nspname, n.nspowner::regrole::text, n.nspacl::text FROM pg_namespace AS n
            UNION ALL SELECT 'default', a.defaclobjtype::text, a.defaclrole::regrole::text, a.defaclacl::text
            FROM pg_default_acl AS a
            UNION ALL SELECT 'database', d.datname, d.datdba::regrole::text, d.datacl::text
            FROM pg_database AS d WHERE d.datname = current_database()
            UNION ALL SELECT 'setting', s.setrole::regrole::text, s.setconfig::text, ''
            FROM pg_db_role_setting AS s
            WHERE s.setdatabase = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
            ORDER BY 1, 2, 3, 4
            """
        ).fetchall()


def test_app_writes_rows_and_what_triggers_keep(superuser: str, connect: Connect, prefix: str) -> None:
    connect("app").close()
    with Database(make_conninfo(superuser, options=f"-c role={prefix}_app")) as db:
        db.run(movies.create(NewMovie(603, "The Matrix", metadata={"genres": [{"name": "Action"}]})))
        assert [match.title for match in db.run(movies.search("matirx"))] == ["The Matrix"]
        assert [genre.genre for genre in db.run(movies.genre_statistics())] == ["Action"]


def test_app_makes_alters_and_empties_nothing(connect: Connect) -> None:
    refused(
        connect("app"),
        "CREATE TABLE t ()",
        "CREATE TEMPORARY TABLE t ()",
        "CREATE SCHEMA s",
        "ALTER TABLE movies ADD COLUMN a int",
        "DROP TABLE movies",
        "CREATE INDEX ON movies (title)",
        "ALTER TABLE movie_files DISABLE TRIGGER movie_files_added",
        "TRUNCATE movies CASCADE",
        "SELECT refresh_popular_movies()",
        "SELECT create_history_partition('2050-01-01')",
        "ALTER FUNCTION sort_title(text) RENAME TO s",
        "SELECT setval('movies_id_seq', 1)",
    )


def test_which_migrations_are_applied_is_told_and_not_changed(superuser: str, connect: Connect) -> None:
    for connection in map(connect, ("app", "read", "monitor")):
        refused(
            connection,
            "INSERT INTO _yoyo_migration (migration_hash, migration_id) VALUES ('a', 'b')",
            "DELETE FROM _yoyo_migration",
            "UPDATE _yoyo_log SET comment = ''",
        )
        version = connection.execute("SELECT count(*) FROM _yoyo_migration").fetchone()
        assert version == (migrations.version(superuser),)


def test_read_reads_and_writes_nothing(connect: Connect) -> None:
    read = connect("read")
    read.execute("SELECT FROM movies, history, movie_counts, popular_movies")
    refused(
        read,
        "INSERT INTO movies (tmdb_id, title) VALUES (1, 'x')",
        "UPDATE movies SET title = 'x'",
        "DELETE FROM history",
        "SELECT id FROM movies FOR UPDATE",
        "TRUNCATE movies CASCADE",
        "CREATE TABLE t ()",
    )


def test_monitor_sees_the_server_and_no_row(connect: Connect, superuser: str, prefix: str) -> None:
    monitor = connect("monitor")
    monitor.execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert monitor.execute("SELECT count(*) FROM pg_settings WHERE name = 'shared_preload_libraries'").fetchone() == (
        1,
    )
    assert monitor.execute("SELECT is_called FROM movies_id_seq").fetchone() == (False,)
    assert status.read(make_conninfo(superuser, options=f"-c role={prefix}_monitor")).pending == []
    refused(monitor, "SELECT FROM movies", "SELECT FROM history", "SELECT FROM search_words", "SELECT sort_title('x')")


def test_backup_dumps_the_whole_database_and_writes_nothing(connect: Connect, superuser: str, prefix: str) -> None:
    with psycopg.connect(superuser) as connection:
        connection.execute("INSERT INTO movies (tmdb_id, title) VALUES (603, 'The Matrix')")
    dump = [f"{embedded.binaries()}/pg_dump", f"--role={prefix}_backup", f"--dbname={superuser}"]
    done = subprocess.run(dump, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "COPY public.movies " in done.stdout
    assert "\tThe Matrix\t" in done.stdout
    refused(connect("backup"), "INSERT INTO search_words VALUES ('x')", "CREATE TABLE t ()")


def test_no_one_else_comes_in(connect: Connect, superuser: str, radarr_db_admin: str) -> None:
    connect("app").close()
    name = f"radarr_db_tests_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(radarr_db_admin, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
        try:
            with pytest.raises(psycopg.OperationalError, match="does not have CONNECT privilege"):
                psycopg.connect(superuser, user=name, password=name)
        finally:
            admin.execute(f"DROP ROLE {name}")


def test_what_the_owner_makes_later_is_open_to_the_same_roles(connect: Connect, own_database: str) -> None:
    owner, app, read, monitor = map(connect, ("owner", "app", "read", "monitor"))
    partition = owner.execute("SELECT create_history_partition('2050-01-01')").fetchone()
    assert partition == ("history_2050_01",)
    owner.execute("CREATE TABLE tags (id serial, name text)")
    owner.execute("CREATE FUNCTION tag() RETURNS int LANGUAGE sql RETURN 1")
    with psycopg.connect(own_database, autocommit=True) as member:  # who owned it before
        member.execute("CREATE TABLE lists (id bigint)")
        member.execute("ALTER TABLE movies ADD COLUMN seen boolean")
    app.execute("INSERT INTO tags (name) VALUES ('kids')")
    app.execute("INSERT INTO lists VALUES (tag())")
    assert read.execute("SELECT name FROM tags").fetchone() == ("kids",)
    assert monitor.execute("SELECT is_called FROM tags_id_seq").fetchone() == (True,)
    refused(monitor, "SELECT tag()", "SELECT FROM tags")
    refused(read, "INSERT INTO lists VALUES (1)")


def test_again_changes_nothing_but_what_came_to_be_since(superuser: str, own_database: str, prefix: str) -> None:
    assert roles.apply(superuser, prefix=prefix) == [f"{prefix}_{role}" for role in roles.ROLES]
    before, statements = rights(superuser), roles.statements(superuser, prefix=prefix)
    roles.apply(superuser, prefix=prefix)
    assert rights(superuser) == before
    assert roles.statements(superuser, prefix=prefix) == statements
    with psycopg.connect(own_database, autocommit=True) as member:
        member.execute("CREATE TABLE lists (id bigint)")
    roles.apply(superuser, prefix=prefix)
    assert ("class", "lists", f"{prefix}_owner") in [row[:3] for row in rights(superuser)]


@pytest.mark.parametrize(("role", "power"), [("app", "SUPERUSER"), ("owner", "SUPERUSER"), ("read", "CREATEROLE")])
def test_a_role_that_is_there_with_more_power_is_refused(superuser: str, prefix: str, role: str, power: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {prefix}_{role} LOGIN {power}")
        for act in (roles.statements, roles.apply):
            with pytest.raises(InvalidArgumentError, match=f"{prefix}_{role} exists, with more power"):
                act(superuser, prefix=prefix)
        admin.execute(f"ALTER ROLE {prefix}_{role} NO{power}")
    roles.apply(superuser, prefix=prefix)


def test_a_session_of_a_role_itself_has_its_limits(superuser: str, connect: Connect, prefix: str) -> None:
    connect("owner").execute("SELECT 1")
    with psycopg.connect(superuser, autocommit=True) as admin:
        for role in ("app", "read"):
            admin.execute(f"ALTER ROLE {prefix}_{role} LOGIN PASSWORD 'secret'")
    app, read = (make_conninfo(superuser, user=f"{prefix}_{role}", password="secret") for role in ("app", "read"))  # noqa: S106
    with psycopg.connect(app) as connection:
        limits = [connection.execute(f"SHOW {name}").fetchone() for name in ("statement_timeout", "lock_timeout")]
        path = connection.execute("SHOW search_path").fetchone()
    assert (limits, path) == ([("15s",), ("3s",)], ("public, pg_temp",))
    with psycopg.connect(read) as connection, pytest.raises(pg.ReadOnlySqlTransaction):
        connection.execute("CREATE TEMPORARY TABLE t ()")


def test_extensions_stay_open_to_everyone(superuser: str, prefix: str) -> None:
    roles.apply(superuser, prefix=prefix)
    with psycopg.connect(superuser) as connection:
        touched = connection.execute(
            """
            SELECT count(*)
            FROM pg_proc AS p
            INNER JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
            WHERE p.proacl::text LIKE %s
            """,
            (f"%{prefix}%",),
        ).fetchone()
    assert touched == (0,)


def test_migrations_go_on_by_whoever_owned_the_database_and_by_the_owner(
    superuser: str, own_database: str, prefix: str
) -> None:
    roles.apply(superuser, prefix=prefix)
    migrations.rollback(own_database, to=0)
    assert (
        migrations.apply(make_conninfo(superuser, options=f"-c role={prefix}_owner"))
        == migrations.rollback(own_database, to=0)[::-1]
    )


def test_who_may_not_make_roles_is_told_what_to_do_and_changes_nothing(own_database: str) -> None:
    before = rights(own_database)
    with pytest.raises(InvalidArgumentError, match=r"permission denied.*have a superuser do it, for") as denied:
        roles.apply(own_database, prefix="radarr_db_tests_never")
    assert denied.value.argument == "conninfo"
    assert rights(own_database) == before


def test_a_database_without_migrations_is_told_to_have_them_first(empty_database: str) -> None:
    for act in (roles.statements, roles.apply):
        with pytest.raises(MigrationError, match="run `radarr-db migrate` first"):
            act(empty_database)


@pytest.mark.parametrize("prefix", ["", "Radarr", "a-b", "1a", 'a"; DROP', "a" * 51, None])
def test_a_prefix_that_would_need_quotes_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        roles.statements("host=/nowhere", prefix=prefix)
    assert refused.value.argument == "prefix"
