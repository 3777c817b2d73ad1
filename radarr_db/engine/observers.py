"""Telling others how long each statement took, and how it failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from radarr_db.errors import InvalidArgumentError, RadarrDbError

# The query's name, the seconds from the question to the whole answer, and the error if it is one.
Observer = Callable[[str, float, RadarrDbError | None], None]

# What a wait for a connection that ends in vain is observed as.
ACQUIRE = "acquire"

_logger = logging.getLogger(__name__)


def checked(observers: object) -> tuple[Observer, ...]:
    """The observers as they are kept; InvalidArgumentError when one cannot be called."""
    found = tuple(observers) if isinstance(observers, Iterable) else (observers,)
    if not all(map(callable, found)):
        raise InvalidArgumentError("observers", "must be functions of a name, seconds and an error")
    return found


def tell(observers: Iterable[Observer], name: str, seconds: float, error: RadarrDbError | None = None) -> None:
    """Call all ``observers``. One that fails is no reason for the query to fail."""
    for observer in observers:
        try:
            observer(name, seconds, error)
        except Exception:
            _logger.exception("an observer failed")
