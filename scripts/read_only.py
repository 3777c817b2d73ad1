"""Write sql/read_only.txt: the statements about the library that only read, and so may be sent to a standby.

A PostgreSQL of its own judges: it runs each where it refuses to write. That the file is up to date a test tells.
"""

from __future__ import annotations

import sys
from pathlib import Path

from radarr_db import Database, embedded
from radarr_db.operations import migrations

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from contract.read_only import proved  # noqa: E402 - the tests are found only now


def main() -> None:
    """Start a server, ask it, and write down what it says."""
    with embedded.server() as server:
        migrations.apply(server.conninfo)
        with Database(server.conninfo) as db:
            names = proved(db)
    (ROOT / "sql" / "read_only.txt").write_text("\n".join(names) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
