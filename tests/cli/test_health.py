from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from radarr_db import commands, embedded

MAIN = "from radarr_db.cli import main; main()"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.cli, ["health", *arguments])


def test_a_database_that_can_be_used_is_told_a_fact_a_line(own_database: str) -> None:
    result = run("--dsn", own_database, "--timeout", "10")
    assert result.exit_code == 0
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert [name for name, _ in lines] == ["database", "answer", "server", "schema", "connections", "health"]
    facts = dict(lines)
    assert facts["server"] == "primary"
    assert facts["schema"] == "version 9 of 9"
    assert facts["health"].startswith("ok, told in ")


def test_json_has_the_same(own_database: str) -> None:
    result = run("--dsn", own_database, "--timeout", "10", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"], found["problems"]) == (0, True, [])
    assert found["pool"]["connectivity_ok"] is True
    assert found["readiness"]["role"] == "primary"


def test_what_is_wrong_is_told_with_what_to_do(empty_database: str) -> None:
    result = run("--dsn", empty_database, "--timeout", "10")
    assert result.exit_code == 1
    assert "problem      there is no schema that this role can read: radarr-db migrate" in result.stdout
    assert "health       NOT OK, " in result.stdout


def test_an_absent_server_is_an_answer_and_no_error() -> None:
    result = run("--dsn", "host=/nowhere user=u password=cana/ry", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, result.stderr, found["ok"]) == (1, "", False)
    assert "is the server running" in found["problems"][0]
    assert "cana/ry" not in result.stdout


def test_a_process_that_asks_a_frozen_server_ends_in_order(own_server: embedded.Server) -> None:
    postmaster = int((own_server.data_dir / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)
    try:
        command = [sys.executable, "-c", MAIN, "health", "--dsn", own_server.conninfo, "--timeout", "0.3"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        os.kill(postmaster, signal.SIGCONT)
    assert (done.returncode, done.stderr) == (1, "")
    assert "no answer within 0.3 s" in done.stdout


def test_a_time_limit_that_is_none_is_refused() -> None:
    result = run("--dsn", "host=/nowhere", "--timeout", "0")
    assert (result.exit_code, result.stderr) == (1, "error: timeout: must be from 0.2 to 60\n")


@pytest.mark.parametrize("command", ["health", "monitor"])
def test_help_teaches_by_examples_and_exit_codes(command: str) -> None:
    result = CliRunner().invoke(commands.cli, [command, "--help"])
    assert result.exit_code == 0
    assert "Examples:\n    radarr-db " in result.stdout
    for code in (0, 1, 2, 130):
        assert f"\n    {code:<4} " in result.stdout.partition("Exit codes:")[2]
