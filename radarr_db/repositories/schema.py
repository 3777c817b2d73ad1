"""What a database holds beside its rows: the queries of sql/schema.sql."""

from __future__ import annotations

from radarr_db import checks
from radarr_db.models.schema import AppliedMigration, Extension, ForeignKey, Relation, TableSize
from radarr_db.query import Query, column, many, scalar
from radarr_db.statements import load

_SQL = load("schema")

_name = checks.text(63)


def list_applied() -> Query[list[AppliedMigration]]:
    """The migrations that are applied, in order; StatementError where ``is_migrated`` gives False."""
    return many(AppliedMigration, _SQL["list_applied"])


def is_migrated() -> Query[bool]:
    """Whether migrations were ever applied."""
    return scalar(bool, _SQL["is_migrated"])


def list_relations() -> Query[list[Relation]]:
    """All tables with rows of their own, and all sequences, except those of extensions."""
    return many(Relation, _SQL["list_relations"])


def list_sizes() -> Query[list[TableSize]]:
    """The estimated number of rows of each table."""
    return many(TableSize, _SQL["list_sizes"])


def list_foreign_keys() -> Query[list[ForeignKey]]:
    """The foreign keys, as the statements that drop and make them."""
    return many(ForeignKey, _SQL["list_foreign_keys"])


def list_materialized_views() -> Query[list[str]]:
    """The names of the materialized views, as SQL has them."""
    return column(str, _SQL["list_materialized_views"])


def list_extensions() -> Query[list[Extension]]:
    """The extensions of the database."""
    return many(Extension, _SQL["list_extensions"])


def lacks_extension(name: str) -> Query[bool]:
    """Whether the server has an extension that the database has not."""
    return scalar(bool, _SQL["lacks_extension"], name=_name("name", name))
