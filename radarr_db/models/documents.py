"""The two JSONB documents of the specification. Keys they do not name are kept all the same."""

from __future__ import annotations

from typing import TypedDict


class Language(TypedDict, total=False):
    """A language by its ISO 639-1 code."""

    iso_639_1: str
    name: str
    english_name: str


class Country(TypedDict, total=False):
    """A country by its ISO 3166-1 code."""

    iso_3166_1: str
    name: str


class TmdbDetails(TypedDict, total=False):
    """What TMDB says of a movie."""

    id: int
    popularity: float
    vote_average: float
    vote_count: int
    adult: bool
    backdrop_path: str
    poster_path: str
    original_language: str
    spoken_languages: list[Language]
    production_countries: list[Country]
    budget: int
    revenue: int


class Genre(TypedDict, total=False):
    """A genre with TMDB's id."""

    id: int
    name: str


class Company(TypedDict, total=False):
    """A production company."""

    id: int
    logo_path: str
    name: str
    origin_country: str


class CastMember(TypedDict, total=False):
    """Who plays whom; ``order`` counts from the lead role, 0."""

    id: int
    name: str
    character: str
    order: int
    profile_path: str


class CrewMember(TypedDict, total=False):
    """Who did what."""

    id: int
    name: str
    job: str
    department: str
    profile_path: str


class Score(TypedDict, total=False):
    """A rating and how many votes it rests on."""

    votes: int
    value: float


class TomatoScore(TypedDict, total=False):
    """A share of good reviews in percent, and how many reviews there are."""

    meter: int
    reviews: int


class Ratings(TypedDict, total=False):
    """What the sources say: IMDb and TMDB from 0 to 10, the others from 0 to 100."""

    imdb: Score
    metacritic: Score
    tmdb: Score
    rotten_tomatoes: TomatoScore


class Image(TypedDict, total=False):
    """A picture; width and height in pixels."""

    file_path: str
    width: int
    height: int


class Images(TypedDict, total=False):
    """The pictures of a movie."""

    posters: list[Image]
    backdrops: list[Image]


class ExternalIds(TypedDict, total=False):
    """What a movie is called elsewhere."""

    imdb_id: str
    wikidata_id: str
    facebook_id: str
    twitter_id: str


class Recommendation(TypedDict, total=False):
    """A movie that whoever liked this one may like."""

    id: int
    title: str
    poster_path: str


class Collection(TypedDict, total=False):
    """The series that a movie belongs to."""

    id: int
    name: str
    poster_path: str
    backdrop_path: str


class Keyword(TypedDict, total=False):
    """A keyword with TMDB's id."""

    id: int
    name: str


class MovieMetadata(TypedDict, total=False):
    """``movies.metadata``."""

    tmdb: TmdbDetails
    genres: list[Genre]
    production_companies: list[Company]
    cast: list[CastMember]
    crew: list[CrewMember]
    keywords: list[Keyword]
    ratings: Ratings
    images: Images
    external_ids: ExternalIds
    recommendations: list[Recommendation]
    collection: Collection


class ReputationFactors(TypedDict, total=False):
    """What a reputation is made of; ratios from 0 to 1, scores from 0 to 100."""

    seeder_health_score: float
    internal_ratio: float
    completion_rate: float
    quality_consistency: float
    recency_score: float
    category_diversity: float
    volume_score: float
    size_appropriateness: float


class ReleaseStatistics(TypedDict, total=False):
    """How much a group released, and how it fared."""

    total_releases: int
    internal_releases: int
    external_releases: int
    completed_downloads: int
    total_downloads: int
    average_seeders: float
    average_leechers: float


class QualityMetrics(TypedDict, total=False):
    """Shares of a group's releases, from 0 to 1."""

    source_distribution: dict[str, float]
    resolution_distribution: dict[str, float]
    codec_distribution: dict[str, float]


class TemporalData(TypedDict, total=False):
    """When a group released; the moments in ISO 8601."""

    first_seen: str
    last_release: str
    peak_activity_period: str
    release_frequency: str


class NotableRelease(TypedDict, total=False):
    """A release that stands out."""

    title: str
    seeders: int
    size: str
    internal: bool


class GroupAnalysis(TypedDict, total=False):
    """``scene_groups.analysis_data``."""

    reputation_factors: ReputationFactors
    release_statistics: ReleaseStatistics
    quality_metrics: QualityMetrics
    temporal_data: TemporalData
    categories_covered: list[str]
    notable_releases: list[NotableRelease]
