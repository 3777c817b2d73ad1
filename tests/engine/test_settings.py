"""The settings of a pool, and what a session is asked for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from radarr_db.engine import PoolSettings
from radarr_db.errors import InvalidArgumentError


def test_the_defaults_are_those_of_the_specification() -> None:
    settings = PoolSettings()
    assert (settings.max_size, settings.min_size, settings.acquire_timeout) == (20, 2, 8.0)
    assert (settings.idle_timeout, settings.max_lifetime) == (300.0, 1800.0)
    assert settings.application_name == "radarr-mvp"
    assert settings.prepare


@pytest.mark.parametrize(("value", "expected"), [(None, True), ("1", True), ("", True), ("0", False)])
def test_the_environment_can_switch_the_fast_path_off(
    monkeypatch: pytest.MonkeyPatch, value: str | None, expected: bool
) -> None:
    monkeypatch.delenv("RADARR_DB_FAST_PATH", raising=False)
    if value is not None:
        monkeypatch.setenv("RADARR_DB_FAST_PATH", value)
    assert PoolSettings().fast_path is expected
    assert PoolSettings(fast_path=not expected).fast_path is not expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_size", 0),
        ("max_size", True),
        ("min_size", -1),
        ("min_size", 21),
        ("min_size", 1.0),
        ("acquire_timeout", 0),
        ("acquire_timeout", math.nan),
        ("acquire_timeout", math.inf),
        ("acquire_timeout", "8"),
        ("idle_timeout", True),
        ("max_lifetime", -1),
        ("statement_timeout", -0.1),
        ("lock_timeout", 2**31),
        ("idle_in_transaction_timeout", None),
        ("application_name", "two\nlines"),
    ],
)
def test_a_bad_setting_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        PoolSettings(**{name: value})
    assert refused.value.argument == name


def test_options_of_the_environment_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=8MB")
    assert PoolSettings().parameters("dbname=x")["options"].endswith(" -c work_mem=8MB")
    assert PoolSettings(prepare=False).parameters("dbname=x").get("options") is None


def test_an_answer_is_overdue_only_by_a_limit_that_the_server_keeps() -> None:
    assert PoolSettings(statement_timeout=1).answer_limit("dbname=x") == 3
    assert PoolSettings(statement_timeout=0).answer_limit("dbname=x") == math.inf
    assert PoolSettings(prepare=False).answer_limit("dbname=x") == math.inf
    assert PoolSettings().answer_limit("options='-c statement_timeout=0'") == math.inf
