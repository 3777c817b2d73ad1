from __future__ import annotations

import pickle

import pytest

from radarr_db import ConflictError, InvalidArgumentError, NotFoundError, RadarrDbError


@pytest.mark.parametrize(
    "error",
    [
        InvalidArgumentError("limit", "must be a whole number"),
        ConflictError("movies.create: there already", constraint="movies_tmdb_id_key"),
        NotFoundError("movies.get: no row with id 7"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_whole_out_of_another_process(error: RadarrDbError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_a_refused_argument_is_named_in_the_text() -> None:
    assert str(InvalidArgumentError("limit", "must be a whole number")) == "limit: must be a whole number"
