from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from repositories.factories import (
    DAY,
    PAST,
    at_once,
    client,
    event,
    file,
    item,
    movie,
    profile,
    raw,
    versions,
    while_open,
    written,
)

from radarr_db import (
    ConflictError,
    Database,
    InvalidArgumentError,
    NotFoundError,
    Transaction,
    download_clients,
    download_queue,
    history,
    movie_files,
    movies,
    quality_profiles,
)
from radarr_db.models.movies import GenreStatistics, Movie, MovieStatistics, NewMovie

MATRIX = movie(imdb_id="tt0133093", year=1999)
JUNE = dt.date(2024, 6, 1)


def tmdb_ids(rows: Any) -> list[int]:
    return [row.tmdb_id for row in rows]


# Reading


def test_a_stored_movie_is_found_by_each_of_its_ids(tx: Transaction) -> None:
    stored = tx.run(movies.create(MATRIX))
    assert tx.run(movies.get(stored.id)) == stored
    assert tx.run(movies.find(stored.id)) == stored
    assert tx.run(movies.find_by_tmdb_id(603)) == stored
    assert tx.run(movies.find_by_tmdb_ids([1, 603, 603])) == [stored]
    for imdb_id in ("tt0133093", "0133093", "133093", "tt133093"):
        assert tx.run(movies.find_by_imdb_id(imdb_id)) == [stored]


def test_what_is_not_there_is_an_error_only_where_it_was_asked_for_by_get(tx: Transaction) -> None:
    with pytest.raises(NotFoundError, match=r"movies\.get: no row with id 9"):
        tx.run(movies.get(9))
    assert tx.run(movies.find(9)) is None
    assert tx.run(movies.find_by_tmdb_id(9)) is None
    assert tx.run(movies.find_by_tmdb_ids([9])) == []
    assert tx.run(movies.find_by_tmdb_ids([])) == []
    assert tx.run(movies.find_by_imdb_id("tt0000009")) == []
    assert tx.run(movies.find_by_titles(["Nine"])) == []
    assert tx.run(movies.find_by_titles([])) == []


def test_two_movies_that_share_an_imdb_id_are_both_given(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(1, imdb_id="tt7"), movie(2, imdb_id="tt0000007"), movie(3, imdb_id="")]))
    assert tmdb_ids(tx.run(movies.find_by_imdb_id("tt7"))) == [1, 2]
    assert tx.run(movies.get(tx.run(movies.find_by_tmdb_ids([3]))[0].id)).imdb_id is None


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        (movie(title="The Fast and the Furious"), "The.Fast.and.the.Furious"),
        (movie(title="The Fast and the Furious"), "fast & furious"),
        (movie(title="Fast & Furious"), "the fast AND the furious"),
        (movie(title="Amélie"), "amelie"),
        (movie(title="Amelie"), "AMÉLIE"),
        (
            movie(title="Amélie", original_title="Le Fabuleux Destin d'Amélie Poulain"),
            "Le.fabuleux.destin.dAmelie.Poulain",
        ),
        (
            movie(title="Amélie", alternative_titles=["Die Welt", "Amelie from Montmartre"]),
            "Amelie_from_Montmartre",
        ),
        (movie(title="Ocean's Eleven"), "Oceans.Eleven"),
        (movie(title="WALL·E"), "WALL-E"),
        (movie(title="The"), "the"),
        (movie(title="千と千尋の神隠し"), "千と千尋の神隠し"),
        (movie(title="!!!"), "!!!"),
    ],
)
def test_a_movie_is_found_by_its_titles_as_releases_spell_them(tx: Transaction, stored: NewMovie, asked: str) -> None:
    tx.run(movies.create_many([movie(1, "Another"), stored]))
    assert tmdb_ids(tx.run(movies.find_by_titles(["Unknown", asked]))) == [603]


@pytest.mark.parametrize("asked", ["Fast", "Fast Furious 2", "???", "-", "Fas"])
def test_a_movie_is_not_found_by_another_title(tx: Transaction, asked: str) -> None:
    tx.run(movies.create_many([movie(1, "Fast & Furious"), movie(2, "!!!")]))
    assert tx.run(movies.find_by_titles([asked])) == []


