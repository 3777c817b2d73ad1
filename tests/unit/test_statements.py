from __future__ import annotations

import datetime as dt
import enum
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radarr_db import keyset, resources
from radarr_db.errors import InvalidArgumentError, StatementError
from radarr_db.scanner import Kind, scan
from radarr_db.statements import SORT_TYPES, Budget, Statement, load, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path("sql/movies.sql")

FILE = """\
-- Statements of the movies.

-- fragment: row_id
m.id
-- fragment: columns
-- The columns of a movie.
{row_id}, -- the first
m.tmdb_id/* TMDB's :own */

-- name: find_by_tmdb_id(tmdb_id)
-- The movie with this TMDB id.
--
-- None when there is none.
-- budget: simple
SELECT {columns} -- it's :all
FROM movies AS m
WHERE m.tmdb_id = :tmdb_id AND m.metadata @> '{"a": ":b"}';

-- name: update
-- Set two columns.
-- budget: write
UPDATE movies SET title = :title, year = :year WHERE id = :id OR title = :title

-- name: list_missing(limit, monitored)
-- Monitored movies without a file.
-- budget: complex
-- sort: title      m.sort_title text asc
-- sort: year       m.year integer desc null 0
-- sort: released released date asc null infinity
SELECT {columns} FROM movies AS m WHERE m.monitored = :monitored AND {keyset} ORDER BY {order} LIMIT :limit;
"""

HEAD = "-- name: a\n-- A.\n-- budget: simple\n"
SORTED = HEAD + "-- sort: x m.x text asc\n"


@pytest.fixture(scope="module")
def movies() -> Mapping[str, Statement]:
    return parse(FILE, PATH)


def test_a_statement_says_which_large_tables_it_may_read_from_end_to_end() -> None:
    assert parse(HEAD + "SELECT 1", PATH)["a"].scans == frozenset()
    text = SORTED + "-- plan: seq movies, movie_files: all are wanted\nSELECT {order} {keyset}"
    statement = parse(text, PATH)["a"]
    for variant in (statement, *statement.variants()):
        assert variant.scans == {"movies", "movie_files"}
        assert variant.doc == "A."


def test_a_statement_is_read_with_all_that_its_file_says(movies: Mapping[str, Statement]) -> None:
    assert list(movies) == ["find_by_tmdb_id", "update", "list_missing"]
    statement = movies["find_by_tmdb_id"]
    assert statement.name == "movies.find_by_tmdb_id"
    assert statement.doc == "The movie with this TMDB id.\n\nNone when there is none."
    assert statement.budget is Budget.SIMPLE
    assert (statement.path, statement.line) == (PATH, 10)
    assert statement.sql == (
        "SELECT m.id,\nm.tmdb_id \nFROM movies AS m\n"
        """WHERE m.tmdb_id = $1 AND m.metadata @> '{"a": ":b"}'"""
    )
    assert list(statement.variants()) == [statement]
    assert repr(statement) == "<Statement movies.find_by_tmdb_id>"


def test_a_statement_cannot_be_changed(movies: Mapping[str, Statement]) -> None:
    with pytest.raises(AttributeError):
        movies["update"].sql = ""  # type: ignore[misc]


def test_parameters_without_a_signature_are_in_the_order_of_their_first_use(
    movies: Mapping[str, Statement],
) -> None:
    statement = movies["update"]
    assert statement.parameters == ("title", "year", "id")
    assert statement.sql == "UPDATE movies SET title = $1, year = $2 WHERE id = $3 OR title = $1"


def test_a_signature_fixes_the_order_of_the_parameters(movies: Mapping[str, Statement]) -> None:
    assert movies["list_missing"].parameters == ("limit", "monitored")
    assert "m.monitored = $2" in movies["list_missing"].sql
    assert movies["list_missing"].sql.endswith("LIMIT $1")


