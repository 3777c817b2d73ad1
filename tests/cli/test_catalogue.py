from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from radarr_db import Database, MovieStatus, NewMovie, PoolSettings, UnavailableError, embedded, movies
from radarr_db.demo import catalogue
from radarr_db.demo.catalogue import BATCH, BadLine, LoadReport
from radarr_db.operations import migrations


@pytest.fixture
def own(own_database: str) -> Iterator[Database]:
    with Database(own_database) as db:
        yield db


def line(tmdb_id: object = 603, title: object = "The Matrix", **more: Any) -> bytes:
    return json.dumps({"tmdb_id": tmdb_id, "title": title, **more}).encode() + b"\n"


def stored(db: Database) -> list[int]:
    return db.run(movies.list_tmdb_ids())


def test_a_line_in_the_shape_of_the_specification_is_stored_whole(own: Database) -> None:
    metadata = {"genres": [{"id": 28, "name": "Action"}], "ratings": {"imdb": {"votes": 2_000_000, "value": 8.7}}}
    report = catalogue.load(
        own,
        [
            line(
                imdb_id="tt0133093",
                original_title="Matrix",
                year=1999,
                runtime=136,
                overview="A hacker learns.",
                tagline=None,
                status="Released",
                release_date="1999-03-31",
                added="2024-05-01T12:00:00Z",
                metadata=metadata,
                _sources=["unknown keys are passed over"],
            )
        ],
    )
    assert report == LoadReport(1, [])
    movie = own.run(movies.find_by_tmdb_id(603))
    assert movie is not None
    assert (movie.imdb_id, movie.original_title, movie.year, movie.runtime) == ("tt0133093", "Matrix", 1999, 136)
    assert (movie.overview, movie.tagline, movie.status) == ("A hacker learns.", None, MovieStatus.RELEASED)
    assert (str(movie.release_date), movie.added.isoformat()) == ("1999-03-31", "2024-05-01T12:00:00+00:00")
    assert movie.metadata == metadata


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("rumored", "announced"),
        ("Planned", "announced"),
        ("Canceled", "cancelled"),
        (" Post Production", "post_production"),
        ("in_cinemas", "in_cinemas"),
        (None, "announced"),
    ],
)
def test_spellings_of_the_status_are_understood(own: Database, spelled: str | None, status: str) -> None:
    assert catalogue.load(own, [line(status=spelled)]).bad == []
    movie = own.run(movies.find_by_tmdb_id(603))
    assert movie is not None
    assert movie.status == status


BAD_LINES = {
    b'{"tmdb_id": 1, "title": "cut off': "not JSON: Unterminated string",
    b"\xff\xfe\xfa": "byte 1 is not UTF-8",
    b"[1, 2]": "line: is not a JSON object",
    b"null": "line: is not a JSON object",
    b"[" * 100_000: "nested too deep",
    b'{"tmdb_id": ' + b"9" * 5000 + b', "title": "x"}': "digits",
    b'{"title": "nameless"}': "tmdb_id: is missing",
    b'{"tmdb_id": 1, "title": null}': "title: is missing",
    line("603"): "tmdb_id: must be a whole number, not str",
    line(0): "tmdb_id: must be from 1",
    line(title=" "): "title: must not be empty",
    line(title="x" * 501): "title: must have at most 500 characters",
    line(title="a\0b"): "title: must not contain the NUL character",
    line(title="\ud800"): "title: must not contain a lone surrogate",
    line(year=99): "year: must be from 1800",
    line(runtime=1.5): "runtime: must be a whole number",
    line(status="lost"): "status: unknown: 'lost'",
    line(status=7): "status: unknown: 7",
    line(release_date="1999-02-30"): "release_date: must be a day as in",
    line(release_date=1999): "release_date: must be a date",
    line(added="yesterday"): "added: must be a moment as in",
    line(imdb_id="nm0000206"): "imdb_id: must be an IMDb id",
    line(metadata=[]): "metadata: must be a dict",
    line(metadata={"a": "\0"}): "metadata: must not contain the NUL character",
    b'{"tmdb_id": 1, "title": "x", "metadata": {"a": NaN}}': "metadata: must be JSON",
    line(path="/movies/../etc"): "path: must not contain '..'",
    line(quality_profile_id=999): "movies_quality_profile_id_fkey",
}


@pytest.mark.parametrize("bad", BAD_LINES, ids=BAD_LINES.values())
def test_a_bad_line_is_told_with_its_reason_and_keeps_no_other_out(own: Database, bad: bytes) -> None:
    report = catalogue.load(own, [line(10), b"\n", bad, line(20)])
    assert report.loaded == 2
    [told] = report.bad
    assert told.number == 3
    assert BAD_LINES[bad] in told.reason
    assert stored(own) == [10, 20]


