"""The movies of a catalogue, each made from its number: nothing is kept, so it may be larger than memory."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.stock import THIS_YEAR, Facts, Made, Real, Stock, chance
from benchmarks.words import COMMON_WORD, GIVEN_NAMES, LINKS
from radarr_db.models.documents import CastMember, CrewMember, Keyword, MovieMetadata
from radarr_db.models.enums import Availability, MovieStatus
from radarr_db.models.movies import NewMovie

SEED = 603
DEFAULT_MOVIES = 100_000

# The moment at which a catalogue ends: a fixed one, so that one seed makes one catalogue on any day.
NOW = dt.datetime(THIS_YEAR, 11, 1, tzinfo=dt.UTC)
HISTORY = dt.timedelta(days=24 * 365.25 / 12)

# One movie of so many has the common word in its title: 5 % exactly.
_COMMON_WORD_EVERY = 20
# Quality profiles by id, as loading makes them; the first comes with the schema.
PROFILES = (1, 2, 3)
_PROFILE_WEIGHTS = (80, 95, 100)

_WORDS_A_TITLE = (8, 40, 72, 90, 100)
_JOBS = {
    "Director": "Directing", "Writer": "Writing", "Screenplay": "Writing", "Producer": "Production",
    "Executive Producer": "Production", "Original Music Composer": "Sound", "Director of Photography": "Camera",
    "Editor": "Editing", "Casting": "Production", "Costume Design": "Costume & Make-Up",
}  # fmt: skip
_LANGUAGES = ("en", "en", "en", "en", "fr", "es", "de", "ja", "hi", "it", "ko", "pt", "zh", "sv")


@dataclass(frozen=True, slots=True)
class Content:
    """What a database is to hold; ``file`` has the real movies that made ones are taken from."""

    movies: int
    seed: int = SEED
    file: Path | None = None

    @property
    def digest(self) -> str:
        """What tells one file from another, whatever their names are; empty without one."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest() if self.file else ""

    def catalogue(self) -> Catalogue:
        """The catalogue; InvalidArgumentError when the file holds no movies."""
        return Catalogue(self.movies, self.seed, self.file)


@dataclass(frozen=True, slots=True)
class Head:
    """What releases of a movie show of it."""

    title: str
    year: int | None
    runtime: int


