"""radarr-db roles."""

from __future__ import annotations

import click

from radarr_db import connections
from radarr_db.commands.base import cli, dsn_option, epilog, json_option, print_json
from radarr_db.operations import roles as operations_roles
from radarr_db.terminal import ERR, OUT


@cli.command(
    epilog=epilog(
        "  radarr-db roles | less\n"
        "  radarr-db roles | psql -d radarr -v ON_ERROR_STOP=1\n"
        "  radarr-db roles --apply --dsn postgresql://postgres@localhost/radarr",
        {
            0: "the SQL is printed, or the roles are there",
            1: "no migrations, a role with more power, no right to make roles, or no server; nothing changed",
        },
    )
)
@dsn_option
@click.option("--prefix", default="radarr", show_default=True, help="What the names begin with: PREFIX_app.")
@click.option("--apply", is_flag=True, help="Run the SQL, in one transaction.")
@json_option
def roles(dsn: str, prefix: str, apply: bool, as_json: bool) -> None:
    """Print or apply roles that may do what they must.

    And no more than that:

    \b
    owner    owns all: for migrations and maintenance
    app      reads and writes rows: for services
    read     reads rows: for reports
    monitor  sees statistics, and no row
    backup   reads all, for pg_dump, also in other databases that let it in

    Nobody can log in as them until you say so: ALTER ROLE radarr_app LOGIN PASSWORD '...', or GRANT radarr_app
    to a login. The database and all in it come to belong to the owner. Run it again after a restore, or when
    someone else than the owner made something; where all is in place it changes nothing.
    """  # noqa: D301 - click takes the character, and not its escape
    if not apply:
        statements = operations_roles.statements(dsn, prefix=prefix)
        if as_json:
            print_json(statements)
        else:
            _print(statements, connections.describe(dsn))
        return
    made = operations_roles.apply(dsn, prefix=prefix)
    if as_json:
        print_json({"roles": made})
        return
    for name in made:
        OUT.print(f"in place  {name}")
    ERR.print(
        f"Nobody can log in as a new role yet. For {prefix}_app: ALTER ROLE {prefix}_app LOGIN; "
        f"and psql's \\password {prefix}_app",
        soft_wrap=True,
    )


def _print(statements: list[str], where: str) -> None:
    OUT.print(f"-- Roles for {where}.\n-- For a superuser: radarr-db roles | psql -v ON_ERROR_STOP=1", soft_wrap=True)
    OUT.print("BEGIN;")
    for statement in statements:
        OUT.print(f"\n{statement}" if statement.startswith("--") else statement, soft_wrap=True)
    OUT.print("\nCOMMIT;")
