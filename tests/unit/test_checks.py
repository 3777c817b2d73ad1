from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radarr_db import InvalidArgumentError, MovieStatus, checks

NOW = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
CIRCULAR: list[Any] = []
CIRCULAR.append(CIRCULAR)


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def east(**offset: float) -> dt.timezone:
    return dt.timezone(dt.timedelta(**offset))


ACCEPTED: list[tuple[checks.Check, Any, Any]] = [
    (checks.integer(1, 9), 1, 1),
    (checks.integer(1, 9), 9, 9),
    (checks.number(0, 100), 0, 0),
    (checks.number(0, 100), 99.5, 99.5),
    (checks.text(3), "äöü", "äöü"),
    (checks.text(3), " a ", " a "),
    (checks.text(3, empty=True), "", ""),
    (checks.path(), "/a/..b/c..", "/a/..b/c.."),
    (checks.path(relative=True), "a/b.mkv", "a/b.mkv"),
    (checks.boolean, False, False),
    (checks.date, dt.date.max, dt.date.max),
    (checks.timestamp, NOW, NOW),
    (
        checks.timestamp,
        NOW.replace(tzinfo=east(hours=23, microseconds=1)),
        NOW - dt.timedelta(hours=23, microseconds=1),
    ),
    (checks.duration, dt.timedelta(days=99_999_999), dt.timedelta(days=99_999_999)),
    (checks.member(MovieStatus), MovieStatus.TBA, "tba"),
    (checks.member(MovieStatus), "tba", "tba"),
    (checks.imdb_id, "tt0133093", "tt0133093"),
    (checks.imdb_id, "7", "tt0000007"),
    (checks.imdb_id, "", None),
    (checks.year, 1800, 1800),
    (checks.year, dt.datetime.now(dt.UTC).year + 10, dt.datetime.now(dt.UTC).year + 10),
    (checks.items(checks.integer(1, 9)), (n for n in (1, 2)), [1, 2]),
    (checks.items(checks.integer(1, 9)), {3}, [3]),
    (checks.document(dict), {"ä": [1, None, True, "\\u0000"]}, '{"ä":[1,null,true,"\\\\u0000"]}'),
    (checks.document(list), [(1, 2)], "[[1,2]]"),
    (checks.document(list), [1e16, 1e23, 1.5, 1e-7], "[10000000000000000,99999999999999991611392,1.5,1e-07]"),
    (checks.document(list), nested(64), "[" * 64 + "]" * 64),
    (checks.document(list), ["x" * (checks.JSON_BYTES - 4)], f'["{"x" * (checks.JSON_BYTES - 4)}"]'),
]

REFUSED: list[tuple[checks.Check, list[Any]]] = [
    (checks.integer(1, 9), [0, 10, True, 1.0, "1", None, 10**400]),
    (checks.number(0, 100), [-0.01, 100.005, math.nan, math.inf, -math.inf, True, "1", None, 10**400]),
    (checks.text(3), ["", " \t", "abcd", "a\0", "\ud800", b"abc", None, 3]),
    (checks.text(3, empty=True), ["\0", "abcd"]),
    (checks.path(), ["", "..", "../a", "a/../b", "a/..", "a\\..\\b", "x" * 4097, "\0"]),
    (checks.path(relative=True), ["/a", "\\a", "a/../b"]),
    (checks.boolean, [0, 1, "true", None]),
    (checks.date, [NOW, "2024-05-01", 3]),
    (checks.timestamp, [NOW.replace(tzinfo=None), NOW.date(), "2024-05-01T00:00:00Z", 0]),
    (
        checks.timestamp,
        [dt.datetime.min.replace(tzinfo=east(hours=1)), dt.datetime.max.replace(tzinfo=east(hours=-1))],
    ),
    (checks.duration, [60, "1 h", dt.timedelta.max, dt.timedelta.min]),
    (checks.member(MovieStatus), ["TBA", "", None, 1, [], math.nan]),
    (checks.imdb_id, ["tt", "nm0000001", "tt1 ", "tt-1", "tt\u0661", "tt" + "1" * 19, 133093, None]),
    (checks.year, [0, 1799, dt.datetime.now(dt.UTC).year + 11, "1999", 1999.0, True]),
    (checks.items(checks.integer(1, 9)), ["12", b"12", 3, None, {1: 2}]),
    (
        checks.document(dict),
        [[], "{}", None, {1: 2}, {None: 2}, {(1, 2): 3}, {"a": {1}}, {"\0": 1}, {"\ud800": 1}],
    ),
    (
        checks.document(list),
        [[math.nan], [math.inf], [-math.inf], ["\0"], ["\ud800"], ["\\\0"], [b""], [NOW], [1j]],
    ),
    (checks.document(list), [{}, (), CIRCULAR, nested(65), nested(100_000), [10**5000]]),
    (checks.document(list), [["x" * (checks.JSON_BYTES - 3)], ["ä" * (checks.JSON_BYTES // 2)]]),
]


@pytest.mark.parametrize(("check", "value", "expected"), ACCEPTED)
def test_a_value_that_may_be_stored_is_given_as_it_goes_to_the_server(
    check: checks.Check, value: Any, expected: Any
) -> None:
    checked = check("field", value)
    assert checked == expected
    assert type(checked) in (type(expected), checks.Json)


@pytest.mark.parametrize(
    ("check", "value"),
    [pytest.param(c, v, id=f"{i}-{j}") for i, (c, values) in enumerate(REFUSED) for j, v in enumerate(values)],
)
def test_a_value_that_cannot_be_stored_is_refused_by_name(check: checks.Check, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^field") as refused:
        check("field", value)
    assert refused.value.argument == "field"
    assert isinstance(refused.value, ValueError)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(), st.lists))
@settings(max_examples=50, deadline=None)
def test_a_check_takes_any_value_or_refuses_it_by_name(value: Any) -> None:
    for check, _, _ in ACCEPTED:
        try:
            check("field", value)
        except InvalidArgumentError as refused:
            assert refused.argument.startswith("field")  # noqa: PT017 - either is right


def test_an_item_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        checks.items(checks.text(3))("tags", ["a", "b", ""])
    assert refused.value.argument == "tags[2]"


def test_what_may_be_missing_is_none_or_passes_the_check() -> None:
    assert checks.maybe(checks.integer(1, 9), "field", None) is None
    assert checks.maybe(checks.integer(1, 9), "field", 3) == 3
    with pytest.raises(InvalidArgumentError):
        checks.maybe(checks.integer(1, 9), "field", 0)