def test_movies_of_one_title_are_all_given_best_known_first_until_a_year_tells_them_apart(
    tx: Transaction,
) -> None:
    votes = {"tmdb": {"vote_count": 9}}
    tx.run(
        movies.create_many(
            [movie(1, "Heat", year=1986), movie(2, "Heat"), movie(3, "The Heat", year=1995, metadata=votes)]
        )
    )
    assert tmdb_ids(tx.run(movies.find_by_titles(["Heat"]))) == [3, 1, 2]
    assert tmdb_ids(tx.run(movies.find_by_titles(["Heat"], 1986))) == [1]
    assert tx.run(movies.find_by_titles(["Heat"], 1987)) == []


# Lists


def test_the_library_shows_each_movie_with_its_file(tx: Transaction) -> None:
    with_file, without = (tx.run(movies.create(movie(n, f"Movie {n}"))) for n in (1, 2))
    stored = tx.run(movie_files.replace(file(with_file.id, "m.mkv", "DVD", size=7, release_group="SPARKS")))
    first, second = tx.run(movies.list_library())
    assert (first.id, first.has_file, first.size_on_disk) == (with_file.id, True, 7)
    assert (first.file_id, first.file_path, first.file_size) == (stored.id, "m.mkv", 7)
    assert (first.file_quality, first.file_release_group) == ("DVD", "SPARKS")
    assert first.file_added == stored.date_added
    assert (second.id, second.file_id, second.file_path, second.file_quality) == (
        without.id,
        None,
        None,
        None,
    )


def test_every_list_of_an_empty_library_is_empty(tx: Transaction) -> None:
    for query in (
        movies.list_library(),
        movies.list_all(),
        movies.list_recent(),
        movies.list_by_year(1999),
        movies.list_by_genre("Drama"),
        movies.list_by_rating("imdb", 0),
        movies.list_missing(),
        movies.list_cutoff_unmet(),
        movies.list_calendar(dt.date.min, dt.date.max),
        movies.list_popular(),
    ):
        assert list(tx.run(query)) == []
    assert tx.run(movies.list_tmdb_ids()) == []
    assert tx.run(movies.list_paths()) == []
    assert tx.run(movies.genre_statistics()) == []
    assert tx.run(movies.statistics()) == MovieStatistics(0, 0, 0, 0, 0)
    assert tx.run(movies.count()) == 0


def test_the_whole_library_is_told_by_rows_ids_and_paths(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(2, path="/m/two"), movie(1, path="/m/one"), movie(3)]))
    whole = list(tx.run(movies.list_all()))
    assert [tx.run(movies.get(m.id)) for m in whole] == whole
    assert tx.run(movies.list_tmdb_ids()) == [1, 2, 3]
    paths = tx.run(movies.list_paths())
    assert [(p.id, p.path) for p in paths] == [(m.id, m.path) for m in whole if m.path]
    assert tx.run(movies.count()) == 3


def test_a_movie_is_listed_under_its_year_and_each_of_its_genres(tx: Transaction) -> None:
    genres = {"genres": [{"id": 18, "name": "Drama"}, {"id": 80, "name": "Crime"}]}
    tx.run(movies.create_many([movie(1, year=1999, metadata=genres), movie(2, year=2000), movie(3)]))
    assert tmdb_ids(tx.run(movies.list_by_year(1999))) == [1]
    for genre, expected in {"Drama": [1], "Crime": [1], "drama": [], "War": []}.items():
        assert tmdb_ids(tx.run(movies.list_by_genre(genre))) == expected


@pytest.mark.parametrize(
    ("source", "key", "value"),
    [
        ("imdb", "value", 7.6),
        ("tmdb", "value", 7),
        ("metacritic", "value", 76),
        ("rotten_tomatoes", "meter", 93),
    ],
)
def test_a_movie_is_listed_by_each_source_that_rates_it_as_high_as_asked(
    tx: Transaction, source: str, key: str, value: float
) -> None:
    rows = [{source: {key: value}}, {source: {key: value - 1}}, {}]
    tx.run(movies.create_many(movie(n, metadata={"ratings": row}) for n, row in enumerate(rows, 1)))
    assert tmdb_ids(tx.run(movies.list_by_rating(source, value))) == [1]
    assert tmdb_ids(tx.run(movies.list_by_rating(source, 0))) == [1, 2]
    assert getattr(tx.run(movies.find_by_tmdb_ids([1]))[0], f"{source}_rating") == value


