"""`assignkit history`: what happened to an item, and whether the history is what it was."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import RULES_ARE_WRONG, USAGE, fail, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assignkit.model.assignment import Event
    from assignkit.proving.chain import Head
    from assignkit.repositories.base import HistoryRepository

NOT_AS_IT_WAS = RULES_ARE_WRONG

history = typer.Typer(
    help="What happened, from a store or an export of it, and whether it is as it was.", no_args_is_help=True
)

File = Annotated[
    str | None, typer.Argument(metavar="[EVENTS]", help="An export, JSON lines, `-` for stdin.", show_default=False)
]
Url = Annotated[str | None, typer.Option("--store", metavar="URL", help="The store, such as sqlite:///desk.db.")]
Tenant = Annotated[str | None, typer.Option("--tenant", metavar="NAME", help="Whose books, where many share tables.")]
Prefix = Annotated[str, typer.Option("--prefix", metavar="TEXT", help="What the names of the tables begin with.")]
Schema = Annotated[str | None, typer.Option("--db-schema", metavar="NAME", help="The schema of the tables.")]
_PREFIX = "assignkit_"


@history.command()
@guarded
def show(
    events: File = None,
    *,
    item: Annotated[str, typer.Option("--item", metavar="ID", help="The item.", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="What kind of item it is.")] = "customers",
    store: Url = None,
    tenant: Tenant = None,
    prefix: Prefix = _PREFIX,
    db_schema: Schema = None,
) -> None:
    """Tell what happened to one item, oldest first. Exit code 2 if nothing did."""
    found = [
        event
        for event in _events(events, store, tenant=tenant, prefix=prefix, schema=db_schema)
        if (event.kind, event.item_id) == (kind, item)
    ]
    if not found:
        fail(f"nothing is known of `{item}` of {kind}", USAGE)
    for event in found:
        typer.echo(_told(event))


@history.command()
@guarded
def verify(
    events: File = None,
    *,
    seals: Annotated[str | None, typer.Option("--seals", metavar="FILE", help="What `seal` wrote: names rows.")] = None,
    expect: Annotated[
        list[str] | None, typer.Option("--expect", metavar="HEAD", help="A head that was kept, `number:digest`.")
    ] = None,
    store: Url = None,
    tenant: Tenant = None,
    prefix: Prefix = _PREFIX,
    db_schema: Schema = None,
) -> None:
    """Tell what is not as it was sealed. Exit code 0: nothing, 1: something is, 2: files or usage."""
    from assignkit.proving.chain import Head  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.proving.sealing import SealFile  # noqa: PLC0415
    from assignkit.proving.verifying import verify as verified  # noqa: PLC0415

    heads = [Head.of(text) for text in expect or ()]
    sealed = list(SealFile(_existing(seals)).seals()) if seals is not None else []
    found = verified(_events(events, store, tenant=tenant, prefix=prefix, schema=db_schema), sealed, expect=heads)
    for finding in found.findings:
        typer.echo(str(finding))
    if not found.ok:
        raise typer.Exit(NOT_AS_IT_WAS)
    typer.echo(f"{found.sealed:,} sealed events are as they were; {found.unsealed:,} are not sealed")
    typer.echo(f"head {found.head}")


@history.command()
@guarded
def heads(
    events: File = None,
    *,
    every: Annotated[
        int | None, typer.Option("--every", metavar="NUMBER", min=1, help="A head after so many events each.")
    ] = None,
    store: Url = None,
    tenant: Tenant = None,
    prefix: Prefix = _PREFIX,
    db_schema: Schema = None,
) -> None:
    """Print the head over all events, to be kept where nobody can change it with the history."""
    from assignkit.proving.chain import heads as made  # noqa: PLC0415

    found: Iterator[Head] = made(_events(events, store, tenant=tenant, prefix=prefix, schema=db_schema), every=every)
    for head in found:
        typer.echo(str(head))


@history.command()
@guarded
def seal(
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="Where seals are appended.", show_default=False)],
    *,
    store: Annotated[str, typer.Option("--store", metavar="URL", help="The store.", show_default=False)],
    tenant: Tenant = None,
    prefix: Prefix = _PREFIX,
    db_schema: Schema = None,
) -> None:
    """Seal what happened since the last seal, and print the head; to be run on a schedule."""
    from assignkit.proving.sealing import SealFile  # noqa: PLC0415

    with _opened(store, tenant=tenant, prefix=prefix, schema=db_schema) as repository:
        typer.echo(str(SealFile(out).seal(repository)))


@history.command()
@guarded
def export(
    *,
    store: Annotated[str, typer.Option("--store", metavar="URL", help="The store.", show_default=False)],
    tenant: Tenant = None,
    prefix: Prefix = _PREFIX,
    db_schema: Schema = None,
) -> None:
    """Write all events to the standard output, as JSON lines, oldest first."""
    for event in _events(None, store, tenant=tenant, prefix=prefix, schema=db_schema):
        typer.echo(event.model_dump_json())


def _events(
    path: str | None, store: str | None, *, tenant: str | None, prefix: str, schema: str | None
) -> Iterator[Event]:
    from assignkit.proving.exports import read_events  # noqa: PLC0415
    from assignkit.proving.sealing import events_of  # noqa: PLC0415

    if (path is None) == (store is None):
        fail("say where the events are: EVENTS or --store URL, one of them", USAGE)
    if path is not None:
        yield from read_events(path)
    elif store is not None:
        with _opened(store, tenant=tenant, prefix=prefix, schema=schema) as repository:
            yield from events_of(repository)


@contextmanager
def _opened(url: str, *, tenant: str | None, prefix: str, schema: str | None) -> Iterator[HistoryRepository]:
    """Yield the history of a store that is there already."""
    try:
        from assignkit.repositories.sql import SqlStore  # noqa: PLC0415 - its packages may be missing
    except ImportError as error:
        from assignkit.errors import MissingExtraError  # noqa: PLC0415

        raise MissingExtraError(extra="sql") from error
    file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
    if file and not Path(file).is_file():
        fail(f"there is no store {file}", USAGE)  # SQLite would make an empty one
    opened = SqlStore(url, schema=schema, prefix=prefix, tenant=tenant)
    try:
        yield opened.history
    finally:
        opened.close()


def _existing(path: str) -> str:
    if not Path(path).is_file():
        fail(f"there is no file {path}", USAGE)
    return path


def _told(event: Event) -> str:
    who = f" {event.agent_id}" if event.agent_id else ""
    rule = f' by rule "{event.rule}"' if event.rule else ""
    actor = f" by {event.actor}" if event.actor else ""
    reason = f": {event.reason}" if event.reason else ""
    return f"{event.number} {event.at.isoformat()} {event.type}{who}{rule}{actor}{reason}"
