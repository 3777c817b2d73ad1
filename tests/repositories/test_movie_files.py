from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from repositories.factories import at_once, file, movie, raw, while_open

from radarr_db import (
    ConflictError,
    Database,
    InvalidArgumentError,
    Movie,
    NewMovieFile,
    NotFoundError,
    Quality,
    Transaction,
    history,
    movie_files,
    movies,
)
from radarr_db.models.movie_files import FileQuality


@pytest.fixture
def matrix(tx: Transaction) -> Movie:
    return tx.run(movies.create(movie()))


def flags(tx: Transaction | Database, m: Movie) -> tuple[bool, int]:
    stored = tx.run(movies.get(m.id))
    return stored.has_file, stored.size_on_disk


def events(tx: Transaction | Database, m: Movie) -> list[Any]:
    """What history tells of a movie, oldest first; of one moment, as it was written."""
    found = tx.run(history.list_by_movie(m.id)).items
    return [(e.event_type, e.source_title, e.quality, e.download_id, e.data) for e in reversed(found)]


def test_a_stored_file_is_given_whole(tx: Transaction, matrix: Movie) -> None:
    new = file(
        matrix.id,
        "Movie/a.mkv",
        Quality.REMUX_2160P,
        size=7,
        scene_name="The.Matrix",
        release_group="SPARKS",
        resolution="2160p",
        audio_languages=["en", "de"],
        media_info={"video": {"width": 3840}},
        custom_formats=[{"name": "HDR"}],
    )
    stored = tx.run(movie_files.replace(new))
    for name in (
        "relative_path",
        "quality",
        "size",
        "scene_name",
        "audio_languages",
        "media_info",
        "custom_formats",
    ):
        assert getattr(stored, name) == getattr(new, name)
    assert (stored.movie_id, stored.cut, stored.subtitle_languages) == (matrix.id, None, [])
    assert tx.run(movie_files.get(stored.id)) == stored
    assert tx.run(movie_files.find_by_movie(matrix.id)) == stored
    assert tx.run(movie_files.list_by_movies([9**9, matrix.id, matrix.id])) == [stored]


def test_what_is_not_there_is_an_error_only_where_it_was_asked_for_by_get(tx: Transaction) -> None:
    for query in (movie_files.get(9), movie_files.delete(9)):
        with pytest.raises(NotFoundError):
            tx.run(query)
    assert tx.run(movie_files.find_by_movie(9)) is None
    assert tx.run(movie_files.list_by_movies([9])) == []
    assert tx.run(movie_files.list_by_movies([])) == []
    assert tx.run(movie_files.existing_paths([])) == []
    assert list(tx.run(movie_files.list_by_quality(["DVD"]))) == []


def test_a_first_file_is_imported(tx: Transaction, matrix: Movie) -> None:
    tx.run(movie_files.replace(file(matrix.id, size=7), download_id="d1"))
    assert flags(tx, matrix) == (True, 7)
    assert events(tx, matrix) == [
        ("imported", "movie.mkv", "Bluray-1080p", "d1", {"relative_path": "movie.mkv", "size": 7})
    ]


def test_another_file_takes_the_place_of_the_first_and_history_tells_of_both(tx: Transaction, matrix: Movie) -> None:
    old = tx.run(movie_files.replace(file(matrix.id, "old.mkv", "DVD", size=7, scene_name="Old.Release")))
    new = tx.run(movie_files.replace(file(matrix.id, "new.mkv", size=9)))
    assert tx.run(movie_files.find_by_movie(matrix.id)) == new
    assert new.id != old.id
    assert flags(tx, matrix) == (True, 9)
    upgrade = {"reason": "upgrade", "relative_path": "old.mkv"}
    imported = {"relative_path": "new.mkv", "size": 9}
    assert sorted(events(tx, matrix)[1:]) == [
        ("deleted", "Old.Release", "DVD", None, upgrade),
        ("imported", "new.mkv", "Bluray-1080p", None, imported),
    ]


