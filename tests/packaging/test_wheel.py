"""The wheel, in a clean environment outside the checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
MAIN_JOB = """
import radarr_db
from radarr_db import Database, NewMovie, embedded, movies
from radarr_db.operations import migrations

with embedded.server() as server:
    assert len(migrations.apply(server.conninfo)) == 9
    with Database(server.conninfo) as db:
        db.run(movies.create(NewMovie(tmdb_id=603, title="The Matrix", year=1999)))
        print(radarr_db.__file__, db.run(movies.search("matirx"))[0].title)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(out),
        str(CHECKOUT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_carries_sql_and_migrations_and_the_mark_of_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("sql", "migrations"):
        files = {path.name for path in (CHECKOUT / folder).glob("*.sql")}
        assert files
        assert {f"radarr_db/{folder}/{name}" for name in files} <= names
    assert "radarr_db/py.typed" in names
    assert not any(name.startswith(("tests/", "scripts/")) for name in names)


def test_the_wheel_does_the_main_job_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    install += ["--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    # The dependencies are those of this environment; its own .pth files, and so the checkout, stay out.
    (site,) = (environment / "lib").glob("python3*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    done = subprocess.run([python, "-c", MAIN_JOB], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{site / 'radarr_db' / '__init__.py'} The Matrix\n"
