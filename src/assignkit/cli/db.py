"""`assignkit db`: the tables of a store, brought up to date, written down, and audited."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import RULES_ARE_WRONG, guarded
from assignkit.cli.speech import speak
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
            typer.echo(speak("tables_made", place=place, newest=standing.newest))
        case "older":
            told = {"revision": standing.revision, "newest": standing.newest}
            typer.echo(speak("tables_upgraded", place=place, **told))
        case _:
            typer.echo(speak("tables_up_to_date", place=place, newest=standing.newest))


@db.command()
@guarded
def check(url: Url, *, tenant: Tenant = None, prefix: Prefix = PREFIX, db_schema: Schema = None) -> None:
    """Tell how the database stands, and audit what the tables promise. Exit code 1 if something is not in order."""
    place = Place(url, tenant, prefix, db_schema)
    with connected(place) as (connections, standing):
        typer.echo(speak("reachable", place=place, server=standing.server))
        if standing.tables == "newer":
            refuse_newer(place, standing)
        if standing.pending:
            facts = {"pending": standing.pending, "place": place, "options": place.options, "newest": standing.newest}
            if standing.revision is None:
                typer.echo(speak("no_tables_yet", **facts))
            else:
                typer.echo(speak("tables_behind", revision=standing.revision, **facts))
            raise typer.Exit(NOT_IN_ORDER)
        typer.echo(speak("tables_as_wanted", revision=standing.revision))
        in_order = _audit(connections, place)
    if not in_order:
        raise typer.Exit(NOT_IN_ORDER)


def _audit(connections: Connections, place: Place) -> bool:
    """Tell what the audit finds; returns whether that is nothing."""
    from assignkit.repositories.sql.auditing import Auditor  # noqa: PLC0415 - its packages may be missing

    found = Auditor(connections, schema=place.schema, prefix=place.prefix, tenant=place.tenant).run()
    counts = {"placements": found.placements, "assignments": found.assignments, "events": found.events}
    typer.echo(speak("audited", **counts))
    for breach in found.breaches:
        typer.echo(str(breach))
    if not found.breaches:
        typer.echo(speak("in_order"))
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
    typer.echo(speak("pruned", answers=gone.answers, outbox=gone.outbox))