@pytest.mark.parametrize(
    ("key", "order", "after"),
    [
        ("title", "m.sort_title ASC, m.id ASC", "(m.sort_title, m.id) > ($3::text, $4::bigint)"),
        (
            "year",
            "COALESCE(m.year, '0'::integer) DESC, m.id DESC",
            "(COALESCE(m.year, '0'::integer), m.id) < (COALESCE($3::integer, '0'::integer), $4::bigint)",
        ),
        (
            "released",
            "COALESCE(released, 'infinity'::date) ASC, id ASC",
            "(COALESCE(released, 'infinity'::date), id) > (COALESCE($3::date, 'infinity'::date), $4::bigint)",
        ),
    ],
)
def test_each_sort_order_is_two_statements(movies: Mapping[str, Statement], key: str, order: str, after: str) -> None:
    sort = movies["list_missing"].sort(key)
    frame = "SELECT m.id,\nm.tmdb_id  FROM movies AS m WHERE m.monitored = $2 AND {} ORDER BY {} LIMIT $1"
    assert sort.first.sql == frame.format("TRUE", order)
    assert sort.first.parameters == ("limit", "monitored")
    assert sort.after.sql == frame.format(after, order)
    assert sort.after.parameters == ("limit", "monitored", "after_key", "after_id")
    assert {sort.first.name, sort.after.name} == {"movies.list_missing"}


def test_a_sort_knows_the_attribute_and_the_type_of_its_key(movies: Mapping[str, Statement]) -> None:
    sorts = movies["list_missing"].sorts
    assert [(s.key, s.attribute, s.type) for s in sorts.values()] == [
        ("title", "sort_title", "text"),
        ("year", "year", "integer"),
        ("released", "released", "date"),
    ]


def test_a_sorted_statement_is_itself_the_first_page_of_its_first_order(
    movies: Mapping[str, Statement],
) -> None:
    statement = movies["list_missing"]
    first = statement.sort("title").first
    assert (statement.sql, statement.parameters) == (first.sql, first.parameters)
    assert list(statement.variants()) == [
        variant for key in ("title", "year", "released") for variant in statement.sort(key)[-2:]
    ]


def test_a_condition_on_the_sort_key_follows_the_sort_order() -> None:
    text = SORTED + "-- sort: y y real desc null 0\nSELECT 1 WHERE {key} >= :least AND {keyset} ORDER BY {order}"
    statement = parse(text, PATH)["a"]
    assert "WHERE m.x >= $1 AND" in statement.sort("x").after.sql
    assert "WHERE COALESCE(y, '0'::real) >= $1 AND TRUE" in statement.sort("y").first.sql


class Order(enum.StrEnum):
    YEAR = "year"
    SIZE = "size"


def test_a_sort_is_chosen_by_name_or_enum_member(movies: Mapping[str, Statement]) -> None:
    assert movies["list_missing"].sort(Order.YEAR) is movies["list_missing"].sorts["year"]


@pytest.mark.parametrize("key", ["size", Order.SIZE])
def test_an_unknown_sort_is_refused_with_those_there_are(movies: Mapping[str, Statement], key: object) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        movies["list_missing"].sort(key)
    assert refused.value.argument == "sort"
    assert str(refused.value) == "sort: unknown: 'size'; one of title, year, released"


@pytest.mark.parametrize("key", [None, 1, ["year"], b"year"])
def test_anything_else_is_an_unknown_sort_too(movies: Mapping[str, Statement], key: object) -> None:
    with pytest.raises(InvalidArgumentError, match="unknown"):
        movies["list_missing"].sort(key)


def test_a_statement_without_sort_orders_refuses_any(movies: Mapping[str, Statement]) -> None:
    with pytest.raises(InvalidArgumentError, match="one of none"):
        movies["update"].sort("title")


@pytest.mark.parametrize("kind", SORT_TYPES)
def test_a_page_token_can_hold_a_key_of_every_sort_type(kind: str) -> None:
    when = dt.datetime(1999, 3, 31, 12, tzinfo=dt.UTC)
    key = {
        "text": "x",
        "real": 1.5,
        "numeric": 85.5,
        "interval": dt.timedelta(days=2, microseconds=1),
        "date": when.date(),
        "timestamptz": when,
    }.get(kind, 1)
    text = SORTED.replace("text", kind) + "SELECT 1 WHERE {keyset} ORDER BY {order}"
    sort = parse(text, PATH)["a"].sort("x")
    token = keyset.encode(SimpleNamespace(x=key, id=7), "movies.a", sort)
    assert keyset.decode(token, "movies.a", sort) == (key, 7)


