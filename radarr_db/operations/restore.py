"""Restore a backup: into a new database, which takes the old one's place once it is known to be whole."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from radarr_db.connections import parameters
from radarr_db.errors import BackupError
from radarr_db.models.databases import ServerDatabase
from radarr_db.operations import backup_files, database_settings, databases, loading
from radarr_db.operations import programs as server_programs
from radarr_db.operations.dumps import OnProgress
from radarr_db.operations.manifests import Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """A database that was restored.

    ``kept`` is the name of the one that was there before, None when there is none any more. ``notes`` tell what
    remains to be done, such as grants that could not be restored.
    """

    database: str
    kept: str | None
    manifest: Manifest
    notes: list[str]


def restore(
    conninfo: str,
    path: Path,
    *,
    disconnect: bool = False,
    drop_old: bool = False,
    programs: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Restored:
    """Restore the backup ``path`` as the database that ``conninfo`` names, which may be there or not.

    The backup is verified, loaded into a new database, and compared with its manifest; then the two change names.
    The one that was there is kept under another name, or dropped with ``drop_old``. Whatever fails before leaves it
    as it was; what a killed restore of it left is dropped. It must not be in use, unless ``disconnect`` has its
    sessions ended.

    For a role that may create databases and owns this one. ``programs`` is the folder of pg_restore, where it is
    not to be looked for; ``on_progress`` is told what is being done and which share of it all is done. Raises
    BackupError, InvalidArgumentError and UnavailableError.
    """
    tell = on_progress or (lambda _text, _share: None)
    tell("verifying", 0)
    manifest, name = backup_files.verify(path), databases.name_in(conninfo)
    if manifest.tables:
        raise BackupError(f"{path} holds only {', '.join(manifest.tables)}: load it with pg_restore")
    with databases.server(conninfo) as server:
        version = server.info.server_version // 10_000
        if manifest.server > version:
            raise BackupError(f"{path} is of PostgreSQL {manifest.server}, and the server is only {version}")
        tools = server_programs.find(max(version, manifest.program), programs)
        old = databases.find(server, name)
        databases.check_rights(server, old)
        if old:
            databases.check_unused(server, old, disconnect=disconnect)
        databases.clear(server, name)
        kept = databases.beside(name, f"_before_{dt.datetime.now(dt.UTC):%Y%m%d_%H%M%S}")
        with _new(server, name, old) as new:
            inside = make_conninfo(conninfo, dbname=new, options=_options(conninfo, server, old))
            notes = loading.load(inside, Path(path), manifest, tools, tell)
            notes += database_settings.carry_over(server, old, new) if old else []
            tell("replacing the old database", 1)
            databases.replace(conninfo, server, name, old=old, kept=kept, new=new, disconnect=disconnect)
        is_kept = old is not None and not (drop_old and _dropped(server, kept, notes))
    return Restored(name, kept if is_kept else None, manifest, notes)


@contextmanager
def _new(server: psycopg.Connection, name: str, old: ServerDatabase | None) -> Iterator[str]:
    """A new database, dropped when the block fails."""
    new = databases.create(server, name, old)
    try:
        yield new
    except BaseException as error:
        try:
            databases.drop(server, new)
        except psycopg.Error:
            raise BackupError(f'{error}; database "{new}" could not be dropped, so drop it') from error
        raise


def _dropped(server: psycopg.Connection, kept: str, notes: list[str]) -> bool:
    """Whether the old database could be dropped; if not, ``notes`` tell: the restore is done nevertheless."""
    try:
        databases.drop(server, kept)
    except psycopg.Error as error:
        problem = error.diag.message_primary or type(error).__name__
        notes.append(f'"{kept}", the old database, could not be dropped: {problem}')
        return False
    return True


def _options(conninfo: str, server: psycopg.Connection, old: ServerDatabase | None) -> str:
    """The options that make a session work as the owner of the old database, to whom all in the new one will belong."""
    options = str(parameters(conninfo).get("options") or "")
    if old is None or old.owner == server.info.user:
        return options
    role = re.sub(r"([ \\])", r"\\\1", old.owner)
    return f"{options} -c role={role}".strip()
