"""`assignkit db`: the tables of a store, brought up to date, written down, and audited."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import RULES_ARE_WRONG, guarded
from assignkit.cli.stores import PREFIX, Place, Prefix, Tenant, check_names, connected, opened, refuse_newer

if TYPE_CHECKING:
    from assignkit.repositories.sql.connections import Connections

NOT_IN_ORDER = RULES_ARE_WRONG
_CENTURY_SECONDS = 100 * 365 * 86_400.0

db = typer.Typer(help="The tables of a store: made, brought up to date, and audited.", no_args_is_help=True)

Url = Annotated[
    str, typer.Argument(metavar="URL", help="The store: sqlite:///file.db or postgresql://…", show_default=False)
]
Schema = Annotated[
    str | None, typer.Option("--db-schema", "--schema", metavar="NAME", help="The schema of the tables (PostgreSQL).")
]


class Dialect(StrEnum):
    """The databases that tables can be in."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@db.command()
@guarded
def upgrade(url: Url, *, prefix: Prefix = PREFIX, db_schema: Schema = None) -> None:
    """Make the tables, or bring them up to this release. Nothing happens if they are."""
    place = Place(url, None, prefix, db_schema)
    with connected(place, new=True) as (connections, standing):
        if standing.tables == "newer":
            refuse_newer(place, standing)
        if standing.pending:
            from assignkit.repositories.sql.migrations.upgrading import upgrade as apply  # noqa: PLC0415

            apply(connections, schema=db_schema, prefix=prefix)
    match standing.tables:
        case "absent":
            typer.echo(f"{place}: the tables are made, at {standing.newest}")
        case "older":
            typer.echo(f"{place}: the tables were at {standing.revision}, and are at {standing.newest} now")
        case _:
            typer.echo(f"{place}: the tables are up to date, at {standing.newest}")


@db.command()
@guarded
def check(url: Url, *, tenant: Tenant = None, prefix: Prefix = PREFIX, db_schema: Schema = None) -> None:
    """Tell how the database stands, and audit what the tables promise. Exit code 1 if something is not in order."""
    place = Place(url, tenant, prefix, db_schema)
    with connected(place) as (connections, standing):
        typer.echo(f"{place}: {standing.server}, reachable")
        if standing.tables == "newer":
            refuse_newer(place, standing)
        if standing.pending:
            told = "no tables yet" if standing.revision is None else f"tables at {standing.revision}"
            advice = f"`assignkit db upgrade {place}{place.options}` brings them to {standing.newest}"
            typer.echo(f"{told}, {', '.join(standing.pending)} to come: {advice}")
            raise typer.Exit(NOT_IN_ORDER)
        typer.echo(f"tables at {standing.revision}, as this release wants them")
        in_order = _audit(connections, place)
    if not in_order:
        raise typer.Exit(NOT_IN_ORDER)


def _audit(connections: Connections, place: Place) -> bool:
    """Tell what the audit finds; returns whether that is nothing."""
    from assignkit.repositories.sql.auditing import Auditor  # noqa: PLC0415 - its packages may be missing

    found = Auditor(connections, schema=place.schema, prefix=place.prefix, tenant=place.tenant).run()
    typer.echo(f"{found.placements:,} items placed, {found.assignments:,} assignments, {found.events:,} events")
    for breach in found.breaches:
        typer.echo(str(breach))
    if not found.breaches:
        typer.echo("one holder per item, fences, loads, ceilings and history: as they should be")
    return not found.breaches


@db.command()
@guarded
def ddl(
    dialect: Annotated[Dialect, typer.Argument(help="The database that it is for.", show_default=False)],
    *,
    prefix: Prefix = PREFIX,
    db_schema: Schema = None,
) -> None:
    """Write down what `upgrade` would do to an empty database, as SQL. Nothing is connected to."""
    from assignkit.repositories.sql.migrations.upgrading import ddl as written  # noqa: PLC0415

    check_names(prefix, db_schema, sqlite=dialect is Dialect.SQLITE)
    typer.echo(written(dialect.value, schema=db_schema, prefix=prefix), nl=False)


@db.command()
@guarded
def prune(
    url: Url,
    *,
    older_than: Annotated[
        str,
        typer.Option("--older-than", metavar="TIME", help="How old, such as 7d; a day at least.", show_default=False),
    ],
    tenant: Tenant = None,
    prefix: Prefix = PREFIX,
    db_schema: Schema = None,
) -> None:
    """Delete old answers to retries, and old events that nobody was told of. History and records stay."""
    from assignkit.cli.measures import seconds_of  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.clock import SystemClock  # noqa: PLC0415

    age = timedelta(seconds=min(seconds_of(older_than, option="--older-than"), _CENTURY_SECONDS))
    with opened(Place(url, tenant, prefix, db_schema)) as store:
        gone = store.prune(SystemClock().now() - age)
    typer.echo(f"{gone.answers:,} answers and {gone.outbox:,} events that nobody was told of are gone")