def test_bind_puts_the_arguments_in_the_order_of_the_statement(movies: Mapping[str, Statement]) -> None:
    none = parse(HEAD + "SELECT 1", PATH)["a"]
    assert none.bind({}) == ()
    assert movies["find_by_tmdb_id"].bind({"tmdb_id": 603}) == (603,)
    assert movies["update"].bind({"id": 1, "title": "x", "year": None}) == ("x", None, 1)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"title": "x", "year": 1}, "parameter id is missing"),
        ({"title": "x", "year": 1, "id": 1, "size": 2}, "parameter size is surplus"),
        ({"title": "x", "year": 1, "size": 2}, "parameter id is missing, parameter size is surplus"),
    ],
)
def test_bind_refuses_missing_and_surplus_arguments(
    movies: Mapping[str, Statement], params: dict[str, object], problem: str
) -> None:
    with pytest.raises(StatementError) as refused:
        movies["update"].bind(params)
    assert str(refused.value) == f"movies.update: {problem}"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("\nSELECT 1\n" + HEAD + "SELECT 1", 2, "text before the first header"),
        ("-- nmae: a\nSELECT 1", 2, "text before the first header"),
        (HEAD + "SELECT 1;\n\n" + HEAD + "SELECT 1", 6, "there already"),
        ("-- name: Find\n-- A.\n-- budget: simple\nSELECT 1", 1, "malformed"),
        ("-- name: a b\n-- A.\n-- budget: simple\nSELECT 1", 1, "malformed"),
        ("-- name:\n-- A.\n-- budget: simple\nSELECT 1", 1, "malformed"),
        ("-- Name: a\n-- A.\n-- budget: simple\nSELECT 1", 1, "malformed"),
        ("\n--name: a\n-- A.\n-- budget: simple\nSELECT 1", 2, "malformed"),
        ("-- name: a(x,)\n-- A.\n-- budget: simple\nSELECT :x", 1, "malformed"),
        ("-- fragment: a(x)\nm.id", 1, "malformed"),
        ("-- fragment: f\n1\n-- fragment: f\n2\n" + HEAD + "SELECT {f}", 3, "there already"),
        (HEAD + "SELECT\n    {f}", 5, "no fragment 'f'"),
        (HEAD + "SELECT {f g}", 4, "no fragment 'f g'"),
        ("-- fragment: f\n1,\n{f}\n\n" + HEAD + "SELECT {f}", 3, "no fragment 'f'"),
        ("-- fragment: f\n{g}\n-- fragment: g\n{f}\n" + HEAD + "SELECT {f}", 2, "no fragment 'g'"),
        (HEAD + "SELECT 1;\n\n-- fragment: f\n1", 6, "fragment f is not used"),
        ("-- fragment: order\n1", 1, "reserved"),
        ("-- fragment: f\n-- only a comment\n", 1, "no SQL"),
        ("-- name: a(x, y)\n-- A.\n-- budget: simple\nSELECT :x", 1, "parameter y is not used"),
        (
            "-- name: a(x, x)\n-- A.\n-- budget: simple\nSELECT :x",
            1,
            "parameter x is not used, or declared twice",
        ),
        ("-- name: a(x)\n-- A.\n-- budget: simple\nSELECT :x,\n:y", 5, "parameter :y is not declared"),
        ("-- name: a()\n-- A.\n-- budget: simple\nSELECT :y", 4, "parameter :y is not declared"),
        (
            "-- fragment: f\n\n:y\n-- name: a()\n-- A.\n-- budget: simple\nSELECT {f}",
            3,
            "parameter :y is not declared",
        ),
        (HEAD + "SELECT\n:after_key", 5, ":after_key is reserved"),
        (HEAD + "SELECT :after_id", 4, ":after_id is reserved"),
        ("-- name: a\n-- A.\n-- budget: cheap\nSELECT 1", 3, "unknown budget 'cheap'"),
        ("-- name: a\n-- A.\nSELECT 1", 1, "one budget"),
        (HEAD + "-- budget: write\nSELECT 1", 1, "one budget"),
        (HEAD + "-- plan: seq movies\nSELECT 1", 4, "malformed plan"),
        (HEAD + "-- plan: seq: all\nSELECT 1", 4, "malformed plan"),
        (HEAD + "-- plan: generic: why\nSELECT 1", 4, "malformed plan"),
        ("-- name: a\n-- budget: simple\nSELECT 1", 1, "documentation"),
        ("-- name: a\n--\n-- budget: simple\nSELECT 1", 1, "documentation"),
        (HEAD, 1, "no SQL"),
        (HEAD + "\n;\n", 1, "no SQL"),
        (HEAD + "/* nothing */ -- at all", 1, "no SQL"),
        (HEAD + "SELECT 1;\n\nSELECT 2;", 4, "semicolon"),
        (HEAD + "SELECT 1\n;;", 5, "semicolon"),
        (HEAD + "SELECT 1,\n'a;\n" + HEAD.replace(" a", " b") + "SELECT 'b'", 5, 'unterminated: "\'a;"'),
        (HEAD + 'SELECT "a', 4, "unterminated"),
        (HEAD + "SELECT E'a\\'", 4, "unterminated"),
        (HEAD + "SELECT\n$a$ $b$", 5, "unterminated"),
        (HEAD + "SELECT 1\n/* /* */", 5, "unterminated"),
        (HEAD + "SELECT\n$1", 5, "$1: write a parameter as :name"),
        (SORTED.replace("text", "jsonb") + "SELECT {keyset} {order}", 4, "malformed sort"),
        (SORTED.replace("asc", "up") + "SELECT {keyset} {order}", 4, "malformed sort"),
        (SORTED.replace("asc", "asc null 'x'") + "SELECT {keyset} {order}", 4, "malformed sort"),
        (SORTED + "-- sort: x m.y text asc\nSELECT {keyset} {order}", 5, "sort x is there already"),
        (SORTED + "SELECT {keyset}", 1, "{keyset} and {order}"),
        (SORTED + "SELECT {order}", 1, "{keyset} and {order}"),
        (SORTED + "SELECT '{keyset} {order}'", 1, "{keyset} and {order}"),
        (HEAD + "SELECT {key}", 1, "{keyset} and {order}"),
        (SORTED + "SELECT {key} {order}", 1, "{keyset} and {order}"),
        (HEAD + "SELECT {keyset} {order}", 1, "{keyset} and {order}"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(StatementError) as refused:
        parse(text, PATH)
    assert str(refused.value).startswith(f"sql/movies.sql:{line}: ")
    assert problem in str(refused.value)


def test_comments_may_stand_after_the_semicolon_and_fragments_hold_parameters() -> None:
    text = "-- fragment: mine\nowner = :owner;\n\n" + HEAD + "\nSELECT 1 WHERE {mine}; /* so */\n\n-- The next part.\n"
    assert parse(text, PATH)["a"].sql == "SELECT 1 WHERE owner = $1"


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "read_once.sql").write_text(HEAD + "SELECT 'é';\n", encoding="utf-8")
    statements = load("read_once")
    assert statements["a"].name == "read_once.a"
    assert statements["a"].sql == "SELECT 'é'"
    assert load("read_once") is statements


LINES = st.sampled_from([
    *FILE.split("\n"), "-- fragment: f", "{f}", "-- name: b(x)", "-- name: b(", "'", ";", "SELECT :x, {f}",
    "SELECT 1 WHERE {keyset} ORDER BY {order};", "-- sort: x y z", "$$", "/*", "*/", "$1", ":after_id",
])  # fmt: skip
ENTRIES = st.sampled_from([FILE, HEAD + "SELECT ':x', :x::text", SORTED.replace(" a\n", " c\n") + "{keyset} {order}"])


@given(st.text() | st.lists(LINES | ENTRIES | st.text(max_size=5), max_size=12).map("\n".join))
def test_any_text_is_either_refused_with_a_line_of_it_or_read_with_all_its_parameters(text: str) -> None:
    try:
        statements = parse(text, PATH)
    except StatementError as error:
        at = re.match(r"sql/movies\.sql:(\d+): .", str(error), re.DOTALL)
        assert at
        assert 1 <= int(at[1]) <= text.count("\n") + 1
        return
    for statement in statements.values():
        for variant in statement.variants():
            used = {piece.text for piece in scan(variant.sql) if piece.kind is Kind.POSITION}
            assert used == {f"${number}" for number in range(1, len(variant.parameters) + 1)}
