"""Movies from JSON lines in the shape of the specification: an object a line, its keys those of ``NewMovie``.

A line that cannot be used is reported with its number and the reason, and keeps no other one out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from radarr_db import checks, encoding, statements
from radarr_db.engine import Database
from radarr_db.errors import ConflictError, InvalidArgumentError
from radarr_db.models.movies import NewMovie
from radarr_db.query import Query, affected
from radarr_db.repositories import movies

BUNDLED = Path(__file__).parent / "data" / "movies.jsonl"

# Most of the time the server folds and indexes texts, on one core for each connection.
WRITERS = 2
BATCH = 1000

_CREATE_MANY = statements.load("movies")["create_many"]
_FIELDS = tuple(field.name for field in dataclasses.fields(NewMovie))
_REQUIRED = ("tmdb_id", "title")

# TMDB's words for what has another one here.
_STATUSES = {"rumored": "announced", "planned": "announced", "canceled": "cancelled"}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out; numbers count from 1."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How many movies were stored, and the lines that were not, in their order."""

    loaded: int
    bad: list[BadLine]


@dataclass(frozen=True, slots=True)
class _Row:
    """A checked movie, as the text that goes to the server."""

    number: int
    tmdb_id: int
    text: checks.Json


def lines(file: BinaryIO) -> Iterable[bytes]:
    """The lines of ``file``, compressed with gzip or not, whatever its name says."""
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if is_gzip else file


def load(db: Database, lines: Iterable[bytes]) -> LoadReport:
    """Stores the movies of ``lines``; blank ones are passed over.

    Of two lines with one TMDB id the first counts, and a stored movie goes before both. Where ``lines``
    breaks off, as a damaged file does, what came before stays. UnavailableError as for any query.
    """
    bad: list[BadLine] = []
    rows = _rows(lines, dict.fromkeys(db.run(movies.list_tmdb_ids()), 0), bad)
    loaded = 0
    writing: deque[Future[int]] = deque()
    with ThreadPoolExecutor(WRITERS) as writers:
        while batch := list(islice(rows, BATCH)):
            writing.append(writers.submit(_store, db, batch, bad))
            if len(writing) > WRITERS:  # one waits, so that no writer does; more would only take memory
                loaded += writing.popleft().result()
        loaded += sum(future.result() for future in writing)
    return LoadReport(loaded, sorted(bad, key=attrgetter("number")))


def _store(db: Database, rows: Sequence[_Row], bad: list[BadLine]) -> int:
    """How many of ``rows`` were stored; one that only the server refuses is found by halving."""
    try:
        return db.run(_create_many(rows))
    except (ConflictError, InvalidArgumentError) as error:
        if len(rows) == 1:
            bad.append(BadLine(rows[0].number, str(error)))
            return 0
        middle = len(rows) // 2
        return _store(db, rows[:middle], bad) + _store(db, rows[middle:], bad)


def _create_many(rows: Sequence[_Row]) -> Query[int]:
    """``movies.create_many`` of what is checked already: checking again would take longer than reading it."""
    return affected(_CREATE_MANY, movies=encoding.array(row.text for row in rows))


def _rows(lines: Iterable[bytes], taken: dict[int, int], bad: list[BadLine]) -> Iterator[_Row]:
    """The good lines; ``taken`` has the line of each TMDB id met so far, 0 for what is stored."""
    for number, line in _numbered(lines, bad):
        try:
            row = _row(number, line)
            if row.tmdb_id in taken:
                place = taken[row.tmdb_id]
                where = f"stands in line {place}" if place else "is stored"
                raise InvalidArgumentError("tmdb_id", f"{row.tmdb_id} {where} already")
        except (ValueError, RecursionError) as error:
            bad.append(BadLine(number, _reason(error)))
        else:
            taken[row.tmdb_id] = number
            yield row


def _numbered(lines: Iterable[bytes], bad: list[BadLine]) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line
    except (EOFError, OSError, zlib.error) as error:
        bad.append(BadLine(number + 1, f"the file is damaged from here on: {error}"))


def _row(number: int, line: bytes) -> _Row:
    movie = _movie(json.loads(line.decode("utf-8-sig")))
    return _Row(number, movie.tmdb_id, encoding.record("movie", movie, NewMovie))


def _movie(found: object) -> NewMovie:
    if not isinstance(found, dict):
        raise InvalidArgumentError("line", "is not a JSON object")
    known = {name: found[name] for name in _FIELDS if found.get(name) is not None}
    for name in _REQUIRED:
        if name not in known:
            raise InvalidArgumentError(name, "is missing")
    for name, read in _READERS.items():
        if isinstance(text := known.get(name), str):
            known[name] = read(name, text)
    return NewMovie(**known)


def _day(name: str, text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None  # TMDB writes "" for an unknown day
    except ValueError:
        raise InvalidArgumentError(name, "must be a day as in 1999-03-31") from None


def _moment(name: str, text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise InvalidArgumentError(name, "must be a moment as in 1999-03-31T12:00:00Z") from None


def _status(_name: str, text: str) -> str:
    status = text.strip().lower().replace(" ", "_")
    return _STATUSES.get(status, status)


_READERS: dict[str, Callable[[str, str], object]] = {
    **dict.fromkeys(("release_date", "physical_release", "digital_release", "in_cinemas"), _day),
    **dict.fromkeys(("added", "last_search_time", "last_info_sync"), _moment),
    "status": _status,
}


def _reason(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return f"byte {error.start + 1} is not UTF-8"
        case json.JSONDecodeError():
            return f"not JSON: {error.msg} at character {error.pos + 1}"
        case RecursionError():
            return "not JSON that can be read: nested too deep"
        case _:
            return str(error)
