from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radarr_db import InvalidArgumentError, keyset
from radarr_db.statements import SORT_TYPES, Sort, parse

SQL = """\
-- name: list(limit)
-- A list of each type.
-- budget: simple
{sorts}
SELECT x.id FROM x AS x WHERE {{keyset}} ORDER BY {{order}} LIMIT :limit;
""".format(sorts="\n".join(f"-- sort: {kind} x.key {kind} asc" for kind in SORT_TYPES))

SORTS = parse(SQL, Path("x.sql"))["list"].sorts
INT4, INT8 = st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)

KEYS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(),
    "integer": INT4,
    "bigint": INT8,
    "real": FINITE,
    "numeric": FINITE | INT4,
    "interval": st.timedeltas(),
    "date": st.dates(),
    "timestamptz": st.datetimes(timezones=st.just(dt.UTC)),  # as sessions give them
}


def token(key: Any, row_id: Any, sort: Sort) -> str:
    return keyset.encode(SimpleNamespace(key=key, id=row_id), "x.list", sort)


def test_every_type_of_a_sort_order_has_its_keys() -> None:
    assert KEYS.keys() == set(SORT_TYPES)


@pytest.mark.parametrize("kind", SORT_TYPES)
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_token_tells_the_place_that_made_it(kind: str, data: st.DataObject) -> None:
    sort = SORTS[kind]
    key, row_id = data.draw(KEYS[kind] | st.none()), data.draw(INT8)
    made = token(key, row_id, sort)
    assert made.isascii()
    assert made.replace("-", "").replace("_", "").isalnum()
    assert keyset.decode(made, "x.list", sort) == (key, row_id)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@settings(max_examples=50, deadline=None)
def test_a_text_that_is_no_token_is_refused(made_up: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        keyset.decode(made_up, "x.list", SORTS["text"])
    assert refused.value.argument == "after"


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_a_token_with_one_character_changed_is_refused(data: st.DataObject) -> None:
    made = token("key", 7, SORTS["text"])
    # The bits that the last character has to spare do not count.
    place = data.draw(st.integers(0, len(made) - 2))
    other = data.draw(st.characters().filter(lambda character: character != made[place]))
    with pytest.raises(InvalidArgumentError):
        keyset.decode(made[:place] + other + made[place + 1 :], "x.list", SORTS["text"])


def test_a_token_is_of_one_query_and_order() -> None:
    made = token("2024-05-01", 7, SORTS["text"])
    assert keyset.decode(made, "x.list", SORTS["text"]) == ("2024-05-01", 7)
    for query, sort in (("y.list", SORTS["text"]), ("x.list", SORTS["date"])):
        with pytest.raises(InvalidArgumentError, match="is not a page token"):
            keyset.decode(made, query, sort)


# The digest is no secret: whoever can count can make tokens of any content.
@pytest.mark.parametrize(
    ("kind", "key", "row_id"),
    [
        ("text", 7, 1),
        ("text", ["x"], 1),
        ("integer", "7", 1),
        ("integer", True, 1),
        ("integer", 7.5, 1),
        ("real", "7", 1),
        pytest.param("real", 10**400, 1, id="real-huge"),
        pytest.param("numeric", 10**400, 1, id="numeric-huge"),
        ("interval", "1 day", 1),
        ("interval", 10**30, 1),
        ("date", "1st of May", 1),
        ("date", 7, 1),
        ("timestamptz", "now", 1),
        ("timestamptz", 7, 1),
        ("text", "x", "1"),
        ("text", "x", -1),
        ("text", "x", True),
        ("text", "x", None),
        ("text", "x", 2**63),
    ],
)
def test_a_well_made_token_of_absurd_content_is_refused(kind: str, key: Any, row_id: Any) -> None:
    made = token(key, row_id, SORTS[kind])
    with pytest.raises(InvalidArgumentError) as refused:
        keyset.decode(made, "x.list", SORTS[kind])
    assert refused.value.argument == "after"


@pytest.mark.parametrize("payload", ["", "[]", "[1]", "[1, 2, 3]", "7", "null", '{"a": 1}', "[" * 100_000, "\xff"])
def test_a_well_made_token_of_another_shape_is_refused(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "dumps", lambda *_, **__: payload)
    made = token("x", 1, SORTS["text"])
    with pytest.raises(InvalidArgumentError):
        keyset.decode(made, "x.list", SORTS["text"])
