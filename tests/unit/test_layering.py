"""Imports point only downwards in the list of rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import radarr_db

PACKAGE = Path(radarr_db.__file__).parent
ROOMS = (
    "__init__",
    "cli",
    "commands",
    "demo",
    "terminal",
    "testing",
    "operations",
    "embedded",
    "engine",
    "connections",
    "repositories",
    "batches",
    "encoding",
    "query",
    "keyset",
    "rows",
    "statements",
    "scanner",
    "models",
    "rawjson",
    "secrets",
    "checks",
    "sealed",
    "resources",
    "errors",
)
FILES = sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "radarr_db":
            for alias in node.names:
                is_room = (PACKAGE / alias.name).is_dir() or (PACKAGE / f"{alias.name}.py").exists()
                yield f"radarr_db.{alias.name}" if is_room else "radarr_db"
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield str(node.module)


def test_every_file_is_in_a_room() -> None:
    assert {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in imports(path):
        if module == "radarr_db" or module.startswith("radarr_db."):
            assert ROOMS.index(room(module)) >= ROOMS.index(here), f"{here} imports {module}"


def test_only_the_engine_and_the_operations_talk_to_a_server() -> None:
    for path in FILES:
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if here in {"query", "statements", "models", "repositories", "keyset", "rows", "checks", "batches", "encoding"}:
            assert not any(module.startswith("psycopg") for module in imports(path)), path
