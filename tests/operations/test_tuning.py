from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from radarr_db import InvalidArgumentError, embedded
from radarr_db.operations import tuning

GB = 1024**3
MEMORY = GB // 2

# The specification's, for 8 GB.
SPECIFIED = {
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "16MB",
    "default_statistics_target": "100",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # Not pytest's own folder: that is closed to the account that the server runs as.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder, "data")


@pytest.fixture(scope="module")
def shared_server() -> Iterator[embedded.Server]:
    with embedded.server() as server:
        yield server


@pytest.fixture
def server(shared_server: embedded.Server) -> Iterator[embedded.Server]:
    """A server on which nobody set anything."""
    yield shared_server
    with psycopg.connect(shared_server.conninfo, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")
        while connection.execute("SELECT FROM pg_settings WHERE pending_restart").fetchone():
            pass  # the reload is on its way to the session


def of(found: list[tuning.Comparison], name: str) -> tuning.Comparison:
    (one,) = (each for each in found if each.name == name)
    return one


def test_for_8_gb_they_are_the_specifications_each_with_its_reason() -> None:
    found = tuning.settings(8 * GB)
    assert {setting.name: setting.value for setting in found} == SPECIFIED
    assert all(setting.reason.endswith(".") for setting in found)
    assert [(setting.restart, setting.name) for setting in found] == sorted((s.restart, s.name) for s in found)


def test_they_grow_with_the_memory_within_bounds() -> None:
    small, large = ({s.name: s.value for s in tuning.settings(memory)} for memory in (GB // 4, 256 * GB))
    assert (small["shared_buffers"], small["work_mem"], small["wal_buffers"]) == ("64MB", "4MB", "2MB")
    assert (large["shared_buffers"], large["maintenance_work_mem"], large["wal_buffers"]) == ("64GB", "2GB", "16MB")


def test_a_tiny_machine_has_memory_for_its_connections_and_a_huge_one_none_to_waste_on_a_sort() -> None:
    tiny, huge = ({s.name: s.value for s in tuning.settings(memory)} for memory in (GB // 4, 1024 * GB))
    assert (tiny["max_connections"], huge["max_connections"]) == ("25", "200")
    assert huge["work_mem"] == "1GB"


@pytest.mark.parametrize("memory", [0, GB // 4 - 1, 17 * 1024 * GB, 8.0, "8GB", True])
def test_an_impossible_memory_is_refused(memory: int) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        tuning.settings(memory)
    assert refused.value.argument == "memory_bytes"


def test_the_server_knows_every_setting_and_which_of_them_need_a_restart(server: embedded.Server) -> None:
    with psycopg.connect(server.conninfo) as connection:
        found = connection.execute(
            "SELECT name, context = 'postmaster' FROM pg_settings WHERE name = ANY(%s)", (list(SPECIFIED),)
        )
        contexts = {name: restart for name, restart in found}  # noqa: C416 - mypy does not know what dict() gives
    assert contexts == {setting.name: setting.restart for setting in tuning.settings(8 * GB)}


def test_what_differs_is_applied_and_after_a_restart_all_is_in_order(data_dir: Path) -> None:
    with embedded.server(data_dir) as server:
        before = tuning.compare(server.conninfo, MEMORY)
        changes = tuning.apply(server.conninfo, MEMORY)
        assert changes == [each for each in before if not each.in_order]
        cache = of(changes, "effective_cache_size")
        assert (cache.current, cache.wanted, cache.source) == ("4GB", "384MB", "default")
        assert {each.name for each in changes if each.restart} == {"max_connections"}
    with embedded.server(data_dir) as server:
        after = tuning.compare(server.conninfo, MEMORY)
        assert [each.name for each in after if not each.in_order] == []
        assert of(after, "max_connections").current == "51"
        assert tuning.apply(server.conninfo, MEMORY) == []


def test_what_waits_for_a_restart_is_told(server: embedded.Server) -> None:
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        tuning.apply(server.conninfo, MEMORY)
        while connection.execute("SELECT FROM pg_settings WHERE pending_restart").fetchone() is None:
            pass  # the reload is on its way to the session
    waiting = of(tuning.compare(server.conninfo, MEMORY), "max_connections")
    assert (waiting.in_order, waiting.pending_restart, waiting.current) == (False, True, "100")


def test_libraries_that_are_preloaded_stay_also_those_of_the_next_start(data_dir: Path) -> None:
    with (
        embedded.server(data_dir, {"shared_preload_libraries": ""}) as server,
        psycopg.connect(server.conninfo, autocommit=True) as connection,
    ):
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = auto_explain, 'odd name'")
        tuning.apply(server.conninfo, MEMORY)
        stored = connection.execute(
            "SELECT setting FROM pg_file_settings WHERE name = 'shared_preload_libraries'"
        ).fetchone()
        assert stored == ('auto_explain, "odd name", pg_stat_statements',)
        tuning.apply(server.conninfo, MEMORY)
        assert (
            stored
            == connection.execute(
                "SELECT setting FROM pg_file_settings WHERE name = 'shared_preload_libraries'"
            ).fetchone()
        )
        # What stands on the command line goes before that.
        preloaded = of(tuning.compare(server.conninfo, MEMORY), "shared_preload_libraries")
        assert (preloaded.in_order, preloaded.source) == (False, "command line")


def test_who_may_not_apply_is_told_before_anything_is_changed(server: embedded.Server) -> None:
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN; CREATE ROLE watching LOGIN IN ROLE pg_monitor")
    plain, watching = (make_conninfo(server.conninfo, user=user) for user in ("plain", "watching"))
    with pytest.raises(InvalidArgumentError, match=r"may not see shared_preload_libraries: .* pg_monitor"):
        tuning.compare(plain, MEMORY)
    assert len(tuning.compare(watching, MEMORY)) == len(SPECIFIED)
    with pytest.raises(InvalidArgumentError, match=r"no right to .*work_mem.*GRANT ALTER SYSTEM ON PARAMETER"):
        tuning.apply(watching, MEMORY)
    assert not (server.data_dir / "postgresql.auto.conf").read_text().count("work_mem")


def test_whom_a_superuser_let_may_apply(server: embedded.Server) -> None:
    names = ", ".join(SPECIFIED)
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE tuner LOGIN IN ROLE pg_monitor")
        connection.execute(f"GRANT ALTER SYSTEM ON PARAMETER {names} TO tuner")
        for function in ("pg_reload_conf()", "pg_show_all_file_settings()"):
            connection.execute(f"GRANT EXECUTE ON FUNCTION {function} TO tuner")
    assert tuning.apply(make_conninfo(server.conninfo, user="tuner"), MEMORY)
