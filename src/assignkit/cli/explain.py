"""`assignkit explain`: says what would become of one item, and why."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options, stores
from assignkit.cli.exits import USAGE, fail, guarded
from assignkit.cli.speech import spoken
from assignkit.cli.streams import write_data
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.clock import Clock
    from assignkit.importing.records import Imported
    from assignkit.model.explanation import Explanation
    from assignkit.model.record import Item


class ExplanationFormat(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"


class Kind(StrEnum):
    """The kinds of item that a file or a store has."""

    CUSTOMERS = "customers"
    TASKS = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The item that is asked for: one of `customer` and `task` (JSON) or `item` (an identity)."""

    customer: Annotated[str | None, typer.Option("--customer", metavar="JSON", help="The customer, as JSON.")] = None
    task: Annotated[str | None, typer.Option("--task", metavar="JSON", help="The task, as JSON.")] = None
    item: Annotated[
        str | None, typer.Option("--item", metavar="ID", help="The identity of an item in a file, or in the store.")
    ] = None
    kind: Annotated[Kind, typer.Option("--kind", help="What kind of item `--item` is, in the store.")] = Kind.CUSTOMERS


@guarded
def explain(
    rules: options.Rules,
    *,
    agents: options.AgentsOfDesk = None,
    sought: Sought,
    customers: options.Customers = None,
    tasks: options.Tasks = None,
    store: stores.StoreOptions,
    form: Annotated[ExplanationFormat, typer.Option("--format", help="How it is written.")] = ExplanationFormat.TEXT,
    seed: options.Seed = "",
    now: options.Now = None,
    reading: options.Reading,
) -> None:
    """Say what would become of one item now, and why; for one that an agent of a store holds: how it got there.

    Nothing is decided, nothing is written.
    """
    from assignkit.cli.bootstrap import clock_at, read_inputs  # noqa: PLC0415 - `--help` need not wait for the library

    _check(sought)
    inputs = reading.of(agents=agents, customers=customers, tasks=tasks)
    asked = Asked(rules, sought, clock_at(now, reading.zone), seed)
    read = read_inputs(inputs)
    if (place := store.place) is not None:
        from assignkit.cli.explain_in_store import explain_in_store  # noqa: PLC0415

        why = explain_in_store(asked, inputs, read, place)
    elif agents is None:
        fail(say("cli.say_who"), USAGE)
    else:
        why = _explain(asked, inputs, read)
    if form is ExplanationFormat.JSON:
        write_data(f"{why.to_json()}\n".encode())
    else:
        typer.echo(why.to_text(language=spoken()))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: what would become of which item, by which rules and when."""

    rules: str
    sought: Sought
    clock: Clock
    seed: str


def _explain(asked: Asked, inputs: Inputs, read: Read) -> Explanation:
    from assignkit.cli.bootstrap import open_desk, read_rules  # noqa: PLC0415

    item, read = item_of(asked.sought, inputs, read)
    rules = read_rules(asked.rules, read)
    return open_desk(rules, read, clock=asked.clock, seed=asked.seed, zone=inputs.zone).explain(item)


def _check(sought: Sought) -> None:
    if sum(given is not None for given in (sought.customer, sought.task, sought.item)) != 1:
        fail(say("cli.say_which_item"), USAGE)


def item_of(sought: Sought, inputs: Inputs, read: Read) -> tuple[Item, Read]:
    """Return the item that a file or JSON on the command line describes, and what is known with it."""
    if sought.item is not None:
        return _find(sought.item, inputs, read), read
    kind, text = ("tasks", sought.task) if sought.task is not None else ("customers", sought.customer)
    given = _given(kind, text or "", read, inputs.zone)
    return given.records[0], read.with_columns(kind, given.fields)


def _find(identity: str, inputs: Inputs, read: Read) -> Item:
    items = read.tasks if inputs.kind == "tasks" else read.customers
    found = next((item for item in items if item.id == identity), None)
    if found is None:
        path = inputs.tasks if inputs.kind == "tasks" else inputs.customers
        if path is None:
            fail(say("cli.say_which_file", item=identity), USAGE)
        fail(say("cli.not_among_items", item=identity, items=len(items), path=path), USAGE)
    return found


def _given(kind: str, text: str, read: Read, zone: str) -> Imported[Item]:
    """Return the item that JSON on the command line describes; one without `id` is given one."""
    from assignkit.importing.items import item_from_json  # noqa: PLC0415 - as above

    option = "--customer" if kind == "customers" else "--task"
    with suppress(ValueError, RecursionError):
        fields = json.loads(text)
        if isinstance(fields, dict) and "id" not in fields:
            text = json.dumps({"id": f"this {option.strip('-')}", **fields}, ensure_ascii=False)
    return item_from_json(text, name=option, kind=kind, schema=read.schema, zone=zone)
