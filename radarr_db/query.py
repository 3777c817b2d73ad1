"""``Query[T]``: one named statement, its bound arguments and how to read its result.

A query is a value. Repository functions make it without touching a server; an engine runs it, and the type
checker knows from ``T`` what comes back. The functions below are the shapes a result can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from radarr_db import keyset
from radarr_db.errors import InvalidArgumentError, NotFoundError
from radarr_db.rows import Row, row_maker
from radarr_db.statements import Statement

R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)

PAGE_LIMIT = 1000

Params = tuple[object, ...]


class Query(Generic[T_co]):
    """A statement with its arguments, and how its result becomes a ``T``.

    ``read`` takes the rows and the number of rows affected. ``make_row`` turns one row into one item, for
    whoever streams. ``batches``, when set, yields the arguments of each of several executions that together
    are one act: they run in one transaction, and ``read`` takes the rows of all of them.
    """

    __slots__ = ("batches", "make_row", "params", "read", "statement")

    def __init__(
        self,
        statement: Statement,
        params: Params,
        read: Callable[[Sequence[Row], int], T_co],
        make_row: Callable[[Row], Any],
        batches: Callable[[], Iterator[Params]] | None = None,
    ) -> None:
        self.statement = statement
        self.params = params
        self.read = read
        self.make_row = make_row
        self.batches = batches

    @property
    def name(self) -> str:
        """The statement's name with its table: ``movies.find_by_tmdb_id``."""
        return self.statement.name

    @property
    def sql(self) -> str:
        """The text as it is sent, with ``$1``, ``$2`` in the place of the parameters."""
        return self.statement.sql

    def __repr__(self) -> str:
        """Without the arguments: they may be secret."""
        return f"<Query {self.name}>"


class Page(Sequence[R_co]):
    """A page of a longer list.

    ``items`` are the rows; the page itself is a sequence of them too. ``next`` is the token to pass as
    ``after`` for the page that follows, None on the last page.
    """

    __slots__ = ("items", "next")

    def __init__(self, items: Sequence[R_co], next: str | None = None) -> None:  # noqa: A002 - named in the design
        self.items = items
        self.next = next

    @overload
    def __getitem__(self, index: int) -> R_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R_co]: ...
    def __getitem__(self, index: int | slice) -> R_co | Sequence[R_co]:
        return self.items[index]

    def __iter__(self) -> Iterator[R_co]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Page({len(self.items)} items, next={self.next!r})"


def one(row: type[R], statement: Statement, **params: object) -> Query[R]:
    """Exactly one row; NotFoundError when there is none."""
    make = row_maker(row)
    # Only an identifier is shown, never another argument: that could be a secret.
    key = params.get("id")

    def read(rows: Sequence[Row], _affected: int) -> R:
        if not rows:
            raise NotFoundError(f"{statement.name}: no row" + (f" with id {key}" if key is not None else ""))
        return make(rows[0])

    return Query(statement, statement.bind(params), read, make)


def optional(row: type[R], statement: Statement, **params: object) -> Query[R | None]:
    """One row, or None."""
    make = row_maker(row)
    return Query(statement, statement.bind(params), lambda rows, _: make(rows[0]) if rows else None, make)


def many(row: type[R], statement: Statement, **params: object) -> Query[list[R]]:
    """All rows, in the statement's order."""
    make = row_maker(row)
    return Query(statement, statement.bind(params), lambda rows, _: [make(r) for r in rows], make)


def page(
    row: type[R],
    statement: Statement,
    *,
    sort: str,
    limit: int | None,
    after: str | None,
    unlimited: bool = False,
    **params: object,
) -> Query[Page[R]]:
    """At most ``limit`` rows that follow the page token ``after`` in the order ``sort``.

    One row more than asked for is fetched: it tells whether another page follows. Only an ``unlimited`` list
    may be read whole, with None as its limit.
    """
    order = statement.sort(sort)
    in_range = type(limit) is int and 1 <= limit <= PAGE_LIMIT
    if not in_range and not (unlimited and limit is None):
        raise InvalidArgumentError("limit", f"must be a whole number from 1 to {PAGE_LIMIT}")
    params["limit"] = None if limit is None else limit + 1
    chosen = order.first
    if after is not None:
        chosen = order.after
        params["after_key"], params["after_id"] = keyset.decode(after, statement.name, order)
    make = row_maker(row)

    def read(rows: Sequence[Row], _affected: int) -> Page[R]:
        items = [make(r) for r in rows]
        if limit is None or len(items) <= limit:
            return Page(items)
        del items[limit:]
        return Page(items, keyset.encode(items[-1], statement.name, order))

    return Query(chosen, chosen.bind(params), read, make)


def scalar(convert: Callable[[Any], R], statement: Statement, **params: object) -> Query[R]:
    """The only column of the only row, through ``convert``."""
    return Query(
        statement,
        statement.bind(params),
        lambda rows, _: convert(rows[0][0]),
        lambda row: convert(row[0]),
    )


def column(convert: Callable[[Any], R], statement: Statement, **params: object) -> Query[list[R]]:
    """The only column of all rows, each through ``convert``."""
    return Query(
        statement,
        statement.bind(params),
        lambda rows, _: [convert(row[0]) for row in rows],
        lambda row: convert(row[0]),
    )


def affected(statement: Statement, **params: object) -> Query[int]:
    """How many rows the statement wrote."""
    return Query(statement, statement.bind(params), lambda _, count: count, _unread)


def batched(statement: Statement, batches: Callable[[], Iterable[dict[str, object]]]) -> Query[int]:
    """How many rows were written by one execution for each of ``batches``, all in one transaction."""
    return Query(
        statement,
        (),
        lambda _, count: count,
        _unread,
        lambda: map(statement.bind, batches()),
    )


def _unread(row: Row) -> Row:
    return row
