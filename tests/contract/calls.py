"""One call of every repository function, or several where its statement has variants or filters.

Each is answered by the library of library.py, and a page of it is followed by another.
"""

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
from radarr_db.repositories import (
    databases,
    maintenance,
    monitoring,
    partitions,
    replication,
    roles,
    schema,
    secrets,
    sessions,
    settings,
)

TODAY = dt.date(2026, 1, 15)
NOW = dt.datetime.now(dt.UTC)
MODULES = (
    movies,
    movie_files,
    scene_groups,
    quality_profiles,
    indexers,
    download_clients,
    download_queue,
    history,
    maintenance,
    partitions,
    secrets,
    replication,
    monitoring,
    schema,
    databases,
    roles,
    sessions,
    settings,
)

# Movie 1 and what belongs to it is there, except a file; movie 7 has one.
_movie = NewMovie(tmdb_id=603, title="The Matrix")
_new_movie = NewMovie(tmdb_id=900_603, title="The Matrix", metadata={"genres": [{"name": "Genre 7"}]})
_first_file = NewMovieFile(movie_id=1, relative_path="a.mkv", quality="DVD")
_other_file = NewMovieFile(movie_id=7, relative_path="a.mkv", quality="DVD")
_group = NewSceneGroup(name="GROUP1")
_new_group = NewSceneGroup(name="GROUP")
_profile = NewQualityProfile(name="Any", cutoff_quality="DVD")
_indexer = NewIndexer("a", "torznab", "Torznab", "TorznabSettings", "http://a")
_client = NewDownloadClient("a", "qbittorrent", "qBittorrent", "Settings", "torrent", "localhost", 8080)
_item = NewQueueItem(download_id="a", title="A")
_event = NewHistoryEvent(movie_id=1, source_title="A", event_type="grabbed")

