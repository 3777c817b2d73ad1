"""A JSON document as the text the server sent."""

from __future__ import annotations


class RawJson(str):
    """The text of a JSON document that nobody has read yet: decoding is left to whoever looks inside."""

    __slots__ = ()
