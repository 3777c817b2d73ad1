from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest

from radarr_db import InvalidArgumentError, MovieStatus, checks, encoding

NOW = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


@dataclass
class Thing:
    name: Annotated[str, checks.text(5)]
    size: Annotated[int, checks.integer(0, 9)] | None = None
    data: Annotated[dict[str, Any], checks.document(dict)] | None = None
    seen: dt.datetime | None = None
    left: dt.timedelta | None = None
    day: dt.date | None = None
    good: bool = True


class ThingChanges(TypedDict, total=False):
    name: Annotated[str, checks.text(5)]
    data: Annotated[dict[str, Any], checks.document(dict)]


def test_a_model_becomes_the_json_of_its_row() -> None:
    thing = Thing('"ä\\', 3, {"a": [1.5]}, NOW, dt.timedelta(days=1, microseconds=1), NOW.date())
    assert json.loads(encoding.record("thing", thing, Thing)) == {
        "name": '"ä\\',
        "size": 3,
        "data": {"a": [1.5]},
        "seen": "2024-05-01 00:00:00+00:00",
        "left": "86400000001 microseconds",
        "day": "2024-05-01",
        "good": True,
    }


@pytest.mark.parametrize(
    ("thing", "argument"),
    [
        (Thing(""), "name"),
        (Thing("a", size=True), "size"),
        (Thing("a", data={"x": math.nan}), "data"),
        (Thing("a", seen=NOW.replace(tzinfo=None)), "seen"),
        ({"name": "a"}, "thing"),
        (None, "thing"),
        (Thing, "thing"),
    ],
)
def test_a_model_is_refused_by_the_field_at_fault(thing: Any, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        encoding.record("thing", thing, Thing)
    assert refused.value.argument == argument


def test_changes_become_the_json_of_what_they_name() -> None:
    assert json.loads(encoding.changes({"data": {"a": 1}}, ThingChanges)) == {"data": {"a": 1}}
    assert json.loads(encoding.changes({"name": "x", "data": {}}, ThingChanges)) == {"name": "x", "data": {}}
    assert json.loads(encoding.changes({}, ThingChanges)) == {}


@pytest.mark.parametrize("changes", [{"id": 1}, {"name": "x", "nam": "x"}, {"": 1}])
def test_a_change_of_no_field_is_refused_by_its_name(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        encoding.changes(changes, ThingChanges)
    assert refused.value.argument == list(changes)[-1]


def test_a_refusal_shows_no_more_than_the_beginning_of_a_value_that_is_no_member() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        checks.member(MovieStatus)("status", "x" * 10_000)
    assert len(str(refused.value)) < 200
