"""Backups of a database: made, verified, restored, and deleted once they are old."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from radarr_db import checks
from radarr_db.errors import BackupError
from radarr_db.operations import backup_files, dumps, partials
from radarr_db.operations.backup_files import Found, find, verify
from radarr_db.operations.dumps import OnProgress
from radarr_db.operations.manifests import Kind, Manifest
from radarr_db.operations.restore import Restored, restore

__all__ = ["Backup", "Found", "Manifest", "Pruned", "Restored", "create", "find", "prune", "restore", "verify"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: its file, and what that holds."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Pruned:
    """What ``prune`` deleted, and what it came upon that is no sound backup and was left alone."""

    deleted: list[Path]
    damaged: list[Found]


def create(
    conninfo: str,
    folder: Path,
    *,
    kind: Kind = "full",
    programs: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Backup:
    """Back a database up into a folder, which is made if it is missing.

    ``kind`` is "full", "schema" (an empty database at the same migration, as a script to read) or "data" (rows
    only). ``programs`` is the folder of pg_dump, where it is not to be looked for; ``on_progress`` is told what is
    being done and which share of it all is done. A backup that fails leaves no file and the others as they were.
    Raises BackupError, InvalidArgumentError and UnavailableError.
    """
    folder = Path(folder)
    with partials.told_as_ours(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup_files.clear(folder)
    while True:
        path = backup_files.free_path(folder, kind, dt.datetime.now(dt.UTC))
        try:
            return Backup(path, dumps.write(conninfo, path, kind=kind, programs=programs, on_progress=on_progress))
        except partials.TakenError:
            continue  # by another backup that began in the same moment


def prune(
    folder: Path, *, days: int = 30, keep: int = 3, dry_run: bool = False, now: dt.datetime | None = None
) -> Pruned:
    """Delete the backups older than ``days``, of which ``keep`` newer ones of the same database and kind are sound.

    Those newer ones are read for it, and so is each one before it is deleted: what is damaged is told and stays. A
    database is known by its name alone: those of the same name on several servers need a folder each.
    ``dry_run`` only tells. ``now`` is the time, if that is not to be asked. Raises BackupError and
    InvalidArgumentError.
    """
    folder = Path(folder)
    days, keep = checks.integer(1, 36_500)("days", days), checks.integer(1, 1_000)("keep", keep)
    now = checks.timestamp("now", now or dt.datetime.now(dt.UTC))
    found = find(folder)
    damaged = [each for each in found if each.manifest is None]
    groups: defaultdict[tuple[str, Kind], list[Backup]] = defaultdict(list)
    for each in found:
        # One from the future, made by a clock that was wrong, is no newer one.
        if each.manifest and each.manifest.created <= now:
            groups[each.manifest.database, each.manifest.kind].append(Backup(each.path, each.manifest))
    deleted = [path for group in groups.values() for path in _expired(group, now - dt.timedelta(days), keep, damaged)]
    if not dry_run:
        with partials.told_as_ours(folder):
            backup_files.clear(folder)
            for path in deleted:
                backup_files.delete(path)
    # Another one may have deleted some meanwhile.
    return Pruned(deleted, [each for each in damaged if each.path.exists()])


def _expired(group: list[Backup], limit: dt.datetime, keep: int, damaged: list[Found]) -> list[Path]:
    """The sound ones made before ``limit`` that have so many newer sound ones; adds to ``damaged`` what is not."""
    group = sorted(group, key=lambda each: each.manifest.created, reverse=True)
    if group[-1].manifest.created >= limit:
        return []  # and none of them was read
    expired, sound = [], 0
    for each in group:
        is_old = each.manifest.created < limit
        if sound < keep or is_old:
            try:
                dumps.verify(each.path)
            except BackupError as error:
                damaged.append(Found(each.path, each.manifest, str(error)))
            else:
                if sound >= keep:
                    expired.append(each.path)
                sound += 1
    return expired
