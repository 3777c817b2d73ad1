"""Numbers as texts: three digits, never an exponent."""

from __future__ import annotations

import math

DIGITS = 3
# As many as a float has: with these no two of them look alike.
MOST_DIGITS = 17


def figure(value: float, digits: int = DIGITS) -> str:
    """What was measured, to that many significant digits: 0.0831, 4.70, 15.9, 1,850; whole digits are never dropped."""
    rounded = float(f"{value:.{digits}g}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else 0
    return f"{rounded if decimals > 0 else value:,.{max(decimals, 0)}f}"


def short(value: float) -> str:
    """What was set and not measured: the same without needless zeros."""
    text = figure(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def beside(found: float, limit: float) -> str:
    """What was found, with as many digits more as tell it from its limit: 1.004 beside 1, and not 1.00."""
    texts = (figure(found, digits) for digits in range(DIGITS, MOST_DIGITS + 1))
    return next(text for text in texts if found == limit or float(text.replace(",", "")) != limit)
