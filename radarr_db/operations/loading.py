"""Load a backup into a new database, and hold what came out of it to its manifest."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import errors as pg

from radarr_db.errors import BackupError
from radarr_db.operations import contents, data_only, loaders, migration_files, migrations
from radarr_db.operations.dumps import OnProgress, meter, session
from radarr_db.operations.manifests import Manifest
from radarr_db.operations.programs import Programs
from radarr_db.operations.sessions import run
from radarr_db.repositories import schema

_GRANT = re.compile(r"\d+; \d+ \d+ (DEFAULT )?ACL ")


def load(conninfo: str, path: Path, manifest: Manifest, tools: Programs, tell: OnProgress) -> list[str]:
    """Load a verified backup; gives what remains to be done. BackupError when not all of it came."""
    tell("loading", 0.05)
    newest = migration_files.newest()
    if manifest.kind == "data":
        if manifest.schema_version > newest:
            raise BackupError(
                f"{path} is of schema version {manifest.schema_version}, and this radarr_db knows {newest}: update it"
            )
        migrations.apply(conninfo, to=manifest.schema_version)
    with session(conninfo, "restore") as connection:
        on_line = meter(manifest.rows, "loading", tell, (0.05, 0.8))
        _create_optional_extension(connection)
        if manifest.kind == "full":
            loaders.load_archive(connection, path, tools, "--no-owner", "--no-privileges", on_line=on_line)
        elif manifest.kind == "schema":
            loaders.load_script(connection, path, tools)
        else:
            with data_only.prepared(connection, manifest.rows):
                loaders.load_archive(connection, path, tools, "--data-only", on_line=on_line)
        _compare(connection, manifest, lambda name, share: tell(f"counting {name}", 0.8 + 0.1 * share))
        tell("gathering statistics", 0.9)
        connection.execute("ANALYZE")
        notes = _load_grants(connection, path, manifest, tools) + _missing_extension(connection)
    if manifest.schema_version < newest:
        notes.append(f"the schema is of version {manifest.schema_version}: `radarr-db migrate` brings it to {newest}")
    return notes


def _missing_extension(connection: psycopg.Connection) -> list[str]:
    how = f"a superuser makes it, with CREATE EXTENSION {contents.OPTIONAL_EXTENSION}"
    is_missing = run(connection, schema.lacks_extension(contents.OPTIONAL_EXTENSION))
    return [f"the statistics of statements are missing: {how}"] if is_missing else []


def _create_optional_extension(connection: psycopg.Connection) -> None:
    with suppress(pg.InsufficientPrivilege, pg.FeatureNotSupported, pg.UndefinedFile), connection.transaction():
        connection.execute("SET LOCAL ROLE NONE")  # perhaps a superuser's session that works as the owner
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {contents.OPTIONAL_EXTENSION}")


def _compare(connection: psycopg.Connection, manifest: Manifest, on_progress: Callable[[str, float], None]) -> None:
    if (version := migrations.version_of(connection)) != manifest.schema_version:
        raise BackupError(f"the schema restored is of version {version} and not {manifest.schema_version}")
    tables = [table for table in run(connection, schema.list_relations()) if table.is_table]
    if manifest.kind == "data":
        tables = [table for table in tables if not table.of_schema]
    restored = contents.count(connection, tables, on_progress)
    for table in sorted({*restored, *manifest.rows}):
        there, expected = restored.get(table, 0), manifest.rows.get(table, 0)
        if there != expected:
            raise BackupError(f"table {table} has {there:,} rows after the restore and not {expected:,}")


def _load_grants(connection: psycopg.Connection, path: Path, manifest: Manifest, tools: Programs) -> list[str]:
    """The grants go last and by themselves: they may name roles that this server does not have."""
    if manifest.kind != "full":
        return [f"a {manifest.kind} backup has no grants: `radarr-db roles --apply` makes them"]
    listed = [line for line in loaders.contents_of(path, tools) if _GRANT.match(line)]
    if not listed:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.write("\n".join(listed))
        wanted.flush()
        try:
            loaders.load_archive(connection, path, tools, "--no-owner", f"--use-list={wanted.name}")
        except BackupError as error:
            return [f"the grants were not restored: {error}; `radarr-db roles --apply` makes them"]
    return []
