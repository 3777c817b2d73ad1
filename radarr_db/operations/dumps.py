"""A dump: one file that pg_dump wrote, and a manifest beside it that it can be held to.

A dump has its name only once it is whole, on the disk and read back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import psycopg

from radarr_db.errors import BackupError, InvalidArgumentError
from radarr_db.operations import contents, manifests, migrations, partials, sessions
from radarr_db.operations import programs as server_programs
from radarr_db.operations.manifests import Kind, Manifest
from radarr_db.operations.programs import Programs
from radarr_db.repositories import schema

# What is being done, and which share of the whole is done.
OnProgress = Callable[[str, float], None]

_TABLE = re.compile(r'(?:dumping contents of|processing data for) table "(?:public\.)?(.*)"')
_END_OF_SCRIPT = b"\n-- PostgreSQL database dump complete\n"


def write(
    conninfo: str,
    path: Path,
    *,
    kind: Kind = "full",
    tables: Sequence[str] = (),
    programs: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Manifest:
    """Dump a database, or only some of its ``tables``, into the file ``path``, which must not exist.

    ``programs`` is the folder of pg_dump, where it is not to be looked for; ``on_progress`` is told what is being
    done and which share of it all is done. When it fails, no file is left. Raises BackupError,
    InvalidArgumentError and UnavailableError.
    """
    if kind not in get_args(Kind):
        raise InvalidArgumentError("kind", f"must be one of {', '.join(get_args(Kind))}")
    if tables and kind != "full":
        raise InvalidArgumentError("kind", "must be full where only some tables are dumped")
    path = Path(path)
    tell = on_progress or (lambda _text, _share: None)
    with session(conninfo, "backup") as connection, partials.told_as_ours(path), partials.opened(path) as partial:
        tools = server_programs.find(connection.info.server_version // 10_000, programs)
        manifest = _dump(connection, path, partial, tools, kind=kind, tables=tables, tell=tell)
        _publish(path, partial, manifest)
    return manifest


def verify(path: Path) -> Manifest:
    """What a dump holds; BackupError when it is not, to the byte, the file that was written and read back."""
    path = Path(path)
    manifest = manifests.read(path)
    with partials.told_as_ours(path), path.open("rb") as dump:
        # By its size a dump that was cut short is known without being read.
        if (size := os.fstat(dump.fileno()).st_size) != manifest.size:
            raise BackupError(f"{path} is damaged: it has {size:,} bytes and not {manifest.size:,}")
        if hashlib.file_digest(dump, "sha256").hexdigest() != manifest.sha256:
            raise BackupError(f"{path} is damaged: its bytes are not those that were written")
    return manifest


@contextmanager
def session(conninfo: str, act: str) -> Iterator[psycopg.Connection]:
    """A connection that may also wait as long as a program takes; what fails is told as what ``act`` failed of."""
    with sessions.session(conninfo, act, lock_timeout=0) as connection:
        connection.execute(
            "SELECT set_config(name, '0', FALSE) FROM pg_settings WHERE name = ANY(%s)",
            (["idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout"],),
        )
        yield connection


def meter(rows: Mapping[str, int], text: str, tell: OnProgress, share: tuple[float, float]) -> Callable[[str], None]:
    """Tells a share of the progress, from one figure to another, by what a program says about its tables."""
    done, under_way, total = 0, "", sum(rows.values()) or 1

    def on_line(line: str) -> None:
        nonlocal done, under_way
        if found := _TABLE.search(line):
            done, under_way = done + rows.get(under_way, 0), found[1]
            tell(f"{text} {under_way}", share[0] + (share[1] - share[0]) * done / total)

    return on_line


def _dump(
    connection: psycopg.Connection,
    path: Path,
    partial: int,
    tools: Programs,
    *,
    kind: Kind,
    tables: Sequence[str],
    tell: OnProgress,
) -> Manifest:
    # The rows are counted in the snapshot that is dumped.
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
    created = dt.datetime.now(dt.UTC)
    relations = sessions.run(connection, schema.list_relations())
    chosen = contents.chosen(relations, kind, tables)
    rows = contents.count(connection, chosen, lambda name, share: tell(f"counting {name}", share * 0.1))
    options = [*contents.options(connection, relations, kind, tables), f"--snapshot={snapshot}", "--verbose"]
    login = server_programs.login(connection)
    # Through a descriptor: pg_dump then holds the lock too, should this process be killed before it.
    on_line = meter(rows, "dumping", tell, (0.1, 0.7))
    tools.run("pg_dump", *options, login=login, stdout=partial, on_line=on_line)
    tell("reading back", 0.7)
    _read_back(partials.path_of(path), tools, kind, meter(rows, "reading back", tell, (0.7, 1)))
    with os.fdopen(partial, "rb", closefd=False) as dump:
        dump.seek(0)
        digest = hashlib.file_digest(dump, "sha256").hexdigest()
    return Manifest(
        kind=kind,
        database=connection.info.dbname,
        created=created,
        server=connection.info.server_version // 10_000,
        program=tools.version,
        schema_version=migrations.version_of(connection),
        rows=rows,
        size=os.fstat(partial).st_size,
        sha256=digest,
        tables=list(tables),
    )


def _read_back(partial: Path, tools: Programs, kind: Kind, on_line: Callable[[str], None]) -> None:
    """Read the dump to its end, all data unpacked: its table of contents alone would not show a damage."""
    if kind != "schema":
        tools.run("pg_restore", "--verbose", f"--file={os.devnull}", str(partial), on_line=on_line)
    elif _END_OF_SCRIPT not in partial.read_bytes()[-400:]:
        raise BackupError("pg_dump wrote a script without an end")


def _publish(path: Path, partial: int, manifest: Manifest) -> None:
    """Give the dump its name, once it and its manifest are on the disk; the manifest comes first."""
    os.fsync(partial)
    known = manifests.path_of(path)
    with partials.opened(known) as descriptor:
        with os.fdopen(descriptor, "wb", closefd=False) as file:  # os.write alone may write a part
            file.write(manifests.text_of(manifest).encode())
        os.fsync(descriptor)
        partials.path_of(known).rename(known)
    partials.path_of(path).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
