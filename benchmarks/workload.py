"""Every statement with how to call it: its repository function, and arguments out of the data."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import surroundings
from benchmarks.catalogue import NOW
from benchmarks.drawing import Drawing, after
from benchmarks.words import COMMON_WORD
from radarr_db.demo.queries import QUERIES
from radarr_db.models.download_clients import NewDownloadClient
from radarr_db.models.enums import EventType, MovieSort, Protocol, Quality, QueueSort, QueueStatus, RatingSource
from radarr_db.models.indexers import NewIndexer
from radarr_db.models.movies import PopularMovie
from radarr_db.models.quality_profiles import NewQualityProfile
from radarr_db.models.scene_groups import NewSceneGroup
from radarr_db.query import Query
from radarr_db.repositories import (
    databases,
    download_clients,
    download_queue,
    history,
    indexers,
    maintenance,
    monitoring,
    movie_files,
    movies,
    partitions,
    quality_profiles,
    replication,
    roles,
    scene_groups,
    schema,
    secrets,
    sessions,
    settings,
)

BULK = 1_000
ROLES = tuple(f"radarr_{role}" for role in ("owner", "app", "read", "monitor", "backup"))
COMMON_WORD_SEARCH = "movies.search(word of 5 % of all titles)"

# What nothing refers to, by id: it alone can be deleted without work on other tables.
_SPARE_CLIENT = len(surroundings.CLIENTS)
_SPARE_INDEXER = len(surroundings.INDEXERS)
_SPARE_PROFILE = len(surroundings.PROFILES) + 1

_GENRE_SORTS = (MovieSort.TITLE, MovieSort.YEAR, MovieSort.ADDED)
_LEAST_RATINGS = {
    RatingSource.IMDB: 5,
    RatingSource.TMDB: 5,
    RatingSource.METACRITIC: 50,
    RatingSource.ROTTEN_TOMATOES: 50,
}


# To build a query is a part of what is measured: a write checks and encodes its values there.
Make = Callable[[], Query[Any]]
Draw = Callable[[Drawing], Make]


class Kind(enum.Enum):
    """How a call is run.

    READ as it is. WHOLE is a read of the whole library, streamed, as its result has no greatest size. WRITE and
    BULK_WRITE are undone, so that they leave nothing behind; a BULK_WRITE writes BULK rows.
    """

    READ = enum.auto()
    WHOLE = enum.auto()
    WRITE = enum.auto()
    BULK_WRITE = enum.auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """A call of a repository function, as it is written in Python, and what draws new arguments for it.

    ``claimed`` are the milliseconds that the specification says it takes.
    """

    call: str
    draw: Draw
    kind: Kind = Kind.READ
    claimed: float | None = None

    @property
    def statement(self) -> str:
        """The name of the statement, which is that of the function."""
        return self.call.partition("(")[0]

    @property
    def is_write(self) -> bool:
        """Whether it changes rows."""
        return self.kind in (Kind.WRITE, Kind.BULK_WRITE)


def _specified() -> list[Entry]:
    # These have no arguments to draw: each is made once, as it is in the demo.
    return [Entry(q.text, lambda _, query=q.query: lambda: query, claimed=q.claimed) for q in QUERIES]  # type: ignore[misc]


def _read(call: str, draw: Draw) -> Entry:
    return Entry(call, draw)


def _whole(call: str, draw: Draw) -> Entry:
    return Entry(call, draw, Kind.WHOLE)


def _write(call: str, draw: Draw) -> Entry:
    return Entry(call, draw, Kind.WRITE)


def _bulk_write(call: str, draw: Draw) -> Entry:
    return Entry(call, draw, Kind.BULK_WRITE)


def _sorted_movies(sort: MovieSort) -> list[Entry]:
    """The lists that every order is declared for, from the start and from the middle."""
    entries = []
    for name, function in (
        ("movies.list_library", movies.list_library),
        ("movies.list_missing", movies.list_missing),
        ("movies.list_cutoff_unmet", movies.list_cutoff_unmet),
    ):
        entries += [
            _read(f'{name}(sort="{sort}", limit=50)', lambda _, f=function: partial(f, sort=sort, limit=50)),  # type: ignore[misc]
            _read(
                f'{name}(sort="{sort}", limit=50, after=token)',
                lambda d, f=function, name=name: partial(f, sort=sort, limit=50, after=after(name, sort, d.movie())),  # type: ignore[misc]
            ),
        ]
    return entries


def _genre_sorts(sort: MovieSort) -> list[Entry]:
    def deep(d: Drawing) -> Make:
        movie, genre = d.of_genre()
        return partial(movies.list_by_genre, genre, sort=sort, after=after("movies.list_by_genre", sort, movie))

    return [
        _read(
            f'movies.list_by_genre(genre, sort="{sort}")',
            lambda d: partial(movies.list_by_genre, d.of_genre()[1], sort=sort),
        ),
        _read(f'movies.list_by_genre(genre, sort="{sort}", after=token)', deep),
        _read(
            f'movies.list_by_genre("Western", sort="{sort}")',
            lambda _: partial(movies.list_by_genre, "Western", sort=sort),
        ),
    ]


def _rating_sources(source: RatingSource, least: float) -> list[Entry]:
    def deep(d: Drawing) -> Make:
        token = after("movies.list_by_rating", source, d.rated(source, least))
        return partial(movies.list_by_rating, source, least, after=token)

    return [
        _read(f'movies.list_by_rating("{source}", {least})', lambda _: partial(movies.list_by_rating, source, least)),
        _read(f'movies.list_by_rating("{source}", {least}, after=token)', deep),
    ]


def _later_of_year(d: Drawing) -> Make:
    movie, year = d.of_year()
    return partial(movies.list_by_year, year, after=after("movies.list_by_year", "title", movie))


def _later_popular(d: Drawing) -> Make:
    place = d.rng.randint(1, max(d.catalogue.size // 2, 1))
    row = PopularMovie(place, id=0, title="", year=None, imdb_rating=0, download_count=0)
    return partial(movies.list_popular, after=after("movies.list_popular", "place", row))


def _calendar(d: Drawing) -> Make:
    first = NOW.date() - dt.timedelta(days=d.rng.randrange(30, 360))
    return partial(movies.list_calendar, first, first + dt.timedelta(days=30), limit=20)


_MOVIES = [
    _read("movies.get(id)", lambda d: partial(movies.get, d.movie().id)),
    _read("movies.find(id)", lambda d: partial(movies.find, d.movie().id)),
    _read("movies.find_by_tmdb_id(tmdb_id)", lambda d: partial(movies.find_by_tmdb_id, d.movie().tmdb_id)),
    _read(
        "movies.find_by_tmdb_ids(100 ids)",
        lambda d: partial(movies.find_by_tmdb_ids, [movie.tmdb_id for movie in d.some(d.movies, 100)]),
    ),
    _read("movies.find_by_imdb_id(imdb_id)", lambda d: partial(movies.find_by_imdb_id, d.movie().imdb_id or "tt1")),
    _read("movies.find_by_titles([title])", lambda d: partial(movies.find_by_titles, [d.release_title()])),
    _read(
        "movies.find_by_titles(5 titles, year)",
        lambda d: partial(movies.find_by_titles, *d.release_titles(5)),
    ),
    _whole("movies.list_library()", lambda _: movies.list_library),
    _whole("movies.list_all()", lambda _: movies.list_all),
    _read("movies.list_all(limit=50)", lambda _: partial(movies.list_all, limit=50)),
    _read(
        "movies.list_all(limit=50, after=token)",
        lambda d: partial(movies.list_all, limit=50, after=after("movies.list_all", "id", d.movie())),
    ),
    _whole("movies.list_tmdb_ids()", lambda _: movies.list_tmdb_ids),
    _whole("movies.list_paths()", lambda _: movies.list_paths),
    *(entry for sort in MovieSort for entry in _sorted_movies(sort)),
    _read(
        "movies.list_recent(limit=20, after=token)",
        lambda d: partial(movies.list_recent, limit=20, after=after("movies.list_recent", "added", d.movie())),
    ),
    _read("movies.list_by_year(year)", lambda d: partial(movies.list_by_year, d.of_year()[1])),
    _read("movies.list_by_year(year, after=token)", _later_of_year),
    *(entry for sort in _GENRE_SORTS for entry in _genre_sorts(sort)),
    *(entry for source, least in _LEAST_RATINGS.items() for entry in _rating_sources(source, least)),
    _read("movies.list_missing(monitored=False)", lambda _: partial(movies.list_missing, monitored=False)),
    _read("movies.list_cutoff_unmet(monitored=False)", lambda _: partial(movies.list_cutoff_unmet, monitored=False)),
    _read("movies.list_calendar(30 days, limit=20)", _calendar),
    _read(COMMON_WORD_SEARCH, lambda _: partial(movies.search, COMMON_WORD)),
    _read("movies.search(word)", lambda d: partial(movies.search, d.word())),
    _read("movies.search(unfinished word)", lambda d: partial(movies.search, d.word()[:4])),
    _read(
        "movies.search(two words of a title)", lambda d: partial(movies.search, " ".join(d.movie().title.split()[:2]))
    ),
    _read("movies.search(title)", lambda d: partial(movies.search, d.movie().title)),
    _read("movies.search(word and year)", lambda d: partial(movies.search, f"{d.word()} {d.of_year()[1]}")),
    _read("movies.search(person)", lambda d: partial(movies.search, d.person())),
    _read(
        "movies.search(word of 5 % of all titles and person)",
        lambda d: partial(movies.search, f"{COMMON_WORD} {d.person()}"),
    ),
    _read("movies.search(mistyped word)", lambda d: partial(movies.search, d.mistyped())),
    _read("movies.search(mistyped person)", lambda d: partial(movies.search, d.person()[:-1] + "q")),
    _read("movies.search(unknown word)", lambda d: partial(movies.search, d.unknown_word())),
    _read("movies.statistics()", lambda _: movies.statistics),
    _read("movies.list_popular()", lambda _: movies.list_popular),
    _read("movies.list_popular(after=token)", _later_popular),
    _write("movies.create(movie)", lambda d: partial(movies.create, d.new_movies(1)[0])),
    _bulk_write("movies.create_many(1,000 movies)", lambda d: partial(movies.create_many, d.new_movies(BULK))),
    _write("movies.upsert(movie)", lambda d: partial(movies.upsert, d.refreshed_movies(2)[-1])),
    _bulk_write(
        "movies.upsert_many(1,000 movies, half changed)",
        lambda d: partial(movies.upsert_many, d.refreshed_movies(BULK)),
    ),
    _write("movies.update(id, tagline)", lambda d: partial(movies.update, d.movie().id, tagline="New.")),
    _write(
        "movies.set_monitored(id)",
        lambda d: partial(movies.set_monitored, (m := d.movie()).id, monitored=not m.monitored),
    ),
    _bulk_write(
        "movies.edit_many(1,000 ids)",
        lambda d: partial(movies.edit_many, d.movie_ids(BULK), monitored=False, add_tags=["new"]),
    ),
    _write("movies.delete(id)", lambda d: partial(movies.delete, d.movie().id)),
    _bulk_write("movies.delete_many(1,000 ids)", lambda d: partial(movies.delete_many, d.movie_ids(BULK))),
]

_MOVIE_FILES = [
    _read("movie_files.get(id)", lambda d: partial(movie_files.get, d.file().id)),
    _read("movie_files.find_by_movie(movie_id)", lambda d: partial(movie_files.find_by_movie, d.movie().id)),
    _read("movie_files.list_by_movies(100 ids)", lambda d: partial(movie_files.list_by_movies, d.movie_ids(100))),
    _read("movie_files.list_by_quality([rare])", lambda _: partial(movie_files.list_by_quality, [Quality.SDTV])),
    _read(
        "movie_files.list_by_quality([...], after=token)",
        lambda d: partial(
            movie_files.list_by_quality,
            Quality.of_resolution("1080p", "2160p"),
            after=after("movie_files.list_by_quality", "size", d.file()),
        ),
    ),
    _bulk_write("movie_files.create_many(files)", lambda d: partial(movie_files.create_many, d.files_of_missing(BULK))),
    _write("movie_files.replace(file)", lambda d: partial(movie_files.replace, d.new_file(d.movie()))),
    _read(
        "movie_files.existing_paths(100 paths)",
        lambda d: partial(
            movie_files.existing_paths,
            [path for file in d.some(d.files, 50) for path in (file.relative_path, f"{file.relative_path}.part")],
        ),
    ),
    _write("movie_files.delete(id)", lambda d: partial(movie_files.delete, d.file().id)),
]

_SCENE_GROUPS = [
    _read("scene_groups.find_by_name(name)", lambda d: partial(scene_groups.find_by_name, d.group().name.lower())),
    _write(
        "scene_groups.upsert(group)",
        lambda d: partial(scene_groups.upsert, NewSceneGroup(d.group().name, reputation_score=d.rng.randrange(100))),
    ),
    _bulk_write(
        "scene_groups.upsert_many(1,000 groups)",
        lambda d: partial(
            scene_groups.upsert_many,
            [
                NewSceneGroup(surroundings.group_name(number), reputation_score=d.rng.randrange(100))
                for number in d.some(range(surroundings.GROUPS), BULK)
            ],
        ),
    ),
    _read(
        "scene_groups.list_by_min_score(0, after=token)",
        lambda d: partial(
            scene_groups.list_by_min_score, 0, after=after("scene_groups.list_by_min_score", "score", d.group())
        ),
    ),
    _read("scene_groups.list_by_tier(tier)", lambda d: partial(scene_groups.list_by_tier, d.group().quality_tier)),
    _read(
        "scene_groups.list_by_tier(tier, after=token)",
        lambda d: partial(
            scene_groups.list_by_tier,
            (group := d.group()).quality_tier,
            after=after("scene_groups.list_by_tier", "score", group),
        ),
    ),
    _read("scene_groups.list_stale(before)", lambda _: partial(scene_groups.list_stale, NOW - dt.timedelta(days=10))),
    _read(
        "scene_groups.list_stale(before, after=token)",
        lambda d: partial(scene_groups.list_stale, NOW, after=after("scene_groups.list_stale", "analyzed", d.group())),
    ),
    _read('scene_groups.list_by_category("Movies")', lambda _: partial(scene_groups.list_by_category, "Movies")),
    _read('scene_groups.list_by_category("Anime")', lambda _: partial(scene_groups.list_by_category, "Anime")),
    _read(
        'scene_groups.list_by_category("Anime", after=token)',
        lambda d: partial(
            scene_groups.list_by_category, "Anime", after=after("scene_groups.list_by_category", "score", d.group())
        ),
    ),
    _write(
        "scene_groups.record_download(name)",
        lambda d: partial(scene_groups.record_download, d.group().name, success=True),
    ),
]

_QUALITY_PROFILES = [
    _read("quality_profiles.get(id)", lambda _: partial(quality_profiles.get, 1)),
    _read("quality_profiles.find_by_name(name)", lambda _: partial(quality_profiles.find_by_name, "Ultra-HD")),
    _read("quality_profiles.list()", lambda _: quality_profiles.list),
    _write(
        "quality_profiles.create(profile)",
        lambda _: partial(quality_profiles.create, NewQualityProfile("New", Quality.BLURAY_1080P)),
    ),
    _write("quality_profiles.update(id, name)", lambda _: partial(quality_profiles.update, 1, name="New")),
    _write("quality_profiles.delete(unused id)", lambda _: partial(quality_profiles.delete, _SPARE_PROFILE)),
]

_INDEXERS = [
    _read("indexers.get(id)", lambda _: partial(indexers.get, 1)),
    _read("indexers.find_by_name(name)", lambda _: partial(indexers.find_by_name, "Alpha")),
    _read("indexers.list_enabled()", lambda _: indexers.list_enabled),
    _read('indexers.list_for_search("rss")', lambda _: partial(indexers.list_for_search, "rss")),
    _write(
        "indexers.create(indexer)",
        lambda _: partial(
            indexers.create, NewIndexer("New", "Torznab", "Torznab", "TorznabSettings", "https://new.example")
        ),
    ),
    _write("indexers.update(id, priority)", lambda _: partial(indexers.update, 1, priority=50)),
    _write("indexers.delete(unused id)", lambda _: partial(indexers.delete, _SPARE_INDEXER)),
    _write("indexers.record_failure(id)", lambda _: partial(indexers.record_failure, 1)),
    _write("indexers.record_success(id)", lambda _: partial(indexers.record_success, 1)),
]

_DOWNLOAD_CLIENTS = [
    _read("download_clients.get(id)", lambda _: partial(download_clients.get, 1)),
    _read("download_clients.find_by_name(name)", lambda _: partial(download_clients.find_by_name, "SABnzbd")),
    _read("download_clients.list_enabled()", lambda _: download_clients.list_enabled),
    _write(
        'download_clients.pick("torrent")', lambda _: partial(download_clients.pick, Protocol.TORRENT, indexer_id=1)
    ),
    _write(
        "download_clients.create(client)",
        lambda _: partial(
            download_clients.create,
            NewDownloadClient("New", "Deluge", "Deluge", "DelugeSettings", Protocol.TORRENT, "localhost", 8112),
        ),
    ),
    _write("download_clients.update(id, priority)", lambda _: partial(download_clients.update, 1, priority=50)),
    _write("download_clients.delete(unused id)", lambda _: partial(download_clients.delete, _SPARE_CLIENT)),
    _write("download_clients.record_failure(id)", lambda _: partial(download_clients.record_failure, 1)),
    _write("download_clients.record_success(id)", lambda _: partial(download_clients.record_success, 1)),
]


def _queue_sorts(sort: QueueSort) -> list[Entry]:
    return [
        _read(f'download_queue.list_page(sort="{sort}")', lambda _: partial(download_queue.list_page, sort=sort)),
        _read(
            f'download_queue.list_page(sort="{sort}", after=token)',
            lambda d: partial(
                download_queue.list_page, sort=sort, after=after("download_queue.list_page", sort, d.queue_item())
            ),
        ),
    ]


_DOWNLOAD_QUEUE = [
    _write(
        "download_queue.sync_from_client(client_id, its items)",
        lambda d: partial(download_queue.sync_from_client, 1, d.reported_items(1)),
    ),
    _read(
        "download_queue.find_by_download_id(download_id)",
        lambda d: partial(download_queue.find_by_download_id, d.queue_item().download_id),
    ),
    _read("download_queue.list_active()", lambda _: download_queue.list_active),
    _read(
        "download_queue.list_active(after=token)",
        lambda d: partial(
            download_queue.list_active, after=after("download_queue.list_active", "added", d.queue_item())
        ),
    ),
    *(entry for sort in QueueSort for entry in _queue_sorts(sort)),
    _read(
        "download_queue.list_page(movie_id=id)",
        lambda d: partial(download_queue.list_page, movie_id=d.queue_item().movie_id),
    ),
    _read(
        'download_queue.list_page(status="failed")',
        lambda _: partial(download_queue.list_page, status=QueueStatus.FAILED),
    ),
    _read(
        'download_queue.list_page(protocol="usenet")',
        lambda _: partial(download_queue.list_page, protocol=Protocol.USENET),
    ),
    _write(
        "download_queue.update_progress(id, progress)",
        lambda d: partial(download_queue.update_progress, d.queue_item().id, d.rng.uniform(0, 99)),
    ),
    _read("download_queue.statistics()", lambda _: download_queue.statistics),
    _write(
        "download_queue.remove_many(20 ids)",
        lambda d: partial(download_queue.remove_many, [item.id for item in d.some(d.queue, 20)]),
    ),
]

_HISTORY = [
    _write("history.record(event)", lambda d: partial(history.record, d.new_events(1)[0])),
    _bulk_write("history.record_many(1,000 events)", lambda d: partial(history.record_many, d.new_events(BULK))),
    _read("history.list_recent()", lambda _: history.list_recent),
    _read(
        "history.list_recent(after=token)",
        lambda d: partial(history.list_recent, after=after("history.list_recent", "date", d.event())),
    ),
    _read("history.list_by_movie(movie_id)", lambda d: partial(history.list_by_movie, d.movie().id)),
    _read(
        'history.list_by_movie(movie_id, event_type="imported")',
        lambda d: partial(history.list_by_movie, d.movie().id, event_type=EventType.IMPORTED),
    ),
    _read(
        "history.list_by_movie(movie_id, after=token)",
        lambda d: partial(
            history.list_by_movie, (event := d.event()).movie_id, after=after("history.list_by_movie", "date", event)
        ),
    ),
    _read("history.list_page()", lambda _: history.list_page),
    _read(
        "history.list_page(after=token)",
        lambda d: partial(history.list_page, after=after("history.list_page", "date", d.event())),
    ),
    _read('history.list_page(event_types=["grabbed"])', lambda _: partial(history.list_page, event_types=["grabbed"])),
    _read(
        'history.list_page(event_types=["renamed"], after=token)',
        lambda d: partial(
            history.list_page, event_types=["renamed"], after=after("history.list_page", "date", d.event())
        ),
    ),
    _read('history.list_page(qualities=["SDTV"])', lambda _: partial(history.list_page, qualities=[Quality.SDTV])),
    _read("history.list_page(movie_ids=3 ids)", lambda d: partial(history.list_page, movie_ids=d.movie_ids(3))),
    _read("history.list_page(download_id=id)", lambda d: partial(history.list_page, download_id=d.download_id())),
    _read("history.list_page(since=moment)", lambda d: partial(history.list_page, since=d.past())),
    _read("history.find_most_recent(movie_id)", lambda d: partial(history.find_most_recent, d.movie().id)),
    _read(
        'history.find_most_recent(movie_id, "grabbed")',
        lambda d: partial(history.find_most_recent, d.movie().id, EventType.GRABBED),
    ),
    _read("history.find_by_download_id(id)", lambda d: partial(history.find_by_download_id, d.download_id())),
    _read(
        "history.find_most_recent_by_download_id(id)",
        lambda d: partial(history.find_most_recent_by_download_id, d.download_id()),
    ),
    _read("history.already_imported(id)", lambda d: partial(history.already_imported, d.download_id())),
    # The oldest events of 200 movies: BULK of them.
    _write(
        "history.purge(before the 1,000th event)",
        lambda d: partial(
            history.purge, d.catalogue.moment_at(min(BULK // surroundings.EVENTS_A_MOVIE, d.catalogue.size))
        ),
    ),
]

_MAINTENANCE = [
    _read('maintenance.plan_vacuum("weekly")', lambda _: partial(maintenance.plan_vacuum, "weekly")),
    _read("maintenance.plan_analyze()", lambda _: maintenance.plan_analyze),
    _read("maintenance.plan_drop()", lambda _: maintenance.plan_drop),
    _read("maintenance.plan_refresh()", lambda _: maintenance.plan_refresh),
    _read("maintenance.plan_recount()", lambda _: maintenance.plan_recount),
    _read("maintenance.count_future_failures()", lambda _: maintenance.count_future_failures),
    _write("maintenance.correct_failures()", lambda _: maintenance.correct_failures),
    _read("maintenance.count_wrong_genres()", lambda _: maintenance.count_wrong_genres),
    _write("maintenance.correct_genres()", lambda _: maintenance.correct_genres),
    _read("maintenance.count_old_history(before)", lambda _: partial(maintenance.count_old_history, NOW)),
    _read("partitions.list()", lambda _: partitions.list),
    _read("partitions.list_missing()", lambda _: partitions.list_missing),
    _read("partitions.list_strays(24 months)", lambda _: partial(partitions.list_strays, 24)),
    _read("partitions.list_old(24 months)", lambda _: partial(partitions.list_old, 24)),
    _read("partitions.list_detached()", lambda _: partitions.list_detached),
    _write("partitions.create(day)", lambda _: partial(partitions.create, dt.date(2010, 1, 1))),
    _write("partitions.detach(partition)", lambda _: partial(partitions.detach, f"history_{NOW:%Y_%m}")),
    _write("partitions.drop(no partition)", lambda _: partial(partitions.drop, "history_2010_01", 0)),
    _write("partitions.attach(no partition)", lambda _: partial(partitions.attach, "history_2010_01")),
]

_SECRETS = [
    _read("replication.current_position()", lambda _: replication.current_position),
    _read("replication.standby_position()", lambda _: replication.standby_position),
    _read("secrets.list_all()", lambda _: secrets.list_all),
    _write(
        "secrets.reseal_indexer(id, version)",
        lambda d: partial(secrets.reseal_indexer, 1, d.version("indexers", 1), None, []),
    ),
    _write(
        "secrets.reseal_client(id, version)",
        lambda d: partial(secrets.reseal_client, 1, d.version("download_clients", 1), None, []),
    ),
]

_MONITORING = [
    _read("monitoring.server()", lambda _: monitoring.server),
    _read("monitoring.readiness(version)", lambda _: partial(monitoring.readiness, 9)),
    _read("monitoring.statements()", lambda d: d.statements()),
    _read("monitoring.indexes()", lambda _: monitoring.indexes),
    _read("monitoring.tables()", lambda _: monitoring.tables),
    _read("monitoring.connections()", lambda _: monitoring.connections),
    _read("monitoring.unused_indexes()", lambda _: monitoring.unused_indexes),
    _read("monitoring.duplicate_indexes()", lambda _: monitoring.duplicate_indexes),
    _read("monitoring.invalid_indexes()", lambda _: monitoring.invalid_indexes),
    _read("monitoring.unindexed_foreign_keys()", lambda _: monitoring.unindexed_foreign_keys),
    _read("monitoring.bloat()", lambda _: monitoring.bloat),
    _read("monitoring.blocked_sessions()", lambda _: monitoring.blocked_sessions),
    _read("monitoring.long_transactions()", lambda _: monitoring.long_transactions),
    _read("monitoring.wraparound()", lambda _: monitoring.wraparound),
    _read("monitoring.sequences()", lambda _: monitoring.sequences),
    _read("monitoring.replication()", lambda _: monitoring.replication),
    _read("monitoring.replication_slots()", lambda _: monitoring.replication_slots),
    _read("monitoring.checkpoints()", lambda _: monitoring.checkpoints),
    _read("monitoring.default_partition_rows()", lambda _: monitoring.default_partition_rows),
]

_OPERATIONS = [
    _read("schema.list_applied()", lambda _: schema.list_applied),
    _read("schema.is_migrated()", lambda _: schema.is_migrated),
    _read("schema.list_relations()", lambda _: schema.list_relations),
    _read("schema.list_sizes()", lambda _: schema.list_sizes),
    _read("schema.list_foreign_keys()", lambda _: schema.list_foreign_keys),
    _read("schema.list_materialized_views()", lambda _: schema.list_materialized_views),
    _read("schema.list_extensions()", lambda _: schema.list_extensions),
    _read("schema.lacks_extension(name)", lambda _: partial(schema.lacks_extension, "pg_trgm")),
    _read("databases.find(name)", lambda _: partial(databases.find, "postgres")),
    _read("databases.may_create()", lambda _: databases.may_create),
    _read("databases.list_users(name)", lambda _: partial(databases.list_users, "postgres")),
    _read("databases.disconnect(no database)", lambda _: partial(databases.disconnect, 2**32 - 1)),
    _read("databases.list_left(mark)", lambda _: partial(databases.list_left, "a mark")),
    _read("databases.list_settings(no database)", lambda _: partial(databases.list_settings, 2**32 - 1)),
    _read("databases.list_grants(no database)", lambda _: partial(databases.list_grants, 2**32 - 1)),
    _read("roles.list_mighty(5 names)", lambda _: partial(roles.list_mighty, ROLES, ROLES[0])),
    _read("roles.current_database()", lambda _: roles.current_database),
    _read("roles.list_owners(owner)", lambda _: partial(roles.list_owners, ROLES[0])),
    _read("roles.list_objects(owner)", lambda _: partial(roles.list_objects, ROLES[0])),
    _read("sessions.try_lock(key)", lambda _: partial(sessions.try_lock, 1)),
    _read("sessions.find_lock_holder(key)", lambda _: partial(sessions.find_lock_holder, 1)),
    _read("sessions.room()", lambda _: sessions.room),
    _read("settings.compare(1 setting)", lambda _: partial(settings.compare, ["work_mem"], ["32MB"])),
    _read("settings.list_denied(1 setting)", lambda _: partial(settings.list_denied, ["work_mem"])),
]

ENTRIES = tuple(
    _specified()
    + _MOVIES
    + _MOVIE_FILES
    + _SCENE_GROUPS
    + _QUALITY_PROFILES
    + _INDEXERS
    + _DOWNLOAD_CLIENTS
    + _DOWNLOAD_QUEUE
    + _HISTORY
    + _MAINTENANCE
    + _SECRETS
    + _MONITORING
    + _OPERATIONS
)
