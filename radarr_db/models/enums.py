"""The closed sets of values. Wherever one is asked for, its member or the member's value may be given."""

from __future__ import annotations

from enum import StrEnum


class MovieStatus(StrEnum):
    """Where a movie stands between its announcement and its release."""

    TBA = "tba"
    ANNOUNCED = "announced"
    IN_PRODUCTION = "in_production"
    POST_PRODUCTION = "post_production"
    IN_CINEMAS = "in_cinemas"
    RELEASED = "released"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class Availability(StrEnum):
    """From when on a movie counts as available."""

    TBA = "tba"
    ANNOUNCED = "announced"
    IN_CINEMAS = "in_cinemas"
    RELEASED = "released"


class MovieSort(StrEnum):
    """The orders of the movie lists. Years and days of adding run from the newest, all others upwards."""

    TITLE = "title"
    YEAR = "year"
    ADDED = "added"
    IN_CINEMAS = "in_cinemas"
    DIGITAL_RELEASE = "digital_release"
    PHYSICAL_RELEASE = "physical_release"
    LAST_SEARCH_TIME = "last_search_time"


class RatingSource(StrEnum):
    """Who rates: IMDb and TMDB from 0 to 10, Metacritic and Rotten Tomatoes from 0 to 100."""

    IMDB = "imdb"
    TMDB = "tmdb"
    METACRITIC = "metacritic"
    ROTTEN_TOMATOES = "rotten_tomatoes"


class Resolution(StrEnum):
    """The height of the picture."""

    P480 = "480p"
    P576 = "576p"
    P720 = "720p"
    P1080 = "1080p"
    P2160 = "2160p"


class Quality(StrEnum):
    """What a file or release is, from worst to best: the source and, for most, the resolution."""

    UNKNOWN = "Unknown"
    WORKPRINT = "WORKPRINT"
    CAM = "CAM"
    TELESYNC = "TELESYNC"
    TELECINE = "TELECINE"
    REGIONAL = "REGIONAL"
    DVDSCR = "DVDSCR"
    SDTV = "SDTV"
    DVD = "DVD"
    HDTV_480P = "HDTV-480p"
    WEBRIP_480P = "WEBRip-480p"
    WEBDL_480P = "WEBDL-480p"
    BLURAY_480P = "Bluray-480p"
    HDTV_576P = "HDTV-576p"
    WEBRIP_576P = "WEBRip-576p"
    WEBDL_576P = "WEBDL-576p"
    BLURAY_576P = "Bluray-576p"
    HDTV_720P = "HDTV-720p"
    WEBRIP_720P = "WEBRip-720p"
    WEBDL_720P = "WEBDL-720p"
    BLURAY_720P = "Bluray-720p"
    HDTV_1080P = "HDTV-1080p"
    WEBRIP_1080P = "WEBRip-1080p"
    WEBDL_1080P = "WEBDL-1080p"
    BLURAY_1080P = "Bluray-1080p"
    REMUX_1080P = "Remux-1080p"
    HDTV_2160P = "HDTV-2160p"
    WEBRIP_2160P = "WEBRip-2160p"
    WEBDL_2160P = "WEBDL-2160p"
    BLURAY_2160P = "Bluray-2160p"
    REMUX_2160P = "Remux-2160p"
    BR_DISK = "BR-DISK"
    RAW_HD = "Raw-HD"

    @classmethod
    def of_resolution(cls, *resolutions: Resolution | str) -> list[Quality]:
        """The qualities of these resolutions, worst first: ``Quality.of_resolution("1080p", "2160p")``."""
        endings = tuple(f"-{Resolution(resolution)}" for resolution in resolutions)
        return [quality for quality in cls if quality.endswith(endings)]


class QualityTier(StrEnum):
    """How good a release group's reputation is."""

    UNKNOWN = "unknown"
    ELITE = "elite"
    PREMIUM = "premium"
    EXCELLENT = "excellent"
    GOOD = "good"
    AVERAGE = "average"
    BELOW_AVERAGE = "below_average"
    POOR = "poor"


class Confidence(StrEnum):
    """How much an analysis rests on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Protocol(StrEnum):
    """How a download client loads."""

    TORRENT = "torrent"
    USENET = "usenet"


class SearchKind(StrEnum):
    """On whose behalf indexers are asked."""

    RSS = "rss"
    AUTOMATIC = "automatic"
    INTERACTIVE = "interactive"


class QueueStatus(StrEnum):
    """What a download is doing."""

    QUEUED = "queued"
    PAUSED = "paused"
    DOWNLOADING = "downloading"
    COMPLETED = "completed"
    FAILED = "failed"
    WARNING = "warning"
    DELAY = "delay"
    STALLED = "stalled"
    SEEDING = "seeding"
    CLIENT_UNAVAILABLE = "client_unavailable"
    FALLBACK = "fallback"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class QueueSort(StrEnum):
    """The orders of the queue. Time left, status and title run upwards, all others from the greatest."""

    ADDED = "added"
    TIME_LEFT = "time_left"
    PROGRESS = "progress"
    SIZE = "size"
    STATUS = "status"
    TITLE = "title"


class EventType(StrEnum):
    """What history tells."""

    GRABBED = "grabbed"
    DOWNLOADED = "downloaded"
    IMPORTED = "imported"
    RENAMED = "renamed"
    DELETED = "deleted"
    FAILED = "failed"
    IGNORED = "ignored"
    BLOCKLISTED = "blocklisted"
    UNKNOWN = "unknown"
