"""What is read from a standby only reads."""

from __future__ import annotations

from contract.read_only import TABLES, proved

from radarr_db import Database, resources
from radarr_db.statements import load


def test_what_is_recorded_as_read_only_is_what_the_server_finds(db: Database) -> None:
    recorded = (resources.folder("sql") / "read_only.txt").read_text(encoding="utf-8").splitlines()
    assert recorded == proved(db), "run `make sync`"


def test_a_statement_knows_whether_it_only_reads() -> None:
    movies = load("movies")
    assert movies["list_by_year"].read_only
    assert all(variant.read_only for variant in movies["list_by_year"].variants())
    assert not movies["upsert"].read_only


def test_a_server_is_never_asked_about_another() -> None:
    files = {path.stem for path in resources.folder("sql").glob("*.sql")}
    assert TABLES
    assert not any(statement.read_only for table in files - set(TABLES) for statement in load(table).values())
