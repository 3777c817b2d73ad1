"""Running several queries at once, typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

from radarr_db.engine.wire import Result
from radarr_db.errors import InvalidArgumentError
from radarr_db.query import Query

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")


class AsyncRunner:
    """What a database and a transaction have in common."""

    # fmt: off
    @overload
    async def run_all(self) -> tuple[()]: ...
    @overload
    async def run_all(self, a: Query[A], /) -> tuple[A]: ...
    @overload
    async def run_all(self, a: Query[A], b: Query[B], /) -> tuple[A, B]: ...
    @overload
    async def run_all(self, a: Query[A], b: Query[B], c: Query[C], /) -> tuple[A, B, C]: ...
    @overload
    async def run_all(self, a: Query[A], b: Query[B], c: Query[C], d: Query[D], /) -> tuple[A, B, C, D]: ...
    @overload
    async def run_all(
        self, a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], /
    ) -> tuple[A, B, C, D, E]: ...
    @overload
    async def run_all(
        self, a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], f: Query[F], /
    ) -> tuple[A, B, C, D, E, F]: ...
    @overload
    async def run_all(
        self, a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], f: Query[F], g: Query[G], /
    ) -> tuple[A, B, C, D, E, F, G]: ...
    @overload
    async def run_all(
        self, a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], f: Query[F], g: Query[G],
        h: Query[H], /,
    ) -> tuple[A, B, C, D, E, F, G, H]: ...
    @overload
    async def run_all(self, *queries: Query[A]) -> tuple[A, ...]: ...
    # fmt: on
    async def run_all(self, *queries: Query[Any]) -> tuple[Any, ...]:
        """The results of all ``queries``, which are sent together in one round trip: all succeed, or none.

        The error names the query that failed. InvalidArgumentError refuses a query that runs in batches.
        """
        if any(query.batches is not None for query in queries):
            raise InvalidArgumentError("queries", "one runs in batches: give it to run()")
        results = await self._run_all(queries) if queries else []
        return tuple(query.read(*result) for query, result in zip(queries, results, strict=True))

    async def _run_all(self, queries: Sequence[Query[Any]]) -> list[Result]:
        raise NotImplementedError
