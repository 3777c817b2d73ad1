"""What is in a database that roles have rights to, and who works as its owner."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from radarr_db.errors import MigrationError
from radarr_db.models.roles import SchemaObject
from radarr_db.operations.sessions import run
from radarr_db.repositories import roles


@dataclass(frozen=True, slots=True)
class Found:
    """What is there: the database's name as SQL, who works as its owner, and its objects."""

    database: str
    owners: list[str]
    objects: list[SchemaObject]

    def names(self, *kinds: str) -> list[str]:
        """The objects of these kinds; a partition is reached through its table, which is enough."""
        return [found.name for found in self.objects if found.kind in kinds and not found.is_partition]


def find(connection: psycopg.Connection, owner: str) -> Found:
    """What is there; ``owner`` is the role that is to own it. MigrationError when there is no schema yet."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path = public")  # so that names come out without their schema
        database = run(connection, roles.current_database())
        if not database.is_migrated:
            raise MigrationError("the schema public is not migrated: run `radarr-db migrate` first")
        return Found(
            database.name, run(connection, roles.list_owners(owner)), run(connection, roles.list_objects(owner))
        )
