"""The parameters and fragments of an SQL text, told from what only looks like one in a quote or a comment.

It follows PostgreSQL's own lexer, standard_conforming_strings on. A parameter is ``:name`` whose colon does
not follow another colon, an identifier, a number, ``]`` or ``)``: the casts ``x::text`` and the slices
``x[1:n]`` and ``x[a:b]`` stay as they are, while ``x[:n]`` and ``x[1: :n]`` hold a parameter.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import NamedTuple


class Kind(enum.StrEnum):
    """What a piece of SQL text is: a group of the pattern below."""

    TEXT = enum.auto()
    COMMENT = enum.auto()
    PARAMETER = enum.auto()
    FRAGMENT = enum.auto()
    POSITION = enum.auto()
    END = enum.auto()
    UNTERMINATED = enum.auto()


class Piece(NamedTuple):
    """A stretch of SQL text; ``line`` is the line that it begins on."""

    kind: Kind
    text: str
    line: int


_LETTER = r"A-Za-z_\x80-\U0010FFFF"
_TAG = rf"(?:[{_LETTER}][{_LETTER}\d]*)?"
# Strings with a line break between them are one string, with the escapes of the first.
_BREAK = r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:\s|--[^\n\r]*[\n\r])*"
_PIECE = re.compile(
    rf"""
    (?P<comment> \s*--[^\n\r]* )
  | (?P<parameter> (?<![{_LETTER}\d$:\])"]):[{_LETTER}][{_LETTER}\d]*(?![{_LETTER}\d$']) )
  | (?P<fragment> \{{[^{{}}'"\n]*\}} )
  | (?P<position> \$\d+ )
  | (?P<end> ; )
  | (?P<text> \s+
      | [eE]'[^'\\]*(?:(?:\\.|'(?:{_BREAK})?')[^'\\]*)*'(?!(?:{_BREAK})?')
      | '[^']*(?:''[^']*)*'(?!')
      | "[^"]*(?:""[^"]*)*"(?!")
      | \$(?P<tag>{_TAG})\$.*?\$(?P=tag)\$
      | (?![eE]')[{_LETTER}][{_LETTER}\d$]*
      | \d[{_LETTER}\d]*
      | (?! [eE]?' | " | /\* | \${_TAG}\$ ). )
  | (?P<unterminated> [eE]?' | " | /\* | \${_TAG}\$ )
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def scan(text: str, line: int = 1) -> Iterator[Piece]:
    """The pieces of ``text``, which joined are ``text`` again; what is never closed is the last of them."""
    end = 0
    while match := _PIECE.match(text, end):
        kind, end = Kind(str(match.lastgroup)), match.end()
        if kind is Kind.UNTERMINATED:
            closed = _comment_end(text, end) if match.group() == "/*" else None
            kind, end = (Kind.COMMENT, closed) if closed else (kind, len(text))
        piece = text[match.start() : end]
        yield Piece(kind, piece, line)
        line += piece.count("\n")


def _comment_end(text: str, start: int) -> int | None:
    """The end of the block comment whose inside begins at ``start``; None if it has none. They nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return None
