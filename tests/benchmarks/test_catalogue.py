"""The made catalogue: the same each time, and distributed as libraries are."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import surroundings
from benchmarks.catalogue import HISTORY, NOW, Catalogue
from benchmarks.words import COMMON_WORD, made_word
from radarr_db import InvalidArgumentError, NewMovie
from radarr_db.demo.catalogue import BUNDLED

SIZE = 2000
CATALOGUE = Catalogue(SIZE)


@pytest.fixture(scope="module")
def movies() -> list[NewMovie]:
    return list(CATALOGUE.movies(range(1, SIZE + 1)))


@pytest.fixture(scope="module")
def stories() -> list[surroundings.Story]:
    return [surroundings.story(CATALOGUE, place, movie_id=1) for place in range(SIZE)]


def share(found: int) -> float:
    return found / SIZE


def test_one_size_and_seed_make_one_catalogue_in_whatever_order_it_is_made(movies: list[NewMovie]) -> None:
    again = Catalogue(SIZE)
    assert [again.movie(number) for number in range(SIZE, 0, -1)] == movies[::-1]
    assert surroundings.story(again, 7, 1) == surroundings.story(CATALOGUE, 7, 1)
    assert list(surroundings.scene_groups(again)) == list(surroundings.scene_groups(CATALOGUE))


def test_another_seed_makes_other_movies(movies: list[NewMovie]) -> None:
    others = Catalogue(SIZE, seed=604)
    assert not any(others.movie(movie.tmdb_id) == movie for movie in movies[:100])


def test_the_common_word_is_in_five_per_cent_of_all_titles_and_nowhere_else(movies: list[NewMovie]) -> None:
    titles = [movie for movie in movies if COMMON_WORD in movie.title.lower().split()]
    assert share(len(titles)) == 0.05
    for movie in movies:
        others = [movie.overview or "", movie.tagline or "", *movie.alternative_titles, json.dumps(movie.metadata)]
        others += [movie.original_title or ""] if movie.original_title != movie.title else []
        assert not any(COMMON_WORD in text.lower().replace(".", " ").split() for text in others)


def test_titles_repeat_words_but_seldom_each_other(movies: list[NewMovie]) -> None:
    words = Counter(word for movie in movies for word in movie.title.split())
    assert len(words) < 0.6 * words.total()
    assert len({movie.title for movie in movies}) > 0.95 * SIZE
    assert {len(movie.title.removeprefix("The ").split()) for movie in movies} >= {1, 2, 3, 4, 5}


def test_years_rise_to_the_present(movies: list[NewMovie]) -> None:
    decades = Counter((movie.year or 0) // 10 * 10 for movie in movies)
    assert decades[2010] > decades[1990] > decades[1970] > decades[1950] > 0


def test_genres_have_their_shares(movies: list[NewMovie]) -> None:
    genres = Counter(genre["name"] for movie in movies for genre in movie.metadata["genres"])
    assert len(genres) == 19
    assert 0.30 < share(genres["Drama"]) < 0.42
    assert 0.20 < share(genres["Comedy"]) < 0.31
    assert 0.003 < share(genres["Western"]) < 0.03
    assert {len(movie.metadata["genres"]) for movie in movies} == {1, 2, 3, 4}


def test_votes_have_a_long_tail(movies: list[NewMovie]) -> None:
    votes = sorted(movie.metadata["tmdb"]["vote_count"] for movie in movies)
    assert votes[SIZE // 2] < 20
    assert votes[-1] > 1000


def test_four_of_five_have_an_imdb_rating_and_fewer_the_others(movies: list[NewMovie]) -> None:
    ratings = [movie.metadata["ratings"] for movie in movies]
    imdb = [rating["imdb"]["value"] for rating in ratings if "imdb" in rating]
    assert 0.75 < share(len(imdb)) < 0.85
    assert 6.0 < statistics.mean(imdb) < 6.4
    assert 1.0 < statistics.stdev(imdb) < 1.4
    assert 0.1 < share(sum("metacritic" in rating for rating in ratings)) < 0.2
    assert 0.2 < share(sum("rotten_tomatoes" in rating for rating in ratings)) < 0.3


def test_a_few_people_are_in_many_movies_and_most_in_one(movies: list[NewMovie]) -> None:
    people = Counter(person["id"] for movie in movies for person in movie.metadata["cast"])
    assert people.most_common(1)[0][1] > 50
    assert statistics.median(people.values()) < 10
    larger = Catalogue(100 * SIZE)
    others = {person["id"] for n in range(1, 501) for person in larger.movie(n).metadata["cast"]}
    assert len(others) > len({person["id"] for movie in movies[:500] for person in movie.metadata["cast"]})


def test_metadata_has_about_three_kilobytes_and_an_overview_three_hundred_characters(movies: list[NewMovie]) -> None:
    assert 2700 < statistics.mean(len(json.dumps(movie.metadata)) for movie in movies) < 3500
    assert 250 < statistics.mean(len(movie.overview or "") for movie in movies) < 400


def test_most_movies_are_monitored_and_added_in_the_past(movies: list[NewMovie]) -> None:
    assert 0.82 < share(sum(movie.monitored for movie in movies)) < 0.88
    added = [movie.added for movie in movies if movie.added]
    assert len(added) == SIZE
    assert max(added) < NOW
    assert (max(added) - min(added)).days > 3 * 365


def test_each_movie_has_one_story_of_five_events_in_order_of_time(stories: list[surroundings.Story]) -> None:
    assert sorted(map(CATALOGUE.number_at, range(SIZE))) == list(range(1, SIZE + 1))
    assert all(len(story.events) == surroundings.EVENTS_A_MOVIE for story in stories)
    dates = [event.date for story in stories for event in story.events if event.date]
    assert dates[0] < NOW - 0.99 * HISTORY
    assert NOW - dates[-1] < 0.01 * HISTORY
    for number in (1, 2, SIZE):
        place = next(place for place in range(SIZE) if CATALOGUE.number_at(place) == number)
        added = CATALOGUE.movie(number).added
        assert added
        assert added < CATALOGUE.moment_at(place)


def test_seven_of_ten_movies_have_a_file_most_of_them_in_high_resolution(stories: list[surroundings.Story]) -> None:
    files = [story.file for story in stories if story.file]
    assert 0.67 < share(len(files)) < 0.73
    high = [file for file in files if str(file.resolution) in ("1080p", "2160p")]
    assert 0.7 < len(high) / len(files) < 0.8


def test_most_groups_have_a_score_below_80() -> None:
    scores = [group.reputation_score for group in surroundings.scene_groups(CATALOGUE)]
    assert len(scores) == surroundings.GROUPS
    assert 0.1 < sum(score > 80 for score in scores) / len(scores) < 0.3


def test_the_queue_is_spread_over_the_clients() -> None:
    queues = surroundings.queue(CATALOGUE, range(1, SIZE + 1))
    assert len(queues) == len(surroundings.CLIENTS) - 1
    assert sum(map(len, queues.values())) == surroundings.QUEUE
    assert min(map(len, queues.values())) > surroundings.QUEUE / 5


def test_no_two_made_words_are_one() -> None:
    assert len({made_word(number) for number in range(0, 3_000_000, 60)}) == 50_000


def test_real_movies_give_their_words_people_and_facts_to_more_movies_than_they_are() -> None:
    real = [json.loads(line) for line in BUNDLED.read_text(encoding="utf-8").splitlines()]
    catalogue = Catalogue(3 * len(real), file=BUNDLED)
    made = list(catalogue.movies(range(1, 3 * len(real) + 1)))
    assert len({movie.title for movie in made}) > len(real)
    known = {movie.get("year") for movie in real}
    assert {movie.year for movie in made} <= known
    genres = {genre["name"] for movie in real for genre in movie["metadata"].get("genres", ())}
    assert {genre["name"] for movie in made for genre in movie.metadata["genres"]} <= genres
    named = {person["name"] for movie in real for person in movie["metadata"].get("cast", ())}
    cast = [person["name"] for movie in made for person in movie.metadata["cast"]]
    assert 0.3 < sum(name in named for name in cast) / len(cast) < 0.9
    assert Catalogue(3 * len(real), file=BUNDLED).movie(5) == made[4]


@pytest.mark.parametrize("text", ["", "[]", '{"year": 1999}', "nonsense"])
def test_a_file_without_movies_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "movies.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgumentError, match="movie"):
        Catalogue(10, file=file)
