"""The entry point of radarr-db."""

from __future__ import annotations

import io
import logging
import sys


def main() -> None:
    """Run the command line, or tell how to install what it is made with."""
    try:
        from radarr_db.commands import cli  # noqa: PLC0415 - it needs the extra, which may be missing
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in {"click", "rich"}:
            raise
        sys.exit("radarr-db needs its extra: pip install 'radarr-db[cli]'")
    # The pool logs what is raised as an error, too.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can write every title
    cli()
