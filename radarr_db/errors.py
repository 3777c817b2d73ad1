"""The errors that radarr_db raises, and the one translator from the driver's errors to them.

The text of an error names what was wrong and never holds a row's values: PostgreSQL puts whole rows, secrets
included, into DETAIL and CONTEXT, so neither is taken over.
"""

from __future__ import annotations

import psycopg
from psycopg import errors as pg


class RadarrDbError(Exception):
    """Base of every error of this library."""


class NotFoundError(RadarrDbError):
    """What a ``get`` or a write by id asked for does not exist."""


class ConflictError(RadarrDbError):
    """The write contradicts what is stored: a duplicate, a missing parent, a row still in use.

    ``constraint`` is the name of the violated constraint.
    """

    def __init__(self, message: str, *, constraint: str | None = None) -> None:
        super().__init__(message)
        self.constraint = constraint


class InvalidArgumentError(RadarrDbError, ValueError):
    """An argument was refused, before any SQL ran wherever the rule is known here.

    ``argument`` names it, or the field of it that was at fault, in a list with its place: ``movies[3].title``.
    """

    def __init__(self, argument: str, problem: str) -> None:
        # As they came, so that a process pool can hand the error on.
        super().__init__(argument, problem)
        self.argument = argument

    def __str__(self) -> str:
        return ": ".join(self.args)


class RetryableError(RadarrDbError):
    """Nothing was written, and the same work may succeed when tried again: deadlock, serialization, lock timeout."""


class UnavailableError(RadarrDbError):
    """The server cannot be reached, refused the connection or broke it off; the text says what to do."""


class StatementError(RadarrDbError):
    """A statement is at fault: a bad SQL file, or a schema that does not fit it."""


class MigrationError(RadarrDbError):
    """A migration failed, or an applied one was edited, renamed or deleted."""


class BackupError(RadarrDbError):
    """A backup could not be made, verified or restored."""


class SecretError(RadarrDbError):
    """A secret cannot be opened, or there are no keys; the text says which, and holds neither."""


# The first that fits counts: psycopg's classes of the SQL states lie below its general ones.
_KINDS: tuple[tuple[tuple[type[psycopg.Error], ...], type[RadarrDbError], str], ...] = (
    ((pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable), RetryableError, ""),
    (
        (pg.UndefinedTable, pg.UndefinedColumn, pg.UndefinedFunction),
        StatementError,
        "; is the schema up to date? `radarr-db status` tells",
    ),
    (
        (pg.IdleInTransactionSessionTimeout,),
        UnavailableError,
        "; do what takes long outside the transaction, or raise idle_in_transaction_timeout",
    ),
    ((pg.QueryCanceled,), UnavailableError, "; the time limits are settings of the pool"),
    ((pg.ReadOnlySqlTransaction,), UnavailableError, "; the server is a standby, or the transaction read-only"),
    ((psycopg.OperationalError, psycopg.InterfaceError), UnavailableError, ""),
    ((psycopg.ProgrammingError, psycopg.NotSupportedError), StatementError, ""),
)


def translate(error: psycopg.Error, name: str) -> RadarrDbError:
    """The error of this library for the driver's error; ``name`` is the query or act that failed.

    Raise it ``from`` the driver's error: that one is cut down to its first line here, since its full text may
    hold the row. What was cut stays in its ``diag``.
    """
    diag = error.diag
    primary = diag.message_primary or str(error).partition("\n")[0]
    if diag.sqlstate and diag.sqlstate.startswith("22"):
        primary = "the server refused a value"  # the message of class 22 quotes the value
    error.args = (primary,)
    text = f"{name}: {primary}"
    if isinstance(error, (pg.CheckViolation, pg.NotNullViolation)):
        return InvalidArgumentError(diag.column_name or diag.constraint_name or "row", text)
    if isinstance(error, psycopg.IntegrityError):
        return ConflictError(text, constraint=diag.constraint_name)
    if isinstance(error, (psycopg.DataError, pg.ProgramLimitExceeded)):
        return InvalidArgumentError("parameters", f"{text} ({diag.sqlstate})")
    for kinds, ours, advice in _KINDS:
        if isinstance(error, kinds):
            return ours(f"{text}{advice}")
    return RadarrDbError(text)
