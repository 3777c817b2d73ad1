"""Numbers as a reader sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import beside, figure, short


@pytest.mark.parametrize(
    ("value", "text", "without_zeros"),
    [
        (0, "0", "0"),
        (0.00012345, "0.000123", "0.000123"),
        (0.0831, "0.0831", "0.0831"),
        (0.08, "0.0800", "0.08"),
        (0.9996, "1.00", "1"),
        (1.004, "1.00", "1"),
        (4.7, "4.70", "4.7"),
        (15, "15.0", "15"),
        (15.93, "15.9", "15.9"),
        (99.96, "100", "100"),
        (100, "100", "100"),
        (284.2, "284", "284"),
        (999.96, "1,000", "1,000"),
        (1850.3, "1,850", "1,850"),
        (1_234_567.8, "1,234,568", "1,234,568"),
    ],
)
def test_figures_have_three_digits(value: float, text: str, without_zeros: str) -> None:
    assert (figure(value), short(value)) == (text, without_zeros)


@pytest.mark.parametrize(
    ("found", "limit", "text"),
    [
        (0.0831, 0.08, "0.0831"),
        (1.004, 1, "1.004"),
        (0.99996, 1, "0.99996"),
        (1850.3, 1850, "1,850.3"),
        (1.5, 1.5, "1.50"),
        (0, 0, "0"),
        (2, 0, "2.00"),
        (0.0004, 0, "0.000400"),
    ],
)
def test_what_was_found_is_told_from_its_limit(found: float, limit: float, text: str) -> None:
    assert beside(found, limit) == text


@given(st.floats(1e-6, 1e6), st.sampled_from([0.08, 0.12, 1.0, 1.5, 4.7, 250.0, 2000.0]))
def test_nothing_broken_ever_looks_kept(found: float, limit: float) -> None:
    shown = float(beside(found, limit).replace(",", ""))
    assert (shown > limit, shown < limit) == (found > limit, found < limit)
