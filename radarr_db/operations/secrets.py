"""Secrets at rest: sealing them anew when keys change, and for the first time where they are still plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from radarr_db import sealed
from radarr_db.engine import Database, PoolSettings
from radarr_db.errors import InvalidArgumentError, SecretError
from radarr_db.models.secrets import StoredSecrets
from radarr_db.query import Query
from radarr_db.repositories.secrets import list_all, reseal_client, reseal_indexer
from radarr_db.sealed import ApiKey, ClientPassword, Place
from radarr_db.secrets import Keyring

__all__ = ["Failure", "Rotation", "list_all", "reseal_client", "reseal_indexer", "rotate"]

# A server that is not there is told soon; a row that another holds is waited for.
_SETTINGS = PoolSettings(
    min_size=1, max_size=1, acquire_timeout=2, lock_timeout=10, application_name="radarr_db secrets"
)

# By table: the class of what its own column holds, and what stores it.
_STORED: dict[str, tuple[type[ApiKey | ClientPassword], Callable[..., Query[int]]]] = {
    "indexers": (ApiKey, reseal_indexer),
    "download_clients": (ClientPassword, reseal_client),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A secret that stayed as it is: the table and id of its row, and why, without its value."""

    table: str
    id: int
    problem: str


@dataclass(slots=True)
class Rotation:
    """How many secrets were sealed with the first key, how many were already, and which could not be opened."""

    resealed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Rotation) -> None:
        """Count what became of another row, too."""
        self.resealed += other.resealed
        self.unchanged += other.unchanged
        self.failures += other.failures


def rotate(
    conninfo: str,
    keyring: Keyring,
    *,
    dry_run: bool = False,
    partial: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Rotation:
    """Seal with the first key of ``keyring`` each secret that another of its keys sealed, or that is still plain.

    Each row is a transaction of its own, and what is sealed with the first key is left alone: stopped anywhere, it goes
    on when it is run again. A row that somebody else changes meanwhile keeps that change, and is read again.

    What cannot be opened stays as it is, and nothing is written: these may be the wrong keys, and what they seal is
    lost to whoever has the right ones. With ``partial`` all else is sealed nevertheless. A ``dry_run`` opens all, and
    writes nothing. ``on_progress`` is called with how many rows are done, of how many. Raises UnavailableError and
    RetryableError.
    """
    tell = on_progress or (lambda _done, _total: None)
    total = Rotation()
    with Database(conninfo, _SETTINGS) as db:
        todo = db.run(list_all())
        planned = _planned(todo, keyring)
        if dry_run:
            return planned
        if planned.failures and not partial:
            planned.resealed = 0
            return planned
        done, count = 0, len(todo)
        while todo:
            changed_meanwhile = set()
            for row in todo:
                tell(done, count)
                rotation, write = _resealed(row, keyring)
                if write is None or db.run(write):
                    total.add(rotation)
                    done += 1
                else:
                    changed_meanwhile.add((row.table_name, row.id))
            todo = [row for row in db.run(list_all()) if (row.table_name, row.id) in changed_meanwhile]
    tell(count, count)
    return total


def _planned(rows: Sequence[StoredSecrets], keyring: Keyring) -> Rotation:
    """What is to become of all secrets, if nobody changes one meanwhile."""
    planned = Rotation()
    for row in rows:
        rotation, _ = _resealed(row, keyring)
        planned.add(rotation)
    return planned


def _resealed(row: StoredSecrets, keyring: Keyring) -> tuple[Rotation, Query[int] | None]:
    """What became of the secrets of a row, and the query that stores them when one is another now."""
    rotation = Rotation()
    kind, store = _STORED[row.table_name]

    def reseal(where: str, column: str, text: str) -> str:
        try:
            new = keyring.reseal(where, column, text)
        except (SecretError, InvalidArgumentError) as error:
            rotation.failures.append(Failure(row.table_name, row.id, str(error)))
            return text
        rotation.resealed += new != text
        rotation.unchanged += new == text
        return new

    def reseal_field(place: Place, text: str) -> str:
        if sealed.is_plain(text) and not place.is_secret:
            return text
        return reseal(place.path, f"{row.table_name}.fields.{place.name}", text)

    own = None if row.secret is None else kind(reseal(kind.column.partition(".")[2], kind.column, row.secret))
    fields = sealed.mapped("fields", row.fields, reseal_field)
    return rotation, store(row.id, row.version, own, fields) if rotation.resealed else None
