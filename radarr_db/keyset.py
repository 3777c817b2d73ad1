"""Page tokens: where a page ended, opaque to the caller and bound to the query and the order that made them.

A token carries the sort key and the id of the last row. A short digest over the query's name, the order and the
values tells a token of another list, or a damaged one, from a good one; it is no secret, since all that a token
can do is choose where to go on.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any, NoReturn

from radarr_db.errors import InvalidArgumentError
from radarr_db.statements import Sort

_DIGEST = 9

_PARSE: dict[str, Callable[[object], object]] = {
    "text": lambda value: value if isinstance(value, str) else _refuse(),
    "integer": lambda value: value if type(value) is int else _refuse(),
    "bigint": lambda value: value if type(value) is int else _refuse(),
    "real": lambda value: float(value) if isinstance(value, (int, float)) else _refuse(),
    "numeric": lambda value: float(value) if isinstance(value, (int, float)) else _refuse(),
    "interval": lambda value: dt.timedelta(microseconds=value) if type(value) is int else _refuse(),
    "date": lambda value: dt.date.fromisoformat(value) if isinstance(value, str) else _refuse(),
    "timestamptz": lambda value: dt.datetime.fromisoformat(value) if isinstance(value, str) else _refuse(),
}


def encode(row: Any, query: str, sort: Sort) -> str:
    """The token of the page that ends with ``row``."""
    key = getattr(row, sort.attribute)
    payload = json.dumps([key, row.id], default=_json_value).encode()
    return base64.urlsafe_b64encode(_digest(query, sort, payload) + payload).decode().rstrip("=")


def decode(token: str, query: str, sort: Sort) -> tuple[object, int]:
    """The sort key and id that ``token`` holds; InvalidArgumentError when it is not of this list."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        digest, payload = raw[:_DIGEST], raw[_DIGEST:]
        if digest != _digest(query, sort, payload):
            _refuse()
        key, row_id = json.loads(payload)
        return None if key is None else _PARSE[sort.type](key), _row_id(row_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidArgumentError("after", f"is not a page token of {query} sorted by {sort.key}") from error


def _row_id(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**63 else _refuse()


def _digest(query: str, sort: Sort, payload: bytes) -> bytes:
    return hashlib.sha256(b"\0".join((query.encode(), sort.key.encode(), payload))).digest()[:_DIGEST]


def _json_value(value: object) -> object:
    return value // dt.timedelta(microseconds=1) if isinstance(value, dt.timedelta) else str(value)


def _refuse() -> NoReturn:
    raise ValueError("not a page token")
