"""An SQL script cut into its statements, by the rules of psql.

yoyo's own cut (sqlparse) ends a statement inside a nested comment, and runs past the end of one that names a
column ``begin``. Sending the script whole would not do either: CREATE INDEX CONCURRENTLY must travel alone,
and most errors do not tell which statement they are of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    --[^\n]* | /\*
    | [eE]'(?: [^'\\] | \\. | '' )*'
    | '(?: [^'] | '' )*'
    | "(?: [^"] | "" )*"
    | \$(?P<tag> (?: [^\W\d]\w* )? )\$ .*? \$(?P=tag)\$
    | [^\W\d][\w$]*
    | \S
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_CONTROL = re.compile(
    r"(abort|begin|commit|end|prepare\s+transaction|release|rollback|savepoint|start)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a script, without its semicolon, and the line of the script it starts in."""

    text: str
    line: int

    @property
    def controls_transaction(self) -> bool:
        """Whether it begins, ends or divides a transaction."""
        return _CONTROL.match(self.text) is not None

    @property
    def summary(self) -> str:
        """Its beginning, on one line."""
        return " ".join(self.text.split())[:200]


def split(script: str) -> list[Step]:
    """The statements of ``script`` in their order; comments between them are left out."""
    steps: list[Step] = []
    tokens: list[re.Match[str]] = []
    depth, in_body, previous = 0, False, ""
    for token in _tokens(script):
        word = token[0].lower()
        if word == ";" and depth <= 0:
            steps += _step(script, tokens)
            tokens, in_body, depth = [], False, 0
            continue
        tokens.append(token)
        # Semicolons in parentheses (CREATE RULE) and in a body of BEGIN ATOMIC ... END separate nothing.
        in_body = in_body or (previous, word) == ("begin", "atomic")
        if word == "(" or (in_body and word in {"atomic", "case"}):
            depth += 1
        elif word == ")" or (in_body and word == "end"):
            depth -= 1
        previous = word
    return steps + _step(script, tokens)


def _step(script: str, tokens: list[re.Match[str]]) -> list[Step]:
    if not tokens:
        return []
    start, end = tokens[0].start(), tokens[-1].end()
    return [Step(script[start:end], script.count("\n", 0, start) + 1)]


def _tokens(script: str) -> Iterator[re.Match[str]]:
    position = 0
    while token := _TOKEN.search(script, position):
        position = token.end()
        if token[0] == "/*" and (end := _end_of_comment(script, position)):
            position = end
        elif not token[0].startswith("--"):
            # An unterminated comment or quote is passed on as it stands: the server names the error.
            yield token


def _end_of_comment(script: str, position: int) -> int | None:
    depth = 1
    for mark in _COMMENT_MARK.finditer(script, position):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return None
