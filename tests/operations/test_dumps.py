"""A dump is whole or not there at all, and whatever happens to it later is noticed."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import backups
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from repositories.factories import at_once
from waiting import until

from radarr_db import BackupError, InvalidArgumentError, embedded
from radarr_db.operations import backup, backup_files, dumps, manifests, programs
from radarr_db.operations.manifests import Kind

SECRET = "cana ry'7"  # noqa: S105 - it is one only to these tests
NOWHERE = "host=/nowhere dbname=radarr"


@pytest.fixture(scope="module")
def dump(library: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dumps") / "radarr.dump"
    dumps.write(library, path)
    return path


def copied(dump: Path, folder: Path, data: bytes | None = None, manifest: bytes | None = None) -> Path:
    """The dump and its manifest in another folder, perhaps with other bytes."""
    path = folder / dump.name
    path.write_bytes(dump.read_bytes() if data is None else data)
    manifests.path_of(path).write_bytes(manifests.path_of(dump).read_bytes() if manifest is None else manifest)
    return path


def flipped(data: bytes, chance: random.Random) -> bytes:
    """The data with one byte changed."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :]


def refused(path: Path) -> str:
    """What verify says of a damaged backup; restore says the same, and goes to no server for it."""
    with pytest.raises(BackupError) as error:
        backup.verify(path)
    with pytest.raises(BackupError) as again:
        backup.restore(NOWHERE, path)
    assert str(again.value) == str(error.value)
    return str(error.value)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_dump_is_verified_and_has_the_rows_of_its_tables(library: str, tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "a.dump"
    manifest = dumps.write(library, path, kind=kind)
    assert dumps.verify(path) == manifest
    assert (manifest.kind, manifest.database, manifest.schema_version) == (kind, backups.name_of(library), 9)
    assert manifest.size == path.stat().st_size
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest.rows.get("movies") == (None if kind == "schema" else 294)
    assert manifest.rows.get("_yoyo_migration") == (None if kind == "data" else 9)


def test_only_their_owner_may_read_a_dump_and_its_manifest(dump: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in dump.parent.iterdir()} == {0o600}
    assert {path.name for path in dump.parent.iterdir()} == {"radarr.dump", "radarr.dump.json"}


def test_a_schema_is_a_script_that_can_be_read(library: str, tmp_path: Path) -> None:
    dumps.write(library, tmp_path / "a.sql", kind="schema")
    script = (tmp_path / "a.sql").read_text()
    assert "CREATE TABLE public.movies (" in script
    assert "COPY public.movies " not in script
    assert "COPY public._yoyo_migration " in script


def test_rows_are_counted_in_the_snapshot_that_is_dumped(own_database: str, tmp_path: Path) -> None:
    backups.fill(own_database)

    def write_meanwhile(text: str, _share: float) -> None:
        if text.startswith(("counting", "dumping")):
            with psycopg.connect(own_database) as connection:
                connection.execute("INSERT INTO scene_groups (name) VALUES (gen_random_uuid())")

    manifest = dumps.write(own_database, tmp_path / "a.dump", on_progress=write_meanwhile)
    tools = programs.find(manifest.program)
    command = (tools.folder / "pg_restore", "--data-only", "--table=scene_groups", "--file=-", tmp_path / "a.dump")
    script = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = script.partition("FROM stdin;\n")[2].partition("\n\\.\n")[0].splitlines()
    assert len(rows) == manifest.rows["scene_groups"] == 50
    assert len(backups.rows_of(own_database)["scene_groups"]) > 50


def test_a_standby_is_a_source_as_any_other(own_server: embedded.Server, tmp_path: Path) -> None:
    with psycopg.connect(own_server.conninfo) as connection:
        connection.execute("CREATE TABLE films AS SELECT 1 AS n; CREATE UNLOGGED TABLE passing AS SELECT 1 AS n")
    with embedded.server(standby_of=own_server) as standby:
        assert dumps.write(standby.conninfo, tmp_path / "a.dump").rows == {"films": 1}


def test_a_dump_of_some_tables_has_these_alone_and_is_not_restored_as_a_database(library: str, tmp_path: Path) -> None:
    manifest = dumps.write(library, tmp_path / "a.dump", tables=["history_2020_02"])
    assert manifest.rows == {"history_2020_02": 1}
    assert dumps.verify(tmp_path / "a.dump") == manifest
    with pytest.raises(BackupError, match=r"holds only history_2020_02: load it with pg_restore"):
        backup.restore(library, tmp_path / "a.dump")


def test_what_cannot_be_dumped_is_refused_and_leaves_no_file(library: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="there is no table 'history' that holds rows"):
        dumps.write(library, tmp_path / "a.dump", tables=["history"])
    with pytest.raises(InvalidArgumentError, match="must be one of full, schema, data"):
        dumps.write(library, tmp_path / "a.dump", kind="all")  # type: ignore[arg-type]  # refused at run time too
    with pytest.raises(InvalidArgumentError, match="kind: must be full where only some tables are dumped"):
        dumps.write(library, tmp_path / "a.dump", kind="data", tables=["movies"])
    with pytest.raises(BackupError, match="No such file or directory"):
        dumps.write(library, tmp_path / "absent" / "a.dump")
    assert list(tmp_path.iterdir()) == []


def test_a_dump_is_never_overwritten(library: str, dump: Path) -> None:
    before = dump.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        dumps.write(library, dump)
    assert dump.read_bytes() == before
    assert not dump.with_name("radarr.dump.partial").exists()


def test_progress_rises_to_the_end(library: str, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    dumps.write(library, tmp_path / "a.dump", on_progress=lambda text, share: told.append((text, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert {f"{act} movies" for act in ("counting", "dumping", "reading back")} <= {text for text, _ in told}


@pytest.mark.parametrize("seed", range(100))
def test_a_truncated_dump_is_refused(dump: Path, tmp_path: Path, seed: int) -> None:
    data = dump.read_bytes()
    length = random.Random(seed).randrange(len(data))  # noqa: S311 - to be repeated
    assert f"it has {length:,} bytes and not {len(data):,}" in refused(copied(dump, tmp_path, data[:length]))


@pytest.mark.parametrize("seed", range(100))
def test_a_dump_with_one_flipped_byte_is_refused(dump: Path, tmp_path: Path, seed: int) -> None:
    data = flipped(dump.read_bytes(), random.Random(seed))  # noqa: S311 - to be repeated
    assert "its bytes are not those that were written" in refused(copied(dump, tmp_path, data))


@pytest.mark.parametrize("seed", range(50))
def test_a_damaged_manifest_is_refused(dump: Path, tmp_path: Path, seed: int) -> None:
    chance, manifest = random.Random(seed), manifests.path_of(dump).read_bytes()  # noqa: S311 - to be repeated
    for damaged in (flipped(manifest, chance), manifest[: chance.randrange(len(manifest))]):
        assert "is damaged, or was not written by" in refused(copied(dump, tmp_path, manifest=damaged))


def test_what_has_no_manifest_of_its_own_is_refused(library: str, dump: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.dump"
    dumps.write(library, other, kind="data")
    assert "is damaged" in refused(copied(dump, tmp_path, manifest=manifests.path_of(other).read_bytes()))
    for foreign in ("[]", "{}", "null", json.dumps({"kind": "full", "checksum": ""})):
        assert "was not written by" in refused(copied(dump, tmp_path, manifest=foreign.encode()))
    manifests.path_of(tmp_path / dump.name).unlink()
    assert "there is no radarr.dump.json beside it" in refused(tmp_path / dump.name)


def test_a_manifest_that_was_edited_is_refused(dump: Path, tmp_path: Path) -> None:
    manifest = manifests.read(dump)
    text = manifests.path_of(dump).read_text().replace('"movies": 294', '"movies": 1')
    assert "is damaged" in refused(copied(dump, tmp_path, manifest=text.encode()))
    # The same with a new checksum would be a manifest as any other: it protects from accidents, not from forgers.
    forged = manifests.text_of(replace(manifest, rows={**manifest.rows, "movies": 1}))
    assert backup.verify(copied(dump, tmp_path, manifest=forged.encode())).rows["movies"] == 1


def test_a_pg_dump_that_is_killed_is_told_and_leaves_no_file(library: str, tmp_path: Path) -> None:
    with backups.stuck_dumps(library) as connection, ThreadPoolExecutor(1) as thread:
        dumping = thread.submit(dumps.write, library, tmp_path / "a.sql", kind="schema")
        backups.until_stuck(connection)
        assert [path.name for path in tmp_path.iterdir()] == ["a.sql.partial"]
        with pytest.raises(BackupError, match="is being written by another process"):
            dumps.write(library, tmp_path / "a.sql", kind="schema")
        backups.kill_children("pg_dump")
        with pytest.raises(BackupError, match="pg_dump was ended by SIGKILL"):
            dumping.result()
    assert list(tmp_path.iterdir()) == []


def test_a_session_of_pg_dump_that_is_ended_is_told_and_leaves_no_file(library: str, tmp_path: Path) -> None:
    with backups.stuck_dumps(library) as connection, ThreadPoolExecutor(1) as thread:
        dumping = thread.submit(dumps.write, library, tmp_path / "a.sql", kind="schema")
        backups.until_stuck(connection)
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        with pytest.raises(BackupError, match=r"pg_dump failed with exit code 1: .*terminating connection"):
            dumping.result()
    assert list(tmp_path.iterdir()) == []


SCHEMA = "backup.create(os.environ['DSN'], sys.argv[1], kind='schema')"
LIMITED = """
import resource
def limit(text, share):
    if text.startswith({act!r}):
        resource.setrlimit(resource.RLIMIT_FSIZE, ({size},) * 2)
backup.create(os.environ['DSN'], sys.argv[1], on_progress=limit)
"""


def test_what_a_killed_backup_leaves_is_no_backup_and_goes_with_the_next(library: str, tmp_path: Path) -> None:
    older = backup.create(library, tmp_path, kind="schema")
    with backups.stuck_dumps(library) as connection:
        with backups.started(SCHEMA, library, tmp_path) as killed:
            backups.until_stuck(connection)
            killed.send_signal(signal.SIGKILL)
        [partial] = tmp_path.glob("*.partial")
        assert [found.path for found in backup.find(tmp_path)] == [older.path]
        # Its pg_dump is still there, and still writes: this one is not to be touched.
        backup.prune(tmp_path)
        assert partial.exists()
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        until(lambda: not connection.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall())
    until(lambda: not backup.prune(tmp_path).deleted and not partial.exists())
    assert backup.verify(older.path) == older.manifest
    assert {path.suffix for path in tmp_path.iterdir()} == {".sql", ".json"}


@pytest.mark.parametrize(
    ("act", "size", "problem"),
    [("counting", 20_000, "BackupError: pg_dump "), ("reading back", 300, "File too large")],
    ids=["of the dump", "of the manifest"],
)
def test_a_disk_that_is_full_leaves_the_older_backups_and_no_half_file(
    library: str, tmp_path: Path, act: str, size: int, problem: str
) -> None:
    older = backup.create(library, tmp_path, kind="schema")
    with backups.started(LIMITED.format(act=act, size=size), library, tmp_path) as failing:
        _, err = failing.communicate()
    assert failing.returncode == 1
    assert problem in err
    assert sorted(tmp_path.iterdir()) == sorted([older.path, manifests.path_of(older.path)])
    assert backup.verify(older.path) == older.manifest


def test_several_backups_may_begin_in_the_same_moment(library: str, tmp_path: Path) -> None:
    made = at_once(*[lambda: backup.create(library, tmp_path, kind="schema")] * 4)
    assert {found.path for found in backup.find(tmp_path)} == {each.path for each in made}
    assert [backup.verify(each.path) for each in made] == [each.manifest for each in made]


def test_a_name_that_another_takes_first_is_not_used(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, free = tmp_path / "radarr_schema_20260101_000000.sql", tmp_path / "radarr_schema_20260101_000000_2.sql"
    taken.touch()
    names = iter([taken, free])
    monkeypatch.setattr(backup_files, "free_path", lambda *_: next(names))
    assert backup.create(library, tmp_path, kind="schema").path == free


def test_a_manifest_that_cannot_be_written_leaves_no_dump(library: str, tmp_path: Path) -> None:
    (tmp_path / "a.dump.json.partial").mkdir()  # where the manifest is to be written
    with pytest.raises(BackupError, match="Is a directory"):
        dumps.write(library, tmp_path / "a.dump")
    assert [left.name for left in tmp_path.iterdir()] == ["a.dump.json.partial"]


def test_a_password_is_in_no_command_line(library: str, tmp_path: Path) -> None:
    conninfo = make_conninfo(library, password=SECRET)
    with backups.stuck_dumps(library) as connection, ThreadPoolExecutor(1) as thread:
        dumping = thread.submit(dumps.write, conninfo, tmp_path / "a.sql", kind="schema")
        backups.until_stuck(connection)
        [pid] = backups.children("pg_dump")
        assert f"PGPASSWORD={SECRET}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert SECRET.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
        connection.rollback()
        dumping.result()


def test_a_program_says_no_password_when_it_cannot_connect(library: str) -> None:
    with psycopg.connect(make_conninfo(library, password=SECRET)) as connection:
        login = programs.login(connection)
    elsewhere = replace(login, environment=login.environment | {"PGHOST": "/nowhere"})
    with pytest.raises(BackupError, match="pg_dump failed with exit code 1: connection to server") as error:
        programs.find(1).run("pg_dump", login=elsewhere)
    assert SECRET not in str(error.value)


def test_a_secret_that_only_a_command_line_could_carry_is_refused(library: str) -> None:
    with (
        psycopg.connect(make_conninfo(library, sslpassword=SECRET)) as connection,
        pytest.raises(InvalidArgumentError, match="sslpassword cannot be handed on") as error,
    ):
        programs.login(connection)
    assert SECRET not in str(error.value)


def test_variables_of_libpq_lead_programs_nowhere_else(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGDATABASE", "PGUSER"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    assert dumps.write(library, tmp_path / "a.dump").rows["movies"] == 294


def test_programs_that_are_too_old_or_not_there_are_told(tmp_path: Path) -> None:
    newest = programs.find(1)
    with pytest.raises(BackupError, match=rf"PostgreSQL 99 or newer are needed; found: .*{newest.folder}.*install"):
        programs.find(99)
    with pytest.raises(BackupError, match=f"found: none in {tmp_path}"):
        programs.find(1, tmp_path)
    with pytest.raises(BackupError, match=f"99 or newer are needed; found: {newest.version} in {newest.folder};"):
        programs.find(99, newest.folder)


def test_programs_named_go_before_those_found(tmp_path: Path) -> None:
    found = programs.find(1)
    (tmp_path / "bin").symlink_to(found.folder)
    assert programs.find(1, tmp_path / "bin").folder == tmp_path / "bin"


def test_of_programs_found_those_of_the_servers_version_go_first() -> None:
    versions = {tools.version for folder in programs._places() if (tools := programs._at(folder))}  # noqa: SLF001
    assert [programs.find(version).version for version in versions] == list(versions)
