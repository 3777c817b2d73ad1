"""What EXPLAIN says, as a value to ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any


class Plan:
    """The plan of a query.

    ``tree`` is the root node as ``EXPLAIN (FORMAT JSON)`` gives it, its children under ``Plans``.
    ``str(plan)`` is the text to read, one node a line.
    """

    def __init__(self, document: str) -> None:
        self.tree: dict[str, Any] = json.loads(document)[0]["Plan"]

    @cached_property
    def indexes(self) -> frozenset[str]:
        """The names of the indexes that are read."""
        return frozenset(node["Index Name"] for _, node in _walk(self.tree) if "Index Name" in node)

    @cached_property
    def sequential_scans(self) -> frozenset[str]:
        """The names of the tables that are read from end to end."""
        scans = (node for _, node in _walk(self.tree) if node["Node Type"] == "Seq Scan")
        return frozenset(node["Relation Name"] for node in scans)

    def __str__(self) -> str:
        return "\n".join("  " * depth + _line(node) for depth, node in _walk(self.tree))


def _walk(node: dict[str, Any], depth: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    yield depth, node
    for child in node.get("Plans", ()):
        yield from _walk(child, depth + 1)


def _line(node: dict[str, Any]) -> str:
    using = f" using {node['Index Name']}" if "Index Name" in node else ""
    on = f" on {node['Relation Name']}" if "Relation Name" in node else ""
    line = f"{node['Node Type']}{using}{on} (cost={node['Total Cost']} rows={node['Plan Rows']})"
    if "Actual Rows" in node:
        line += f" (actual ms={node['Actual Total Time']} rows={node['Actual Rows']})"
    conditions = ("Index Cond", "Recheck Cond", "Filter")
    return line + "".join(f" {key}: {node[key]}" for key in conditions if key in node)
