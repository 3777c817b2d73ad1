"""Files that are being written: named ``.partial``, and locked for as long as anyone writes to them.

The lock dies with its holder, so what a killed writer left is known for what it is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radarr_db.errors import BackupError

SUFFIX = ".partial"


class TakenError(BackupError):
    """Another file has this name, or will have it."""


def path_of(path: Path) -> Path:
    """Where a file is until it is whole."""
    return path.with_name(path.name + SUFFIX)


@contextmanager
def told_as_ours(path: Path) -> Iterator[None]:
    """Tells as a BackupError what keeps a file or folder from being read or written."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}") from error


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The empty, locked file that is to become ``path``: renamed in the block, or deleted when that fails.

    Children that write to the descriptor hold the lock too. TakenError when ``path`` exists, or is being written.
    """
    partial = path_of(path)
    with _locked(partial) as descriptor:
        if descriptor is None:
            raise TakenError(f"{path} is being written by another process")
        try:
            _check_free(path)
            os.ftruncate(descriptor, 0)
            yield descriptor
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def clear(partial: Path) -> bool:
    """Delete what a killed writer left; False when it is still being written."""
    with _locked(partial) as descriptor:
        if descriptor is not None:
            partial.unlink(missing_ok=True)
        return descriptor is not None


def _check_free(path: Path) -> None:
    if path.exists():
        raise TakenError(f"{path} exists already, and a backup is never overwritten")


@contextmanager
def _locked(partial: Path) -> Iterator[int | None]:
    """The descriptor of a locked file, made if missing; None when another process has the lock."""
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            # One who had it just before may have renamed or deleted it.
            is_there = partial.exists() and os.path.samestat(os.fstat(descriptor), partial.stat())
            yield descriptor if is_there else None
    finally:
        os.close(descriptor)
