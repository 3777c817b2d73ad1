from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radarr_db.scanner import Kind, scan

SPECIAL = st.text(alphabet=":x{}'\"$-*/;\\\n\rE[]=>@?1 é", max_size=12)


def found(text: str, kind: Kind) -> list[str]:
    return [piece.text for piece in scan(text) if piece.kind is kind]


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (":a", [":a"]),
        ("a = :a AND b>=:b_1", [":a", ":b_1"]),
        ("(:a,:b)", [":a", ":b"]),
        (":a::text", [":a"]),
        (":a :: text", [":a"]),
        ("a::text", []),
        ("f(x := :a, y => :b, z=>:c)", [":a", ":b", ":c"]),
        ("x[1:2]", []),
        ("x[1:n]", []),
        ("x[a:b]", []),
        ('x["a":b]', []),
        ("x[y[1]:b]", []),
        ("x[f(1):b]", []),
        ("x[:a]", [":a"]),
        ("x[1: :a]", [":a"]),
        ("x[:a : :b]", [":a", ":b"]),
        ("x ->> :a #> :b @> :c", [":a", ":b", ":c"]),
        ("x ? :a @? :b @@ :c", [":a", ":b", ":c"]),
        ("x->>:a", [":a"]),
        ("':a'", []),
        ("'it''s :a'", []),
        ("'\\' = :a", [":a"]),
        ("E'\\' :a' = :b", [":b"]),
        ("e'\\\\' = :a", [":a"]),
        ("E'a'\n  '\\' :a' = :b", [":b"]),
        ("E'a' -- then\n'\\' :a' = :b", [":b"]),
        ("typee'\\' = :a", [":a"]),
        ("U&'\\0441:a' = :b", [":b"]),
        ('":a""" = :b', [":b"]),
        ("$$ :a $$ = :b", [":b"]),
        ("$t$ :a $$ ' $T$ $t$ = :b", [":b"]),
        ("a$b$c = :a AND d$b$e", [":a"]),
        ("\u00a0$b$ = :a", [":a"]),
        ("1$b$ :a $b$", []),
        ("-- :a\n:b", [":b"]),
        ("-- it's\r:b", [":b"]),
        ("/* :a /* :b */ :c */ :d", [":d"]),
        ("a*/*:b*/:c", [":c"]),
        ("1 @-- :a\n- :b", [":b"]),
        (":e'\\' :a'", []),
        (":a$b", []),
    ],
)
def test_a_parameter_is_found_only_where_it_is_one(text: str, parameters: list[str]) -> None:
    assert found(text, Kind.PARAMETER) == parameters
    assert found(text, Kind.UNTERMINATED) == []


@pytest.mark.parametrize(
    ("text", "fragments"),
    [("SELECT {a}, {b_1}", ["{a}", "{b_1}"]), ("'{a}' \"{b}\" $${c}$$ -- {d}", []), ("'{\"a\": 1}'", [])],
)
def test_a_fragment_is_found_only_outside_of_quotes_and_comments(text: str, fragments: list[str]) -> None:
    assert found(text, Kind.FRAGMENT) == fragments


def test_a_numbered_parameter_is_told_from_a_dollar_quote_and_an_identifier() -> None:
    assert found("$1, a$2, $$ $3 $$, '$4'", Kind.POSITION) == ["$1"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("SELECT 'a", "'a"),
        ("SELECT 'it''s", "'it''s"),
        ("SELECT E'a\\'", "E'a\\'"),
        ("SELECT E'a'\n'\\'", "E'a'\n'\\'"),
        ('SELECT "a""', '"a""'),
        ("SELECT $a$ $b$", "$a$ $b$"),
        ("SELECT /* /* */", "/* /* */"),
    ],
)
def test_what_is_never_closed_is_the_last_piece(text: str, rest: str) -> None:
    assert found(text, Kind.UNTERMINATED) == [rest]
    assert list(scan(text))[-1].text == rest


def _dollar_quote(tag: str, text: str) -> str:
    end = f"${tag}$"
    closed = f"{text}{end}"
    return end + (closed if closed.index(end) == len(text) else end)


def _quoted(quote: str) -> st.SearchStrategy[str]:
    return SPECIAL.map(lambda text: quote + text.replace(quote, quote * 2) + quote)


STRINGS = st.tuples(st.sampled_from(["", "N", "U&", "b", "typee"]), _quoted("'")).map("".join)
ESCAPED = st.lists(st.sampled_from(["\\'", "''", "\\\\", "\\n", ":x", "{y}", "--", "/*", ";", '"', "$$", "\n"]))
COMMENTS = st.recursive(
    st.sampled_from([":x", "{y}", "'", '"', "--", ";", "$a$", "\n", " "]),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: f"/*{''.join(parts)}*/"),
    max_leaves=5,
)
OTHER = [
    "a::text", "x[1:n]", "x[a:b]", "x[1:2]", "x[:]", "f(a := 1)", "f(a => 1)", "a ->> b", "a @> b", "a ? b",
    "a @? b", "a @@ b", "a #> b", "a$b$c", "1.5e10", "e", "E", "é", "::", ":=", ":", "}", "$",
]  # fmt: skip
PLAIN = st.one_of(
    STRINGS,
    ESCAPED.map(lambda parts: f"E'{''.join(parts)}'"),
    _quoted('"'),
    st.builds(_dollar_quote, st.sampled_from(["", "a", "_b1", "é"]), SPECIAL),
    st.text(alphabet=":x{}'\"$-*/; ").map(lambda text: f"--{text}\n"),
    COMMENTS.map(lambda text: f"/*{text}*/"),
    st.sampled_from(OTHER),
).map(lambda text: (text, ()))
REAL = st.sampled_from(["{}", "({})", "x[{}]", "x[1: {}]", "a={}", "{}::text", "a ->> {}", "f(a=>{})", "f(a:={})"])
PARAMETERS = st.builds(
    lambda form, name: (form.format(f":{name}"), (f":{name}",)),
    REAL,
    st.sampled_from(["a", "b_1", "E", "e", "u"]),
)
# Each begins and ends with what neither joins two pieces nor makes a slice of them.
BETWEEN = st.sampled_from([" , ", "\n= ", ",(", "\t<[ "])


@given(st.lists(st.tuples(BETWEEN, PLAIN | PARAMETERS)))
def test_exactly_the_parameters_are_found_among_all_that_looks_like_one(
    parts: list[tuple[str, tuple[str, tuple[str, ...]]]],
) -> None:
    text = "".join(between + piece for between, (piece, _) in parts)
    pieces = list(scan(text))
    assert [piece.text for piece in pieces if piece.kind is Kind.PARAMETER] == [
        name for _, (_, names) in parts for name in names
    ]
    assert "".join(piece.text for piece in pieces) == text
    assert {piece.kind for piece in pieces} <= {Kind.TEXT, Kind.COMMENT, Kind.PARAMETER}


@given(st.text() | st.lists(SPECIAL | PLAIN.map(lambda plain: plain[0])).map("".join))
def test_any_text_comes_back_whole_and_each_piece_knows_its_line(text: str) -> None:
    before = ""
    for piece in scan(text):
        assert piece.text
        assert piece.line == 1 + before.count("\n")
        before += piece.text
    assert before == text
