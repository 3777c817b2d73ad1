"""``sql/<table>.sql`` as values: each named statement, checked and rewritten to ``$1``, ``$2`` once, at load.

    -- name: list_missing(monitored, limit)
    -- Monitored movies without a file.
    -- budget: complex
    -- sort: title m.sort_title text asc
    -- sort: year m.year integer desc null 0
    SELECT {movie_columns} FROM movies AS m
    WHERE m.monitored = :monitored AND {keyset} ORDER BY {order} LIMIT :limit;

The signature is optional and fixes the order of the parameters. ``null`` gives the value as which a NULL is
sorted; ``{key}`` stands for what a sort order sorts by. A list of columns, or any other text, is shared as
``-- fragment: movie_columns`` above its first use. ``-- plan: seq movies: every movie is wanted`` lets a statement read
large tables from end to end, and says why; no other does.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import takewhile
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from radarr_db import resources
from radarr_db.errors import InvalidArgumentError, StatementError
from radarr_db.scanner import Kind, Piece, scan

SORT_TYPES = ("text", "integer", "bigint", "real", "numeric", "interval", "date", "timestamptz")

_SLOTS = _KEYSET, _ORDER, _KEY = "{keyset}", "{order}", "{key}"
_KEYSET_PARAMETERS = ("after_key", "after_id")
_NAME = r"[a-z_][a-z0-9_]*"
_MARK = re.compile(r"^[ \t]*--[ \t]*(?:name|fragment)[ \t]*:.*$", re.MULTILINE | re.IGNORECASE)
_HEADER = re.compile(
    rf"-- (?:fragment: (?P<fragment>{_NAME})"
    rf"|name: (?P<name>{_NAME})(?P<signature>\((?:{_NAME}(?:, *{_NAME})*)?\))?)"
)
_PLAN = re.compile(rf"seq ({_NAME}(?:, {_NAME})*): \S.*")
_SORT = re.compile(
    rf"(?P<key>{_NAME}) (?P<column>(?P<alias>{_NAME}\.)?(?P<attribute>{_NAME}))"
    rf" (?P<type>{'|'.join(SORT_TYPES)}) (?P<direction>asc|desc)(?: null (?P<null>[^\s'\\]+))?"
)


class Budget(enum.StrEnum):
    """The class of a statement's cost; TARGETS has the limit of each."""

    SIMPLE = enum.auto()
    COMPLEX = enum.auto()
    JSONB = enum.auto()
    SEARCH = enum.auto()
    WRITE = enum.auto()
    BULK = enum.auto()
    MAINTENANCE = enum.auto()


