"""What is wrong with a server or a database, and what to do: pure functions from the rows of monitoring queries."""

from radarr_db.operations.findings.base import Finding, Severity

__all__ = ["Finding", "Severity"]
