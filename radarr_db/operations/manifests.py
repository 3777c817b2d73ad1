"""What is known about a dump, in a file beside it: what it must be byte for byte, and what comes out of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from radarr_db.errors import BackupError

Kind = Literal["full", "schema", "data"]

SUFFIX = ".json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds.

    ``created`` is when its snapshot was taken, and ``rows`` has the number of rows by table as that snapshot
    saw them, of the tables whose rows are in the dump. ``schema_version`` is the last migration, 0 for none.
    ``tables`` are those that the dump was restricted to; empty when it has all. ``server`` and ``program`` are
    the major versions of the server and of pg_dump. ``size`` is in bytes.
    """

    kind: Kind
    database: str
    created: dt.datetime
    server: int
    program: int
    schema_version: int
    rows: dict[str, int]
    size: int
    sha256: str
    tables: list[str] = field(default_factory=list)


def path_of(dump: Path) -> Path:
    """Where the manifest of a dump is."""
    return dump.with_name(dump.name + SUFFIX)


def text_of(manifest: Manifest) -> str:
    """The manifest as its file has it, sealed with a checksum."""
    values = {"format": _FORMAT, **dataclasses.asdict(manifest), "created": manifest.created.isoformat()}
    seal = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    return json.dumps({**values, "checksum": seal}, indent=2) + "\n"


def read(dump: Path) -> Manifest:
    """The manifest of a dump; BackupError when there is none, or when it is not, to the byte, what was written."""
    path = path_of(dump)
    try:
        text = path.read_text(encoding="utf-8")
        manifest = _parsed(json.loads(text))
        if text_of(manifest) == text:
            return manifest
    except FileNotFoundError:
        raise BackupError(f"{dump} is no backup: there is no {path.name} beside it") from None
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise BackupError(f"{path} is damaged, or was not written by this version of radarr_db")


def _parsed(values: dict[str, Any]) -> Manifest:
    del values["format"], values["checksum"]
    return Manifest(**values | {"created": dt.datetime.fromisoformat(values["created"])})
