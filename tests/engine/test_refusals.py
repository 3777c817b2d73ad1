"""What is refused by name before anything runs, and errors that do not show what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from radarr_db.engine import AsyncDatabase, Database, PoolSettings
from radarr_db.errors import InvalidArgumentError, StatementError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prepare", "false"),
        ("fast_path", 1),
        ("application_name", None),
        ("application_name", b"finder"),
        ("idle_timeout", "300"),
        ("statement_timeout", True),
    ],
)
def test_a_setting_of_a_wrong_type_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        PoolSettings(**{name: value})
    assert refused.value.argument == name


@pytest.mark.parametrize("kind", [Database, AsyncDatabase])
def test_what_is_no_conninfo_or_settings_is_refused_by_name(kind: Any) -> None:
    for conninfo in (None, b"dbname=x", {"dbname": "x"}):
        with pytest.raises(InvalidArgumentError) as refused:
            kind(conninfo)
        assert refused.value.argument == "conninfo"
    with pytest.raises(InvalidArgumentError) as refused:
        kind("dbname=x", {"max_size": 3})
    assert refused.value.argument == "settings"


@pytest.mark.parametrize("attempts", ["3", 2.0, True, None, 0])
async def test_attempts_are_a_whole_number(shared: AsyncDatabase, things: Any, attempts: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        await shared.transact(lambda tx: tx.run(things.total()), attempts=attempts)
    assert refused.value.argument == "attempts"


async def test_a_stored_value_that_cannot_be_read_is_not_shown(shared: AsyncDatabase, things: Any) -> None:
    with pytest.raises(StatementError, match="a stored value cannot be read") as failed:
        await shared.run(things.echo("timestamptz", "12345-06-07"))
    assert "12345" not in str(failed.value)
    assert "12345" in str(failed.value.__cause__)
