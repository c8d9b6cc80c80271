"""`assignkit history`: what happened to an item, and whether the history is what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import RULES_ARE_WRONG, USAGE, fail, guarded
from assignkit.cli.speech import speak, spoken
from assignkit.cli.stores import Place, RequiredStore, StoreOptions, opened
from assignkit.cli.streams import write_data
from assignkit.messages.text import say
from assignkit.rules.naming import kind_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assignkit.model.assignment import Event
    from assignkit.proving.chain import Head

NOT_AS_IT_WAS = RULES_ARE_WRONG

history = typer.Typer(
    help="What happened, from a store or an export of it, and whether it is as it was.", no_args_is_help=True
)

File = Annotated[
    str | None, typer.Argument(metavar="[EVENTS]", help="An export, JSON lines, `-` for stdin.", show_default=False)
]


@history.command()
@guarded
def show(
    events: File = None,
    *,
    item: Annotated[str, typer.Option("--item", metavar="ID", help="The item.", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="What kind of item it is.")] = "customers",
    store: StoreOptions,
) -> None:
    """Tell what happened to one item, oldest first. Exit code 2 if nothing did."""
    if events is None and store.place is not None:
        with opened(store.place) as there:
            found = there.history.of_item(kind, item)
    else:
        every = _events(events, store.place)
        found = [event for event in every if (event.kind, event.item_id) == (kind, item)]
    if not found:
        fail(say("cli.nothing_known", item=item, kind=kind_told(kind)), USAGE)
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
    kept: Annotated[
        str | None, typer.Option("--heads", metavar="FILE", help="Heads that were kept, one in each line.")
    ] = None,
    store: StoreOptions,
) -> None:
    """Tell what is not as it was sealed. Exit code 0: nothing, 1: something is, 2: files or usage."""
    from assignkit.proving.chain import Head  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.proving.exports import HeadFile  # noqa: PLC0415
    from assignkit.proving.sealing import SealFile  # noqa: PLC0415
    from assignkit.proving.verifying import verify as verified  # noqa: PLC0415

    heads = [Head.of(text) for text in expect or ()]
    heads += HeadFile(_existing(kept)).heads() if kept is not None else ()
    sealed = list(SealFile(_existing(seals)).seals()) if seals is not None else []
    found = verified(_events(events, store.place), sealed, expect=heads)
    for finding in found.findings:
        typer.echo(finding.told(spoken()))
    if not found.ok:
        raise typer.Exit(NOT_AS_IT_WAS)
    typer.echo(speak("sealed", sealed=found.sealed, unsealed=found.unsealed))
    if not (sealed or heads):
        typer.echo(speak("not_compared"), err=True)
    typer.echo(speak("head", head=found.head))


@history.command()
@guarded
def heads(
    events: File = None,
    *,
    every: Annotated[
        int | None, typer.Option("--every", metavar="NUMBER", min=1, help="A head after so many events each.")
    ] = None,
    store: StoreOptions,
) -> None:
    """Print the head over all events, to be kept where nobody can change it with the history."""
    from assignkit.proving.chain import heads as made  # noqa: PLC0415

    found: Iterator[Head] = made(_events(events, store.place), every=every)
    for head in found:
        typer.echo(str(head))


@history.command()
@guarded
def seal(
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="Where seals are appended.", show_default=False)],
    *,
    store: RequiredStore,
) -> None:
    """Seal what happened since the last seal, and print the head; to be run on a schedule."""
    from assignkit.proving.sealing import SealFile  # noqa: PLC0415

    with opened(store.place) as found:
        typer.echo(str(SealFile(out).seal(found.history)))


@history.command()
@guarded
def export(*, store: RequiredStore) -> None:
    """Write all events to the standard output, as JSON lines, oldest first."""
    for event in _events(None, store.place):
        write_data(f"{event.model_dump_json()}\n".encode())


def _events(path: str | None, place: Place | None) -> Iterator[Event]:
    from assignkit.proving.exports import read_events  # noqa: PLC0415
    from assignkit.proving.sealing import events_of  # noqa: PLC0415

    if (path is None) == (place is None):
        fail(say("cli.where_are_events"), USAGE)
    if path is not None:
        yield from read_events(path)
    elif place is not None:
        with opened(place) as store:
            yield from events_of(store.history)


def _existing(path: str) -> str:
    if not Path(path).exists():
        fail(say("cli.no_file", path=path), USAGE)
    return path


def _told(event: Event) -> str:
    who = f" {event.agent_id}" if event.agent_id else ""
    rule = speak("event_rule", rule=event.rule) if event.rule else ""
    actor = speak("event_actor", actor=event.actor) if event.actor else ""
    reason = speak("event_reason", reason=event.reason) if event.reason else ""
    return f"{event.number} {event.at.isoformat()} {event.type}{who}{rule}{actor}{reason}"
