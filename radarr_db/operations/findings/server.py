"""What is wrong with the server as a whole, or with what of it can be seen."""

from __future__ import annotations

from radarr_db.models.monitoring import Checkpoints, Readiness, Replica, ReplicationSlot, Server, Wraparound
from radarr_db.operations.findings.base import Finding, Severity, Threshold, duration, size

# Of the connections that this role could have: a fifth left is what a deployment takes when old and new run at once.
CONNECTIONS_USED = Threshold(0.8, 0.95)

# Autovacuum freezes a table at a tenth of the limit: at four times that it does not get through. At three quarters the
# server drops all else to freeze (vacuum_failsafe_age).
WRAPAROUND_USED = Threshold(0.4, 0.75)

# A standby at work is milliseconds behind; after five minutes nobody can count on it as a spare.
LAG_SECONDS = Threshold(30, 300)
LAG_BYTES = Threshold(1 << 30, 16 << 30)

# A slot keeps WAL for as long as its reader is away, until the disk is full.
SLOT_BYTES = 1 << 30

# More than half of the checkpoints forced means that max_wal_size is too small; a few prove nothing.
FORCED_CHECKPOINTS = 0.5
FEWEST_CHECKPOINTS = 50


def no_schema(server: Server) -> Finding | None:
    """The tables of the library are missing."""
    if server.has_schema:
        return None
    return Finding(Severity.CRITICAL, "schema", "the schema of radarr_db is not there", "radarr-db migrate")


def unreadable_schema(server: Server) -> Finding | None:
    """The role may not read which migrations are applied."""
    if server.reads_schema or not server.has_schema:
        return None
    return Finding(
        Severity.NOTICE,
        f"role {server.role_name}",
        "it may not see which migrations are applied, so readiness is left out",
        f"as the owner: GRANT SELECT ON _yoyo_migration TO {server.role_name}",
    )


def unreadable_checkpoints(server: Server) -> Finding | None:
    """The role may not ask for the checkpoints."""
    if server.reads_checkpoints is not False:
        return None
    return Finding(
        Severity.NOTICE,
        f"role {server.role_name}",
        "it may not ask for the checkpoints, so they are left out",
        f"as the owner: GRANT EXECUTE ON FUNCTION checkpoint_counts() TO {server.role_name}",
    )


def narrow_view(server: Server) -> Finding | None:
    """The role does not see what other roles do."""
    if server.sees_all:
        return None
    return Finding(
        Severity.NOTICE,
        f"role {server.role_name}",
        "it does not see what other roles do: their states, transactions, statements and lag are left out",
        f"as a superuser: GRANT pg_monitor TO {server.role_name}",
    )


def statements_not_tracked(server: Server) -> Finding | None:
    """pg_stat_statements cannot be asked."""
    if not server.statements_loaded:
        return Finding(
            Severity.NOTICE,
            "pg_stat_statements",
            "the server has not loaded it, so nobody knows which statements are slow",
            "add it to shared_preload_libraries, restart the server, and as a superuser, in this database: "
            "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
        )
    if not server.statements_created:
        return Finding(
            Severity.NOTICE,
            "pg_stat_statements",
            "it is loaded, but not created in this database",
            "as a superuser, in this database: CREATE EXTENSION pg_stat_statements",
        )
    return None


def old_schema(readiness: Readiness) -> Finding | None:
    """Migrations are pending."""
    if readiness.schema_version >= readiness.expected_version:
        return None
    problem = f"it is at version {readiness.schema_version} of {readiness.expected_version}"
    return Finding(Severity.CRITICAL, "schema", problem, "radarr-db migrate")


def few_connections_left(readiness: Readiness) -> Finding | None:
    """The connections that this role can have are almost used up."""
    possible = readiness.connections + readiness.connections_left
    severity = CONNECTIONS_USED.severity(readiness.connections / possible)
    if severity is None:
        return None
    return Finding(
        severity,
        "connections",
        f"{readiness.connections} are open, and only {readiness.connections_left} more can be",
        "make pools smaller (PoolSettings.max_size), put PgBouncer before the server, or raise the limit of the "
        "server (max_connections), the database or the role",
    )


def wraparound(row: Wraparound) -> Finding | None:
    """A database or a table comes near the end of the transaction ids."""
    severity = WRAPAROUND_USED.severity(row.used)
    if severity is None:
        return None
    act = f"VACUUM (FREEZE, VERBOSE) {row.name}" if row.kind == "table" else f"in database {row.name}: VACUUM (FREEZE)"
    return Finding(
        severity,
        f"{row.kind} {row.name}",
        f"{row.used:.0%} of the transaction ids are used up; before 100% the server stops writing",
        f"{act}; if it does not help, end old transactions, also in pg_prepared_xacts, and drop dead replication slots",
    )


def replica(row: Replica) -> Finding | None:
    """A standby is behind, or no longer follows."""
    subject = "standby" if row.name == "this server" else f"standby {row.name}"
    if row.state == "disconnected":
        return Finding(
            Severity.WARNING,
            subject,
            "it receives nothing from its primary",
            "see its log and its primary_conninfo; a standby that missed too much WAL must be made anew",
        )
    behind = f"it is {duration(row.lag_seconds)} and {size(row.lag_bytes)} behind"
    if row.state == "paused":
        return Finding(
            Severity.WARNING, subject, f"its replay is paused; {behind}", "on it: SELECT pg_wal_replay_resume()"
        )
    found = [LAG_SECONDS.severity(row.lag_seconds), LAG_BYTES.severity(row.lag_bytes)]
    severity = next((each for each in Severity if each in found), None)
    if severity is None:
        return None
    return Finding(
        severity, subject, behind, "look on it for long queries that hold up replay, a slow disk and a slow network"
    )


def slot(row: ReplicationSlot) -> Finding | None:
    """A replication slot serves nobody, or keeps much WAL."""
    much = (row.retained_bytes or 0) >= SLOT_BYTES
    if row.active and not much:
        return None
    drop = f"SELECT pg_drop_replication_slot('{row.name}')"
    if row.wal_status == "lost":
        problem, severity = "its WAL is gone: whoever read from it must be made anew", Severity.WARNING
    elif row.active:
        problem, severity = f"its reader is slow: {size(row.retained_bytes)} of WAL are kept for it", Severity.WARNING
        drop = "see what its reader does; max_slot_wal_keep_size bounds what is kept"
    else:
        problem = f"nobody reads from it, and {size(row.retained_bytes)} of WAL are kept for it, with more to come"
        severity = Severity.CRITICAL if much else Severity.WARNING
        drop = f"bring its reader back, or, if it will not come: {drop}"
    return Finding(severity, f"replication slot {row.name}", problem, drop)


def checkpoints(row: Checkpoints) -> Finding | None:
    """Checkpoints are forced."""
    total = row.timed + row.requested
    if total < FEWEST_CHECKPOINTS or row.requested / total < FORCED_CHECKPOINTS:
        return None
    return Finding(
        Severity.NOTICE,
        "checkpoints",
        f"{row.requested} of {total} were asked for before their time, most likely since WAL had no more room",
        "if the log says \"checkpoints are occurring too frequently\": ALTER SYSTEM SET max_wal_size = '4GB', more "
        "than now, then SELECT pg_reload_conf()",
    )