def test_history_takes_the_beginning_of_a_path_longer_than_a_title_can_be(tx: Transaction, matrix: Movie) -> None:
    for path in ("x" * 4000, "y" * 4000):
        tx.run(movie_files.replace(file(matrix.id, path)))
    assert sorted({e[1] for e in events(tx, matrix)}) == ["x" * 1000, "y" * 1000]


def test_a_file_of_no_known_movie_is_a_conflict_and_leaves_nothing(tx: Transaction, matrix: Movie) -> None:
    with pytest.raises(ConflictError) as conflict, tx.transaction():
        tx.run(movie_files.replace(file(matrix.id + 1)))
    assert conflict.value.constraint in ("movie_files_movie_id_fkey", "history_movie_id_fkey")
    assert tx.run(raw("SELECT id FROM movie_files UNION ALL SELECT id FROM history")) == []


def test_a_refused_replacement_leaves_the_old_file(tx: Transaction, matrix: Movie) -> None:
    old = tx.run(movie_files.replace(file(matrix.id, size=7)))
    told = events(tx, matrix)
    refused = file(matrix.id, size=9)
    query = movie_files.replace(refused)
    query.params = tuple(str(p).replace('"movie.mkv"', '"/movie.mkv"') if p else p for p in query.params)
    with pytest.raises(InvalidArgumentError, match="movie_files_relative_path_check"), tx.transaction():
        tx.run(query)
    assert tx.run(movie_files.find_by_movie(matrix.id)) == old
    assert (flags(tx, matrix), events(tx, matrix)) == ((True, 7), told)


@pytest.mark.parametrize("before", [True, False], ids=["with a file", "without a file"])
def test_replacements_at_once_leave_one_file(own_db: Database, *, before: bool) -> None:
    m = own_db.run(movies.create(movie()))
    if before:
        own_db.run(movie_files.replace(file(m.id, "old.mkv", size=1)))
    first, second = (movie_files.replace(file(m.id, f"{n}.mkv", size=n)) for n in (2, 3))
    last = while_open(own_db, first, second)
    assert own_db.run(movie_files.find_by_movie(m.id)) == last
    assert (last.relative_path, flags(own_db, m)) == ("3.mkv", (True, 3))
    assert {e[1] for e in events(own_db, m) if e[0] == "imported"} >= {"2.mkv", "3.mkv"}


def test_many_replacements_at_once_leave_one_file_and_true_flags(own_db: Database) -> None:
    m = own_db.run(movies.create(movie()))
    at_once(*[lambda n=n: own_db.run(movie_files.replace(file(m.id, f"{n}.mkv", size=n))) for n in range(1, 9)])
    ((size,),) = own_db.run(raw("SELECT size FROM movie_files"))
    assert flags(own_db, m) == (True, size)


def test_files_are_added_in_bulk_without_a_word_in_history(tx: Transaction) -> None:
    tx.run(movies.create_many(movie(n) for n in range(1, 1201)))
    stored = tx.run(movies.find_by_tmdb_ids(range(1, 1201)))
    assert tx.run(movie_files.create_many(file(m.id, f"{m.id}.mkv", size=2) for m in stored)) == 1200
    assert tx.run(movies.statistics()).total_size == 2400
    assert list(tx.run(history.list_recent())) == []


def test_files_are_added_in_bulk_all_or_none(tx: Transaction, matrix: Movie) -> None:
    for other, constraint in ((matrix.id, "movie_files_movie_id_key"), (9**9, "movie_files_movie_id_fkey")):
        with pytest.raises(ConflictError) as conflict, tx.transaction():
            tx.run(movie_files.create_many([file(matrix.id), file(other)]))
        assert conflict.value.constraint == constraint
    assert flags(tx, matrix) == (False, 0)


