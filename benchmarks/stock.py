"""What movies are made of, words, people and facts: drawn from distributions, or from a file of real movies."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.words import COMMON_WORD, FILLERS, GIVEN_NAMES, TITLE_WORDS, made_word
from radarr_db.demo import catalogue
from radarr_db.errors import InvalidArgumentError
from radarr_db.models.documents import Genre, Ratings

# The year in which the made catalogue ends.
THIS_YEAR = 2026
OLDEST_YEAR = 1900

# TMDB's genres with its ids, and their weights: about the share of movies that have each.
_GENRES = {
    "Drama": (18, 40), "Comedy": (35, 26), "Documentary": (99, 15), "Action": (28, 14), "Thriller": (53, 13),
    "Romance": (10749, 12), "Horror": (27, 10), "Crime": (80, 10), "Family": (10751, 8), "Adventure": (12, 7),
    "Animation": (16, 7), "Science Fiction": (878, 6), "Music": (10402, 5), "Mystery": (9648, 5), "Fantasy": (14, 5),
    "TV Movie": (10770, 4), "History": (36, 3), "War": (10752, 2), "Western": (37, 1),
}  # fmt: skip
_GENRE_NAMES = tuple(_GENRES)
_GENRE_WEIGHTS = tuple(accumulate(weight for _, weight in _GENRES.values()))
_GENRES_A_MOVIE = (35, 70, 92, 100)

# So many are drawn once by their frequency, and after that evenly: that takes a fifth of the time.
_TEXT_WORDS = 100_000

_TOKEN = re.compile(r"[^\W\d_]{2,}")
_FAMILY_NAMES_FROM = 1_000_000  # among the made words, so that no family is called as a title's word


@dataclass(frozen=True, slots=True)
class Facts:
    """What one movie is like; ``year`` and each rating may be unknown, ``runtime`` is in minutes."""

    year: int | None
    runtime: int
    genres: list[Genre]
    votes: int
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a cast or crew."""

    id: int
    name: str


class Made:
    """Distributions as those of TMDB. Vocabulary and people grow with the catalogue, slower and faster than it."""

    def __init__(self, size: int) -> None:
        made = round(60 * size**0.5)
        self._words = [*TITLE_WORDS, *map(made_word, range(made))]
        self._people = 2 * size + 100
        self._families = round(self._people**0.75)
        rng = Random(size)  # noqa: S311 - a catalogue is no secret
        self._text = [rng.choice(FILLERS) if chance(rng, 0.4) else self.words(rng, 1)[0] for _ in range(_TEXT_WORDS)]

    def words(self, rng: Random, count: int) -> list[str]:
        """Words of a title, frequent ones first among them."""
        return [self._words[_rank(rng, len(self._words), 30)] for _ in range(count)]

    def any_word(self, rng: Random) -> str:
        """A word, each as likely as the others."""
        return rng.choice(self._words)

    def text(self, rng: Random, count: int) -> list[str]:
        """Words of a sentence."""
        return rng.choices(self._text, k=count)

    def person(self, rng: Random) -> Person:
        """Somebody; a few are in hundreds of movies, most in one."""
        number = _rank(rng, self._people, self._people / 100)
        family = made_word(_FAMILY_NAMES_FROM + number * 7919 % self._families)
        return Person(number + 1, f"{GIVEN_NAMES[number % len(GIVEN_NAMES)]} {family.capitalize()}")

    def facts(self, rng: Random) -> Facts:
        """The facts of a movie."""
        year = max(THIS_YEAR + 1 - int(rng.expovariate(1 / 24)), OLDEST_YEAR)
        votes = int(rng.lognormvariate(2, 2))
        return Facts(year, round(min(max(rng.gauss(100, 22), 40), 240)), _genres(rng), votes, _ratings(rng, votes))


