from __future__ import annotations

from dataclasses import dataclass

import pytest

from radarr_db import ApiKey, ClientPassword, MovieStatus, Resolution, StatementError
from radarr_db.rows import row_maker


@dataclass(slots=True)
class Plain:
    id: int
    name: str | None


@dataclass(slots=True)
class Graded(Plain):
    status: MovieStatus
    resolution: Resolution | None


@dataclass(slots=True)
class Locked(Plain):
    key: ApiKey | None
    password: ClientPassword


def test_a_row_becomes_an_object_by_the_order_of_its_fields() -> None:
    assert row_maker(Plain)((7, None)) == Plain(7, None)


def test_a_value_of_an_enum_becomes_its_member() -> None:
    row = row_maker(Graded)((7, "x", "tba", "720p"))
    assert row == Graded(7, "x", MovieStatus.TBA, Resolution.P720)
    assert (type(row.status), type(row.resolution)) == (MovieStatus, Resolution)


def test_a_missing_member_is_none() -> None:
    assert row_maker(Graded)((7, None, "tba", None)).resolution is None


def test_a_value_that_is_no_member_is_an_error_without_the_value() -> None:
    with pytest.raises(StatementError, match=r"a MovieStatus that this version .* does not know: upgrade it"):
        row_maker(Graded)((7, None, "unheard of", None))


def test_a_sealed_secret_is_of_the_class_of_its_column_whatever_its_text() -> None:
    row = row_maker(Locked)((7, "x", "k", "p"))
    assert row == Locked(7, "x", ApiKey("k"), ClientPassword("p"))
    assert row_maker(Locked)((7, "x", None, "p")).key is None
    assert repr(row) == "Locked(id=7, name='x', key=<ApiKey>, password=<ClientPassword>)"


@pytest.mark.parametrize("row", [Plain, Graded])
@pytest.mark.parametrize("values", [(), (7,), (7, None, "tba"), (7, None, "tba", None, 1)])
def test_a_row_of_another_width_is_an_error(row: type[Plain], values: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="to unpack"):
        row_maker(row)(values)


def test_a_maker_is_compiled_once() -> None:
    assert row_maker(Graded) is row_maker(Graded)
