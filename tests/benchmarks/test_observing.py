"""What observers cost is held against its limit."""

from __future__ import annotations

from benchmarks import observing
from radarr_db import Database, NewMovie, movies


def test_promises_are_held_against_their_limits(own_database: str) -> None:
    with Database(own_database) as db:
        db.run(movies.create(NewMovie(603, "The Matrix")))
    found = observing.measure(own_database, rounds=2)
    assert [(promise.name, promise.limit, promise.unit) for promise in found] == [
        ("typed lookup observed by Prometheus, sync", 1.05, "times"),
        ("typed lookup observed by OpenTelemetry, sync", 1.05, "times"),
        ("typed lookup observed by Prometheus, async", 1.05, "times"),
        ("typed lookup observed by OpenTelemetry, async", 1.05, "times"),
    ]
    assert all(promise.found > 0 for promise in found)
