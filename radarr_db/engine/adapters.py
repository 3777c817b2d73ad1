"""How values cross between Python and the server, where this library does it otherwise than psycopg.

Arguments are sent as text without a type, so that the server takes each one's type from the statement.
"""

from __future__ import annotations

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader
from psycopg.types.numeric import FloatLoader

from radarr_db.rawjson import RawJson


class RawJsonLoader(Loader):
    """JSON stays text: many callers never look inside, and decoding costs more than the rest of the row."""

    def load(self, data: Buffer) -> RawJson:
        return RawJson(data, "utf-8")


class ArrayDumper(Dumper):
    """A list as an array; its elements may be of several types, as in ``[1, 2.5]``, which psycopg refuses."""

    def dump(self, obj: list[object]) -> bytes:
        text = _array(obj)
        if "\0" in text:
            raise psycopg.DataError("PostgreSQL text cannot contain NUL")
        return text.encode()


def _array(values: list[object]) -> str:
    return f"{{{','.join([_element(value) for value in values])}}}"


def _element(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case list():
            return _array(value)
        case bytes():
            value = f"\\x{value.hex()}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _adapters() -> AdaptersMap:
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_dumper(list, ArrayDumper)
    adapters.register_loader("numeric", FloatLoader)
    adapters.register_loader("json", RawJsonLoader)
    adapters.register_loader("jsonb", RawJsonLoader)
    return adapters


ADAPTERS = _adapters()
