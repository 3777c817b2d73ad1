"""The blocking engine is what the script makes of the asyncio one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def generate(root: Path, *arguments: str) -> int:
    command = [sys.executable, str(root / "scripts" / "generate_sync.py"), *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_the_blocking_engine_is_up_to_date() -> None:
    assert generate(ROOT, "--check") == 0


def test_a_change_to_either_side_is_noticed_and_undone(tmp_path: Path) -> None:
    for folder in ("scripts", "radarr_db/engine/_async", "radarr_db/engine/_sync"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    engine = tmp_path / "radarr_db" / "engine"
    made = (engine / "_sync" / "pool.py").read_text()
    (engine / "_sync" / "pool.py").write_text("")
    (engine / "_sync" / "surplus.py").touch()
    assert generate(tmp_path, "--check") == 1
    assert generate(tmp_path) == 0
    assert (engine / "_sync" / "pool.py").read_text() == made
    assert not (engine / "_sync" / "surplus.py").exists()
    assert generate(tmp_path, "--check") == 0
    (engine / "_async" / "new.py").write_text("async def new() -> None:\n    await old()\n")
    assert generate(tmp_path, "--check") == 1
    assert generate(tmp_path) == 0
    assert (engine / "_sync" / "new.py").read_text().endswith("\ndef new() -> None:\n    old()\n")