_SINGLE: dict[str, Callable[..., Query[Any]]] = {
    "movies.get": lambda: movies.get(1),
    "movies.find": lambda: movies.find(1),
    "movies.find_by_tmdb_id": lambda: movies.find_by_tmdb_id(603),
    "movies.find_by_tmdb_ids": lambda: movies.find_by_tmdb_ids([603, 604]),
    "movies.find_by_imdb_id": lambda: movies.find_by_imdb_id("tt0000603"),
    "movies.list_all": partial(movies.list_all, limit=50),
    "movies.list_tmdb_ids": movies.list_tmdb_ids,
    "movies.list_paths": movies.list_paths,
    "movies.list_recent": movies.list_recent,
    "movies.list_by_year": partial(movies.list_by_year, 1999),
    "movies.search": lambda: movies.search("matrix"),
    "movies.statistics": movies.statistics,
    "movies.genre_statistics": movies.genre_statistics,
    "movies.list_popular": movies.list_popular,
    "movies.count": movies.count,
    "movies.create": lambda: movies.create(_new_movie),
    "movies.create_many": lambda: movies.create_many([_new_movie]),
    "movies.upsert_many": lambda: movies.upsert_many([_movie, _new_movie]),
    "movies.update": lambda: movies.update(1, title="A"),
    "movies.set_monitored": lambda: movies.set_monitored(1, monitored=False),
    "movies.delete": lambda: movies.delete(7),
    "movies.delete_many": lambda: movies.delete_many([1, 7]),
    "movie_files.get": lambda: movie_files.get(1),
    "movie_files.find_by_movie": lambda: movie_files.find_by_movie(1),
    "movie_files.list_by_movies": lambda: movie_files.list_by_movies([1, 2]),
    "movie_files.create_many": lambda: movie_files.create_many([_first_file]),
    "movie_files.existing_paths": lambda: movie_files.existing_paths(["a.mkv"]),
    "movie_files.delete": lambda: movie_files.delete(1),
    "scene_groups.find_by_name": lambda: scene_groups.find_by_name("group1"),
    "scene_groups.upsert_many": lambda: scene_groups.upsert_many([_group, _new_group]),
    "scene_groups.list_by_min_score": partial(scene_groups.list_by_min_score, 80),
    "scene_groups.list_by_tier": partial(scene_groups.list_by_tier, "elite"),
    "scene_groups.list_stale": partial(scene_groups.list_stale, NOW),
    "scene_groups.list_by_category": partial(scene_groups.list_by_category, "Category 7"),
    "quality_profiles.get": lambda: quality_profiles.get(1),
    "quality_profiles.find_by_name": lambda: quality_profiles.find_by_name("Any"),
    "quality_profiles.list": quality_profiles.list,
    "quality_profiles.create": lambda: quality_profiles.create(_profile),
    "quality_profiles.update": lambda: quality_profiles.update(1, name="B"),
    "quality_profiles.delete": lambda: quality_profiles.delete(2),
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
    "download_clients.create": lambda: download_clients.create(_client),
    "download_clients.update": lambda: download_clients.update(1, name="B"),
    "download_clients.delete": lambda: download_clients.delete(1),
    "download_clients.record_failure": lambda: download_clients.record_failure(1),
    "download_clients.record_success": lambda: download_clients.record_success(1),
    "download_queue.sync_from_client": lambda: download_queue.sync_from_client(1, [_item]),
    "download_queue.find_by_download_id": lambda: download_queue.find_by_download_id("download 1"),
    "download_queue.list_active": download_queue.list_active,
    "download_queue.statistics": download_queue.statistics,
    "download_queue.remove_many": lambda: download_queue.remove_many([1]),
    "history.record": lambda: history.record(_event),
    "history.record_many": lambda: history.record_many([_event]),
    "history.list_recent": history.list_recent,
    "history.find_by_download_id": lambda: history.find_by_download_id("download 1"),
    "history.find_most_recent_by_download_id": lambda: history.find_most_recent_by_download_id("download 1"),
    "history.already_imported": lambda: history.already_imported("download 1"),
    "history.purge": lambda: history.purge(NOW - dt.timedelta(days=35)),
    "maintenance.plan_vacuum": lambda: maintenance.plan_vacuum("weekly"),
    "maintenance.plan_analyze": maintenance.plan_analyze,
    "maintenance.plan_drop": maintenance.plan_drop,
    "maintenance.plan_refresh": maintenance.plan_refresh,
    "maintenance.plan_recount": maintenance.plan_recount,
    "maintenance.count_future_failures": maintenance.count_future_failures,
    "maintenance.correct_failures": maintenance.correct_failures,
    "maintenance.count_wrong_genres": maintenance.count_wrong_genres,
    "maintenance.correct_genres": maintenance.correct_genres,
    "maintenance.count_old_history": lambda: maintenance.count_old_history(NOW - dt.timedelta(days=35)),
    "partitions.list": partitions.list,
    "partitions.list_missing": lambda: partitions.list_missing(12),
    "partitions.list_strays": lambda: partitions.list_strays(1),
    "partitions.list_old": lambda: partitions.list_old(1, NOW.date() + dt.timedelta(days=365)),
    "partitions.list_detached": partitions.list_detached,
    "partitions.create": lambda: partitions.create(NOW.date()),
    "partitions.detach": lambda: partitions.detach(f"history_{NOW:%Y_%m}"),
    "partitions.drop": lambda: partitions.drop("history_2020_01", 0),
    "partitions.attach": lambda: partitions.attach("history_2020_01"),
    "replication.current_position": replication.current_position,
    "replication.standby_position": replication.standby_position,
    "secrets.list_all": secrets.list_all,
    "secrets.reseal_indexer": lambda: secrets.reseal_indexer(1, "1", None, []),
    "secrets.reseal_client": lambda: secrets.reseal_client(1, "1", None, []),
    "monitoring.server": monitoring.server,
    "monitoring.readiness": lambda: monitoring.readiness(9),
    "monitoring.statements": monitoring.statements,
    "monitoring.indexes": monitoring.indexes,
    "monitoring.tables": monitoring.tables,
    "monitoring.connections": monitoring.connections,
    "monitoring.unused_indexes": monitoring.unused_indexes,
    "monitoring.duplicate_indexes": monitoring.duplicate_indexes,
    "monitoring.invalid_indexes": monitoring.invalid_indexes,
    "monitoring.unindexed_foreign_keys": monitoring.unindexed_foreign_keys,
    "monitoring.bloat": monitoring.bloat,
    "monitoring.blocked_sessions": monitoring.blocked_sessions,
    "monitoring.long_transactions": monitoring.long_transactions,
    "monitoring.wraparound": monitoring.wraparound,
    "monitoring.sequences": monitoring.sequences,
    "monitoring.replication": monitoring.replication,
    "monitoring.replication_slots": monitoring.replication_slots,
    "monitoring.checkpoints": monitoring.checkpoints,
    "monitoring.default_partition_rows": monitoring.default_partition_rows,
    "schema.list_applied": schema.list_applied,
    "schema.is_migrated": schema.is_migrated,
    "schema.list_relations": schema.list_relations,
    "schema.list_sizes": schema.list_sizes,
    "schema.list_foreign_keys": schema.list_foreign_keys,
    "schema.list_materialized_views": schema.list_materialized_views,
    "schema.list_extensions": schema.list_extensions,
    "schema.lacks_extension": lambda: schema.lacks_extension("pg_trgm"),
    "databases.find": lambda: databases.find("postgres"),
    "databases.may_create": databases.may_create,
    "databases.list_users": lambda: databases.list_users("postgres"),
    "databases.disconnect": lambda: databases.disconnect(2**32 - 1),
    "databases.list_left": lambda: databases.list_left("a mark"),
    "databases.list_settings": lambda: databases.list_settings(1),
    "databases.list_grants": lambda: databases.list_grants(1),
    "roles.list_mighty": lambda: roles.list_mighty(["postgres"], owner="radarr_owner"),
    "roles.current_database": roles.current_database,
    "roles.list_owners": lambda: roles.list_owners("radarr_owner"),
    "roles.list_objects": lambda: roles.list_objects("radarr_owner"),
    "sessions.try_lock": lambda: sessions.try_lock(1),
    "sessions.find_lock_holder": lambda: sessions.find_lock_holder(1),
    "sessions.room": sessions.room,
    "settings.compare": lambda: settings.compare(["work_mem"], ["32MB"]),
    "settings.list_denied": lambda: settings.list_denied(["work_mem"]),
}

