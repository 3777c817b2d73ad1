"""Databases as a whole, seen from outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ServerDatabase:
    """A database that is there, and what makes another one like it.

    ``is_ours`` tells that the role has the rights of its owner, ``has_grants`` that others than by default may use it.
    ``tablespace`` is None for the server's default one, and ``may_use_tablespace`` tells of the right to name it.
    """

    oid: int
    name: str
    owner: str
    is_ours: bool
    encoding: str
    lc_collate: str
    lc_ctype: str
    provider: str
    locale: str | None
    icu_rules: str | None
    tablespace: str | None
    may_use_tablespace: bool
    connection_limit: int
    has_grants: bool
    comment: str | None


@dataclass(slots=True)
class DatabaseUser:
    """A role that is connected to a database, with how many sessions, and whether we may end them."""

    name: str
    sessions: int
    may_end: bool


@dataclass(slots=True)
class DatabaseSetting:
    """A setting of a database, for everyone or in sessions of a ``role``."""

    role: str | None
    name: str
    value: str


@dataclass(slots=True)
class DatabaseGrant:
    """What a ``role``, or everyone, may do with a database, and whether it may let others."""

    role: str | None
    privilege: str
    is_grantable: bool