def test_bad_lines_are_told_in_their_order_wherever_they_are_found_out(own: Database) -> None:
    size = 2 * BATCH + 500
    lines = [line(tmdb_id) for tmdb_id in range(1, size + 1)]
    refused_by_server = [7, 8, BATCH, BATCH + 1, size]
    refused_here = [9, BATCH + 2]
    for number in refused_by_server:
        lines[number - 1] = line(number, quality_profile_id=999)
    for number in refused_here:
        lines[number - 1] = b"{"
    report = catalogue.load(own, lines)
    bad = sorted(refused_by_server + refused_here)
    assert [told.number for told in report.bad] == bad
    assert report.loaded == size - len(bad)
    assert stored(own) == [number for number in range(1, size + 1) if number not in bad]


def test_the_first_of_two_lines_with_one_tmdb_id_counts(own: Database) -> None:
    lines = [line(603, year=7), line(603, "first"), line(604), line(603, "second")]
    report = catalogue.load(own, lines)
    assert report.loaded == 2
    assert report.bad[1:] == [BadLine(4, "tmdb_id: 603 stands in line 2 already")]
    movie = own.run(movies.find_by_tmdb_id(603))
    assert movie is not None
    assert movie.title == "first"


def test_a_stored_movie_is_left_as_it_is(own: Database) -> None:
    own.run(movies.create(NewMovie(tmdb_id=603, title="stored")))
    report = catalogue.load(own, [line(603, "from the file"), line(604)])
    assert report == LoadReport(1, [BadLine(1, "tmdb_id: 603 is stored already")])
    assert [movie.title for movie in own.run(movies.find_by_tmdb_ids([603]))] == ["stored"]


def test_a_file_may_start_with_a_byte_order_mark_and_end_lines_as_windows_does(own: Database) -> None:
    file = io.BytesIO(b"\xef\xbb\xbf" + line(1).replace(b"\n", b"\r\n") + b"\r\n" + line(2).rstrip())
    assert catalogue.load(own, catalogue.lines(file)) == LoadReport(2, [])


def test_an_empty_date_is_an_unknown_one(own: Database) -> None:
    assert catalogue.load(own, [line(release_date="")]) == LoadReport(1, [])


def test_a_compressed_file_is_known_by_its_content(own: Database) -> None:
    file = io.BytesIO(gzip.compress(line(1) + line(2)))
    assert catalogue.load(own, catalogue.lines(file)) == LoadReport(2, [])


def damaged_files() -> dict[str, bytes]:
    whole = gzip.compress(b"".join(line(number) for number in range(1, 3001)), mtime=0)
    flipped = bytearray(whole)
    flipped[-2000] ^= 0xFF
    return {"truncated": whole[:-4000], "corrupt": bytes(flipped), "garbage at its end": whole + b"garbage"}


@pytest.mark.parametrize("damage", damaged_files())
def test_what_comes_before_the_damage_in_a_file_is_loaded(own: Database, damage: str) -> None:
    report = catalogue.load(own, catalogue.lines(io.BytesIO(damaged_files()[damage])))
    assert 1000 < report.loaded <= 3000
    assert stored(own) == list(range(1, report.loaded + 1))
    assert report.bad[-1].number == report.loaded + len(report.bad)
    assert report.bad[-1].reason.startswith("the file is damaged from here on: ")


def test_an_empty_file_gives_nothing(own: Database) -> None:
    assert catalogue.load(own, catalogue.lines(io.BytesIO())) == LoadReport(0, [])


def test_a_server_that_goes_away_is_an_error_and_no_bad_line(own_server: embedded.Server) -> None:
    migrations.apply(own_server.conninfo)
    postmaster = int((own_server.data_dir / "postmaster.pid").read_text().split()[0])

    def lines() -> Iterator[bytes]:
        for number in range(1, 5 * BATCH):
            yield line(number)
            if number == 2 * BATCH:
                os.kill(postmaster, signal.SIGQUIT)

    settings = PoolSettings(acquire_timeout=0.5)
    with Database(own_server.conninfo, settings) as db, pytest.raises(UnavailableError):
        catalogue.load(db, lines())


def test_the_bundled_movies_are_facts_only() -> None:
    bundled = [json.loads(text) for text in catalogue.BUNDLED.read_text("utf-8").splitlines()]
    assert len(bundled) >= 500
    ids = [movie["tmdb_id"] for movie in bundled]
    assert ids == sorted(set(ids))
    facts = {"tmdb_id", "imdb_id", "title", "original_title", "year", "runtime", "status", "release_date", "metadata"}
    documents = {"tmdb", "genres", "cast", "crew", "ratings", "external_ids", "collection"}
    assert set().union(*bundled) <= facts
    assert set().union(*(movie["metadata"] for movie in bundled)) <= documents
    texts = re.findall(r'"[^"]*"', catalogue.BUNDLED.read_text("utf-8"))
    assert max(map(len, texts)) < 100