_SEVERAL: dict[str, list[Callable[..., Query[Any]]]] = {
    "movies.find_by_titles": [
        partial(movies.find_by_titles, ["Movie 603"]),
        partial(movies.find_by_titles, ["Movie 603"], year=1999),
    ],
    "movies.upsert": [partial(movies.upsert, movie) for movie in (_movie, _new_movie)],
    "movies.list_library": [partial(movies.list_library, sort=sort, limit=50) for sort in MovieSort],
    "movies.list_by_genre": [
        partial(movies.list_by_genre, "Genre 7", sort=sort) for sort in ("title", "year", "added")
    ],
    "movies.list_by_rating": [partial(movies.list_by_rating, source, 9.5) for source in RatingSource],
    "movies.list_missing": [
        partial(movies.list_missing, sort=sort, monitored=monitored)
        for sort in MovieSort
        for monitored in (True, False)
    ],
    "movies.list_cutoff_unmet": [
        partial(movies.list_cutoff_unmet, sort=sort, monitored=monitored)
        for sort in MovieSort
        for monitored in (True, False)
    ],
    "movies.list_calendar": [
        partial(movies.list_calendar, TODAY, TODAY + dt.timedelta(days=28), include_unmonitored=unmonitored)
        for unmonitored in (True, False)
    ],
    "movies.edit_many": [
        partial(movies.edit_many, [1], monitored=True),
        partial(movies.edit_many, [1], quality_profile_id=2),
        partial(movies.edit_many, [1], minimum_availability="released"),
        partial(movies.edit_many, [1], root_folder_path="/films"),
        partial(movies.edit_many, [1], tags=["a"], add_tags=["b"], remove_tags=["c"]),
    ],
    "movie_files.list_by_quality": [
        partial(movie_files.list_by_quality, ["Bluray-1080p"]),
        partial(movie_files.list_by_quality, ["CAM"]),
    ],
    "movie_files.replace": [
        partial(movie_files.replace, _first_file),
        partial(movie_files.replace, _other_file, download_id="download 7"),
    ],
    "scene_groups.upsert": [partial(scene_groups.upsert, group) for group in (_group, _new_group)],
    "scene_groups.record_download": [
        partial(scene_groups.record_download, name, success=True) for name in ("GROUP1", "GROUP")
    ],
    "download_clients.pick": [
        partial(download_clients.pick, "torrent"),
        partial(download_clients.pick, "torrent", indexer_id=1),
        partial(download_clients.pick, "torrent", tags=["a"]),
    ],
    "download_queue.list_page": [
        *(partial(download_queue.list_page, sort=sort) for sort in QueueSort),
        partial(download_queue.list_page, movie_id=1),
        partial(download_queue.list_page, protocol="torrent"),
        partial(download_queue.list_page, quality="CAM"),
        partial(download_queue.list_page, status="failed"),
        partial(download_queue.list_page, movie_id=1, protocol="torrent", quality="CAM", status="failed"),
    ],
    "download_queue.update_progress": [
        partial(download_queue.update_progress, 1, 50.0),
        partial(download_queue.update_progress, 1, 50.0, status="stalled"),
    ],
    "history.list_by_movie": [
        partial(history.list_by_movie, 1),
        partial(history.list_by_movie, 1, event_type="grabbed"),
    ],
    "history.list_page": [
        history.list_page,
        partial(history.list_page, event_types=["grabbed"]),
        partial(history.list_page, event_types=["deleted"]),
        partial(history.list_page, movie_ids=[1, 2]),
        partial(history.list_page, qualities=["Bluray-1080p"]),
        partial(history.list_page, qualities=["CAM"]),
        partial(history.list_page, download_id="download 1"),
        partial(history.list_page, since=NOW - dt.timedelta(days=7)),
        partial(history.list_page, event_types=["grabbed"], qualities=["CAM"], since=NOW - dt.timedelta(days=7)),
        partial(history.list_page, movie_ids=[1, 2], download_id="download 1", event_types=["grabbed"]),
    ],
    "history.find_most_recent": [
        partial(history.find_most_recent, 1),
        partial(history.find_most_recent, 1, event_type="grabbed"),
    ],
}

CALLS: dict[str, list[Callable[..., Query[Any]]]] = {name: [call] for name, call in _SINGLE.items()} | _SEVERAL
