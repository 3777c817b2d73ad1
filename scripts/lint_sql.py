"""Lint sql/ and migrations/ with sqlfluff; exit 1 when a rule is broken.

sqlfluff knows neither ``:name`` nor ``{fragment}``: each statement is linted with ``$1`` in the place of a parameter
and in the place of a fragment its text, of a list of columns the first. After a longer text the line numbers are off.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter

ROOT = Path(__file__).parent.parent
MARK = re.compile(r"^-- (name|fragment): (\w+).*\n", re.MULTILINE)
SLOTS = {"keyset": "TRUE", "order": "1 ASC", "key": "1"}


def plain(entry: str, fragments: dict[str, str]) -> str:
    """A statement without what sqlfluff does not know, on the same lines."""
    entry = re.sub(r"\{([a-z_]+)\}", lambda found: (fragments | SLOTS)[found[1]], entry)
    return re.sub(r"(?<![:\w]):([a-z_]+)", "$1", entry).rstrip() + "\n"


def main() -> int:
    """Print what sqlfluff finds, and tell whether it found anything."""
    linter = Linter(FluffConfig.from_path(str(ROOT)))
    found = 0
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        found += report(path, 0, linter, path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "sql").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        marks = list(MARK.finditer(text))
        fragments: dict[str, str] = {}
        for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=True):
            entry = text[mark.end() : end]
            if mark[1] == "name":
                found += report(path, text.count("\n", 0, mark.end()), linter, plain(entry, fragments))
            else:
                whole = re.sub(r"^--.*\n", "", entry, flags=re.MULTILINE).strip()
                fragments[mark[2]] = whole if "(\n" in whole else whole.partition(",\n")[0]
    return 1 if found else 0


def report(path: Path, line: int, linter: Linter, text: str) -> int:
    """Print the violations in a text that begins after ``line`` of its file; gives their number."""
    violations = linter.lint_string(text, fname=str(path)).get_violations()
    for violation in violations:
        place = f"{path.relative_to(ROOT)}:{violation.line_no + line}"
        print(f"{place}: {violation.rule_code()} {violation.desc()}")
    return len(violations)


if __name__ == "__main__":
    sys.exit(main())
