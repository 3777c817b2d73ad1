from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from repositories.factories import characters, movie, quick

from radarr_db import Database, NewMovie, Transaction, movies


def people(*cast: str, crew: str | None = None) -> dict[str, Any]:
    return {"cast": [{"name": name} for name in cast], "crew": [{"name": crew}] if crew else []}


def votes(count: int) -> dict[str, Any]:
    return {"tmdb": {"vote_count": count}}


# Of each movie its title, and what else a test needs.
LIBRARY: dict[str, dict[str, Any]] = {
    "The Matrix": {"year": 1999, "overview": "A hacker.", "metadata": {**people("Keanu Reeves"), **votes(900)}},
    "Matrix Reloaded": {"year": 2003, "overview": "Neo and the rebellion."},
    "Inception": {"year": 2010, "overview": "A thief enters dreams.", "metadata": people(crew="Christopher Nolan")},
    "Amélie": {"year": 2001, "original_title": "Le Fabuleux Destin d'Amélie Poulain"},
    "Alien": {"year": 1979, "metadata": votes(900)},
    "Aliens": {"year": 1986, "metadata": votes(800)},
    "Alien vs. Predator": {"year": 2004},
    "The Lion King": {"year": 1994, "alternative_titles": ["El rey león"]},
    "Star Wars": {"year": 1977, "metadata": people("Carrie Fisher")},
    "Spider-Man": {"year": 2002},
    "WALL·E": {"year": 2008},
    "Schindler's List": {"year": 1993, "metadata": people("Liam Neeson")},
    "Fast & Furious": {"year": 2009},
    "Jurassic Park": {"year": 1993},
    "It": {"year": 2017},
    "Us": {"year": 2019},
    "Up": {"year": 2009, "metadata": votes(900)},
    "Step Up": {"year": 2006},
    "2001: A Space Odyssey": {"year": 1968},
    "The Godfather": {"year": 1972, "overview": "A crime family."},
    "Heat": {"year": 1995},
    "The Heat": {"year": 2013, "metadata": votes(900)},
    "Crossroads": {"year": 1986, "overview": "A fast godfather of the matrix meets a lion in a park."},
    "千と千尋の神隠し": {"year": 2001},
    "Сталкер": {"year": 1979},
    "Rec²": {"year": 2009},
    "!!!": {},
}


@pytest.fixture(scope="module")
def library(new_db: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    with new_db() as db:
        db.run(movies.create_many(movie(n, title, **fields) for n, (title, fields) in enumerate(LIBRARY.items(), 1)))
        yield db


def titles(runner: Database | Transaction, text: str, limit: int = 20) -> list[str]:
    return [match.title for match in runner.run(movies.search(text, limit))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("matrix", "The Matrix"),
        ("MATRIX", "The Matrix"),
        ("the matrix", "The Matrix"),
        ("matrix the", "The Matrix"),
        ("the matrix 1999", "The Matrix"),
        ("matrix (2003)", "Matrix Reloaded"),
        ("matirx", "The Matrix"),
        ("matrx", "The Matrix"),
        ("the matrxi", "The Matrix"),
        ("mat", "The Matrix"),
        ("incept", "Inception"),
        ("rec 2", "Rec²"),
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("fabuleux destin", "Amélie"),
        ("fabuleux destin d'amelie", "Amélie"),
        ("el rey leon", "The Lion King"),
        ("king lion", "The Lion King"),
        ("lion kin", "The Lion King"),
        ("alien", "Alien"),
        ("aliens", "Aliens"),
        ("alien 1979", "Alien"),
        ("predator alien", "Alien vs. Predator"),
        ("starwars", "Star Wars"),
        ("star wars", "Star Wars"),
        ("wars star", "Star Wars"),
        ("spiderman", "Spider-Man"),
        ("spider man", "Spider-Man"),
        ("spider-man", "Spider-Man"),
        ("Spider‐Man", "Spider-Man"),  # noqa: RUF001 - a typographic hyphen
        ("spidrman", "Spider-Man"),
        ("walle", "WALL·E"),
        ("wall-e", "WALL·E"),
        ("wall e", "WALL·E"),
        ("schindlers list", "Schindler's List"),
        ("schindler's list", "Schindler's List"),
        ("Schindler’s list", "Schindler's List"),  # noqa: RUF001 - a typographic apostrophe
        ("shindlers list", "Schindler's List"),
        ("fast and furious", "Fast & Furious"),
        ("fast & furious", "Fast & Furious"),
        ("jurasic park", "Jurassic Park"),
        ("it", "It"),
        ("us", "Us"),
        ("up", "Up"),
        ("step up", "Step Up"),
        ("2001", "2001: A Space Odyssey"),
        ("space odyssey", "2001: A Space Odyssey"),
        ("godfather", "The Godfather"),
        ("god father", "The Godfather"),
        ("the godfahter", "The Godfather"),
        ("crime family", "The Godfather"),
        ("keanu reeves", "The Matrix"),
        ("reeves matrix", "The Matrix"),
        ("christofer nolan", "Inception"),
        ("liam neson", "Schindler's List"),
        ("carrie fisher", "Star Wars"),
        ("heat", "The Heat"),
        ("the heat 1995", "Heat"),
        ("千と千尋の神隠し", "千と千尋の神隠し"),
        ("千と千尋", "千と千尋の神隠し"),
        ("сталкер", "Сталкер"),
        ("сталкр", "Сталкер"),
        ("!!!", "!!!"),
    ],
)
def test_what_a_person_means_comes_first(library: Database, text: str, expected: str) -> None:
    assert titles(library, text)[:1] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alien", {"Alien", "Aliens", "Alien vs. Predator"}),
        ("matrix", {"The Matrix", "Matrix Reloaded", "Crossroads"}),
        ("heat", {"Heat", "The Heat"}),
        ("matrix 1999", {"The Matrix"}),
        ("matrix reloaded", {"Matrix Reloaded"}),
        ("inception matrix", set()),
        ("zzzzzz", set()),
        ("", set()),
        ("   ", set()),
        ("???", set()),
    ],
)
def test_a_search_finds_all_that_match_and_nothing_else(library: Database, text: str, expected: set[str]) -> None:
    assert set(titles(library, text)) == expected


