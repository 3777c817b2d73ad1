"""What a collection has around its movies, all made up: files, release groups, a queue and history."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radarr_db.demo import groups
from radarr_db.demo.releases import Release, release
from radarr_db.engine import Database
from radarr_db.models.download_clients import NewDownloadClient
from radarr_db.models.download_queue import NewQueueItem
from radarr_db.models.enums import EventType, Protocol, QueueStatus
from radarr_db.models.history import NewHistoryEvent
from radarr_db.models.indexers import NewIndexer
from radarr_db.models.movie_files import NewMovieFile
from radarr_db.models.movies import LibraryMovie
from radarr_db.repositories import (
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    scene_groups,
)

_SHARE_WITH_FILE = 0.7
_DAYS = 60
_QUEUE = 40
_FAILURES = (0, 1, 1, 2)
_IMPORT = (EventType.GRABBED, EventType.DOWNLOADED, EventType.IMPORTED, EventType.RENAMED)
_STATES = {
    QueueStatus.DOWNLOADING: 14,
    QueueStatus.QUEUED: 9,
    QueueStatus.COMPLETED: 6,
    QueueStatus.STALLED: 4,
    QueueStatus.PAUSED: 3,
    QueueStatus.WARNING: 2,
    QueueStatus.FAILED: 2,
}
_PROBLEMS = {QueueStatus.WARNING: "nobody shares all of it", QueueStatus.FAILED: "parts of it are missing"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How many of each were made."""

    groups: int
    files: int
    queue: int
    events: int


@dataclass(frozen=True, slots=True)
class _Source:
    """An indexer and the client that downloads from it, by their ids."""

    indexer_id: int
    client_id: int


@dataclass(frozen=True, slots=True)
class _Story:
    """What happened to a movie: some of its releases failed, and perhaps one became its file."""

    movie: LibraryMovie
    source: _Source
    end: dt.datetime
    failed: list[Release]
    imported: Release | None


def surround(db: Database, now: dt.datetime) -> Surroundings:
    """Makes the surroundings of all stored movies: the same for the same movies and the same ``now``."""
    rng = random.Random(603)  # noqa: S311 - a collection is no secret
    sources = [_source(db, protocol) for protocol in Protocol]
    library = sorted(db.run(movies.list_library()), key=lambda movie: movie.tmdb_id)
    stories = [_story(rng, movie, rng.choice(sources), now) for movie in library]
    return Surroundings(
        groups=db.run(scene_groups.upsert_many(groups.group(rng, name, now) for name in groups.NAMES)),
        files=db.run(movie_files.create_many(_files(stories))),
        queue=_fill_queue(db, rng, [story.movie for story in stories if not story.imported], sources, now),
        events=db.run(history.record_many(event for story in stories for event in _events(story))),
    )


def _source(db: Database, protocol: Protocol) -> _Source:
    is_torrent = protocol is Protocol.TORRENT
    client = NewDownloadClient(
        name="Torrents" if is_torrent else "Usenet",
        implementation="QBittorrent" if is_torrent else "Sabnzbd",
        implementation_name="qBittorrent" if is_torrent else "SABnzbd",
        config_contract="QBittorrentSettings" if is_torrent else "SabnzbdSettings",
        protocol=protocol,
        host="localhost",
        port=8080 if is_torrent else 8085,
        category="movies",
    )
    client_id = db.run(download_clients.create(client)).id
    kind = "Torznab" if is_torrent else "Newznab"
    indexer = NewIndexer(
        name=f"Example {kind}",
        implementation=kind,
        implementation_name=kind,
        config_contract=f"{kind}Settings",
        base_url=f"https://{kind.lower()}.example",
        download_client_id=client_id,
    )
    return _Source(db.run(indexers.create(indexer)).id, client_id)


def _story(rng: random.Random, movie: LibraryMovie, source: _Source, now: dt.datetime) -> _Story:
    releases = [release(rng, movie, groups.NAMES) for _ in range(rng.choice(_FAILURES) + 1)]
    imported = releases.pop() if rng.random() < _SHARE_WITH_FILE else None
    return _Story(movie, source, now - dt.timedelta(days=rng.uniform(0, _DAYS - 1)), releases, imported)


def _files(stories: Sequence[_Story]) -> Iterator[NewMovieFile]:
    for story in stories:
        if kept := story.imported:
            yield NewMovieFile(
                movie_id=story.movie.id,
                relative_path=f"{kept.title}.mkv",
                quality=kept.quality,
                size=kept.size,
                date_added=story.end,
                scene_name=kept.title,
                release_group=kept.group,
                resolution=kept.resolution,
                video_codec=kept.codec,
                audio_codec="AC3",
                audio_languages=["en"],
            )


def _fill_queue(
    db: Database,
    rng: random.Random,
    missing: Sequence[LibraryMovie],
    sources: Sequence[_Source],
    now: dt.datetime,
) -> int:
    wanted = rng.sample(missing, min(_QUEUE, len(missing)))
    for place, source in enumerate(sources):
        items = [_queue_item(rng, movie, source, now) for movie in wanted[place :: len(sources)]]
        db.run(download_queue.sync_from_client(source.client_id, items))
    return len(wanted)


def _queue_item(rng: random.Random, movie: LibraryMovie, source: _Source, now: dt.datetime) -> NewQueueItem:
    chosen = release(rng, movie, groups.NAMES)
    status = rng.choices(list(_STATES), list(_STATES.values()))[0]
    ends = {QueueStatus.QUEUED: 0.0, QueueStatus.COMPLETED: 100.0}
    time_left = dt.timedelta(minutes=rng.randint(5, 240)) if status is QueueStatus.DOWNLOADING else None
    return NewQueueItem(
        download_id=chosen.download_id,
        title=chosen.title,
        movie_id=movie.id,
        indexer_id=source.indexer_id,
        size=chosen.size,
        status=status,
        progress=ends.get(status, round(rng.uniform(1, 99), 1)),
        eta=now + time_left if time_left else None,
        time_left=time_left,
        quality=chosen.quality,
        error_message=_PROBLEMS.get(status),
        added=now - dt.timedelta(minutes=rng.randint(1, 600)),
    )


def _events(story: _Story) -> Iterator[NewHistoryEvent]:
    told = [(tried, event) for tried in story.failed for event in (EventType.GRABBED, EventType.FAILED)]
    if kept := story.imported:
        told += [(kept, event) for event in _IMPORT]
    for hours, (tried, event) in enumerate(told, 1 - len(told)):
        yield NewHistoryEvent(
            movie_id=story.movie.id,
            source_title=tried.title,
            event_type=event,
            quality=tried.quality,
            indexer_id=story.source.indexer_id,
            download_client_id=story.source.client_id,
            download_id=tried.download_id,
            data={"size": tried.size, "release_group": tried.group},
            date=story.end + dt.timedelta(hours=hours),
        )
