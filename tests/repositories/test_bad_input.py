"""What must not reach the server is refused when the query is built; no error tells what a row holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
import secrets
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from repositories.factories import DAY, KEYS, PAST, client, event, file, group, indexer, item, movie, profile, raw

from radarr_db import (
    ApiKey,
    ClientPassword,
    ConflictError,
    InvalidArgumentError,
    NewMovie,
    NewQueueItem,
    Query,
    RadarrDbError,
    Transaction,
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    quality_profiles,
    scene_groups,
)

TODAY = PAST.date()
NAIVE = PAST.replace(tzinfo=None)
INT4, INT8 = 2**31 - 1, 2**63 - 1
NEXT_CENTURY = TODAY.year + 100

Build = Callable[[], Query[Any]]


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


CIRCULAR: dict[str, Any] = {}
CIRCULAR["self"] = CIRCULAR


SEALED = KEYS.seal(ApiKey, "plain")
BAD_TEXTS: list[Any] = ["", " \t\n", "a\0b", "a\ud800b", b"abc", 7, None]
BAD_DOCUMENTS: list[Any] = [
    deep(65),
    deep(5000),
    CIRCULAR,
    {"a": "x" * 2**20},
    {"a": math.nan},
    {"a": [math.inf]},
    {1: "a"},
    {None: "a"},
    {"a": {1: 2}},
    {"a\0": 1},
    {"a": "\0"},
    {"a": "\ud800"},
    {"a": {1, 2}},
    {"a": PAST},
    {"a": 10**5000},
    [],
    "{}",
    None,
]
BAD_IDS: list[Any] = [0, -1, INT8 + 1, 10**400, True, 1.0, "1", None]
BAD_LIMITS: list[Any] = [0, -1, 1001, True, "5", 5.0, math.inf, INT8]

# Models by the function that writes one, with the bad values of each field.
MODELS: list[tuple[Callable[[Any], Query[Any]], Any, str, dict[str, list[Any]]]] = [
    (
        movies.create,
        movie(),
        "movie",
        {
            "tmdb_id": [0, INT4 + 1, True, "603", None],
            "title": [*BAD_TEXTS, "x" * 501],
            "original_title": ["", "x" * 501, "\0"],
            "alternative_titles": [["a", ""], "title", None, [None]],
            "imdb_id": ["nm1", "tt", 603],
            "year": [0, 1799, NEXT_CENTURY, True, "1999", 1999.0],
            "runtime": [-1, INT4 + 1, 1.5, True],
            "overview": ["\0", "\ud800", "x" * 100_001, 7],
            "tagline": ["\0", "x" * 1001],
            "status": ["Released", "", 1],
            "release_date": [PAST, "2024-05-01"],
            "physical_release": [PAST],
            "digital_release": [PAST],
            "in_cinemas": [PAST],
            "monitored": [None, 1, "yes"],
            "minimum_availability": ["deleted", None],
            "quality_profile_id": BAD_IDS,
            "path": ["/movies/../etc", "..", "", "\0", "/" + "x" * 4096],
            "root_folder_path": ["/movies/.."],
            "folder_name": ["../matrix", "..\\matrix"],
            "tags": ["tag", [""], ["a", "b\0"], ["\ud800"], [1], None],
            "metadata": BAD_DOCUMENTS,
            "added": [NAIVE, TODAY, "2024-05-01", dt.datetime.min.replace(tzinfo=dt.timezone(DAY / 2))],
            "last_search_time": [NAIVE],
            "last_info_sync": [NAIVE],
        },
    ),
    (
        movie_files.replace,
        file(1),
        "file",
        {
            "movie_id": BAD_IDS,
            "relative_path": [*BAD_TEXTS, "../x", "a/../../x", "/etc/passwd", "\\\\host\\x", "x" * 4097],
            "quality": ["1080p", "bluray-1080p", None, 7],
            "size": [-1, INT8 + 1, 1.5, True],
            "date_added": [NAIVE],
            "scene_name": ["\0", "x" * 1001],
            "release_group": ["", "x" * 201],
            "resolution": ["1080", 1080],
            "video_codec": [""],
            "audio_codec": [""],
            "audio_languages": ["en", [""]],
            "subtitle_languages": [None],
            "edition": ["\ud800"],
            "cut": ["\0"],
            "media_info": BAD_DOCUMENTS,
            "custom_formats": [{}, [math.nan], None],
        },
    ),
    (
        scene_groups.upsert,
        group(),
        "scene_group",
        {
            "name": [*BAD_TEXTS, "x" * 101],
            "reputation_score": [-0.1, 100.005, 101, math.nan, math.inf, 10**400, True, "85", None],
            "quality_tier": ["best", None],
            "confidence_level": ["none", 1],
            "total_releases": [-1, INT4 + 1],
            "internal_releases": [-1, True],
            "completed_downloads": [-1, INT8 + 1],
            "total_downloads": [-1, 0.5],
            "categories": ["film", [None]],
            "analysis_data": BAD_DOCUMENTS,
            "first_seen": [NAIVE],
            "last_analyzed": [NAIVE],
        },
    ),
    (
        quality_profiles.create,
        profile(),
        "profile",
        {
            "name": [*BAD_TEXTS, "x" * 201],
            "cutoff_quality": ["1080p", None],
            "quality_items": [{}, [math.nan], None],
            "upgrade_allowed": [None, 0],
            "custom_formats": [{}],
            "format_items": [{}],
        },
    ),
    (
        indexers.create,
        indexer(),
        "indexer",
        {
            "name": [*BAD_TEXTS, "x" * 201],
            "implementation": [""],
            "implementation_name": [""],
            "config_contract": [""],
            "base_url": ["\0", None],
            "enabled": [None],
            "enable_rss": [1],
            "enable_automatic_search": [1],
            "enable_interactive_search": [1],
            "supports_rss": [1],
            "supports_search": [1],
            "api_path": ["\0"],
            "api_key": ["plain", "", 7, ApiKey("plain"), SEALED.text, KEYS.seal(ClientPassword, "x")],
            "additional_parameters": ["\0"],
            "priority": [0, 51, "1", True],
            "download_client_id": [0],
            "fields": [{}],
            "tags": ["tag", [1], [""]],
            "grab_limit": [-1, INT4 + 1],
            "query_limit": [-1],
        },
    ),
    (
        download_clients.create,
        client(),
        "client",
        {
            "name": [*BAD_TEXTS, "x" * 201],
            "implementation": [""],
            "implementation_name": [""],
            "config_contract": [""],
            "protocol": ["http", None],
            "host": ["\0", None],
            "port": [0, 65536, "80", True],
            "enabled": [None],
            "priority": [0, 51],
            "use_ssl": [1],
            "url_base": ["\0"],
            "username": ["\0"],
            "password": ["plain", "", 7, ClientPassword("plain"), SEALED],
            "category": ["\0"],
            "recent_tv_priority": ["\0"],
            "older_tv_priority": ["\0"],
            "remove_completed_downloads": [None],
            "remove_failed_downloads": [None],
            "fields": [{}],
            "tags": ["tag", None],
        },
    ),
    (
        lambda new: download_queue.sync_from_client(1, [item("other"), new]),
        item(),
        "items[1]",
        {
            "download_id": [*BAD_TEXTS, "x" * 201],
            "title": [*BAD_TEXTS, "x" * 1001],
            "movie_id": [0, True],
            "indexer_id": [0],
            "size": [-1, INT8 + 1],
            "status": ["done", None],
            "tracking_id": [""],
            "progress": [-0.01, 100.005, 101, math.nan, math.inf, 10**400, True, "50", None],
            "eta": [NAIVE],
            "time_left": [60, dt.timedelta.max, dt.timedelta.min],
            "quality": ["1080p"],
            "custom_formats": [{}],
            "status_messages": [{}],
            "error_message": ["\0"],
            "added": [NAIVE],
            "grabbed_at": [NAIVE],
            "completed_at": [NAIVE],
            "failed_at": [NAIVE],
        },
    ),
    (
        history.record,
        event(1),
        "event",
        {
            "movie_id": BAD_IDS,
            "source_title": [*BAD_TEXTS, "x" * 1001],
            "event_type": ["Grabbed", None],
            "quality": ["1080p"],
            "custom_formats": [{}],
            "indexer_id": [0],
            "download_client_id": [0],
            "download_id": ["", "x" * 201],
            "data": BAD_DOCUMENTS,
            "date": [NAIVE, TODAY, dt.datetime.max.replace(tzinfo=dt.timezone(-DAY / 2))],
        },
    ),
]

# Each argument of each function, with bad values of it; the function takes one of them.
ARGUMENTS: dict[str, tuple[Callable[[Any], Query[Any]], list[Any]]] = {
    "movie_id": (movies.get, BAD_IDS),
    "movie_id of find": (movies.find, BAD_IDS),
    "tmdb_id": (movies.find_by_tmdb_id, [0, INT4 + 1, True, "603", None]),
    "tmdb_ids": (movies.find_by_tmdb_ids, ["12", 7, None, {1: 2}]),
    "tmdb_ids[1]": (lambda bad: movies.find_by_tmdb_ids([1, bad]), [0, INT4 + 1, None]),
    "imdb_id": (movies.find_by_imdb_id, ["", "tt", "nm1", "tt\u0661", "tt1\n", None, 7]),
    "titles": (movies.find_by_titles, ["Heat", None]),
    "titles[0]": (lambda bad: movies.find_by_titles([bad]), [*BAD_TEXTS, "x" * 501]),
    "year": (lambda bad: movies.find_by_titles(["Heat"], bad), [0, 1799, NEXT_CENTURY, "1995", True]),
    "sort": (lambda bad: movies.list_library(sort=bad), ["", "id", "Title", "title; --", 1, None, [], "sort_title"]),
    "sort of missing": (lambda bad: movies.list_missing(sort=bad), ["size", None]),
    "sort of cutoff": (lambda bad: movies.list_cutoff_unmet(sort=bad), ["size", None]),
    "sort of genre": (lambda bad: movies.list_by_genre("Drama", sort=bad), ["digital_release", "size", None]),
    "sort of queue": (lambda bad: download_queue.list_page(sort=bad), ["year", None]),
    "source": (lambda bad: movies.list_by_rating(bad, 7), ["letterboxd", None]),
    "minimum": (lambda bad: movies.list_by_rating("imdb", bad), [-1, 100.5, math.nan, "7", True, 10**400]),
    "year of list": (movies.list_by_year, [0, NEXT_CENTURY, None]),
    "genre": (movies.list_by_genre, [*BAD_TEXTS, "x" * 201]),
    "monitored": (lambda bad: movies.list_missing(monitored=bad), [None, 1]),
    "monitored of cutoff": (lambda bad: movies.list_cutoff_unmet(monitored=bad), [None]),
    "first": (lambda bad: movies.list_calendar(bad, TODAY), [PAST, "2024-05-01", None]),
    "last": (lambda bad: movies.list_calendar(TODAY, bad), [PAST, None, TODAY - DAY]),
    "include_unmonitored": (lambda bad: movies.list_calendar(TODAY, TODAY, include_unmonitored=bad), [None]),
    "text": (movies.search, ["\0", "\ud800", "x" * 1001, None, 7]),
    "limit of search": (lambda bad: movies.search("x", bad), [*BAD_LIMITS, None]),
    "movie": (movies.create, [None, {}, event(1)]),
    "movie of upsert": (movies.upsert, [None, {}]),
    "id": (lambda bad: movies.update(1, id=bad), [2]),  # type: ignore[call-arg]
    "has_file": (lambda bad: movies.update(1, has_file=bad), [True]),  # type: ignore[call-arg]
    "title": (lambda bad: movies.update(1, title=bad), [*BAD_TEXTS, "x" * 501]),
    "year of update": (lambda bad: movies.update(1, year=bad), [0]),
    "metadata": (lambda bad: movies.update(1, metadata=bad), BAD_DOCUMENTS),
    "added": (lambda bad: movies.update(1, added=bad), [NAIVE, None]),
    "movie_id of update": (movies.update, BAD_IDS),
    "movie_id of monitored": (lambda bad: movies.set_monitored(bad, monitored=True), BAD_IDS),
    "monitored of movie": (lambda bad: movies.set_monitored(1, bad), [None, 1]),
    "movie_ids": (movies.edit_many, [1, "1", None]),
    "movie_ids[0]": (lambda bad: movies.edit_many([bad]), BAD_IDS),
    "monitored of many": (lambda bad: movies.edit_many([1], monitored=bad), [1]),
    "quality_profile_id": (lambda bad: movies.edit_many([1], quality_profile_id=bad), [0]),
    "minimum_availability": (lambda bad: movies.edit_many([1], minimum_availability=bad), ["deleted"]),
    "root_folder_path": (lambda bad: movies.edit_many([1], root_folder_path=bad), ["a/../b", ""]),
    "tags": (lambda bad: movies.edit_many([1], tags=bad), ["tag"]),
    "add_tags": (lambda bad: movies.edit_many([1], add_tags=bad), ["tag", None]),
    "add_tags[0]": (lambda bad: movies.edit_many([1], add_tags=[bad]), BAD_TEXTS),
    "remove_tags[0]": (lambda bad: movies.edit_many([1], remove_tags=[bad]), BAD_TEXTS),
    "movie_id of delete": (movies.delete, BAD_IDS),
    "movie_ids of delete": (movies.delete_many, ["1", None]),
    "file_id": (movie_files.get, BAD_IDS),
    "file_id of delete": (movie_files.delete, BAD_IDS),
    "movie_id of file": (movie_files.find_by_movie, BAD_IDS),
    "movie_ids[0] of files": (lambda bad: movie_files.list_by_movies([bad]), BAD_IDS),
    "qualities": (movie_files.list_by_quality, ["DVD", None]),
    "qualities[0]": (lambda bad: movie_files.list_by_quality([bad]), ["1080p", None]),
    "download_id of replace": (lambda bad: movie_files.replace(file(1), download_id=bad), ["", "x" * 201, 7]),
    "paths[0]": (lambda bad: movie_files.existing_paths([bad]), ["/a", "..", *BAD_TEXTS]),
    "name of group": (scene_groups.find_by_name, [*BAD_TEXTS, "x" * 101]),
    "minimum of groups": (scene_groups.list_by_min_score, [-1, 101, math.nan, None]),
    "tier": (scene_groups.list_by_tier, ["best", None]),
    "before": (scene_groups.list_stale, [NAIVE, TODAY, None]),
    "category": (scene_groups.list_by_category, BAD_TEXTS),
    "name of download": (lambda bad: scene_groups.record_download(bad, success=True), BAD_TEXTS),
    "success": (lambda bad: scene_groups.record_download("x", bad), [None, 1]),
    "profile_id": (quality_profiles.get, BAD_IDS),
    "profile_id of update": (quality_profiles.update, BAD_IDS),
    "profile_id of delete": (quality_profiles.delete, BAD_IDS),
    "name of profile": (quality_profiles.find_by_name, BAD_TEXTS),
    "cutoff_quality": (lambda bad: quality_profiles.update(1, cutoff_quality=bad), ["1080p", None]),
    "cutoff_rank": (lambda bad: quality_profiles.update(1, cutoff_rank=bad), [1]),  # type: ignore[call-arg]
    "indexer_id": (indexers.get, BAD_IDS),
    "indexer_id of update": (indexers.update, BAD_IDS),
    "indexer_id of delete": (indexers.delete, BAD_IDS),
    "indexer_id of failure": (indexers.record_failure, BAD_IDS),
    "indexer_id of success": (indexers.record_success, BAD_IDS),
    "name of indexer": (indexers.find_by_name, BAD_TEXTS),
    "kind": (indexers.list_for_search, ["manual", None]),
    "priority": (lambda bad: indexers.update(1, priority=bad), [0, None]),
    "escalation_level": (lambda bad: indexers.update(1, escalation_level=bad), [0]),  # type: ignore[call-arg]
    "client_id": (download_clients.get, BAD_IDS),
    "client_id of update": (download_clients.update, BAD_IDS),
    "client_id of delete": (download_clients.delete, BAD_IDS),
    "client_id of failure": (download_clients.record_failure, BAD_IDS),
    "client_id of success": (download_clients.record_success, BAD_IDS),
    "name of client": (download_clients.find_by_name, BAD_TEXTS),
    "protocol": (download_clients.pick, ["http", None]),
    "indexer_id of pick": (lambda bad: download_clients.pick("torrent", indexer_id=bad), [0]),
    "tags[0]": (lambda bad: download_clients.pick("torrent", tags=[bad]), BAD_TEXTS),
    "port": (lambda bad: download_clients.update(1, port=bad), [0, None]),
    "download_client_id": (lambda bad: download_queue.sync_from_client(bad, []), BAD_IDS),
    "items": (lambda bad: download_queue.sync_from_client(1, bad), [None, {}, "d1", 7]),
    "items[0]": (lambda bad: download_queue.sync_from_client(1, [bad]), [None, {}, "d1"]),
    "events": (history.record_many, [None, {}, "x", 7]),
    "files": (movie_files.create_many, [None, {}, "x", 7]),
    "movies": (movies.create_many, [None, {}, "x", 7]),
    "movies of upsert": (movies.upsert_many, [None, {}, "x", 7]),
    "scene_groups": (scene_groups.upsert_many, [None, {}, "x", 7]),
    "download_id": (download_queue.find_by_download_id, BAD_TEXTS),
    "movie_id of queue": (lambda bad: download_queue.list_page(movie_id=bad), [0]),
    "protocol of queue": (lambda bad: download_queue.list_page(protocol=bad), ["http"]),
    "quality": (lambda bad: download_queue.list_page(quality=bad), ["1080p"]),
    "status": (lambda bad: download_queue.list_page(status=bad), ["done"]),
    "item_id": (lambda bad: download_queue.update_progress(bad, 1), BAD_IDS),
    "progress": (lambda bad: download_queue.update_progress(1, bad), [-1, 100.005, 101, math.nan, True, None]),
    "status of progress": (lambda bad: download_queue.update_progress(1, 1, status=bad), ["done"]),
    "time_left": (lambda bad: download_queue.update_progress(1, 1, time_left=bad), [60, dt.timedelta.max]),
    "eta": (lambda bad: download_queue.update_progress(1, 1, eta=bad), [NAIVE]),
    "item_ids[0]": (lambda bad: download_queue.remove_many([bad]), BAD_IDS),
    "movie_id of history": (history.list_by_movie, BAD_IDS),
    "event_type": (lambda bad: history.list_by_movie(1, event_type=bad), ["Grabbed"]),
    "event_types": (lambda bad: history.list_page(event_types=bad), ["grabbed", 7]),
    "event_types[0]": (lambda bad: history.list_page(event_types=[bad]), ["Grabbed", None]),
    "movie_ids[0] of history": (lambda bad: history.list_page(movie_ids=[bad]), BAD_IDS),
    "qualities[0] of history": (lambda bad: history.list_page(qualities=[bad]), ["1080p"]),
    "download_id of history": (lambda bad: history.list_page(download_id=bad), [""]),
    "since": (lambda bad: history.list_page(since=bad), [NAIVE, TODAY]),
    "movie_id of recent": (history.find_most_recent, BAD_IDS),
    "event_type of recent": (lambda bad: history.find_most_recent(1, bad), ["Grabbed"]),
    "download_id of events": (history.find_by_download_id, BAD_TEXTS),
    "download_id of event": (history.find_most_recent_by_download_id, BAD_TEXTS),
    "download_id of import": (history.already_imported, BAD_TEXTS),
    "before of purge": (history.purge, [NAIVE, TODAY, None]),
}

# Every list that comes in pages.
LISTS: list[Callable[..., Query[Any]]] = [
    movies.list_library,
    movies.list_all,
    movies.list_recent,
    lambda **page: movies.list_by_year(1999, **page),
    lambda **page: movies.list_by_genre("Drama", **page),
    lambda **page: movies.list_by_rating("imdb", 7, **page),
    movies.list_missing,
    movies.list_cutoff_unmet,
    lambda **page: movies.list_calendar(TODAY, TODAY, **page),
    movies.list_popular,
    lambda **page: movie_files.list_by_quality(["DVD"], **page),
    lambda **page: scene_groups.list_by_min_score(1, **page),
    lambda **page: scene_groups.list_by_tier("good", **page),
    lambda **page: scene_groups.list_by_category("film", **page),
    lambda **page: scene_groups.list_stale(PAST, **page),
    download_queue.list_active,
    download_queue.list_page,
    history.list_recent,
    lambda **page: history.list_by_movie(1, **page),
    history.list_page,
]
UNLIMITED = (movies.list_library, movies.list_all)


def bad_input() -> Iterator[Any]:
    for write, good, name, fields in MODELS:
        assert set(fields) == {field.name for field in dataclasses.fields(good)}
        write(good)
        for field, values in fields.items():
            for n, bad in enumerate(values):
                new = dataclasses.replace(good, **{field: bad})
                named = f"{name}.{field}" if name.endswith("]") else field
                yield pytest.param(lambda w=write, m=new: w(m), named, id=f"{name}.{field}-{n}")
    for name, (build, values) in ARGUMENTS.items():
        for n, bad in enumerate(values):
            yield pytest.param(lambda b=build, v=bad: b(v), name.split()[0], id=f"{name}-{n}")
    for place, build in enumerate(LISTS):
        for n, bad in enumerate(BAD_LIMITS if build in UNLIMITED else [*BAD_LIMITS, None]):
            yield pytest.param(lambda b=build, v=bad: b(limit=v), "limit", id=f"list {place} limit-{n}")
        for n, token in enumerate(["", "x", "AAAA" * 9, "é", "\0", b"", 7]):
            yield pytest.param(lambda b=build, v=token: b(after=v), "after", id=f"list {place} after-{n}")


@pytest.mark.parametrize(("build", "argument"), list(bad_input()))
def test_a_bad_argument_is_refused_by_its_name_before_any_sql_runs(build: Build, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        build()
    # One of several is named with its place.
    assert argument in (refused.value.argument, re.sub(r"\[\d+\]$", "", refused.value.argument))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (NewMovie, (603,)),
        (NewQueueItem, ("d1",)),
        (movies.get, ()),
        (movies.update, ()),
        (movies.list_by_rating, ("imdb",)),
        (download_queue.update_progress, (1,)),
    ],
)
def test_a_missing_argument_is_refused_by_python(function: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="missing"):
        function(*arguments)


@pytest.mark.parametrize(
    ("write", "constraint"),
    [
        (lambda _: movies.create(movie()), "movies_tmdb_id_key"),
        (lambda _: movies.create_many([movie(1), movie()]), "movies_tmdb_id_key"),
        (lambda _: movies.create_many([movie(1), movie(1)]), "movies_tmdb_id_key"),
        (lambda other: movies.update(other, tmdb_id=603), "movies_tmdb_id_key"),
        (lambda _: movies.create(movie(1, quality_profile_id=9)), "movies_quality_profile_id_fkey"),
    ],
)
def test_a_conflict_names_its_constraint_and_changes_nothing(
    tx: Transaction, write: Callable[[int], Query[Any]], constraint: str
) -> None:
    tx.run(movies.create(movie(overview="the first")))
    other = tx.run(movies.create(movie(604)))
    before = list(tx.run(movies.list_all()))
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(write(other.id))
    assert conflict.value.constraint == constraint
    assert list(tx.run(movies.list_all())) == before


# Not a literal: a traceback shows lines of source.
CANARY = secrets.token_hex(8)
LEAKS: dict[str, Callable[[Any], Query[Any]]] = {
    "check": lambda _: raw("UPDATE indexers SET priority = 99"),
    "not null": lambda _: raw("UPDATE indexers SET name = NULL"),
    "unique": lambda _: indexers.create(indexer(additional_parameters=CANARY)),
    "unique many": lambda _: movies.create_many([movie(1, overview=CANARY), movie(1, tagline=CANARY)]),
    "foreign key": lambda _: movies.create(movie(1, overview=CANARY, quality_profile_id=9)),
    "value": lambda _: raw("SELECT CAST(:value AS integer)", value=CANARY),
    "json": lambda _: raw("SELECT CAST(:value AS jsonb)", value=f'{{"key": "{CANARY}", }}'),
    "range": lambda _: raw("UPDATE indexers SET fields = :value::jsonb -> 0", value=f'["{CANARY}"]'),
    "size": lambda _: raw("UPDATE indexers SET grab_limit = (fields ->> 0)::integer"),
    "parameter": lambda _: raw("SELECT :value::text", value=f"{CANARY}\0"),
    "surrogate": lambda _: raw("SELECT :value::text", value=f"{CANARY}\ud800"),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_no_error_tells_what_a_row_or_an_argument_holds(tx: Transaction, leak: Callable[[Any], Query[Any]]) -> None:
    stored = tx.run(indexers.create(indexer(additional_parameters=CANARY, fields=[CANARY])))
    with pytest.raises(RadarrDbError) as caught, tx.transaction():
        tx.run(leak(stored))
    error: BaseException | None = caught.value
    told = traceback.format_exception(caught.value)
    while error is not None:
        told += [str(error), repr(error), *map(repr, error.args)]
        error = error.__cause__ or error.__context__
    assert CANARY not in "".join(told)
    assert tx.run(indexers.get(stored.id)) == stored


REFUSALS: dict[str, Build] = {
    "model": lambda: indexers.create(indexer(api_key=CANARY, priority=99)),
    "document": lambda: movies.create(movie(metadata={"key": CANARY, "bad": math.nan})),
    "key": lambda: movies.create(movie(metadata={"key": CANARY, 1: 2})),
    "object": lambda: movies.create(movie(metadata={"key": CANARY, "bad": object()})),
    "text": lambda: movies.create(movie(title=f"{CANARY}\0")),
    "surrogate": lambda: movies.create(movie(title=f"{CANARY}\ud800")),
    "changes": lambda: indexers.update(1, additional_parameters=f"{CANARY}\ud800"),
    "plain secret": lambda: indexers.create(indexer(api_key=CANARY)),
    "plain secret in changes": lambda: indexers.update(1, api_key=CANARY),  # type: ignore[arg-type]
    "plain secret in a wrapper": lambda: indexers.create(indexer(api_key=ApiKey(CANARY))),
    "plain field": lambda: indexers.create(indexer(fields=[{"name": "apiKey", "value": CANARY}])),
    "plain field in changes": lambda: indexers.update(1, fields=[{"name": "apiKey", "value": CANARY}]),
    "surrogate in a field": lambda: indexers.update(1, fields=[{"name": "apiKey", "value": f"{CANARY}\ud800"}]),
    "bad document": lambda: indexers.update(1, fields=[{"name": "apiKey", "value": CANARY}, math.nan]),
}


@pytest.mark.parametrize("build", REFUSALS.values(), ids=REFUSALS)
def test_no_refusal_tells_what_an_argument_holds(build: Build) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        build()
    assert CANARY not in "".join(traceback.format_exception(refused.value)) + repr(refused.value)


def test_a_query_does_not_show_its_arguments_when_printed() -> None:
    assert CANARY not in repr(indexers.create(indexer(additional_parameters=CANARY)))
