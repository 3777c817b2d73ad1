"""The migrations as files: numbered, in order, cut into statements, and compared with what was applied."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from yoyo import read_migrations
from yoyo.exceptions import BadMigration, MigrationConflict

from radarr_db import resources
from radarr_db.errors import MigrationError
from radarr_db.operations.scripts import Step, split

_NAME = re.compile(r"\d+_\w+\.sql", re.ASCII)


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One migration: ``id`` is its name without ``.sql``, ``hash`` is yoyo's key for it."""

    id: str
    hash: str
    path: Path
    transactional: bool
    checksum: str

    @property
    def number(self) -> int:
        """The number its name starts with."""
        return number(self.id)

    @property
    def rollback_path(self) -> Path:
        """The file that undoes it; it need not exist."""
        return self.path.with_suffix(".rollback.sql")


def number(migration_id: str) -> int:
    """The number that an id starts with, 0 when it starts with none."""
    digits = re.match(r"\d+", migration_id)
    return int(digits[0]) if digits else 0


@cache
def newest() -> int:
    """The last number of the library's migrations. Told by their names: to read them all takes a tenth of a second."""
    return max(number(path.stem) for path in resources.folder("migrations").glob("*.sql"))


def read(folder: Path | None) -> list[MigrationFile]:
    """The migrations of ``folder``, of the library when it is None, in the order of their numbers.

    Raises MigrationError when there are none, or one is not named, numbered or written as it must be.
    """
    folder = folder or resources.folder("migrations")
    try:
        found = read_migrations(glob.escape(str(folder)))
    except MigrationConflict as error:
        raise MigrationError(f"{folder}: two files are migration {error}") from error
    files = sorted(map(_file, [*found, *found.post_apply]), key=lambda file: file.number)
    if not files:
        raise MigrationError(f"{folder}: there are no migrations")
    for file, following in pairwise(files):
        if file.number == following.number:
            raise MigrationError(f"{folder}: {file.id} and {following.id} have the same number")
    return files


def _file(migration: Any) -> MigrationFile:
    path = Path(migration.path)
    if not _NAME.fullmatch(path.name):
        raise MigrationError(f"{path}: a migration is named as in 001_initial_schema.sql")
    try:
        migration.load()
        checksum = "sha256:" + hashlib.sha256(_text(path).encode()).hexdigest()
    except (BadMigration, KeyError, ValueError) as error:
        raise MigrationError(f"{path}: its directives or its encoding cannot be read: {error!r}") from error
    for other in migration.depends:
        if number(other.id) >= number(migration.id):
            raise MigrationError(f"{path}: it depends on {other.id}, which does not come before it")
    return MigrationFile(migration.id, migration.hash, path, migration.use_transactions, checksum)


def check_unchanged(applied: Mapping[str, str | None], files: Iterable[MigrationFile]) -> None:
    """MigrationError when a file is no longer what was applied.

    ``applied`` has the checksum by id; None, for one that was applied without this library, fits any.
    """
    checksums = {file.id: file.checksum for file in files}
    new = {checksum: name for name, checksum in checksums.items() if name not in applied}
    changes = []
    for name, checksum in applied.items():
        if name in checksums:
            if checksum not in {None, checksums[name]}:
                changes.append(f"{name}.sql was edited")
        elif checksum in new:
            changes.append(f"{name} was renamed to {new[checksum]}")
        else:
            changes.append(f"{name}.sql was deleted")
    if changes:
        raise MigrationError(
            f"applied migrations were changed: {', '.join(changes)}; restore them, and change by a new one"
        )


def steps(path: Path) -> Sequence[Step]:
    """The statements of a file; MigrationError when it is missing or would end the runner's transaction."""
    if not path.exists():
        raise MigrationError(f"{path.name} is missing")
    found = split(_text(path))
    for step in found:
        if step.controls_transaction:
            raise MigrationError(f"{path.name}, line {step.line}: the transaction is not the file's: {step.summary}")
    return found


def _text(path: Path) -> str:
    return path.read_text("utf-8")  # CRLF becomes LF
