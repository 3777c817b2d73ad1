"""The databases of catalogues: each is filled once, marked with what it holds, and found again by later runs."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import msgspec
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks import filling
from benchmarks.catalogue import Content
from radarr_db.connections import connect, describe
from radarr_db.errors import InvalidArgumentError, MigrationError
from radarr_db.operations import migrations, status
from radarr_db.terminal import OUT

# To be raised when a database of an earlier run is no longer what this one would make.
_EDITION = 1
_MARK = "radarr_db benchmarks: "


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a database holds, and how it came there; kept as the comment on the database.

    ``catalogue`` is the name of the file of real movies, or "made", and ``digest`` that of the file's content.
    """

    edition: int
    movies: int
    seed: int
    catalogue: str
    rows: int
    seconds: float
    digest: str = ""

    def is_of(self, content: Content) -> bool:
        """Whether ``content`` would be the same."""
        found = (self.edition, self.movies, self.seed, self.digest, self.catalogue == "made")
        return found == (_EDITION, content.movies, content.seed, content.digest, content.file is None)


def database_for(server: str, movies: int) -> str:
    """The database of a size on the server that ``server`` connects to, made if it is not there yet."""
    name = f"radarr_db_bench_{movies}"
    with connect(server) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(server, dbname=name)


def load(conninfo: str, content: Content) -> Loaded:
    """Makes sure that a database holds ``content``, and says how it came there, now or in an earlier run.

    InvalidArgumentError when it holds anything else, or has not the tables and indexes of the present migrations.
    """
    found = _find(conninfo)
    if found:
        _check(conninfo, found, content)
        OUT.print(f"{describe(conninfo)} holds the {found.movies:,} movies already", soft_wrap=True)
        return found
    if status.read(conninfo).tables:
        problem = "has tables that no complete run of the benchmarks made: give an empty database, or drop it first"
        raise InvalidArgumentError("--dsn", f"{describe(conninfo)} {problem}")
    migrations.apply(conninfo)
    began = perf_counter()
    rows = filling.fill(conninfo, content)
    loaded = Loaded(
        edition=_EDITION,
        movies=content.movies,
        seed=content.seed,
        catalogue=content.file.name if content.file else "made",
        rows=rows,
        seconds=round(perf_counter() - began, 1),
        digest=content.digest,
    )
    _mark(conninfo, loaded)
    filling.tell("all", rows, loaded.seconds)
    return loaded


def _find(conninfo: str) -> Loaded | None:
    with connect(conninfo) as connection:
        ((comment,),) = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchall()
    if not comment or not comment.startswith(_MARK):
        return None
    return msgspec.json.decode(comment.removeprefix(_MARK), type=Loaded)


def _check(conninfo: str, found: Loaded, content: Content) -> None:
    where = describe(conninfo)
    if not found.is_of(content):
        raise InvalidArgumentError(
            "--dsn",
            f"{where} was loaded with --movies {found.movies} --seed {found.seed}, catalogue "
            f"{' '.join(filter(None, (found.catalogue, found.digest[:12])))}, edition {found.edition}: "
            "give the same, or another database",
        )
    try:
        outdated = ", ".join(migrations.pending(conninfo))
    except MigrationError as error:
        outdated = str(error)
    # What it would measure is a library that nobody has.
    if outdated:
        problem = f"its schema is not that of the present migrations: {outdated}: drop the database, or give another"
        raise InvalidArgumentError("--dsn", f"{where}: {problem}")


def _mark(conninfo: str, loaded: Loaded) -> None:
    comment = _MARK + msgspec.json.encode(loaded).decode()
    with connect(conninfo) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, comment))