def test_missing_movies_are_the_monitored_ones_without_a_file_or_those_not_monitored(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(1), movie(2), movie(3, monitored=False)]))
    tx.run(movie_files.replace(file(tx.run(movies.find_by_tmdb_ids([2]))[0].id)))
    assert tmdb_ids(tx.run(movies.list_missing())) == [1]
    assert tmdb_ids(tx.run(movies.list_missing(monitored=False))) == [3]


@pytest.mark.parametrize("kind", ["in_cinemas", "physical_release", "digital_release"])
@pytest.mark.parametrize(("days", "shown"), [(-1, False), (0, True), (6, True), (7, False)])
def test_the_calendar_shows_each_kind_of_release_in_its_days(
    tx: Transaction, kind: str, days: int, *, shown: bool
) -> None:
    released = JUNE + days * DAY
    release: Any = {kind: released}
    tx.run(movies.create(movie(**release)))
    found = tx.run(movies.list_calendar(JUNE, JUNE + 6 * DAY))
    assert [(m.tmdb_id, m.day) for m in found] == ([(603, released)] if shown else [])


def test_the_calendar_shows_a_movie_once_on_its_first_day_and_unmonitored_ones_on_demand(
    tx: Transaction,
) -> None:
    days: Any = {"in_cinemas": JUNE - DAY, "physical_release": JUNE + 2 * DAY, "digital_release": JUNE + DAY}
    tx.run(movies.create_many([movie(1, **days), movie(2, in_cinemas=JUNE, monitored=False)]))
    week = (JUNE, JUNE + 6 * DAY)
    assert [(m.tmdb_id, m.day) for m in tx.run(movies.list_calendar(*week))] == [(1, JUNE + DAY)]
    everything = tx.run(movies.list_calendar(*week, include_unmonitored=True))
    assert [(m.tmdb_id, m.day, m.monitored) for m in everything] == [(2, JUNE, False), (1, JUNE + DAY, True)]


def test_statistics_count_movies_files_and_bytes(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(1), movie(2), movie(3, monitored=False), movie(4, monitored=False)]))
    for n, m in enumerate(tx.run(movies.find_by_tmdb_ids([2, 3]))):
        tx.run(movie_files.replace(file(m.id, size=2**40 + n)))
    assert tx.run(movies.statistics()) == MovieStatistics(4, 2, 2, 1, 2**41 + 1)


def test_genre_statistics_average_the_ratings_that_there_are(tx: Transaction) -> None:
    rows = [(["Drama", "War"], 8), (["Drama", "Drama"], 7), (["Drama"], None), (["Noir"], None)]
    tx.run(
        movies.create_many(
            movie(n, metadata={"genres": [{"name": g} for g in genres], "ratings": {"imdb": {"value": value}}})
            for n, (genres, value) in enumerate(rows, 1)
        )
    )
    assert tx.run(movies.genre_statistics()) == [
        GenreStatistics("Drama", 3, 7.5),
        GenreStatistics("Noir", 1, None),
        GenreStatistics("War", 1, 8),
    ]


def test_popular_movies_are_the_most_downloaded_then_the_best_rated_as_of_the_last_refresh(
    owner_tx: Transaction,
) -> None:
    ratings = {1: 5, 2: 9, 3: 7, 4: None}
    owner_tx.run(
        movies.create_many(movie(n, metadata={"ratings": {"imdb": {"value": value}}}) for n, value in ratings.items())
    )
    stored = owner_tx.run(movies.find_by_tmdb_ids([1, 2, 3, 4]))
    owner_tx.run(history.record(event(stored[2].id, "downloaded")))
    owner_tx.run(history.record(event(stored[0].id, "grabbed")))
    assert list(owner_tx.run(movies.list_popular())) == []
    owner_tx.run(raw("SELECT refresh_popular_movies()"))
    popular = owner_tx.run(movies.list_popular())
    assert [(m.id, m.imdb_rating, m.download_count) for m in popular] == [
        (stored[2].id, 7, 1),
        (stored[1].id, 9, 0),
        (stored[0].id, 5, 0),
    ]


# What follows from other columns