def test_a_file_is_removed_and_given_as_it_was(tx: Transaction, matrix: Movie) -> None:
    stored = tx.run(movie_files.replace(file(matrix.id, size=7)))
    assert tx.run(movie_files.delete(stored.id)) == stored
    assert (flags(tx, matrix), tx.run(movie_files.find_by_movie(matrix.id))) == ((False, 0), None)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE movie_files SET size = 8", [(True, 8), (False, 0)]),
        ("UPDATE movie_files SET movie_id = :other", [(False, 0), (True, 7)]),
        ("UPDATE movie_files SET movie_id = :other, size = 8", [(False, 0), (True, 8)]),
        ("DELETE FROM movie_files", [(False, 0), (False, 0)]),
        (
            "INSERT INTO movie_files (movie_id, relative_path, quality, size) VALUES (:other, 'x', 'DVD', 3)",
            [(True, 7), (True, 3)],
        ),
    ],
)
def test_the_flags_of_movies_follow_their_files_whoever_writes(
    tx: Transaction, matrix: Movie, statement: str, expected: list[tuple[bool, int]]
) -> None:
    other = tx.run(movies.create(movie(1)))
    tx.run(movie_files.replace(file(matrix.id, size=7)))
    tx.run(raw(statement, **({"other": other.id} if ":other" in statement else {})))
    assert [flags(tx, matrix), flags(tx, other)] == expected


def test_no_movie_has_a_file_when_the_table_is_emptied(owner_tx: Transaction) -> None:
    matrix = owner_tx.run(movies.create(movie()))
    owner_tx.run(movie_files.replace(file(matrix.id, size=7)))
    owner_tx.run(raw("TRUNCATE movie_files"))
    assert flags(owner_tx, matrix) == (False, 0)


def test_files_of_qualities_are_listed_with_their_titles_largest_first(tx: Transaction) -> None:
    tx.run(movies.create_many(movie(n, f"Movie {n}") for n in range(1, 5)))
    stored = tx.run(movies.find_by_tmdb_ids(range(1, 5)))
    files = [
        tx.run(movie_files.replace(file(m.id, quality=quality, size=size)))
        for m, (quality, size) in zip(
            stored, [("DVD", 5), ("WEBDL-1080p", 9), ("SDTV", 7), ("HDTV-1080p", 10)], strict=True
        )
    ]

    def expected(*places: int) -> list[FileQuality]:
        return [
            FileQuality(files[n].id, stored[n].id, stored[n].title, files[n].quality, files[n].size) for n in places
        ]

    assert list(tx.run(movie_files.list_by_quality(["DVD", Quality.SDTV]))) == expected(2, 0)
    assert list(tx.run(movie_files.list_by_quality(Quality.of_resolution("1080p")))) == expected(3, 1)
    assert list(tx.run(movie_files.list_by_quality([]))) == []


def test_those_of_the_given_paths_that_exist_are_told_sorted_and_once(tx: Transaction) -> None:
    tx.run(movies.create_many(movie(n) for n in (1, 2, 3)))
    paths = ["b.mkv", "a.mkv", "a.mkv"]
    stored = tx.run(movies.find_by_tmdb_ids([1, 2, 3]))
    tx.run(movie_files.create_many(file(m.id, path) for m, path in zip(stored, paths, strict=True)))
    assert tx.run(movie_files.existing_paths(["c.mkv", "b.mkv", "a.mkv", "b.mkv"])) == ["a.mkv", "b.mkv"]


def test_every_field_of_a_file_can_be_replaced_by_one_that_came_later(own_db: Database) -> None:
    m = own_db.run(movies.create(movie()))
    values: dict[str, Any] = {
        "relative_path": "second.mkv",
        "quality": "DVD",
        "size": 3,
        "date_added": m.added,
        "scene_name": "Second",
        "release_group": "GROUP",
        "resolution": "480p",
        "video_codec": "x264",
        "audio_codec": "AAC",
        "audio_languages": ["en"],
        "subtitle_languages": ["de"],
        "edition": "Uncut",
        "cut": "Director's",
        "media_info": {"a": 1},
        "custom_formats": [1],
    }
    assert {"movie_id", *values} == {field.name for field in dataclasses.fields(NewMovieFile)}
    last = while_open(
        own_db, movie_files.replace(file(m.id)), movie_files.replace(NewMovieFile(movie_id=m.id, **values))
    )
    assert {name: getattr(last, name) for name in values} == values
