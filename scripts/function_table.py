"""Write the table of functions into README.md from the repositories and the documentation of their SQL.

With --check nothing is written; exit 1 when the README differs.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

from radarr_db import (
    download_clients,
    download_queue,
    history,
    indexers,
    movie_files,
    movies,
    quality_profiles,
    scene_groups,
)
from radarr_db.repositories import maintenance, monitoring, partitions, replication, secrets
from radarr_db.statements import load

README = Path(__file__).parent.parent / "README.md"
MODULES = (
    movies,
    movie_files,
    scene_groups,
    quality_profiles,
    indexers,
    download_clients,
    download_queue,
    history,
    maintenance,
    partitions,
    secrets,
    replication,
    monitoring,
)
PLACE = re.compile(r"(?<=function_table.py -->\n).*?(?=<!-- end of functions -->)", re.DOTALL)


def rows(module: ModuleType) -> str:
    """A heading and a row for each function: its parameters, and the first sentence about its statement."""
    table = module.__name__.rpartition(".")[2]
    lines = [f"\n**{table}**\n", "| function | what it gives or does |", "|---|---|"]
    for name, statement in load(table).items():
        signature = inspect.signature(getattr(module, name)).parameters.values()
        parameters = ", ".join(f"**{p.name}" if p.kind is p.VAR_KEYWORD else p.name for p in signature)
        sentence = re.split(r"(?<=\.)\s", statement.doc.replace("\n", " "))[0]
        lines.append(f"| `{name}({parameters})` | {sentence} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check the table."""
    text = README.read_text(encoding="utf-8")
    new = PLACE.sub(lambda _: "".join(map(rows, MODULES)) + "\n", text)
    if "--check" in sys.argv[1:]:
        if new != text:
            print("README.md: the table of functions is out of date: run make sync")
        return int(new != text)
    README.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
