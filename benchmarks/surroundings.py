"""What there is around the movies of a catalogue: files, history, release groups, clients, indexers and a queue."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from benchmarks.catalogue import NOW, Catalogue, Head
from benchmarks.stock import chance
from benchmarks.words import made_word
from radarr_db.demo import groups
from radarr_db.models.download_clients import NewDownloadClient
from radarr_db.models.download_queue import NewQueueItem
from radarr_db.models.enums import EventType, Protocol, Quality, QueueStatus, Resolution
from radarr_db.models.history import NewHistoryEvent
from radarr_db.models.indexers import NewIndexer
from radarr_db.models.movie_files import NewMovieFile
from radarr_db.models.quality_profiles import NewQualityProfile
from radarr_db.models.scene_groups import NewSceneGroup

GROUPS = 10_000
QUEUE = 1_000
EVENTS_A_MOVIE = 5
SHARE_WITH_FILE = 0.7

# By id, in the order in which they are made. The spare ones are used by nothing: they can be deleted.
PROFILES = (
    NewQualityProfile("Ultra-HD", Quality.BLURAY_2160P),
    NewQualityProfile("SD", Quality.DVD),
    NewQualityProfile("Spare", Quality.WEBDL_1080P),
)
CLIENTS = tuple(
    NewDownloadClient(name, name, name, f"{name}Settings", protocol, "localhost", 8080 + place, category="movies")
    for place, (name, protocol) in enumerate(
        {
            "qBittorrent": Protocol.TORRENT,
            "Transmission": Protocol.TORRENT,
            "SABnzbd": Protocol.USENET,
            "Spare": Protocol.TORRENT,
        }.items()
    )
)
INDEXERS = tuple(
    NewIndexer(name, "Torznab", "Torznab", "TorznabSettings", f"https://{name.lower()}.example", priority=place)
    for place, name in enumerate(("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Spare"), 1)
)

_QUALITIES = {
    Quality.WEBDL_1080P: 28, Quality.BLURAY_1080P: 24, Quality.REMUX_1080P: 4, Quality.WEBDL_2160P: 10,
    Quality.BLURAY_2160P: 5, Quality.REMUX_2160P: 4, Quality.BLURAY_720P: 10, Quality.WEBDL_720P: 5,
    Quality.HDTV_720P: 3, Quality.DVD: 5, Quality.SDTV: 2,
}  # fmt: skip
_QUALITY_NAMES = tuple(_QUALITIES)
_QUALITY_WEIGHTS = tuple(accumulate(_QUALITIES.values()))
_MEGABYTES_A_MINUTE = {None: 9, Resolution.P720: 40, Resolution.P1080: 85, Resolution.P2160: 190}

# What history tells of a movie: of its releases in turn, EVENTS_A_MOVIE events together.
_IMPORT = (EventType.GRABBED, EventType.DOWNLOADED, EventType.IMPORTED)
_FAILURE = (EventType.GRABBED, EventType.FAILED)
_STORIES_WITH_FILE = ((_FAILURE, _IMPORT), ((*_IMPORT, EventType.RENAMED), (EventType.IGNORED,)))
_STORY_WITHOUT_FILE = (_FAILURE, _FAILURE, (EventType.IGNORED,))

_STATES = {
    QueueStatus.DOWNLOADING: 35, QueueStatus.QUEUED: 22, QueueStatus.COMPLETED: 15, QueueStatus.STALLED: 10,
    QueueStatus.PAUSED: 8, QueueStatus.WARNING: 5, QueueStatus.FAILED: 5,
}  # fmt: skip
_PROBLEMS = {QueueStatus.WARNING: "nobody shares all of it", QueueStatus.FAILED: "parts of it are missing"}


@dataclass(frozen=True, slots=True)
class Story:
    """What history tells of a movie, oldest first, and the file that came of it, if one did."""

    events: list[NewHistoryEvent]
    file: NewMovieFile | None


@dataclass(frozen=True, slots=True)
class _Release:
    title: str
    quality: Quality
    resolution: Resolution | None
    group: str
    size: int
    download_id: str


def group_name(number: int) -> str:
    """The name of a release group, by its number below GROUPS."""
    return made_word(2_000_000 + number).upper()


def scene_groups(catalogue: Catalogue) -> Iterator[NewSceneGroup]:
    """All groups; four of five have a score below 80."""
    rng = catalogue.random("groups")
    for number in range(GROUPS):
        group = groups.group(rng, group_name(number), NOW)
        categories = ["Movies", *(name for name in ("Anime", "TV", "Documentaries") if chance(rng, 0.05))]
        yield dataclasses.replace(group, categories=categories)


def story(catalogue: Catalogue, place: int, movie_id: int) -> Story:
    """The story at a place of the history, which is that of the movie ``catalogue.number_at(place)``."""
    rng = catalogue.random("story", place)
    head = catalogue.head(catalogue.number_at(place))
    has_file = chance(rng, SHARE_WITH_FILE)
    told = rng.choice(_STORIES_WITH_FILE) if has_file else _STORY_WITHOUT_FILE
    end = catalogue.moment_at(place)
    source = rng.randint(1, len(INDEXERS) - 1), rng.randint(1, len(CLIENTS) - 1)
    events: list[NewHistoryEvent] = []
    file: NewMovieFile | None = None
    for types in told:
        release = _release(rng, head)
        for event_type in types:
            date = end - dt.timedelta(hours=EVENTS_A_MOVIE - len(events))
            events.append(_event(movie_id, release, event_type, source, date))
        if EventType.IMPORTED in types:
            file = _file(movie_id, release, end)
    return Story(events, file)


def queue(catalogue: Catalogue, movie_ids: Sequence[int]) -> dict[int, list[NewQueueItem]]:
    """The queue of each client, by its id; ``movie_ids`` are those of the movies 1, 2, 3 ... of the catalogue."""
    rng = catalogue.random("queue")
    queues: dict[int, list[NewQueueItem]] = {client: [] for client in range(1, len(CLIENTS))}
    for number, movie_id in enumerate(movie_ids[:QUEUE], 1):
        client = rng.randint(1, len(queues))
        queues[client].append(_queue_item(rng, _release(rng, catalogue.head(number)), movie_id))
    return queues


def new_file(catalogue: Catalogue, number: int, movie_id: int) -> NewMovieFile:
    """Another file for a movie."""
    return _file(movie_id, _release(catalogue.random("file", number), catalogue.head(number)), NOW)


def _release(rng: Random, head: Head) -> _Release:
    quality = rng.choices(_QUALITY_NAMES, cum_weights=_QUALITY_WEIGHTS)[0]
    _, _, height = quality.partition("-")
    resolution = Resolution(height) if height else None
    group = group_name(int(GROUPS * rng.random() ** 3))
    megabytes = _MEGABYTES_A_MINUTE[resolution] * head.runtime * rng.uniform(0.6, 1.5)
    words = [*head.title.split(), head.year, *quality.split("-"), "x264"]
    return _Release(
        title=".".join(str(word) for word in words if word) + f"-{group}",
        quality=quality,
        resolution=resolution,
        group=group,
        size=round(megabytes * 1_000_000),
        download_id=f"{rng.getrandbits(160):040X}",
    )


def _file(movie_id: int, release: _Release, added: dt.datetime) -> NewMovieFile:
    return NewMovieFile(
        movie_id=movie_id,
        relative_path=f"{release.title} [{movie_id}].mkv",
        quality=release.quality,
        size=release.size,
        date_added=added,
        scene_name=release.title,
        release_group=release.group,
        resolution=release.resolution,
        video_codec="x264",
        audio_codec="AC3",
        audio_languages=["en"],
        media_info={"width": 1920, "height": 1080, "bit_depth": 10, "audio_channels": 6, "fps": 23.976},
    )


def _event(
    movie_id: int, release: _Release, event_type: EventType, source: tuple[int, int], date: dt.datetime
) -> NewHistoryEvent:
    indexer_id, client_id = source
    return NewHistoryEvent(
        movie_id=movie_id,
        source_title=release.title,
        event_type=event_type,
        quality=release.quality,
        indexer_id=indexer_id,
        download_client_id=client_id,
        download_id=release.download_id,
        data={"size": release.size, "release_group": release.group},
        date=date,
    )


def _queue_item(rng: Random, release: _Release, movie_id: int) -> NewQueueItem:
    status = rng.choices(list(_STATES), list(_STATES.values()))[0]
    ends = {QueueStatus.QUEUED: 0.0, QueueStatus.COMPLETED: 100.0}
    time_left = dt.timedelta(minutes=rng.randint(5, 240)) if status is QueueStatus.DOWNLOADING else None
    return NewQueueItem(
        download_id=release.download_id,
        title=release.title,
        movie_id=movie_id,
        indexer_id=rng.randint(1, len(INDEXERS) - 1),
        size=release.size,
        status=status,
        progress=ends.get(status, round(rng.uniform(1, 99), 1)),
        eta=NOW + time_left if time_left else None,
        time_left=time_left,
        quality=release.quality,
        error_message=_PROBLEMS.get(status),
        added=NOW - dt.timedelta(minutes=rng.randint(1, 600)),
    )
