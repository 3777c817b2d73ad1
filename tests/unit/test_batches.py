from __future__ import annotations

import json
from typing import Any

import pytest

from radarr_db import InvalidArgumentError, NewMovie
from radarr_db.batches import BATCH, batches


def arrays(news: Any) -> list[str]:
    return [str(array["movies"]) for encode in batches("movies", news, NewMovie)() for array in encode()]


def read(news: Any) -> list[list[dict[str, Any]]]:
    return [json.loads(array) for array in arrays(news)]


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (BATCH, [BATCH]), (2 * BATCH + 1, [BATCH, BATCH, 1])])
def test_models_are_batched_in_their_order(count: int, sizes: list[int]) -> None:
    found = read(NewMovie(n, "x") for n in range(1, count + 1))
    assert [len(batch) for batch in found] == sizes
    assert [row["tmdb_id"] for batch in found for row in batch] == list(range(1, count + 1))


def test_a_batch_of_large_documents_stays_some_megabytes() -> None:
    large: Any = {"x": "y" * 1_000_000}
    sizes = [len(array) for array in arrays(NewMovie(n, "x", metadata=large) for n in range(1, 41))]
    assert sum(sizes) > 40_000_000
    assert max(sizes) < 20_000_000


def test_a_list_can_be_read_again_and_a_spent_iterator_is_refused() -> None:
    news = [NewMovie(1, "a")]
    again = batches("movies", news, NewMovie)
    assert [encode() for encode in again()] == [encode() for encode in again()]
    once = batches("movies", iter(news), NewMovie)
    assert list(once())
    with pytest.raises(InvalidArgumentError) as refused:
        once()
    assert refused.value.argument == "movies"


def test_a_bad_model_is_named_by_its_place_among_all() -> None:
    news = [*(NewMovie(n, "x") for n in range(1, 2 * BATCH + 1)), NewMovie(7, "")]
    with pytest.raises(InvalidArgumentError) as refused:
        read(iter(news))
    assert refused.value.argument == f"movies[{2 * BATCH}].title"
