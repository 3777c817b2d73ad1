"""Releases of movies, made up: what a movie manager grabs, downloads and keeps as a file."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from radarr_db.models.enums import Quality, Resolution
from radarr_db.models.movies import LibraryMovie

# What there is of a movie depends on its age: from that year on, these qualities with these weights.
_ERAS = {
    2014: {
        Quality.WEBDL_1080P: 30,
        Quality.BLURAY_1080P: 25,
        Quality.WEBDL_2160P: 20,
        Quality.BLURAY_2160P: 10,
        Quality.BLURAY_720P: 8,
        Quality.REMUX_2160P: 7,
    },
    1995: {
        Quality.BLURAY_1080P: 45,
        Quality.BLURAY_720P: 20,
        Quality.WEBDL_1080P: 15,
        Quality.REMUX_1080P: 10,
        Quality.BLURAY_2160P: 5,
        Quality.DVD: 5,
    },
    0: {
        Quality.BLURAY_1080P: 35,
        Quality.DVD: 30,
        Quality.BLURAY_720P: 25,
        Quality.SDTV: 10,
    },
}
_MEGABYTES_A_MINUTE = {
    Quality.SDTV: 7,
    Quality.DVD: 12,
    Quality.BLURAY_720P: 45,
    Quality.WEBDL_1080P: 50,
    Quality.BLURAY_1080P: 90,
    Quality.REMUX_1080P: 220,
    Quality.WEBDL_2160P: 120,
    Quality.BLURAY_2160P: 190,
    Quality.REMUX_2160P: 460,
}
_SOURCES = {"DVD": "DVDRip", "WEBDL": "WEB-DL", "Bluray": "BluRay", "Remux": "BluRay.REMUX"}
_USUAL_RUNTIME = 100


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a movie; ``size`` is in bytes."""

    title: str
    quality: Quality
    resolution: Resolution | None
    codec: str
    group: str
    size: int
    download_id: str


def release(rng: random.Random, movie: LibraryMovie, groups: Sequence[str]) -> Release:
    """A release by one of ``groups``; the movie's age decides on the quality, its runtime on the size."""
    weights = next(found for year, found in _ERAS.items() if (movie.year or 0) >= year)
    quality = rng.choices(list(weights), list(weights.values()))[0]
    source, _, height = quality.partition("-")
    resolution = Resolution(height) if height else None
    codec = "x265" if resolution is Resolution.P2160 else "x264"
    group = rng.choice(groups)
    words = [_dotted(movie.title), movie.year, height, _SOURCES.get(source, source), codec]
    megabytes = _MEGABYTES_A_MINUTE[quality] * (movie.runtime or _USUAL_RUNTIME) * rng.uniform(0.8, 1.25)
    return Release(
        title=".".join(str(word) for word in words if word) + f"-{group}",
        quality=quality,
        resolution=resolution,
        codec=codec,
        group=group,
        size=round(megabytes * 1_000_000),
        download_id=f"{rng.getrandbits(160):040X}",
    )


def _dotted(title: str) -> str:
    return re.sub(r"\W+", ".", title.replace("'", "")).strip(".")
