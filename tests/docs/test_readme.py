"""Every code block of the README runs, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from radarr_db import Transaction, resources, statements
from radarr_db.commands import cli
from radarr_db.operations.metrics import Metrics

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
(SQL,) = (text for language, text in BLOCKS if language == "sql")
(YAML,) = (text for language, text in BLOCKS if language == "yaml")


def the_block(marker: str) -> str:
    (found,) = (text for text in PYTHON if marker in text)
    return found


def test_every_block_is_run_by_a_test_below() -> None:
    special = sum("def list_by_tag" in text or "def test_" in text for text in PYTHON)
    scripts = sum("DATABASE_URL" in text for text in PYTHON)
    assert {language for language, _ in BLOCKS} == {"python", "sql", "yaml"}
    assert special + scripts == len(PYTHON)


def test_the_scripts_run_one_after_the_other(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    for text in PYTHON:
        if "DATABASE_URL" in text:
            exec(compile(text, "README.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own README


def test_the_test_of_an_embedding_service_passes(tx: Transaction) -> None:
    names: dict[str, Any] = {}
    exec(the_block("def test_"), names)  # noqa: S102 - our own README
    names["test_a_new_movie_is_found"](tx)


def test_the_query_of_how_to_add_one_works(tx: Transaction) -> None:
    path = resources.folder("sql") / "movies.sql"
    names: dict[str, Any] = {"_SQL": statements.parse(f"{path.read_text(encoding='utf-8')}\n{SQL}", path)}
    exec(the_block("def list_by_tag"), names)  # noqa: S102 - our own README
    names |= vars(__import__("radarr_db"))
    one = tx.run(names["movies"].create(names["NewMovie"](tmdb_id=603, title="The Matrix", tags=["4k"])))
    assert [movie.id for movie in tx.run(names["list_by_tag"]("4k"))] == [one.id]
    assert not tx.run(names["list_by_tag"]("8k"))


def test_every_room_of_the_house_and_every_linked_file_is_there() -> None:
    _, _, house = README.partition("## The house")
    rooms = re.findall(r"`([\w/]+(?:/|\.py))`", house)
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(rooms) > 20
    assert len(links) > 5
    assert [name for name in rooms if not any((folder / name).exists() for folder in (ROOT, ROOT / "radarr_db"))] == []
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_module_and_folder_has_its_place_in_the_house() -> None:
    _, _, house = README.partition("## The house")
    folders = {f"{path.parent.name}/" for path in ROOT.glob("*/*.py")} - {"radarr_db/"}
    modules = {path.name for path in (ROOT / "radarr_db").glob("[a-z]*.py")}
    packages = {f"{path.parent.name}/" for path in (ROOT / "radarr_db").glob("*/__init__.py")}
    assert {name for name in folders | modules | packages if name not in house} == set()


def test_the_alerts_are_about_metrics_that_there_are(own_database: str) -> None:
    with_database = Metrics(own_database, registry=CollectorRegistry())
    found = {sample.name for family in with_database.collect() for sample in family.samples}
    described = {f"{name}_total" for name in ("radarr_db_query_errors",)} | {"radarr_db_query_duration_seconds_bucket"}
    with_database.close()
    named = set(re.findall(r"\bradarr_db_\w+", YAML.split("rules:", 1)[1]))
    assert len(named) > 8
    assert named - found - described - {"radarr_db_replication_lag_seconds"} == set()


def test_every_command_of_the_table_is_one_and_every_one_is_there() -> None:
    (table,) = re.findall(r"^\| command \|.*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", table)) | {"demo"} == set(cli.commands)
