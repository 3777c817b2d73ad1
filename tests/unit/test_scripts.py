from __future__ import annotations

import pytest

from radarr_db.operations.scripts import split


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'a;''b', E'it\\'s; --', \"a;\"\"b\", U&'\\0041;', $$;$$, $a$ $$; $b$ $a$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 1; END; $$",
        "DO $do$ BEGIN EXECUTE $x$ SELECT 1; $x$; END; $do$",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
        "create procedure p() begin /* ; */ atomic SELECT (CASE WHEN true THEN 1 END); END",
        "CREATE FUNCTION f() RETURNS int RETURN CASE WHEN true THEN 1 END",
        "CREATE RULE r AS ON DELETE TO a DO ALSO (DELETE FROM b; DELETE FROM c)",
        "CREATE TABLE t (begin int, atomic int, declare int)",
        "SELECT a$b$, $1 FROM t WHERE 'x' /* a /* b; */ c; */ = -- ; '\n'y'",
        "SELECT 10%3, '%s', ':name', '{}'::jsonb ? 'a'",
    ],
)
def test_a_statement_stays_whole_and_ends_at_its_semicolon(statement: str) -> None:
    assert [step.text for step in split(f"{statement};\nSELECT 1; {statement} ;SELECT 2")] == [
        statement,
        "SELECT 1",
        statement,
        "SELECT 2",
    ]


def test_comments_and_empty_statements_between_are_left_out_and_lines_are_counted() -> None:
    steps = split("-- one;\n/* two /* ; */\n*/ ;\nSELECT\n1 -- tail;\n; ;\n\n  SELECT 2\n-- end")
    assert [(step.text, step.line) for step in steps] == [("SELECT\n1", 4), ("SELECT 2", 8)]
    assert split("-- nothing\n/* here */") == []


@pytest.mark.parametrize("rest", ["'open; SELECT 2", "/* open; SELECT 2", "$$open; SELECT 2", "(open; SELECT 2"])
def test_what_is_not_closed_is_not_dropped(rest: str) -> None:
    assert " ".join(step.text for step in split(f"SELECT 1; SELECT {rest}")).count("SELECT") == 3


@pytest.mark.parametrize(
    "statement",
    [
        "BEGIN",
        "begin isolation level serializable",
        "START TRANSACTION",
        "COMMIT",
        "End",
        "ROLLBACK TO a",
        "ABORT",
        "SAVEPOINT a",
        "RELEASE a",
        "PREPARE\n TRANSACTION 'a'",
    ],
)
def test_transaction_control_is_known(statement: str) -> None:
    assert split(f"-- first\n{statement};")[0].controls_transaction


@pytest.mark.parametrize("statement", ["PREPARE a AS SELECT 1", "SELECT 'COMMIT'", "DO $$ BEGIN END $$", "beginning"])
def test_other_statements_are_not_taken_for_transaction_control(statement: str) -> None:
    assert not split(statement)[0].controls_transaction
