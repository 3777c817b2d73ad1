from __future__ import annotations

import json
import os

import psycopg
import pytest
from click.testing import CliRunner, Result

from radarr_db import commands, embedded
from radarr_db.operations import tuning


def run(*arguments: str, dsn: str | None = None) -> Result:
    return CliRunner().invoke(commands.cli, ["tune", *arguments], env={"DATABASE_URL": dsn})


def test_without_a_server_each_setting_is_printed_as_sql_under_its_reason() -> None:
    printed = run("--memory", "8GB")
    assert printed.exit_code == 0
    reloaded, _, restarted = printed.stdout.partition("-- Those below need a restart.")
    for setting in tuning.settings(8 * 1024**3):
        part = restarted if setting.restart else reloaded
        assert f"\nALTER SYSTEM SET {setting.name} = '{setting.value}';\n" in part
        assert f"-- {setting.reason}\n" in part
    assert json.loads(run("--memory", "8GB", "--json").stdout)[0]["name"] == "checkpoint_completion_target"


@pytest.mark.parametrize("memory", ["8gb", "8192MB", " 8 GB"])
def test_the_memory_is_read_as_a_person_writes_it(memory: str) -> None:
    assert "shared_buffers = '2GB'" in run("--memory", memory).stdout


def test_without_the_memory_it_is_this_machines_and_that_is_said() -> None:
    printed = run()
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    assert printed.stderr == f"for {megabytes}MB, the memory of this machine; --memory names another\n"
    assert printed.stdout.startswith(f"-- For a server with {megabytes}MB of memory")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--memory", "8"], 2, "must be like 8GB"),
        (["--memory", "much"], 2, "must be like 8GB"),
        (["--memory", "1MB"], 1, "from 256MB to 16TB"),
        (["--memory", "8GB", "--check"], 2, "DATABASE_URL"),
        (["--memory", "8GB", "--apply", "--check"], 2, "do not go together"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], code: int, told: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == code
    assert told in refused.stderr


def test_check_tells_what_differs_and_apply_what_it_changed(own_server: embedded.Server) -> None:
    dsn = own_server.conninfo
    found = run("--memory", "512MB", "--check", dsn=dsn)
    assert found.exit_code == 1
    lines = [line.split() for line in found.stdout.splitlines()]
    assert ["differs", "effective_cache_size", "4GB"] in lines
    assert ["wanted:", "384MB"] in lines
    assert ["wanted:", "51;", "needs", "a", "restart"] in lines
    assert ["ok", "shared_buffers", "128MB"] in lines

    applied = run("--memory", "512MB", "--apply", dsn=dsn)
    assert applied.exit_code == 0
    assert "set  effective_cache_size = 384MB, was 4GB\n" in applied.stdout
    assert applied.stdout.endswith("waits for a restart: max_connections\n")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SHOW effective_cache_size").fetchone() == ("384MB",)

    left = run("--memory", "512MB", "--check", "--json", dsn=dsn)
    assert left.exit_code == 1
    assert [each["name"] for each in json.loads(left.stdout) if not each["in_order"]] == ["max_connections"]


def test_a_value_of_the_command_line_is_told_to_go_before() -> None:
    with embedded.server(settings={"work_mem": "5MB"}) as server:
        found = run("--memory", "8GB", "--check", dsn=server.conninfo)
    assert "given by the command line, which goes before ALTER SYSTEM" in found.stdout
