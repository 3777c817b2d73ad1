"""One call of every repository function, or several where its statement has variants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from radarr_db import (
    MovieSort,
    NewDownloadClient,
    NewHistoryEvent,
    NewIndexer,
    NewMovie,
    NewMovieFile,
    NewQualityProfile,
    NewQueueItem,
    NewSceneGroup,
    Query,
    QueueSort,
    RatingSource,
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    quality_profiles,
    scene_groups,
)

TODAY = dt.date(2026, 1, 15)
NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
MODULES = (
    movies,
    movie_files,
    scene_groups,
    quality_profiles,
    indexers,
    download_clients,
    download_queue,
    history,
)

_movie = NewMovie(tmdb_id=603, title="The Matrix")
_file = NewMovieFile(movie_id=1, relative_path="a.mkv", quality="DVD")
_group = NewSceneGroup(name="GROUP")
_profile = NewQualityProfile(name="Any", cutoff_quality="DVD")
_indexer = NewIndexer("a", "torznab", "Torznab", "TorznabSettings", "http://a")
_client = NewDownloadClient("a", "qbittorrent", "qBittorrent", "Settings", "torrent", "localhost", 8080)
_item = NewQueueItem(download_id="a", title="A")
_event = NewHistoryEvent(movie_id=1, source_title="A", event_type="grabbed")

_SINGLE: dict[str, Callable[[], Query[Any]]] = {
    "movies.get": lambda: movies.get(1),
    "movies.find": lambda: movies.find(1),
    "movies.find_by_tmdb_id": lambda: movies.find_by_tmdb_id(603),
    "movies.find_by_tmdb_ids": lambda: movies.find_by_tmdb_ids([603, 604]),
    "movies.find_by_imdb_id": lambda: movies.find_by_imdb_id("tt0000603"),
    "movies.find_by_titles": lambda: movies.find_by_titles(["Movie 603"]),
    "movies.list_all": lambda: movies.list_all(limit=50),
    "movies.list_tmdb_ids": movies.list_tmdb_ids,
    "movies.list_paths": movies.list_paths,
    "movies.list_recent": movies.list_recent,
    "movies.list_by_year": lambda: movies.list_by_year(1999),
    "movies.list_calendar": lambda: movies.list_calendar(TODAY, TODAY),
    "movies.search": lambda: movies.search("matrix"),
    "movies.statistics": movies.statistics,
    "movies.genre_statistics": movies.genre_statistics,
    "movies.list_popular": movies.list_popular,
    "movies.count": movies.count,
    "movies.create": lambda: movies.create(_movie),
    "movies.create_many": lambda: movies.create_many([_movie]),
    "movies.upsert": lambda: movies.upsert(_movie),
    "movies.upsert_many": lambda: movies.upsert_many([_movie]),
    "movies.update": lambda: movies.update(1, title="A"),
    "movies.set_monitored": lambda: movies.set_monitored(1, monitored=False),
    "movies.edit_many": lambda: movies.edit_many([1], monitored=True),
    "movies.delete": lambda: movies.delete(1),
    "movies.delete_many": lambda: movies.delete_many([1]),
    "movie_files.get": lambda: movie_files.get(1),
    "movie_files.find_by_movie": lambda: movie_files.find_by_movie(1),
    "movie_files.list_by_movies": lambda: movie_files.list_by_movies([1, 2]),
    "movie_files.create_many": lambda: movie_files.create_many([_file]),
    "movie_files.replace": lambda: movie_files.replace(_file),
    "movie_files.existing_paths": lambda: movie_files.existing_paths(["a.mkv"]),
    "movie_files.delete": lambda: movie_files.delete(1),
    "scene_groups.find_by_name": lambda: scene_groups.find_by_name("group"),
    "scene_groups.upsert": lambda: scene_groups.upsert(_group),
    "scene_groups.upsert_many": lambda: scene_groups.upsert_many([_group]),
    "scene_groups.list_by_min_score": lambda: scene_groups.list_by_min_score(80),
    "scene_groups.list_by_tier": lambda: scene_groups.list_by_tier("elite"),
    "scene_groups.list_stale": lambda: scene_groups.list_stale(NOW),
    "scene_groups.list_by_category": lambda: scene_groups.list_by_category("Anime"),
    "scene_groups.record_download": lambda: scene_groups.record_download("GROUP", success=True),
    "quality_profiles.get": lambda: quality_profiles.get(1),
    "quality_profiles.find_by_name": lambda: quality_profiles.find_by_name("Any"),
    "quality_profiles.list": quality_profiles.list,
    "quality_profiles.create": lambda: quality_profiles.create(_profile),
    "quality_profiles.update": lambda: quality_profiles.update(1, name="B"),
    "quality_profiles.delete": lambda: quality_profiles.delete(1),
    "indexers.get": lambda: indexers.get(1),
    "indexers.find_by_name": lambda: indexers.find_by_name("a"),
    "indexers.list_enabled": indexers.list_enabled,
    "indexers.list_for_search": lambda: indexers.list_for_search("rss"),
    "indexers.create": lambda: indexers.create(_indexer),
    "indexers.update": lambda: indexers.update(1, name="B"),
    "indexers.delete": lambda: indexers.delete(1),
    "indexers.record_failure": lambda: indexers.record_failure(1),
    "indexers.record_success": lambda: indexers.record_success(1),
    "download_clients.get": lambda: download_clients.get(1),
    "download_clients.find_by_name": lambda: download_clients.find_by_name("a"),
    "download_clients.list_enabled": download_clients.list_enabled,
    "download_clients.pick": lambda: download_clients.pick("torrent", indexer_id=1, tags=["a"]),
    "download_clients.create": lambda: download_clients.create(_client),
    "download_clients.update": lambda: download_clients.update(1, name="B"),
    "download_clients.delete": lambda: download_clients.delete(1),
    "download_clients.record_failure": lambda: download_clients.record_failure(1),
    "download_clients.record_success": lambda: download_clients.record_success(1),
    "download_queue.sync_from_client": lambda: download_queue.sync_from_client(1, [_item]),
    "download_queue.find_by_download_id": lambda: download_queue.find_by_download_id("a"),
    "download_queue.list_active": download_queue.list_active,
    "download_queue.update_progress": lambda: download_queue.update_progress(1, 50.0),
    "download_queue.statistics": download_queue.statistics,
    "download_queue.remove_many": lambda: download_queue.remove_many([1]),
    "history.record": lambda: history.record(_event),
    "history.record_many": lambda: history.record_many([_event]),
    "history.list_recent": history.list_recent,
    "history.list_by_movie": lambda: history.list_by_movie(1),
    "history.list_page": lambda: history.list_page(event_types=["grabbed"]),
    "history.find_most_recent": lambda: history.find_most_recent(1),
    "history.find_by_download_id": lambda: history.find_by_download_id("a"),
    "history.find_most_recent_by_download_id": lambda: history.find_most_recent_by_download_id("a"),
    "history.already_imported": lambda: history.already_imported("a"),
    "history.purge": lambda: history.purge(NOW),
}

_SORTED: dict[str, list[Callable[[], Query[Any]]]] = {
    "movies.list_library": [partial(movies.list_library, sort=sort, limit=50) for sort in MovieSort],
    "movies.list_by_genre": [
        partial(movies.list_by_genre, "Genre 7", sort=sort) for sort in ("title", "year", "added")
    ],
    "movies.list_by_rating": [partial(movies.list_by_rating, source, 9.5) for source in RatingSource],
    "movies.list_missing": [partial(movies.list_missing, sort=sort) for sort in MovieSort],
    "movies.list_cutoff_unmet": [partial(movies.list_cutoff_unmet, sort=sort) for sort in MovieSort],
    "movie_files.list_by_quality": [
        partial(movie_files.list_by_quality, ["Bluray-1080p"]),
        partial(movie_files.list_by_quality, ["CAM"]),
    ],
    "download_queue.list_page": [
        *(partial(download_queue.list_page, sort=sort) for sort in QueueSort),
        partial(download_queue.list_page, movie_id=1),
        partial(download_queue.list_page, status="failed"),
    ],
}

CALLS: dict[str, list[Callable[[], Query[Any]]]] = {name: [call] for name, call in _SINGLE.items()} | _SORTED