@pytest.mark.parametrize(
    ("title", "sort_title", "clean_title"),
    [
        ("The Matrix", "matrix", "matrix"),
        ("A Bug's Life", "bugs life", "bugslife"),
        ("An Éclair", "eclair", "eclair"),
        ("The", "the", "the"),
        ("The A", "a", "a"),
        ("Theater", "theater", "theater"),
        ("Of Mice & Men", "of mice and men", "micemen"),
        ("  Spider-Man:   Homecoming ", "spider man homecoming", "spidermanhomecoming"),
        ("Æon Flux", "aeon flux", "aeonflux"),
        ("Зеркало", "зеркало", "зеркало"),
        ("!!!", "!!!", "!!!"),
    ],
)
def test_sort_and_clean_titles_follow_the_title(tx: Transaction, title: str, sort_title: str, clean_title: str) -> None:
    stored = tx.run(movies.update(tx.run(movies.create(movie())).id, title=title))
    assert (stored.title, stored.sort_title, stored.clean_title) == (title, sort_title, clean_title)


@pytest.mark.parametrize(
    "value", ["N/A", "", "7.5", None, True, [], [7.5, "x"], {}, -1, 10.5, 10**400, {"value": 7}, [[7.5]]]
)
def test_a_rating_that_is_no_number_in_range_counts_as_absent(tx: Transaction, value: Any) -> None:
    ratings = {"imdb": {"value": value}, "tmdb": {"value": value}}
    stored = tx.run(movies.create(movie(metadata={"ratings": ratings})))
    assert stored.metadata["ratings"] == ratings
    first = 7.5 if isinstance(value, list) and value[:1] == [7.5] else None
    assert (stored.imdb_rating, stored.tmdb_rating) == (first, first)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (10, 10), (8.7, 8.7), (1e-50, 0), (5e-324, 0)])
def test_every_rating_in_range_is_kept(tx: Transaction, value: float, expected: float) -> None:
    stored = tx.run(movies.create(movie(metadata={"ratings": {"imdb": {"value": value}}})))
    assert stored.imdb_rating == expected


@pytest.mark.parametrize("ratings", [None, [], "imdb", 7, {"imdb": None}, {"imdb": 7}, {"imdb": [{"value": "x"}]}])
def test_ratings_of_another_shape_count_as_absent(tx: Transaction, ratings: Any) -> None:
    stored = tx.run(movies.create(movie(metadata={"ratings": ratings})))
    assert (stored.imdb_rating, stored.rotten_tomatoes_rating) == (None, None)


@pytest.mark.parametrize(
    ("count", "expected"), [(7, 7), (-1, 0), ("7", 0), (None, 0), (2**31, 0), (2**31 - 1, 2**31 - 1)]
)
def test_votes_that_are_no_number_count_as_none(tx: Transaction, count: Any, expected: int) -> None:
    assert tx.run(movies.create(movie(metadata={"tmdb": {"vote_count": count}}))).vote_count == expected


@pytest.mark.parametrize(
    ("genres", "expected"),
    [
        ([{"name": "Drama"}, {"name": "War"}], ["Drama", "War"]),
        ([{"name": "Drama"}, {"name": None}, {"name": 7}, {"name": ["x"]}, {}, None, "War", 3], ["Drama"]),
        ([{"name": "x" * 300}], ["x" * 200]),
        (None, []),
        ("Drama", []),
        (7, []),
        ({}, []),
        ([], []),
    ],
)
def test_genres_are_the_names_that_are_texts(tx: Transaction, genres: Any, expected: list[str]) -> None:
    stored = tx.run(movies.create(movie(metadata={"genres": genres})))
    assert stored.genres == expected
    assert stored.metadata["genres"] == genres


@pytest.mark.parametrize(
    ("minimum", "dates", "available"),
    [
        ("tba", {}, True),
        ("announced", {"in_cinemas": 9}, True),
        ("in_cinemas", {"in_cinemas": 0}, True),
        ("in_cinemas", {"in_cinemas": 1, "digital_release": -1}, False),
        ("in_cinemas", {"digital_release": 0}, True),
        ("in_cinemas", {}, False),
        ("released", {"in_cinemas": -1}, False),
        ("released", {"in_cinemas": -89}, False),
        ("released", {"in_cinemas": -90}, True),
        ("released", {"in_cinemas": -90, "digital_release": 1}, False),
        ("released", {"in_cinemas": 1, "physical_release": 5, "digital_release": 0}, True),
        ("released", {"physical_release": 0, "digital_release": 5}, True),
        ("released", {"physical_release": 1, "digital_release": 5}, False),
        ("released", {"release_date": -1}, False),
        ("released", {}, False),
    ],
)
def test_a_movie_is_available_from_the_day_that_its_minimum_availability_names(
    tx: Transaction, minimum: str, dates: dict[str, int], *, available: bool
) -> None:
    ((today,),) = tx.run(raw("SELECT current_date"))
    days = {name: today + days * DAY for name, days in dates.items()}
    stored = tx.run(movies.create(movie(minimum_availability=minimum, **days)))
    assert stored.is_available is available
    assert [m.is_available for m in tx.run(movies.list_library())] == [available]


