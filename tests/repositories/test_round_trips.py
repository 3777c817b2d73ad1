"""What is stored comes back equal, whatever it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from repositories.factories import KEYS, PAST, client, event, file, group, indexer, item, movie, names, quick, texts

from radarr_db import (
    ApiKey,
    MovieMetadata,
    Transaction,
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    scene_groups,
)

LABELS = [
    "NULL",
    "null",
    "a,b",
    '"',
    "\\",
    "{}",
    "{a,b}",
    "'",
    " x ",
    "a b",
    "ä",
    "\x01",
    "\u2028x",
    "🎬",
    "%s",
    "$1",
    ":x",
]

labels = st.lists(names | st.sampled_from(LABELS), max_size=5)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(-(10**300), 10**300)
documents = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)
moments = st.datetimes(
    timezones=st.timezones() | st.builds(dt.timezone, st.timedeltas(-dt.timedelta(hours=23), dt.timedelta(hours=23)))
)


@pytest.fixture
def movie_id(tx: Transaction) -> int:
    return tx.run(movies.create(movie())).id


@given(title=names, overview=texts, tagline=texts, tags=labels, alternative_titles=labels)
@example(title="x" * 500, overview="y" * 100_000, tagline="", tags=[], alternative_titles=["z" * 500] * 200)
@example(title="\U0010ffff" * 500, overview="a" * 5000, tagline="\r\n", tags=["İ"], alternative_titles=["ﷺ" * 500] * 50)
@example(title="'", overview="\\", tagline='"', tags=LABELS[5:], alternative_titles=LABELS[3:])
@quick
def test_texts(tx: Transaction, movie_id: int, **fields: Any) -> None:
    stored = tx.run(movies.update(movie_id, original_title=fields["title"], path=None, **fields))
    assert {name: getattr(stored, name) for name in fields} == fields
    assert stored.original_title == fields["title"]
    assert tx.run(movies.get(movie_id)) == stored
    (found,) = tx.run(movies.find_by_titles([fields["title"]]))
    assert found == stored


@given(languages=labels, categories=labels, download_id=names)
@example(languages=LABELS[3:9], categories=LABELS, download_id="NULL")
@quick
def test_lists_of_labels_and_ids(
    tx: Transaction, movie_id: int, languages: list[str], categories: list[str], download_id: str
) -> None:
    assert tx.run(movie_files.replace(file(movie_id, audio_languages=languages))).audio_languages == languages
    assert tx.run(scene_groups.upsert(group(categories=categories))).categories == categories
    for category in categories:
        assert [g.name for g in tx.run(scene_groups.list_by_category(category))] == ["SPARKS"]
    recorded = tx.run(history.record(event(movie_id, download_id=download_id)))
    assert tx.run(history.find_by_download_id(download_id))[0] == recorded
    tx.run(history.purge(recorded.date + dt.timedelta(1)))


@given(document=documents)
@example(
    document={
        "floats": [1e23, 5e-324, 1e308, -1e308, 0.1, 1e16, 1e-7, 2**53 + 1, 10**300, -0.0, 1.7976931348623157e308]
    }
)
@example(document={"": {"": [[], {}, None, "\\u0000", "\\", '"', "\x7f\x01"]}})
@quick
def test_documents(tx: Transaction, movie_id: int, document: dict[str, Any]) -> None:
    metadata: Any = document
    stored = tx.run(movies.update(movie_id, metadata=metadata))
    assert stored.metadata == document
    assert tx.run(movies.get(movie_id)).metadata == document
    tx.run(movies.update(movie_id, metadata=stored.metadata))
    assert tx.run(movies.get(movie_id)) == stored


@given(items=st.lists(st.none() | st.booleans() | numbers | texts | documents, max_size=4))
@quick
def test_arrays(tx: Transaction, movie_id: int, items: list[Any]) -> None:
    assert tx.run(movie_files.replace(file(movie_id, custom_formats=items))).custom_formats == items


def test_a_document_is_as_deep_and_large_as_allowed(tx: Transaction, movie_id: int) -> None:
    deep: Any = {}
    for _ in range(63):
        deep = {"a": deep}
    documents: list[Any] = [deep, {"a": "x" * (2**20 - 8)}, {"a": [1e300] * 1000}]
    for document in documents:
        tx.run(movies.update(movie_id, metadata=document))
        assert tx.run(movies.get(movie_id)).metadata == document


def test_numbers_keep_their_value_and_no_float_becomes_another(tx: Transaction, movie_id: int) -> None:
    values: list[Any] = [0.1, 1e22, 1e23, 123456789.123456789, 5e-324, math.nextafter(1, 2), 2**63, True, 1.0]
    metadata: Any = {"values": values}
    back: Any = tx.run(movies.update(movie_id, metadata=metadata)).metadata
    assert back["values"] == values
    assert [type(value) is bool for value in back["values"]] == [type(value) is bool for value in values]


def test_keys_that_the_types_do_not_name_are_kept(tx: Transaction, movie_id: int) -> None:
    metadata: Any = {"tmdb": {"id": 603, "new": [1]}, "letterboxd": {"value": 4.2}, "genres": [{"emoji": "🎬"}]}
    typed: MovieMetadata = metadata
    assert tx.run(movies.update(movie_id, metadata=typed)).metadata == metadata
    analysis: Any = {"temporal_data": {"first_seen": "2020", "new": None}, "new": 1}
    assert tx.run(scene_groups.upsert(group(analysis_data=analysis))).analysis_data == analysis


@given(day=st.dates())
@example(day=dt.date.min)
@example(day=dt.date.max)
@quick
def test_days(tx: Transaction, movie_id: int, day: dt.date) -> None:
    stored = tx.run(
        movies.update(movie_id, release_date=day, in_cinemas=day, physical_release=day, digital_release=day)
    )
    assert {stored.release_date, stored.in_cinemas, stored.physical_release, stored.digital_release} == {day}
    assert [m.day for m in tx.run(movies.list_calendar(day, day))] == [day]


@given(moment=moments)
@example(moment=dt.datetime.min.replace(tzinfo=dt.UTC))
@example(moment=dt.datetime.max.replace(tzinfo=dt.UTC))
@example(moment=PAST.replace(tzinfo=dt.timezone(dt.timedelta(hours=-23, microseconds=7))))
@quick
def test_moments_of_any_time_zone(tx: Transaction, movie_id: int, moment: dt.datetime) -> None:
    try:
        expected = moment.astimezone(dt.UTC)
    except OverflowError:
        assume(False)
    stored = tx.run(movies.update(movie_id, added=moment, last_search_time=moment))
    assert (stored.added, stored.last_search_time, stored.added.utcoffset()) == (expected, expected, dt.timedelta())
    recorded = tx.run(history.record(event(movie_id, date=moment)))
    assert recorded.date == expected
    assert recorded in tx.run(history.list_page(since=moment, limit=1000))


@given(
    time_left=st.timedeltas(-dt.timedelta(99_999_999), dt.timedelta(99_999_999)),
    progress=st.floats(0, 100),
    size=st.integers(0, 2**50),
)
@example(time_left=dt.timedelta(days=-1, microseconds=1), progress=99.999, size=0)
@quick
def test_durations_and_numbers(tx: Transaction, time_left: dt.timedelta, progress: float, size: int) -> None:
    deluge = tx.run(download_clients.find_by_name("Deluge")) or tx.run(download_clients.create(client()))
    reported = item(time_left=time_left, progress=progress, size=size)
    tx.run(download_queue.sync_from_client(deluge.id, [reported]))
    (stored,) = tx.run(download_queue.list_page())
    assert (stored.time_left, stored.size) == (time_left, size)
    assert stored.progress == pytest.approx(progress, abs=0.005001)
    again = tx.run(download_queue.update_progress(stored.id, stored.progress, time_left=time_left))
    assert again == stored


@given(value=texts, fields=st.lists(st.none() | texts | numbers, max_size=3), tags=labels)
@quick
def test_settings_of_services(tx: Transaction, value: str, fields: list[Any], tags: list[str]) -> None:
    nyx = tx.run(indexers.find_by_name("Nyx")) or tx.run(indexers.create(indexer()))
    key = KEYS.seal(ApiKey, value)
    stored = tx.run(indexers.update(nyx.id, api_key=key, base_url=value, fields=fields, tags=tags))
    assert (stored.api_key, stored.base_url, stored.fields, stored.tags) == (key, value, fields, tags)
    assert KEYS.open(key) == value
    assert dataclasses.replace(tx.run(indexers.get(nyx.id))) == stored