def test_a_match_tells_what_a_result_list_shows(library: Database) -> None:
    (match,) = library.run(movies.search("fabuleux"))
    (stored,) = library.run(movies.find_by_titles(["Amélie"]))
    shown = ("id", "tmdb_id", "imdb_id", "title", "original_title", "year", "runtime", "genres", "imdb_rating")
    assert [getattr(match, name) for name in shown] == [getattr(stored, name) for name in shown]
    assert (match.monitored, match.has_file) == (True, False)


def test_scores_fall_and_the_limit_takes_the_best(library: Database) -> None:
    matches = library.run(movies.search("alien"))
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert library.run(movies.search("alien", 2)) == matches[:2]


def test_a_title_counts_more_than_the_overview_and_the_best_known_movie_first(library: Database) -> None:
    assert titles(library, "matrix") == ["The Matrix", "Matrix Reloaded", "Crossroads"]
    assert titles(library, "alien")[:2] == ["Alien", "Aliens"]


def test_a_search_follows_every_change_of_a_movie(tx: Transaction) -> None:
    stored = tx.run(movies.create(movie(title="Brazil")))
    assert titles(tx, "brasil") == ["Brazil"]
    metadata: Any = people("Jonathan Pryce")
    tx.run(movies.update(stored.id, title="Twelve Monkeys", metadata=metadata))
    assert titles(tx, "brazil") == []
    assert titles(tx, "twelve monkys") == titles(tx, "jonatan pryce") == ["Twelve Monkeys"]
    tx.run(movies.upsert_many([movie(title="Jabberwocky"), movie(1, "Labyrinth")]))
    assert titles(tx, "jaberwocky") == ["Jabberwocky"]
    assert titles(tx, "labyrint") == ["Labyrinth"]
    tx.run(movies.delete(stored.id))
    assert titles(tx, "jabberwocky") == []


def test_a_title_that_many_share_is_found_among_better_known_ones(tx: Transaction) -> None:
    known: Any = votes(1000)
    tx.run(movies.create_many(movie(n, f"Love {n}", metadata=known) for n in range(1, 602)))
    tx.run(movies.create(movie(9999, "Love")))
    assert titles(tx, "love", 5)[0] == "Love"


@given(st.text(characters, max_size=200))
@example("a\u1680b c")
@example("\x85 \u2028 \ufeff")
@example("'a':*b & !(c | d) <-> e\\")
@example("word" * 250)
@example("w " * 500)
@example("1" * 1000)
@example("ﷺ" * 1000)
@example("%_%")
@quick
def test_any_text_can_be_searched_for(library: Database, text: str) -> None:
    assert isinstance(titles(library, text), list)


words = st.text(characters, min_size=1, max_size=40).filter(str.strip)


@given(words)
@example("İstanbul ﬁ ǅ ß ᾳ")
@example("a\u1680b")
@quick
def test_any_title_with_a_letter_is_found_by_itself(tx: Transaction, title: str) -> None:
    stored = tx.run(movies.upsert(NewMovie(603, title)))
    if any(character.isalnum() for character in stored.sort_title):
        assert titles(tx, title) == [title]
