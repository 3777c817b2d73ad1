"""Every statement against the migrated schema and against the function and the row class that use it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import inspect
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from contract.calls import CALLS, MODULES
from psycopg import pq

from radarr_db import Page, resources
from radarr_db.sealed import Sealed
from radarr_db.statements import Statement, load

TABLES = sorted(path.stem for path in resources.folder("sql").glob("*.sql"))
STATEMENTS = [
    pytest.param(variant, id=f"{statement.name}-{number}")
    for table in TABLES
    for statement in load(table).values()
    for number, variant in enumerate(statement.variants())
]
FUNCTIONS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
}

# The server's types by OID, as the rows' annotations name them.
TYPES: dict[int, set[object]] = {
    16: {bool},
    20: {int},
    21: {int},
    23: {int},
    25: {str},
    700: {float},
    701: {float},
    1009: {list[str]},
    1082: {dt.date},
    1184: {dt.datetime},
    1186: {dt.timedelta},
    1700: {float},
}
JSONB = 3802


@pytest.fixture(scope="module")
def connection(database_conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_conninfo, autocommit=True) as connection:
        yield connection


def described(connection: psycopg.Connection, statement: Statement) -> pq.abc.PGresult:
    prepared = connection.pgconn.prepare(b"", statement.sql.encode())
    assert prepared.status == pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
    return connection.pgconn.describe_prepared(b"")


def row_class(function: Any) -> Any:
    """What a function's query reads its rows into: a dataclass, or a plain type."""
    (result,) = typing.get_args(typing.get_type_hints(function)["return"])
    while typing.get_origin(result) in (list, Page, types.UnionType):
        result = typing.get_args(result)[0]
    return result


def plain(hint: Any) -> tuple[Any, bool]:
    """The type of a field without None, and whether None may stand in it."""
    options = typing.get_args(hint) if typing.get_origin(hint) is types.UnionType else (hint,)
    kind = options[0]
    is_text = isinstance(kind, type) and issubclass(kind, (enum.Enum, Sealed))
    return str if is_text else kind, type(None) in options


def test_every_table_file_has_a_module_and_every_module_a_file() -> None:
    assert {module.__name__.rpartition(".")[2] for module in MODULES} == set(TABLES)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_functions_and_statements_have_the_same_names_in_the_same_order(module: ModuleType) -> None:
    table = module.__name__.rpartition(".")[2]
    source = inspect.getsource(module)
    functions = [name for name in FUNCTIONS if name.startswith(f"{table}.")]
    functions.sort(key=lambda name: source.index(f"\ndef {name.partition('.')[2]}("))
    assert functions == [statement.name for statement in load(table).values()]


def test_every_function_is_called_by_these_tests() -> None:
    assert set(CALLS) == set(FUNCTIONS)


@pytest.mark.parametrize("name", CALLS)
def test_a_function_runs_the_statement_of_its_name(name: str) -> None:
    for call in CALLS[name]:
        assert call().name == name


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_server_accepts_the_statement_and_counts_its_parameters(
    connection: psycopg.Connection, statement: Statement
) -> None:
    assert described(connection, statement).nparams == len(statement.parameters)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_columns_are_the_fields_of_the_row_class_in_order_and_type(
    connection: psycopg.Connection, statement: Statement
) -> None:
    result = described(connection, statement)
    columns = [result.fname(i).decode() for i in range(result.nfields)]  # type: ignore[union-attr]
    kind = row_class(FUNCTIONS[statement.name])
    if not dataclasses.is_dataclass(kind):
        assert len(columns) <= 1
        assert not columns or kind in TYPES[result.ftype(0)]
        return
    hints = {field.name: typing.get_type_hints(kind)[field.name] for field in dataclasses.fields(kind)}
    assert columns == list(hints)
    for number, (name, hint) in enumerate(hints.items()):
        if result.ftype(number) != JSONB:
            assert plain(hint)[0] in TYPES[result.ftype(number)], name


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_column_that_may_be_null_is_a_field_that_may_be_none(
    connection: psycopg.Connection, statement: Statement
) -> None:
    result = described(connection, statement)
    kind = row_class(FUNCTIONS[statement.name])
    if not dataclasses.is_dataclass(kind):
        return
    for number, (name, hint) in enumerate(typing.get_type_hints(kind).items()):
        nullable = connection.execute(
            """
            SELECT NOT a.attnotnull
            FROM pg_attribute AS a
            INNER JOIN pg_class AS c ON c.oid = a.attrelid
            -- A column of a view has no NOT NULL of its own.
            WHERE a.attrelid = %s AND a.attnum = %s AND c.relkind IN ('r', 'p')
            """,
            (result.ftable(number), result.ftablecol(number)),
        ).fetchone()
        assert nullable != (True,) or plain(hint)[1] or f"{name} IS NOT NULL" in statement.sql, name


@pytest.mark.parametrize("table", TABLES)
def test_a_page_never_stops_at_null(connection: psycopg.Connection, table: str) -> None:
    """A keyset cannot step over NULL: the sort says what one counts as, or none can be among the rows."""
    for statement in load(table).values():
        for sort in statement.sorts.values():
            filtered = f"{sort.attribute} >= $" in statement.sorts[sort.key].first.sql
            if filtered or "COALESCE" in sort.after.sql:
                continue
            result = described(connection, sort.first)
            columns = [result.fname(i) for i in range(result.nfields)]
            assert sort.attribute.encode() in columns
            hint = typing.get_type_hints(row_class(FUNCTIONS[statement.name]))[sort.attribute]
            assert not plain(hint)[1], f"{statement.name} sorted by {sort.key}"


def test_sql_files_hold_nothing_that_is_concatenated() -> None:
    sources = Path(inspect.getfile(MODULES[0])).parent.glob("*.py")
    for source in sources:
        assert "SELECT " not in source.read_text(encoding="utf-8"), source.name
