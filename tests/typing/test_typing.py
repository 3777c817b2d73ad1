from __future__ import annotations

from pathlib import Path

from mypy import api

import radarr_db


def test_the_type_checker_knows_every_result_and_refuses_every_misuse() -> None:
    report, errors, status = api.run(["--strict", "--warn-unused-ignores", str(Path(__file__).with_name("cases.py"))])
    assert status == 0, report + errors


def test_the_package_is_marked_as_typed() -> None:
    assert Path(radarr_db.__file__).with_name("py.typed").exists()