def test_what_follows_is_written_without_a_search_path_as_in_a_restore(tx: Transaction) -> None:
    for statement in (
        "SET LOCAL search_path = ''",
        "INSERT INTO public.movies (tmdb_id, title) VALUES (603, 'The Matrix'), (604, 'Amelie')",
        "INSERT INTO public.movie_files (movie_id, relative_path, quality) SELECT id, title, 'DVD' FROM public.movies",
        "UPDATE public.movies SET title = 'Brazil' WHERE tmdb_id = 603",
        "UPDATE public.movie_files SET size = 8",
        "DELETE FROM public.movie_files WHERE relative_path = 'Amelie'",
        "SET LOCAL search_path = public",
    ):
        tx.run(raw(statement))
    brazil, amelie = tx.run(movies.list_all())
    assert (brazil.clean_title, brazil.size_on_disk, amelie.has_file) == ("brazil", 8, False)
    assert tmdb_ids(tx.run(movies.search("brasil"))) == [603]


# Writing


def test_a_new_movie_has_the_defaults_of_what_was_left_out(tx: Transaction) -> None:
    stored = tx.run(movies.create(movie()))
    assert (stored.status, stored.minimum_availability, stored.quality_profile_id) == (
        "announced",
        "announced",
        1,
    )
    assert (stored.monitored, stored.has_file, stored.size_on_disk, stored.vote_count) == (True, False, 0, 0)
    assert (stored.tags, stored.alternative_titles, stored.metadata, stored.genres) == ([], [], {}, [])
    assert stored.added == stored.created_at == stored.updated_at


def test_many_movies_are_created_from_any_iterable(tx: Transaction) -> None:
    assert tx.run(movies.create_many(movie(n) for n in range(1, 2002))) == 2001
    assert tx.run(movies.create_many([])) == 0
    assert tx.run(movies.count()) == 2001


@pytest.mark.parametrize("write", [movies.create_many, movies.upsert_many])
def test_one_bad_movie_among_many_leaves_nothing(tx: Transaction, write: Any) -> None:
    many = [*(movie(n) for n in range(1, 1501)), movie(2000, title=" "), movie(2001)]
    with pytest.raises(InvalidArgumentError) as refused, tx.transaction():
        tx.run(write(many))
    assert refused.value.argument == "movies[1500].title"
    many[1500] = movie(2000, quality_profile_id=999)
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(write(iter(many)))
    assert conflict.value.constraint == "movies_quality_profile_id_fkey"
    assert tx.run(movies.count()) == 0


def test_many_movies_are_created_all_or_none(own_db: Database) -> None:
    own_db.run(movies.create(movie(1500)))
    with pytest.raises(ConflictError) as conflict:
        own_db.run(movies.create_many(movie(n) for n in range(1, 1600)))
    assert conflict.value.constraint == "movies_tmdb_id_key"
    assert own_db.run(movies.list_tmdb_ids()) == [1500]


STORED = movie(
    imdb_id="tt0133093",
    original_title="Matrix",
    alternative_titles=["Matrix 1"],
    year=1999,
    runtime=136,
    overview="A hacker.",
    tagline="Free your mind",
    status="released",
    release_date=JUNE,
    physical_release=JUNE,
    digital_release=JUNE,
    in_cinemas=JUNE,
    path="/movies/matrix",
    root_folder_path="/movies",
    folder_name="matrix",
    tags=["4k"],
    metadata={"tmdb": {"vote_count": 1}},
    added=PAST,
    last_search_time=PAST,
    last_info_sync=PAST,
)
# What a refresh brings, and what a user chose.
REFRESHED: dict[str, Any] = {
    "title": "Matrix, The",
    "imdb_id": "tt0133094",
    "original_title": None,
    "alternative_titles": ["Matrix 2"],
    "year": 2000,
    "runtime": None,
    "overview": "A programmer.",
    "tagline": "",
    "status": "deleted",
    "release_date": None,
    "physical_release": JUNE + DAY,
    "digital_release": JUNE + DAY,
    "in_cinemas": JUNE + DAY,
    "metadata": {"tmdb": {"vote_count": 2}},
}
CHOSEN: dict[str, Any] = {
    "monitored": False,
    "minimum_availability": "released",
    "quality_profile_id": 1,
    "path": None,
    "root_folder_path": "/films",
    "folder_name": None,
    "tags": [],
    "added": PAST + DAY,
    "last_search_time": None,
    "last_info_sync": None,
}