class Real:
    """The movies of a file, taken apart: what is made of them has their frequencies, at any size."""

    def __init__(self, path: Path) -> None:
        title_words: list[str] = []
        text_words: list[str] = []
        people: list[str] = []
        self._facts: list[Facts] = []
        for movie in _movies(path):
            title_words += _TOKEN.findall(movie["title"].lower())
            text_words += _TOKEN.findall((movie.get("overview") or "").lower())
            metadata = movie.get("metadata") or {}
            people += [p["name"] for p in [*metadata.get("cast", ()), *metadata.get("crew", ())] if p.get("name")]
            self._facts.append(_real_facts(movie, metadata))
        if not self._facts or not title_words:
            raise InvalidArgumentError("--catalogue", f"{path} holds no movie")
        self._title_words = [word for word in title_words if word != COMMON_WORD]
        self._text_words = [word for word in text_words if word != COMMON_WORD] or self._title_words
        self._distinct_words = sorted(set(self._title_words))
        self._people = people or ["Nobody Known"]
        self._ids = {name: number for number, (name, _) in enumerate(Counter(self._people).most_common(), 1)}

    def words(self, rng: Random, count: int) -> list[str]:
        """Words of a title, as frequent as they are in the titles of the file."""
        return rng.choices(self._title_words, k=count)

    def any_word(self, rng: Random) -> str:
        """A word, each as likely as the others."""
        return rng.choice(self._distinct_words)

    def text(self, rng: Random, count: int) -> list[str]:
        """Words of a sentence, as frequent as they are in the overviews of the file."""
        return rng.choices(self._text_words, k=count)

    def person(self, rng: Random) -> Person:
        """Somebody of the file, or one with the given name of one and the family name of another.

        So there are more people in a larger catalogue.
        """
        name = rng.choice(self._people)
        if chance(rng, 0.5):
            return Person(self._ids[name], name)
        other = rng.choice(self._people)
        joined = f"{name.partition(' ')[0]} {other.rpartition(' ')[2]}"
        return Person(self._ids[name] * len(self._ids) + self._ids[other], joined)

    def facts(self, rng: Random) -> Facts:
        """The facts of one of the movies."""
        return rng.choice(self._facts)


Stock = Made | Real


def chance(rng: Random, share: float) -> bool:
    """Whether something is so that is so in this share of cases."""
    return rng.random() < share


def _rank(rng: Random, size: int, flat: float) -> int:
    """A place from 0 to size - 1 after Zipf and Mandelbrot: place n has a weight of 1 / (n + flat)."""
    return int(flat * ((size + flat) / flat) ** rng.random() - flat)


def _genres(rng: Random) -> list[Genre]:
    count = rng.choices((1, 2, 3, 4), cum_weights=_GENRES_A_MOVIE)[0]
    names: dict[str, None] = {}
    while len(names) < count:
        names[rng.choices(_GENRE_NAMES, cum_weights=_GENRE_WEIGHTS)[0]] = None
    return [{"id": _GENRES[name][0], "name": name} for name in names]


def _ratings(rng: Random, votes: int) -> Ratings:
    quality = rng.gauss(0, 1)  # the sources agree more or less
    ratings: Ratings = {}
    if chance(rng, 0.8):
        ratings["imdb"] = {"votes": 3 * votes + rng.randrange(50), "value": _score(6.2 + 1.2 * quality)}
    if votes:
        ratings["tmdb"] = {"votes": votes, "value": _score(6.1 + quality + rng.gauss(0, 0.6))}
    if chance(rng, 0.15):
        ratings["metacritic"] = {"votes": rng.randint(4, 50), "value": _percent(58 + 15 * quality)}
    if chance(rng, 0.25):
        ratings["rotten_tomatoes"] = {"meter": _percent(60 + 24 * quality), "reviews": rng.randint(5, 300)}
    return ratings


def _score(value: float) -> float:
    return round(min(max(value, 1), 10), 1)


def _percent(value: float) -> int:
    return round(min(max(value, 1), 100))


def _movies(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(catalogue.lines(file), 1):
            try:
                movie = json.loads(line)
                if movie["title"]:
                    yield movie
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidArgumentError("--catalogue", f"{path.name}, line {number}, is no movie: {error}") from None


def _real_facts(movie: dict[str, Any], metadata: dict[str, Any]) -> Facts:
    return Facts(
        year=movie.get("year"),
        runtime=movie.get("runtime") or 100,
        genres=metadata.get("genres") or [],
        votes=metadata.get("tmdb", {}).get("vote_count") or 0,
        ratings=metadata.get("ratings") or Ratings(),
    )
