"""From any iterable of models to the batches that are written in one act, a statement's execution each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from radarr_db import checks

N = TypeVar("N")

# Enough that a round trip costs nothing, few enough that a batch stays some megabytes.
BATCH = 1000


def batches(
    argument: str, news: Iterable[N], kind: type[N], key: Callable[[N], Hashable] | None = None
) -> Iterator[dict[str, object]]:
    """The arguments of each execution: ``argument`` as a JSON array of at most BATCH rows.

    With a ``key``, only the last of several models with the same key in a batch is kept: one statement cannot write
    a row twice.
    """
    remaining = iter(news)
    start = 0
    while batch := list(islice(remaining, BATCH)):
        rows = [checks.record(f"{argument}[{i}]", new, kind) for i, new in enumerate(batch, start)]
        if key:
            rows = list({key(new): row for new, row in zip(batch, rows, strict=True)}.values())
        yield {argument: checks.Json(f"[{','.join(rows)}]")}
        start += len(batch)