def test_each_field_of_a_movie_is_refreshed_or_the_users_choice() -> None:
    assert {field.name for field in dataclasses.fields(NewMovie)} == {"tmdb_id", *REFRESHED, *CHOSEN}


@pytest.mark.parametrize(("field", "value"), REFRESHED.items(), ids=REFRESHED)
def test_an_upsert_refreshes_each_fact_and_nothing_else(tx: Transaction, field: str, value: Any) -> None:
    before = tx.run(movies.upsert(STORED))
    after = tx.run(movies.upsert(dataclasses.replace(STORED, **{field: value})))
    assert getattr(after, field) == value != getattr(before, field)
    follows = {"title": {"clean_title", "sort_title"}, "metadata": {"vote_count"}}.get(field, set())
    changed = {f.name for f in dataclasses.fields(Movie) if getattr(before, f.name) != getattr(after, f.name)}
    assert changed == {field, "last_info_sync"} | follows
    again = tx.run(movies.upsert_many([STORED]))
    assert (again, tx.run(movies.get(before.id))) == (
        1,
        dataclasses.replace(before, last_info_sync=after.last_info_sync),
    )


@pytest.mark.parametrize(("field", "value"), CHOSEN.items(), ids=CHOSEN)
def test_an_upsert_keeps_each_choice_of_the_user_and_writes_nothing(tx: Transaction, field: str, value: Any) -> None:
    before = tx.run(movies.upsert(STORED))
    rows, counts = tx.run(versions("movies")), tx.run(written("movies"))
    refreshed = dataclasses.replace(STORED, **{field: value})
    assert tx.run(movies.upsert(refreshed)) == before
    assert tx.run(movies.upsert_many([refreshed])) == 0
    assert (tx.run(versions("movies")), tx.run(written("movies"))) == (rows, counts)


def test_upsert_many_counts_what_it_wrote(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(1), movie(2)]))
    assert tx.run(movies.upsert_many(iter([movie(1), movie(2, "Two"), movie(3)]))) == 2
    assert [m.title for m in tx.run(movies.list_all())] == ["The Matrix", "Two", "The Matrix"]
    assert tx.run(movies.upsert_many([])) == 0


@pytest.mark.parametrize("between", [0, 1500])
def test_of_two_movies_with_one_tmdb_id_the_later_counts(tx: Transaction, between: int) -> None:
    others = [movie(n) for n in range(1000, 1000 + between)]
    tx.run(movies.upsert_many([movie(1, "First"), *others, movie(1, "Second")]))
    assert [m.title for m in tx.run(movies.find_by_tmdb_ids([1]))] == ["Second"]
    assert tx.run(movies.count()) == 1 + between


def test_upserts_of_the_same_movies_in_opposite_orders_both_succeed(own_db: Database) -> None:
    first = [movie(n, f"First {n}") for n in range(1, 1301)]
    second = [movie(n, f"Second {n}") for n in range(1300, 0, -1)]
    counts = at_once(lambda: own_db.run(movies.upsert_many(first)), lambda: own_db.run(movies.upsert_many(second)))
    assert counts == [1300, 1300]
    titles = {m.title.split()[0] for m in own_db.run(movies.list_all())}
    assert (len(titles), own_db.run(movies.count())) == (1, 1300)


def test_an_upsert_waits_for_one_that_came_first_and_gives_the_stored_row(own_db: Database) -> None:
    stored = while_open(own_db, movies.create(movie(title="First")), movies.upsert(movie(title="Second")))
    assert stored.title == "Second"
    assert own_db.run(movies.list_tmdb_ids()) == [603]


