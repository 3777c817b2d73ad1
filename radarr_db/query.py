"""``Query[T]``: one named statement, its bound arguments and how to read its result.

A query is a value. Repository functions make it without touching a server; an engine runs it, and the type
checker knows from ``T`` what comes back. The functions below are the shapes a result can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
Arguments = dict[str, object]

# Makes the arguments of some executions, of most batches of one.
Batches = Callable[[], list[Params]]


class Query(Generic[T_co]):
    """A statement with its arguments, and how its result becomes a ``T``.

    ``make_row`` turns each row into an item as it is read; ``read`` takes the items and the number of rows
    affected. ``most`` is how many items a page has; the statement gives one more, which no stream shall show.
    ``batches``, when set, yields what makes the arguments of each of several executions that together
    are one act: they run in one transaction, and ``read`` takes the rows of all of them.
    """

    __slots__ = ("batches", "make_row", "most", "params", "read", "statement")

    def __init__(
        self,
        statement: Statement,
        params: Params,
        read: Callable[[list[Any], int], T_co],
        make_row: Callable[[Row], Any],
        *,
        most: int | None = None,
        batches: Callable[[], Iterator[Batches]] | None = None,
    ) -> None:
        self.statement = statement
        self.params = params
        self.read = read
        self.make_row = make_row
        self.most = most
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
    # Only an identifier is shown, never another argument: that could be a secret.
    key = params.get("id")

    def read(items: list[R], _affected: int) -> R:
        if not items:
            raise NotFoundError(f"{statement.name}: no row" + (f" with id {key}" if key is not None else ""))
        return items[0]

    return Query(statement, statement.bind(params), read, row_maker(row))


def optional(row: type[R], statement: Statement, **params: object) -> Query[R | None]:
    """One row, or None."""
    return Query(statement, statement.bind(params), _first, row_maker(row))


def many(row: type[R], statement: Statement, **params: object) -> Query[list[R]]:
    """All rows, in the statement's order."""
    return Query(statement, statement.bind(params), _items, row_maker(row))


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

    def read(items: list[R], _affected: int) -> Page[R]:
        if limit is None or len(items) <= limit:
            return Page(items)
        del items[limit:]
        return Page(items, keyset.encode(items[-1], statement.name, order))

    return Query(chosen, chosen.bind(params), read, row_maker(row), most=limit)


def scalar(convert: Callable[[Any], R], statement: Statement, **params: object) -> Query[R]:
    """The only column of the only row, through ``convert``."""
    return Query(statement, statement.bind(params), _first, lambda row: convert(row[0]))


def column(convert: Callable[[Any], R], statement: Statement, **params: object) -> Query[list[R]]:
    """The only column of all rows, each through ``convert``."""
    return Query(statement, statement.bind(params), _items, lambda row: convert(row[0]))


def affected(statement: Statement, **params: object) -> Query[int]:
    """How many rows the statement wrote."""
    return Query(statement, statement.bind(params), _count, _unread)


def batched(statement: Statement, batches: Callable[[], Iterator[Callable[[], list[Arguments]]]]) -> Query[int]:
    """How many rows were written by the executions of all ``batches``, in one transaction."""

    def bound(make: Callable[[], list[Arguments]]) -> Batches:
        return lambda: [statement.bind(arguments) for arguments in make()]

    return Query(statement, (), _count, _unread, batches=lambda: map(bound, batches()))


def _first(items: list[Any], _affected: int) -> Any:
    return items[0] if items else None


def _items(items: list[Any], _affected: int) -> list[Any]:
    return items


def _count(_items: list[Any], affected: int) -> int:
    return affected


def _unread(row: Row) -> Row:
    return row
