"""Movies: the row, its thinner projections, and what a caller supplies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TypedDict

from radarr_db.models import fields as f
from radarr_db.models.documents import MovieMetadata
from radarr_db.models.enums import Availability, MovieStatus, Quality
from radarr_db.models.lazy import lazy


@lazy("metadata")
@dataclass(slots=True)
class Movie:
    """A movie of the library.

    ``year``, ``runtime`` (minutes) and dates are None where unknown; ``size_on_disk`` is in bytes.
    ``clean_title`` and ``sort_title`` follow from the title, ``genres``, the ratings and ``vote_count`` from the
    metadata, ``has_file`` and ``size_on_disk`` from the file; ``is_available`` is as of the moment of reading.
    """

    id: int
    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str | None
    alternative_titles: list[str]
    clean_title: str
    sort_title: str
    year: int | None
    runtime: int | None
    overview: str | None
    tagline: str | None
    status: MovieStatus
    release_date: dt.date | None
    physical_release: dt.date | None
    digital_release: dt.date | None
    in_cinemas: dt.date | None
    has_file: bool
    monitored: bool
    minimum_availability: Availability
    is_available: bool
    quality_profile_id: int
    path: str | None
    root_folder_path: str | None
    folder_name: str | None
    size_on_disk: int
    tags: list[str]
    metadata: MovieMetadata
    genres: list[str]
    imdb_rating: float | None
    tmdb_rating: float | None
    metacritic_rating: float | None
    rotten_tomatoes_rating: float | None
    vote_count: int
    added: dt.datetime
    last_search_time: dt.datetime | None
    last_info_sync: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(slots=True)
class MovieSummary:
    """A movie as lists show it: without metadata and the long texts."""

    id: int
    tmdb_id: int
    imdb_id: str | None
    title: str
    sort_title: str
    year: int | None
    runtime: int | None
    status: MovieStatus
    in_cinemas: dt.date | None
    physical_release: dt.date | None
    digital_release: dt.date | None
    has_file: bool
    monitored: bool
    minimum_availability: Availability
    is_available: bool
    quality_profile_id: int
    path: str | None
    size_on_disk: int
    tags: list[str]
    genres: list[str]
    imdb_rating: float | None
    tmdb_rating: float | None
    metacritic_rating: float | None
    rotten_tomatoes_rating: float | None
    added: dt.datetime
    last_search_time: dt.datetime | None


@dataclass(slots=True)
class LibraryMovie(MovieSummary):
    """A movie with its file; the file's fields are None where there is none."""

    file_id: int | None
    file_path: str | None
    file_size: int | None
    file_quality: Quality | None
    file_release_group: str | None
    file_added: dt.datetime | None


@dataclass(slots=True)
class MovieMatch:
    """A movie that a search found; the higher the score, the better it fits."""

    id: int
    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str | None
    year: int | None
    runtime: int | None
    genres: list[str]
    imdb_rating: float | None
    monitored: bool
    has_file: bool
    score: float


@dataclass(slots=True)
class MovieRelease:
    """A movie in the calendar; ``day`` is the first of its releases in the days asked for."""

    id: int
    tmdb_id: int
    title: str
    year: int | None
    day: dt.date
    in_cinemas: dt.date | None
    physical_release: dt.date | None
    digital_release: dt.date | None
    monitored: bool
    has_file: bool


@dataclass(slots=True)
class MoviePath:
    """Where a movie lies."""

    id: int
    path: str


@dataclass(slots=True)
class PopularMovie:
    """A movie by how often it was downloaded; ``place`` counts from 1."""

    place: int
    id: int
    title: str
    year: int | None
    imdb_rating: float
    download_count: int


@dataclass(slots=True)
class MovieStatistics:
    """The library in numbers; ``missing`` are monitored movies without a file, ``total_size`` is in bytes."""

    movies: int
    monitored: int
    with_file: int
    missing: int
    total_size: int


@dataclass(slots=True)
class GenreStatistics:
    """How many movies have a genre; the average IMDb rating is None where none of them is rated."""

    genre: str
    movies: int
    average_rating: float | None


@dataclass(slots=True)
class NewMovie:
    """A movie as a caller supplies it. What is left out is unknown or has its default."""

    tmdb_id: f.TmdbId
    title: f.Title
    year: f.Year | None = None
    imdb_id: f.ImdbId | None = None
    original_title: f.Title | None = None
    alternative_titles: f.Titles = field(default_factory=list)
    runtime: f.Minutes | None = None
    overview: f.LongText | None = None
    tagline: f.ShortText | None = None
    status: f.Status = MovieStatus.ANNOUNCED
    release_date: dt.date | None = None
    physical_release: dt.date | None = None
    digital_release: dt.date | None = None
    in_cinemas: dt.date | None = None
    monitored: bool = True
    minimum_availability: f.MinimumAvailability = Availability.ANNOUNCED
    quality_profile_id: f.Id = 1
    path: f.Path | None = None
    root_folder_path: f.Path | None = None
    folder_name: f.Path | None = None
    tags: f.Labels = field(default_factory=list)
    metadata: f.Metadata = field(default_factory=MovieMetadata)
    added: dt.datetime | None = None
    last_search_time: dt.datetime | None = None
    last_info_sync: dt.datetime | None = None


class MovieChanges(TypedDict, total=False):
    """The fields of a movie that can be changed."""

    tmdb_id: f.TmdbId
    title: f.Title
    year: f.Year | None
    imdb_id: f.ImdbId | None
    original_title: f.Title | None
    alternative_titles: f.Titles
    runtime: f.Minutes | None
    overview: f.LongText | None
    tagline: f.ShortText | None
    status: f.Status
    release_date: dt.date | None
    physical_release: dt.date | None
    digital_release: dt.date | None
    in_cinemas: dt.date | None
    monitored: bool
    minimum_availability: f.MinimumAvailability
    quality_profile_id: f.Id
    path: f.Path | None
    root_folder_path: f.Path | None
    folder_name: f.Path | None
    tags: f.Labels
    metadata: f.Metadata
    added: dt.datetime
    last_search_time: dt.datetime | None
    last_info_sync: dt.datetime | None