def test_an_update_changes_what_it_names_and_can_clear_it(tx: Transaction) -> None:
    before = tx.run(movies.create(STORED))
    after = tx.run(movies.update(before.id, year=None, tags=["a", "b"], imdb_id="", status="deleted"))
    assert after == dataclasses.replace(before, year=None, tags=["a", "b"], imdb_id=None, status=after.status)
    assert after.status == "deleted"
    assert tx.run(movies.update(before.id)) == after


def test_updates_of_different_fields_at_once_are_both_kept(own_db: Database) -> None:
    m = own_db.run(movies.create(movie()))
    after = while_open(own_db, movies.update(m.id, title="New"), movies.update(m.id, runtime=136))
    assert (after.title, after.runtime, after.sort_title) == ("New", 136, "new")


def test_a_movie_is_monitored_or_not(tx: Transaction) -> None:
    stored = tx.run(movies.create(movie()))
    assert tx.run(movies.set_monitored(stored.id, monitored=False)) == dataclasses.replace(stored, monitored=False)


@pytest.mark.parametrize(
    "write",
    [lambda: movies.update(9, title="x"), lambda: movies.set_monitored(9, True), lambda: movies.delete(9)],
)
def test_a_write_to_a_movie_that_is_not_there_is_an_error(tx: Transaction, write: Any) -> None:
    with pytest.raises(NotFoundError):
        tx.run(write())


def test_many_movies_get_the_same_settings(tx: Transaction) -> None:
    other = tx.run(quality_profiles.create(profile()))
    tx.run(movies.create_many([movie(1), movie(2), movie(3)]))
    first, second, third = tx.run(movies.find_by_tmdb_ids([1, 2, 3]))
    settings: dict[str, Any] = {
        "monitored": False,
        "quality_profile_id": other.id,
        "minimum_availability": "released",
        "root_folder_path": "/films",
    }
    assert tx.run(movies.edit_many([first.id, second.id, 9**9], **settings)) == 2
    for m in tx.run(movies.find_by_tmdb_ids([1, 2])):
        assert {name: getattr(m, name) for name in settings} == settings
    assert tx.run(movies.get(third.id)) == third
    edited = tx.run(movies.get(first.id))
    assert tx.run(movies.edit_many([first.id])) == 1
    assert tx.run(movies.get(first.id)) == edited
    assert tx.run(movies.edit_many([])) == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"monitored": False}, ["hd", "anime", "hd2"]),
        ({"tags": []}, []),
        ({"tags": ["new"]}, ["new"]),
        ({"add_tags": ["new", "hd"]}, ["hd", "anime", "hd2", "new"]),
        ({"remove_tags": ["hd", "unknown"]}, ["anime", "hd2"]),
        ({"tags": ["a", "b"], "add_tags": ["c"], "remove_tags": ["a"]}, ["b", "c"]),
        ({"add_tags": ["x"], "remove_tags": ["x"]}, ["hd", "anime", "hd2"]),
    ],
)
def test_tags_are_replaced_added_and_removed_and_stay_in_order_otherwise(
    tx: Transaction, changes: dict[str, Any], expected: list[str]
) -> None:
    stored = tx.run(movies.create(movie(tags=["hd", "anime", "hd2"])))
    tx.run(movies.edit_many([stored.id], **changes))
    assert tx.run(movies.get(stored.id)).tags == expected


def test_a_movie_goes_with_all_that_belongs_to_it(tx: Transaction) -> None:
    tx.run(movies.create_many([movie(1), movie(2), movie(3)]))
    gone, gone_too, stays = tx.run(movies.find_by_tmdb_ids([1, 2, 3]))
    deluge = tx.run(download_clients.create(client()))
    for m in (gone, gone_too, stays):
        tx.run(movie_files.replace(file(m.id)))
    items = [item(f"d{m.id}", movie_id=m.id) for m in (gone, gone_too, stays)]
    tx.run(download_queue.sync_from_client(deluge.id, items))
    before = tx.run(movies.get(gone.id))
    assert tx.run(movies.delete(gone.id)) == before
    assert tx.run(movies.delete_many([gone.id, gone_too.id])) == 1
    assert [m.id for m in tx.run(movies.list_all())] == [stays.id]
    assert [e.movie_id for e in tx.run(history.list_recent())] == [stays.id]
    assert [i.movie_id for i in tx.run(download_queue.list_page())] == [stays.id]
    assert [f.movie_id for f in tx.run(movie_files.list_by_movies([gone.id, gone_too.id, stays.id]))] == [stays.id]
