"""Every list that comes in pages: each row once and in order, with equal and missing keys too."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from repositories.factories import (
    DAY,
    PAST,
    client,
    event,
    file,
    group,
    item,
    movie,
    raw,
    read_pages,
)

from radarr_db import (
    Database,
    InvalidArgumentError,
    MovieSort,
    Page,
    Query,
    QueueSort,
    RatingSource,
    Transaction,
    download_clients,
    download_queue,
    history,
    movie_files,
    movies,
    scene_groups,
    testing,
)

TODAY = PAST.date()
RATINGS = {
    "imdb": {"value": 7.6},
    "tmdb": {"value": 7},
    "metacritic": {"value": 76},
    "rotten_tomatoes": {"meter": 76},
}


class Order(NamedTuple):
    """What a list is sorted by, from the least on or from the greatest, and where None stands."""

    attribute: str
    descending: bool = False
    none: Any = None


class List(NamedTuple):
    """A list: given the ids of a movie it is about, and what a page is asked for."""

    read: Callable[..., Query[Page[Any]]]
    order: Order
    default: int | None = 50


REFRESH = "SELECT refresh_popular_movies()"
LONG_AGO, LAST_DAY = dt.datetime.min.replace(tzinfo=dt.UTC), dt.date.max
MOVIE_ORDERS = {
    MovieSort.TITLE: Order("sort_title"),
    MovieSort.YEAR: Order("year", descending=True, none=0),
    MovieSort.ADDED: Order("added", descending=True),
    MovieSort.IN_CINEMAS: Order("in_cinemas", none=LAST_DAY),
    MovieSort.DIGITAL_RELEASE: Order("digital_release", none=LAST_DAY),
    MovieSort.PHYSICAL_RELEASE: Order("physical_release", none=LAST_DAY),
    MovieSort.LAST_SEARCH_TIME: Order("last_search_time", none=LONG_AGO),
}
QUEUE_ORDERS = {
    QueueSort.ADDED: Order("added", descending=True),
    QueueSort.TIME_LEFT: Order("time_left", none=dt.timedelta.max),
    QueueSort.PROGRESS: Order("progress", descending=True),
    QueueSort.SIZE: Order("size", descending=True),
    QueueSort.STATUS: Order("status"),
    QueueSort.TITLE: Order("title"),
}
RATING_ORDERS = {source: Order(f"{source}_rating", descending=True) for source in RatingSource}
NEWEST, BEST = Order("date", descending=True), Order("reputation_score", descending=True)

LISTS = {
    "all": List(lambda _, **page: movies.list_all(**page), Order("id"), None),
    "recent": List(lambda _, **page: movies.list_recent(**page), MOVIE_ORDERS[MovieSort.ADDED], 20),
    "year": List(lambda _, **page: movies.list_by_year(1999, **page), Order("sort_title")),
    "calendar": List(lambda _, **page: movies.list_calendar(TODAY, TODAY + 9 * DAY, **page), Order("day"), 1000),
    "popular": List(lambda _, **page: movies.list_popular(**page), Order("place")),
    "quality": List(
        lambda _, **page: movie_files.list_by_quality(["DVD", "SDTV"], **page), Order("size", descending=True)
    ),
    "score": List(lambda _, **page: scene_groups.list_by_min_score(1, **page), BEST),
    "tier": List(lambda _, **page: scene_groups.list_by_tier("good", **page), BEST),
    "category": List(lambda _, **page: scene_groups.list_by_category("film", **page), BEST),
    "stale": List(
        lambda _, **page: scene_groups.list_stale(PAST + 9 * DAY, **page),
        Order("last_analyzed", none=LONG_AGO),
    ),
    "active": List(lambda _, **page: download_queue.list_active(**page), Order("added")),
    "history": List(lambda _, **page: history.list_recent(**page), NEWEST, 20),
    "of movie": List(history.list_by_movie, NEWEST),
    "history page": List(lambda _, **page: history.list_page(event_types=["downloaded"], **page), NEWEST),
}
for sort, order in MOVIE_ORDERS.items():
    LISTS |= {
        f"library {sort}": List(lambda _, s=sort, **page: movies.list_library(sort=s, **page), order, None),
        f"missing {sort}": List(lambda _, s=sort, **page: movies.list_missing(sort=s, **page), order),
        f"cutoff {sort}": List(lambda _, s=sort, **page: movies.list_cutoff_unmet(sort=s, **page), order),
    }
for sort in (MovieSort.TITLE, MovieSort.YEAR, MovieSort.ADDED):
    LISTS[f"genre {sort}"] = List(
        lambda _, s=sort, **page: movies.list_by_genre("Drama", sort=s, **page), MOVIE_ORDERS[sort]
    )
for source, order in RATING_ORDERS.items():
    LISTS[f"rating {source}"] = List(lambda _, s=source, **page: movies.list_by_rating(s, 7, **page), order)
for place, order in QUEUE_ORDERS.items():
    LISTS[f"queue {place}"] = List(lambda _, s=place, **page: download_queue.list_page(sort=s, **page), order)

every_list = pytest.mark.parametrize("which", LISTS.values(), ids=LISTS)


def either(n: int, *values: Any) -> Any:
    return values[n % len(values)]


def stock(tx: Transaction, start: int, count: int = 12) -> int:
    """Rows of every table, with equal and missing keys; the id of a movie with history."""
    numbers = range(start, start + count)
    tx.run(movies.create_many(stocked_movie(n) for n in numbers))
    stored = tx.run(movies.find_by_tmdb_ids(numbers))
    with_file = stored[::2]
    tx.run(
        movie_files.create_many(
            file(m.id, quality=either(n, "DVD", "SDTV"), size=either(n, 7, 7, 8)) for n, m in enumerate(with_file)
        )
    )
    tx.run(scene_groups.upsert_many(stocked_group(n) for n in numbers))
    deluge = tx.run(download_clients.create(client(f"Deluge {start}")))
    tx.run(download_queue.sync_from_client(deluge.id, [stocked_item(n) for n in numbers]))
    for n, m in enumerate([*stored, *[stored[0]] * count]):
        tx.run(history.record(event(m.id, "downloaded", date=PAST + either(n, 0, 0, 1) * DAY)))
    return stored[0].id


def stocked_movie(n: int) -> Any:
    days = [TODAY, TODAY, None, TODAY + DAY, TODAY + 2 * DAY]
    return movie(
        n,
        either(n, "The Same", "Same", "Étude", "Other"),
        year=either(n, 1999, 1999, None, 2005),
        in_cinemas=either(n, *days),
        digital_release=either(n + 1, *days),
        physical_release=either(n + 2, *days),
        added=PAST + either(n, 0, 0, 1) * DAY,
        last_search_time=either(n, None, PAST, None, PAST + DAY),
        metadata={
            "genres": [{"name": "Drama"}],
            "ratings": either(n, RATINGS, RATINGS, {**RATINGS, "imdb": {"value": 9}}),
        },
    )


def stocked_group(n: int) -> Any:
    return group(
        f"group {n}",
        reputation_score=either(n, 60.25, 60.25, 99.99),
        quality_tier="good",
        categories=["film"],
        last_analyzed=either(n, None, PAST, None, PAST + DAY),
    )


def stocked_item(n: int) -> Any:
    return item(
        f"d{n}",
        title=either(n, "same", "same", "other"),
        size=either(n, 5, 5, 6),
        status=either(n, "queued", "downloading"),
        progress=either(n, 0, 33.33),
        time_left=either(n, None, dt.timedelta(hours=1), None, dt.timedelta(days=40, microseconds=1)),
        added=PAST + either(n, 0, 0, 1) * DAY,
    )


@pytest.fixture(scope="module")
def shelf(
    new_db: Callable[[], contextlib.AbstractContextManager[Database]], radarr_db_server: str
) -> Iterator[tuple[Database, int]]:
    """A stocked database, and the id of a movie with history."""
    with new_db() as db:
        with db.transaction() as tx:
            stocked = stock(tx, 1)
        ((name,),) = db.run(raw("SELECT current_database()"))
        with psycopg.connect(make_conninfo(radarr_db_server, dbname=name)) as owner:
            owner.execute(REFRESH)
        yield db, stocked


@pytest.fixture
def tx(shelf: tuple[Database, int]) -> Iterator[Transaction]:
    with testing.undone(shelf[0]) as tx:
        yield tx


@pytest.fixture
def stocked(shelf: tuple[Database, int]) -> int:
    return shelf[1]


def ids(rows: Iterable[Any]) -> list[int]:
    return [row.id for row in rows]


def in_order(rows: list[Any], order: Order) -> list[Any]:
    def key(row: Any) -> tuple[Any, int]:
        value = getattr(row, order.attribute)
        return order.none if value is None else value, row.id

    return sorted(rows, key=key, reverse=order.descending)


@every_list
def test_pages_of_every_size_give_each_row_once_and_in_order(tx: Transaction, stocked: int, which: List) -> None:
    whole = tx.run(which.read(stocked, limit=1000))
    assert len(whole) > 3
    assert whole.next is None
    assert ids(whole) == ids(in_order(list(whole), which.order))
    for limit in (1, 2, 5, len(whole)):
        assert ids(read_pages(tx, lambda **page: which.read(stocked, **page), limit, None)) == ids(list(whole))


@every_list
def test_rows_added_between_pages_move_no_other_row(tx: Transaction, stocked: int, which: List) -> None:
    before = ids(tx.run(which.read(stocked, limit=1000)))
    first = tx.run(which.read(stocked, limit=2))
    stock(tx, 101)
    rest = read_pages(tx, lambda **page: which.read(stocked, **page), 2, first.next)
    found = [*ids(first.items), *ids(rest)]
    assert len(set(found)) == len(found)
    assert [row for row in found if row in before] == before


def test_a_list_gives_as_many_rows_as_its_documentation_says_when_no_limit_is_given(owner_tx: Transaction) -> None:
    stocked = stock(owner_tx, 101, 121)
    owner_tx.run(raw(REFRESH))
    for name, which in LISTS.items():
        whole = owner_tx.run(which.read(stocked, limit=1000))
        expected = len(whole) if which.default in (None, 1000) else which.default
        assert len(whole) > 50
        assert (name, len(owner_tx.run(which.read(stocked)))) == (name, expected)


def test_a_streamed_page_ends_where_the_page_ends(tx: Transaction) -> None:
    query = movies.list_recent(limit=2)
    assert ids(tx.stream(query)) == ids(tx.run(query))


def test_a_page_is_a_sequence_of_its_items(tx: Transaction) -> None:
    page = tx.run(movies.list_all(limit=2))
    assert list(page) == page.items == page[:2] == [page[0], page[-1]]
    assert len(page) == 2
    assert repr(page) == f"Page(2 items, next={page.next!r})"


def test_a_page_token_is_refused_by_every_other_list_and_order(tx: Transaction, stocked: int) -> None:
    tokens = {name: tx.run(which.read(stocked, limit=1)).next for name, which in LISTS.items()}
    for (name, token), (other, which) in itertools.product(tokens.items(), LISTS.items()):
        if name == other:
            which.read(stocked, after=token)
        else:
            with pytest.raises(InvalidArgumentError) as refused:
                which.read(stocked, after=token)
            assert refused.value.argument == "after"


def forged(token: str) -> str:
    """The same place under a digest that somebody made up."""
    payload = base64.urlsafe_b64decode(token + "==")[9:]
    assert json.loads(payload)
    return base64.urlsafe_b64encode(b"\0" * 9 + payload).decode().rstrip("=")


@pytest.mark.parametrize(
    "damage",
    [
        forged,
        lambda token: token[:-4],
        lambda token: token[4:],
        lambda token: token + token,
        lambda token: token.swapcase(),
        lambda token: f"{token} ",
        lambda token: token.encode(),
        lambda _: "",
        lambda _: "\0é\ud800",
        lambda _: 3,
    ],
)
def test_a_damaged_page_token_is_refused(tx: Transaction, stocked: int, damage: Callable[[str | None], Any]) -> None:
    for which in LISTS.values():
        token = tx.run(which.read(stocked, limit=1)).next
        with pytest.raises(InvalidArgumentError) as refused:
            which.read(stocked, after=damage(token))
        assert refused.value.argument == "after"


def test_a_page_goes_on_after_a_row_that_has_gone_meanwhile(tx: Transaction) -> None:
    whole = ids(tx.run(movies.list_all()))
    first = tx.run(movies.list_all(limit=3))
    tx.run(movies.delete(first[2].id))
    assert ids(tx.run(movies.list_all(after=first.next))) == whole[3:]


def test_titles_sort_by_their_letters_without_articles_accents_and_case(tx: Transaction) -> None:
    titles = ["zulu", "Éclair", "The Alien", "A Bug's Life", "egg", "ZAPPA"]
    tx.run(movies.create_many(movie(n, title) for n, title in enumerate(titles, 101)))
    found = [m.title for m in tx.run(movies.list_library(sort="title")) if m.title in titles]
    assert found == ["The Alien", "A Bug's Life", "Éclair", "egg", "ZAPPA", "zulu"]
