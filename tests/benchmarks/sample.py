"""Results as a whole run gives them, of made-up times: the same at every call, and some promises broken."""

from __future__ import annotations

import math
import zlib
from statistics import NormalDist

from benchmarks.results import Machine, PeerResult, Promise, QueryResult, Results, SizeResult, Timing, Weight
from radarr_db.statements import Budget, Statement, load

TABLES = (
    "movies",
    "movie_files",
    "scene_groups",
    "quality_profiles",
    "indexers",
    "download_clients",
    "download_queue",
    "history",
)
SIZES = (10_000, 100_000, 1_000_000)
TARGETS = {
    Budget.SIMPLE: 5.0,
    Budget.COMPLEX: 10.0,
    Budget.JSONB: 15.0,
    Budget.SEARCH: 20.0,
    Budget.WRITE: 10.0,
    Budget.BULK: 2000.0,
    Budget.MAINTENANCE: 5000.0,
}
CLAIMED = {
    "movies.count": 0.08,
    "movies.find_by_tmdb_id": 0.12,
    "movies.list_recent": 0.15,
    "movies.list_by_year": 0.22,
    "movies.list_by_genre": 1.8,
    "movies.list_by_rating": 2.1,
    "movies.search": 3.2,
    "movies.genre_statistics": 4.7,
    "scene_groups.list_by_min_score": 0.18,
    "movie_files.list_by_quality": 1.1,
}
UNBOUNDED = {"movies.list_library", "movies.list_all", "movies.list_tmdb_ids", "movies.list_paths"}
SLOW = {"movies.genre_statistics": 9.0, "movies.search": 4.5, "history.purge": 210.0}
GROWING = {"movies.genre_statistics": 0.33, "movies.search": 0.12, "movies.list_calendar": 0.21}
CLIENTS = {
    "radarr_db": 1.0,
    "asyncpg connection": 0.94,
    "asyncpg pool": 1.27,
    "asyncpg pool, no reset": 1.08,
    "psycopg pool": 1.31,
    "aiosql": 1.42,
    "SQLAlchemy Core": 2.37,
    "SQLAlchemy ORM": 6.9,
}
TASKS = {
    "lookup": 0.16,
    "page of 50": 0.71,
    "library of 15,403": 148.0,
    "five dashboard queries": 1.9,
    "upsert of 1,000": 212.0,
    "16 at once": 14.2,
}
CROWDED = "asyncpg connection", "16 at once"
PLAN = """Limit  (cost=0.42..8.44 rows=1 width=884) (actual time=0.021..0.022 rows=1 loops=1)
  Buffers: shared hit=4
  ->  Index Scan using movies_pkey on movies m  (cost=0.42..8.44 rows=1 width=884) (actual time=0.020..0.020 rows=1)
        Index Cond: (m.id < $1)
Planning Time: 0.004 ms
Execution Time: 0.041 ms"""


def timing(p50: float, spread: float) -> Timing:
    """Log-normal times around their median."""
    normal = NormalDist()
    quantiles = tuple(p50 * math.exp(spread * normal.inv_cdf(min(max(q / 100, 0.001), 0.999))) for q in range(101))
    return Timing(samples=400, p50=p50, p95=quantiles[95], p99=quantiles[99], quantiles=quantiles)


def query(statement: Statement, movies: int) -> QueryResult:
    name, budget = statement.name, statement.budget
    chance = zlib.crc32(name.encode()) % 1000 / 1000
    small = SLOW.get(name, 0.11 * (1 + 3 * chance) * math.log2(TARGETS[budget]))
    growth = 1.0 if name in UNBOUNDED else GROWING.get(name, 0.06 * chance)
    return QueryResult(
        name=name,
        call=f"{name}({', '.join(statement.parameters)})",
        budget=budget,
        target=TARGETS[budget],
        claimed=CLAIMED.get(name),
        bounded=name not in UNBOUNDED,
        rows=movies if name in UNBOUNDED else int(1 + 49 * chance),
        timing=timing(small * (movies / SIZES[0]) ** growth, 0.15 + 0.35 * chance),
        plan=PLAN,
    )


def size(movies: int) -> SizeResult:
    return SizeResult(
        movies=movies,
        loaded_rows=movies * 4,
        load_seconds=movies / 3100,
        weights=tuple(Weight(table, movies * 7100 // 4**n, movies * 1900 // 3**n) for n, table in enumerate(TABLES)),
        queries=tuple(query(statement, movies) for table in TABLES for statement in load(table).values()),
    )


def peers() -> tuple[PeerResult, ...]:
    sides = (("sync", 1.0, "asyncpg"), ("async", 1.2, "nobody"))
    return tuple(
        PeerResult(task, side, client, None, "a connection serves one task at a time")
        if (client, task) == CROWDED
        else PeerResult(task, side, client, p50 * slower * ratio)
        for side, slower, absent in sides
        for task, p50 in TASKS.items()
        for client, ratio in CLIENTS.items()
        if not client.startswith(absent)
    )


def promises(sizes: tuple[SizeResult, ...]) -> tuple[Promise, ...]:
    return (
        *(
            Promise(f"{query.name} at {each.movies:,} movies, p95", query.timing.p95, query.target, "ms")
            for each in sizes
            for query in each.queries
        ),
        Promise("lookup by key, sync, of bare psycopg's time", 0.76, 1.0, "times"),
        Promise("errors after a restart", 2, 0, "errors"),
        Promise("whole library, of bare psycopg's time", 1.58, 1.5, "times"),
    )


def results() -> Results:
    sizes = tuple(size(movies) for movies in SIZES)
    return Results(
        started="2026-01-15T12:00:00+00:00",
        machine=Machine(
            cpu="Intel(R) Xeon(R) Processor @ 2.60GHz",
            cores=2,
            memory_bytes=8 * 1024**3,
            system="Linux 6.1.0 x86_64",
            postgres="18.1",
            versions={"python": "3.11.7", "radarr-db": "0.1.0", "psycopg": "3.2.13", "asyncpg": "0.30.0"},
            settings={"shared_buffers": "512MB", "random_page_cost": "1.1", "jit": "off"},
        ),
        sizes=sizes,
        peers=peers(),
        promises=promises(sizes),
    )
