"""An SQL script cut into its statements, by the rules of psql.

yoyo's own cut (sqlparse) ends a statement inside a nested comment, and runs past the end of one that names a
column ``begin``. Sending the script whole would not do either: CREATE INDEX CONCURRENTLY must travel alone,
and most errors do not tell which statement they are of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from radarr_db.scanner import Kind, Piece, scan

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
    pieces: list[Piece] = []
    depth, in_body, previous = 0, False, ""
    for piece in scan(script):
        word = piece.text.lower()
        if piece.kind is Kind.COMMENT or word.isspace():
            if pieces:
                pieces.append(piece)
            continue
        if piece.kind is Kind.END and depth <= 0:
            steps += _step(pieces)
            pieces, in_body, depth = [], False, 0
            continue
        pieces.append(piece)
        # Semicolons in parentheses (CREATE RULE) and in a body of BEGIN ATOMIC ... END separate nothing.
        in_body = in_body or (previous, word) == ("begin", "atomic")
        if word == "(" or (in_body and word in {"atomic", "case"}):
            depth += 1
        elif word == ")" or (in_body and word == "end"):
            depth -= 1
        previous = word
    return steps + _step(pieces)


def _step(pieces: list[Piece]) -> list[Step]:
    while pieces and (pieces[-1].kind is Kind.COMMENT or pieces[-1].text.isspace()):
        pieces.pop()
    return [Step("".join(piece.text for piece in pieces), pieces[0].line)] if pieces else []