class Catalogue:
    """``size`` movies, numbered from 1: the same ones for the same size, seed and ``file`` of real movies.

    ``movie`` makes those beyond ``size`` too: they are movies that the catalogue does not have.
    InvalidArgumentError when the file cannot be read as movies.
    """

    def __init__(self, size: int, seed: int = SEED, file: Path | None = None) -> None:
        self.size = size
        self.seed = seed
        self.stock: Stock = Real(file) if file else Made(size)
        # A prime that does not divide the size: the stories of movies are told in no order of their numbers.
        self._stride = next(prime for prime in (7_368_787, 9_999_991) if size % prime)
        self._inverse = pow(self._stride, -1, size)

    def random(self, kind: str, number: int = 0) -> Random:
        """What makes one thing of the catalogue, the same at each call."""
        return Random(f"{self.seed} {kind} {number}")  # noqa: S311 - a catalogue is no secret

    def movies(self, numbers: Iterable[int]) -> Iterator[NewMovie]:
        """The movies of these numbers."""
        return map(self.movie, numbers)

    def number_at(self, place: int) -> int:
        """The number of the movie whose story is told at this place, from 0 on, of the history."""
        return place * self._stride % self.size + 1

    def moment_at(self, place: int) -> dt.datetime:
        """When that story ends; the places are in order of time."""
        return NOW - HISTORY * (1 - place / self.size)

    def head(self, number: int) -> Head:
        """What is known first of a movie, without making the rest of it."""
        head, _, _ = self._begin(number)
        return head

    def movie(self, number: int) -> NewMovie:
        """The movie of this number, which is its TMDB id."""
        head, facts, rng = self._begin(number)
        release = _release(rng, facts.year)
        story = self.moment_at((number - 1) * self._inverse % self.size)
        added = story - dt.timedelta(days=30 + min(rng.expovariate(1 / 500), 3000))
        folder = f"{head.title} ({head.year}) {number}"
        return NewMovie(
            tmdb_id=number,
            imdb_id=f"tt{number:07}" if chance(rng, 0.95) else None,
            title=head.title,
            year=facts.year,
            original_title=self._title(rng) if chance(rng, 0.15) else head.title,
            alternative_titles=[self._title(rng) for _ in range(rng.choices((0, 1, 3), (75, 20, 5))[0])],
            runtime=head.runtime,
            overview=self._sentences(rng, 55),
            tagline=self._sentences(rng, 6) if chance(rng, 0.3) else None,
            status=MovieStatus.RELEASED if release and release <= NOW.date() else MovieStatus.ANNOUNCED,
            release_date=release,
            in_cinemas=release if chance(rng, 0.8) else None,
            digital_release=_later(rng, release, 60, 150) if chance(rng, 0.6) else None,
            physical_release=_later(rng, release, 90, 240) if chance(rng, 0.5) else None,
            monitored=chance(rng, 0.85),
            minimum_availability=rng.choice((Availability.ANNOUNCED, Availability.IN_CINEMAS, Availability.RELEASED)),
            quality_profile_id=rng.choices(PROFILES, cum_weights=_PROFILE_WEIGHTS)[0],
            path=f"/movies/{folder}",
            root_folder_path="/movies",
            folder_name=folder,
            tags=[rng.choice(("kids", "classics", "festival"))] if chance(rng, 0.1) else [],
            metadata=self._metadata(rng, number, facts),
            added=added,
            last_search_time=added + (NOW - added) * rng.random() if chance(rng, 0.4) else None,
        )

    def _begin(self, number: int) -> tuple[Head, Facts, Random]:
        rng = self.random("movie", number)
        facts = self.stock.facts(rng)
        has_common_word = number % _COMMON_WORD_EVERY == 0
        return Head(self._title(rng, has_common_word=has_common_word), facts.year, facts.runtime), facts, rng

    def _title(self, rng: Random, *, has_common_word: bool = False) -> str:
        count = rng.choices((1, 2, 3, 4, 5), cum_weights=_WORDS_A_TITLE)[0]
        # Of one word there are few titles alike: they are words that are seldom used.
        words = self.stock.words(rng, count) if count > 1 else [self.stock.any_word(rng)]
        if has_common_word:
            words[rng.randrange(count)] = COMMON_WORD
        if count > 2 and chance(rng, 0.4):  # noqa: PLR2004 - a link joins two longer parts
            words.insert(count - 1, rng.choice(LINKS))
        title = " ".join(words).title()
        return f"The {title}" if chance(rng, 0.15) else title

    def _sentences(self, rng: Random, count: int) -> str:
        words = self.stock.text(rng, count)
        return " ".join(" ".join(words[i : i + 18]).capitalize() + "." for i in range(0, count, 18))

    def _metadata(self, rng: Random, number: int, facts: Facts) -> MovieMetadata:
        language = rng.choice(_LANGUAGES)
        return {
            "tmdb": {
                "id": number,
                "popularity": round(facts.votes**0.7 * rng.uniform(0.3, 2), 3),
                "vote_average": facts.ratings.get("tmdb", {}).get("value", 0),
                "vote_count": facts.votes,
                "adult": False,
                "poster_path": _picture(rng),
                "backdrop_path": _picture(rng),
                "original_language": language,
                "spoken_languages": [{"iso_639_1": language, "name": language}],
                "production_countries": [{"iso_3166_1": "US", "name": "United States of America"}],
            },
            "genres": facts.genres,
            "production_companies": [
                {"id": rng.randrange(50_000), "name": f"{word.title()} Pictures"} for word in self.stock.words(rng, 2)
            ],
            "cast": [self._cast_member(rng, order) for order in range(rng.randint(12, 24))],
            "crew": [self._crew_member(rng, job) for job in _JOBS],
            "keywords": [Keyword(id=rng.randrange(300_000), name=word) for word in self.stock.words(rng, 6)],
            "ratings": facts.ratings,
            "external_ids": {"imdb_id": f"tt{number:07}", "wikidata_id": f"Q{number + 1_000_000}"},
        }

    def _cast_member(self, rng: Random, order: int) -> CastMember:
        person = self.stock.person(rng)
        return {"id": person.id, "name": person.name, "character": rng.choice(GIVEN_NAMES), "order": order}

    def _crew_member(self, rng: Random, job: str) -> CrewMember:
        person = self.stock.person(rng)
        return {"id": person.id, "name": person.name, "job": job, "department": _JOBS[job]}


def _release(rng: Random, year: int | None) -> dt.date | None:
    return None if year is None else dt.date(year, 1, 1) + dt.timedelta(days=rng.randrange(365))


def _later(rng: Random, day: dt.date | None, least: int, most: int) -> dt.date | None:
    return None if day is None else day + dt.timedelta(days=rng.randint(least, most))


def _picture(rng: Random) -> str:
    return f"/{rng.getrandbits(96):024x}.jpg"
