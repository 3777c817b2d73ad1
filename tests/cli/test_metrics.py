"""radarr-db metrics."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families

from radarr_db import commands

MAIN = "from radarr_db.cli import main; main()"
SECRET = "cana/ry@7"  # noqa: S105 - it is one only to these tests
ABSENT = f"host=/nowhere password={SECRET}"


def run(*arguments: str, dsn: str) -> Result:
    return CliRunner().invoke(commands.cli, ["metrics", *arguments], env={"DATABASE_URL": dsn})


def values(page: str) -> dict[str, float]:
    """The values of the samples without labels."""
    families = text_string_to_metric_families(page)
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The command as a process, what it says first and its address."""
    command = [sys.executable, "-c", MAIN, "metrics", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            yield process, said, said.partition(" ")[0]
        finally:
            process.send_signal(signal.SIGINT)


def scrape(address: str) -> str:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own
        return str(answer.read(), "utf-8")


def test_without_a_port_the_metrics_are_printed_once(own_database: str) -> None:
    result = run(dsn=own_database)
    assert (result.exit_code, result.stderr) == (0, "")
    found = values(result.stdout)
    assert (found["radarr_db_up"], found["radarr_db_ready"], found["radarr_db_schema_version"]) == (1, 1, 9)


def test_json_has_the_same_for_programs(own_database: str) -> None:
    result = run("--json", dsn=own_database)
    assert result.exit_code == 0
    families = {family["name"]: family for family in json.loads(result.stdout)}
    assert families["radarr_db_up"] == {
        "name": "radarr_db_up",
        "type": "gauge",
        "help": "Whether the database answers.",
        "samples": [{"name": "radarr_db_up", "labels": {}, "value": 1.0}],
    }
    tables = {sample["labels"]["table"] for sample in families["radarr_db_table_bytes"]["samples"]}
    assert tables >= {"movies", "movie_files", "scene_groups"}


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_database_that_is_not_there_is_told_in_the_metrics_and_in_a_line(how: list[str]) -> None:
    result = run(*how, dsn=ABSENT)
    assert result.exit_code == 1
    assert "radarr_db_up" in result.stdout
    [told] = result.stderr.splitlines()
    assert told.startswith("error: cannot connect to database")
    assert SECRET not in result.output


def test_the_metrics_are_served_until_ctrl_c(own_database: str) -> None:
    with serving("--dsn", own_database) as (process, said, address):
        assert said.endswith(", until Ctrl-C\n")
        for _ in range(2):
            found = values(scrape(address))
            assert (found["radarr_db_up"], found["radarr_db_ready"]) == (1, 1)
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
    assert process.returncode == 130


def test_a_database_that_is_not_there_is_served_as_such_and_stderr_says_why() -> None:
    with serving("--dsn", ABSENT) as (process, said, address):
        assert values(scrape(address))["radarr_db_up"] == 0
        assert process.stderr
        told = process.stderr.readline()
    assert told.startswith("radarr_db_up 0: cannot connect to database")
    assert SECRET not in said + told


def test_a_port_that_is_taken_is_told_in_one_line(own_database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port), dsn=own_database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"error: cannot listen at 127.0.0.1, port {port}: Address already in use; give another --port or --host\n"
    )


@pytest.mark.parametrize("arguments", [["--port", "0", "--json"], ["--port", "65536"], ["--port", "x"]])
def test_what_makes_no_sense_is_a_usage_error(arguments: list[str]) -> None:
    assert run(*arguments, dsn=ABSENT).exit_code == 2


def test_a_dsn_that_cannot_be_read_is_not_quoted() -> None:
    result = run("--port", "0", dsn="postgresql://u:cana%zzry@h/d")
    assert result.exit_code == 1
    assert result.stderr == "error: conninfo: is neither a URL nor keyword=value pairs of libpq\n"


def test_without_its_extra_the_command_tells_how_to_get_it() -> None:
    code = f"import sys; sys.modules['prometheus_client'] = None; {MAIN}"
    done = subprocess.run(
        [sys.executable, "-c", code, "metrics", "--dsn", ABSENT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: metrics need their extra: pip install 'radarr-db[metrics]'\n"


def test_help_teaches_by_examples_and_exit_codes() -> None:
    result = run("--help", dsn=ABSENT)
    assert result.exit_code == 0
    assert "Examples:\n    radarr-db metrics --port 9187" in result.stdout
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in result.stdout.partition("Exit codes:")[2]
