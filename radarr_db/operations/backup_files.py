"""A folder of backups: how they are named, which there are, and what killed writers left among them."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from radarr_db.errors import BackupError
from radarr_db.operations import dumps, manifests, partials
from radarr_db.operations.manifests import Kind, Manifest

_NAME = re.compile(r"radarr_(full|schema|data)_(\d{8}_\d{6})(?:_(\d+))?\.(?:dump|sql)")


@dataclass(frozen=True, slots=True)
class Found:
    """A backup in a folder: what it holds, or the problem that keeps it from being one."""

    path: Path
    manifest: Manifest | None
    problem: str | None = None


def free_path(folder: Path, kind: Kind, now: dt.datetime) -> Path:
    """A name for a backup of this moment, in UTC, that no other has."""
    suffix = ".sql" if kind == "schema" else ".dump"
    for n in count(1):
        path = folder / f"radarr_{kind}_{now.astimezone(dt.UTC):%Y%m%d_%H%M%S}{f'_{n}' if n > 1 else ''}{suffix}"
        if not any(each.exists() for each in (path, partials.path_of(path), manifests.path_of(path))):
            break
    return path


def find(folder: Path) -> list[Found]:
    """The backups of a folder, newest first, by what their manifests say; the dumps themselves are not read.

    BackupError when there is no such folder.
    """
    return [_found(path) for path in _paths(Path(folder))]


def verify(path: Path) -> Manifest:
    """What a backup holds; BackupError when it is damaged, which names the last sound one before it."""
    path = Path(path)
    try:
        return dumps.verify(path)
    except BackupError as error:
        if not (older := _last_sound_before(path)):
            raise
        other, manifest = older
        known = f'{other}, of database "{manifest.database}"'
        raise BackupError(f"{error}; the last sound backup before it is {known}") from error


def clear(folder: Path) -> None:
    """Delete what killed writers left: files without an end, and manifests without a dump."""
    written = set()
    # A dump before its manifest, which is its writer's too.
    for partial in sorted(folder.glob(f"radarr_*{partials.SUFFIX}"), reverse=True):
        name = partial.name.removesuffix(partials.SUFFIX).removesuffix(manifests.SUFFIX)
        if name not in written and not partials.clear(partial):
            written.add(name)
    for manifest in folder.glob(f"radarr_*{manifests.SUFFIX}"):
        dump = manifest.with_name(manifest.name.removesuffix(manifests.SUFFIX))
        # In this order: a dump that is finished just now stops being partial as it comes to be.
        if _NAME.fullmatch(dump.name) and not partials.path_of(dump).exists() and not dump.exists():
            manifest.unlink(missing_ok=True)


def delete(path: Path) -> None:
    """Delete a backup; its manifest goes last, so that no dump is ever without."""
    path.unlink(missing_ok=True)  # others may prune at the same time
    manifests.path_of(path).unlink(missing_ok=True)


def _paths(folder: Path) -> list[Path]:
    with partials.told_as_ours(folder):
        named = {path: match for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))}
    return sorted(named, key=lambda path: (named[path][2], int(named[path][3] or 1)), reverse=True)


def _found(path: Path) -> Found:
    try:
        manifest = manifests.read(path)
    except BackupError as error:
        return Found(path, None, str(error))
    try:
        is_whole = path.stat().st_size == manifest.size
    except OSError as error:
        return Found(path, None, f"{path}: {error.strerror}")
    return Found(path, manifest, None if is_whole else f"{path} is damaged: it has another size")


def _last_sound_before(path: Path) -> tuple[Path, Manifest] | None:
    """Of the same kind, and of the same database where the manifest still tells it."""
    named, known = _NAME.fullmatch(path.name), _found(path).manifest
    for other in _paths(path.parent) if named and path.parent.is_dir() else ():
        match = _NAME.fullmatch(other.name)
        if named and match and match[1] == named[1] and match[2] < named[2]:
            with suppress(BackupError):
                manifest = dumps.verify(other)
                if not known or manifest.database == known.database:
                    return other, manifest
    return None