# The milliseconds that 95 % of a statement's runs may take. What is bulk has no end of its own, and so none.
TARGETS = {
    # The specification's.
    Budget.SIMPLE: 5,
    Budget.COMPLEX: 10,
    Budget.JSONB: 15,
    Budget.SEARCH: 20,
    # Nobody specified these. A write is answered while a person waits, as a complex query is. Maintenance is done by
    # night, but beside users: what holds locks for longer than a second is felt.
    Budget.WRITE: 10,
    Budget.MAINTENANCE: 1000,
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Statement:
    """One named statement.

    ``name`` has the table before it: ``movies.find_by_tmdb_id``. ``parameters`` are in the order of ``$1``,
    ``$2``; ``doc`` is the comment. ``scans`` are the large tables that it may read from end to end. One that is
    ``read_only``, as the server found, gives the same on a standby. ``sorts`` are the sort orders by
    key: each is two statements of the same name, and ``sql`` is the first page of the first order. These variants have
    no ``sorts`` themselves.
    """

    name: str
    sql: str
    parameters: tuple[str, ...]
    doc: str
    budget: Budget
    path: Path
    line: int
    scans: frozenset[str] = frozenset()
    read_only: bool = False
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    _pick: Callable[[Mapping[str, object]], tuple[object, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pick", _picker(self.parameters))

    def bind(self, params: Mapping[str, object]) -> tuple[object, ...]:
        """The arguments in the order of ``$1``, ``$2``; StatementError names the missing and the surplus."""
        try:
            if len(params) == len(self.parameters):
                return self._pick(params)
        except KeyError:
            pass
        problems = [f"parameter {name} is missing" for name in self.parameters if name not in params]
        problems += [f"parameter {name} is surplus" for name in params if name not in self.parameters]
        raise StatementError(f"{self.name}: {', '.join(problems)}")

    def sort(self, key: object) -> Sort:
        """The sort order ``key``; InvalidArgumentError when it is not declared."""
        found = self.sorts.get(key) if isinstance(key, str) else None
        if found is None:
            raise InvalidArgumentError("sort", f"unknown: {str(key)!r}; one of {', '.join(self.sorts) or 'none'}")
        return found

    def variants(self) -> Iterator[Statement]:
        """All that can be sent under this name: two statements for each sort order, or just this one."""
        if not self.sorts:
            yield self
        for sort in self.sorts.values():
            yield from (sort.first, sort.after)

    def __repr__(self) -> str:
        return f"<Statement {self.name}>"


class Sort(NamedTuple):
    """A sort order: ``first`` reads the first page, ``after`` what follows ``after_key``, ``after_id``.

    ``attribute`` is the bare name of the column sorted by, ``type`` its type, one of SORT_TYPES.
    """

    key: str
    attribute: str
    type: str
    first: Statement
    after: Statement


class _LineError(Exception):
    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


class _Comments(NamedTuple):
    doc: str
    budget: Budget
    scans: frozenset[str]
    sorts: dict[str, re.Match[str]]


class _Entry(NamedTuple):
    is_fragment: bool
    name: str
    signature: list[str] | None
    line: int
    comments: list[str]
    pieces: list[Piece]


@cache
def load(table: str) -> Mapping[str, Statement]:
    """The statements of ``sql/<table>.sql`` by name; StatementError says where the file is at fault."""
    path = resources.folder("sql") / f"{table}.sql"
    return MappingProxyType(parse(path.read_text(encoding="utf-8"), path))


def parse(text: str, path: Path) -> dict[str, Statement]:
    """The statements in ``text``, which is what ``path`` holds; no file is read."""
    statements: dict[str, Statement] = {}
    fragments: dict[str, _Entry] = {}
    used: set[str] = set()
    try:
        for entry in _entries(text):
            known = fragments if entry.is_fragment else statements
            _require(entry.name not in known, entry.line, f"{entry.name} is there already")
            pieces = list(_expand(entry.pieces, fragments, used))
            if entry.is_fragment:
                fragments[entry.name] = entry._replace(pieces=pieces)
            else:
                statements[entry.name] = _statement(entry, pieces, path)
        for name, fragment in fragments.items():
            _require(name in used, fragment.line, f"fragment {name} is not used")
    except _LineError as error:
        raise StatementError(f"{path}:{error.line}: {error}") from None
    return statements


def _require(condition: object, line: int, problem: str) -> None:
    if not condition:
        raise _LineError(line, problem)


def _entries(text: str) -> Iterator[_Entry]:
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)]
    for number, line in enumerate(text[: ends[0]].split("\n"), 1):
        _require(not line.strip() or _is_comment(line), number, "text before the first header")
    for mark, end in zip(marks, ends[1:], strict=True):
        yield _entry(mark.group(), text[mark.end() + 1 : end], text.count("\n", 0, mark.start()) + 1)


def _entry(header: str, text: str, line: int) -> _Entry:
    found = _HEADER.fullmatch(header.rstrip())
    if not found:
        raise _LineError(line, "malformed: write `-- name: find(id)` or `-- fragment: columns`")
    fragment, name, signature = found.groups()
    _require(f"{{{fragment}}}" not in _SLOTS, line, f"the name {fragment} is reserved")
    lines = text.split("\n")
    comments = list(takewhile(_is_comment, lines))
    body = "\n".join(lines[len(comments) :]).rstrip()
    pieces = list(_pieces(body, line + 1 + len(comments)))
    _require(any(piece.text.strip() for piece in pieces), line, "no SQL below the header")
    declared = None if signature is None else re.findall(_NAME, signature)
    return _Entry(fragment is not None, fragment or name, declared, line, comments, pieces)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("--")


def _pieces(body: str, line: int) -> Iterator[Piece]:
    """One statement or fragment, without its comments and its last semicolon."""
    end = 0
    for piece in scan(body, line):
        if piece.kind is Kind.COMMENT:
            # A block comment may be all that parts two words; after a line comment the line ends anyway.
            yield Piece(Kind.TEXT, " " if piece.text.startswith("/*") else "", piece.line)
            continue
        _require(piece.kind is not Kind.UNTERMINATED, piece.line, f"unterminated: {piece.text[:20]!r}")
        _require(piece.kind is not Kind.POSITION, piece.line, f"{piece.text}: write a parameter as :name")
        _require(not end or not piece.text.strip(), end, "a semicolon before the end of the statement")
        if piece.kind is Kind.END:
            end = piece.line
        else:
            yield piece


def _expand(pieces: list[Piece], fragments: Mapping[str, _Entry], used: set[str]) -> Iterator[Piece]:
    """The pieces with those of fragments in place. Only those above are known, so none can hold itself."""
    for piece in pieces:
        name = piece.text[1:-1]
        if piece.kind is not Kind.FRAGMENT or piece.text in _SLOTS:
            yield piece
            continue
        _require(name in fragments, piece.line, f"no fragment {name!r} stands above")
        used.add(name)
        yield from fragments[name].pieces


def _statement(entry: _Entry, pieces: list[Piece], path: Path) -> Statement:
    comments = _comments(entry)
    declared = comments.sorts
    slots = {piece.text for piece in pieces if piece.kind is Kind.FRAGMENT}
    _require(
        {_KEYSET, _ORDER} <= slots if declared else not slots,
        entry.line,
        "{keyset} and {order} belong in a statement with sort orders, and {key} in no other",
    )
    parameters = _parameters(entry, pieces)
    name = f"{path.stem}.{entry.name}"
    make = partial(
        Statement,
        name,
        doc=comments.doc,
        budget=comments.budget,
        path=path,
        line=entry.line,
        scans=comments.scans,
        read_only=name in _read_only(),
    )
    if not declared:
        return make(sql=_render(pieces, parameters, {}), parameters=parameters)
    sorts = {key: _sort(found, make, pieces, parameters) for key, found in declared.items()}
    first = next(iter(sorts.values())).first
    return make(sql=first.sql, parameters=parameters, sorts=sorts)


@cache
def _read_only() -> frozenset[str]:
    """What scripts/read_only.py found when it ran every statement where the server lets nobody write."""
    return frozenset((resources.folder("sql") / "read_only.txt").read_text(encoding="utf-8").split())


def _comments(entry: _Entry) -> _Comments:
    """What the lines below the header say."""
    doc: list[str] = []
    budgets: list[Budget] = []
    scans: set[str] = set()
    sorts: dict[str, re.Match[str]] = {}
    for line, raw in enumerate(entry.comments, entry.line + 1):
        comment = raw.strip().removeprefix("--").strip()
        directive, _, value = comment.partition(":")
        value = " ".join(value.split())
        if directive == "budget":
            _require(value in list(Budget), line, f"unknown budget {value!r}: one of {', '.join(Budget)}")
            budgets.append(Budget(value))
        elif directive == "plan":
            plan = _PLAN.fullmatch(value)
            if not plan:
                raise _LineError(line, "malformed plan: `seq movies: the reason`")
            scans.update(plan[1].split(", "))
        elif directive == "sort":
            found = _SORT.fullmatch(value)
            if not found:
                raise _LineError(line, f"malformed sort: `year m.year integer desc null 0`, of {SORT_TYPES}")
            _require(found["key"] not in sorts, line, f"sort {found['key']} is there already")
            sorts[found["key"]] = found
        else:
            doc.append(comment)
    _require(any(doc), entry.line, "the documentation is missing")
    _require(len(budgets) == 1, entry.line, "one budget is needed")
    return _Comments("\n".join(doc).strip(), budgets[0], frozenset(scans), sorts)


def _parameters(entry: _Entry, pieces: list[Piece]) -> tuple[str, ...]:
    """The names in the order of the signature, without one in that of their first use."""
    used: dict[str, int] = {}
    for piece in pieces:
        if piece.kind is Kind.PARAMETER:
            used.setdefault(piece.text[1:], piece.line)
    for name in _KEYSET_PARAMETERS:
        _require(name not in used, used.get(name, 0), f"the name :{name} is reserved")
    declared = list(used) if entry.signature is None else entry.signature
    for name in declared:
        _require(used.pop(name, 0), entry.line, f"parameter {name} is not used, or declared twice")
    for name, line in used.items():
        raise _LineError(line, f"parameter :{name} is not declared")
    return tuple(declared)


def _sort(
    found: re.Match[str], make: Callable[..., Statement], pieces: list[Piece], parameters: tuple[str, ...]
) -> Sort:
    key, column, alias, attribute, kind, direction, null = found.groups()
    expression, after_key = column, f"${len(parameters) + 1}::{kind}"
    if null:
        expression, after_key = (f"COALESCE({value}, '{null}'::{kind})" for value in (expression, after_key))
    row_id = f"{alias or ''}id"
    order = f"{expression} {direction.upper()}, {row_id} {direction.upper()}"
    slots = {_KEYSET: "TRUE", _ORDER: order, _KEY: expression}
    first = make(sql=_render(pieces, parameters, slots), parameters=parameters)
    beyond = ">" if direction == "asc" else "<"
    slots[_KEYSET] = f"({expression}, {row_id}) {beyond} ({after_key}, ${len(parameters) + 2}::bigint)"
    after = make(sql=_render(pieces, parameters, slots), parameters=parameters + _KEYSET_PARAMETERS)
    return Sort(key, attribute, kind, first, after)


def _render(pieces: list[Piece], parameters: tuple[str, ...], slots: dict[str, str]) -> str:
    """The text as it is sent."""
    values = {f":{name}": f"${number}" for number, name in enumerate(parameters, 1)} | slots
    kept = (piece.text if piece.kind is Kind.TEXT else values[piece.text] for piece in pieces)
    return "".join(kept).strip()


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, object]], tuple[object, ...]]:
    """From a mapping to its values in the order of ``names``; itemgetter makes a tuple only from two on."""
    if len(names) > 1:
        return itemgetter(*names)
    if names:
        (name,) = names
        return lambda params: (params[name],)
    return lambda _: ()
