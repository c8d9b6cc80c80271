"""`assignkit explain`: says what would become of one item, and why."""

from __future__ import annotations

import json
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options
from assignkit.cli.exits import USAGE, fail, guarded

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.importing.records import Imported
    from assignkit.model.record import Item


class ExplanationFormat(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"


class Language(StrEnum):
    """The language of an explanation."""

    EN = "en"
    ZH = "zh"


@guarded
def explain(
    rules: options.Rules,
    agents: options.Agents,
    *,
    customer: Annotated[str | None, typer.Option("--customer", metavar="JSON", help="The customer, as JSON.")] = None,
    task: Annotated[str | None, typer.Option("--task", metavar="JSON", help="The task, as JSON.")] = None,
    item: Annotated[
        str | None, typer.Option("--item", metavar="ID", help="The identity of an item in `--customers` or `--tasks`.")
    ] = None,
    customers: options.Customers = None,
    tasks: options.Tasks = None,
    form: Annotated[ExplanationFormat, typer.Option("--format", help="How it is written.")] = ExplanationFormat.TEXT,
    language: Annotated[Language, typer.Option("--language", help="The language of the text.")] = Language.EN,
    seed: options.Seed = "",
    now: options.Now = None,
    id_column: options.IdColumn = None,
    agent_id: options.AgentIdColumn = None,
    agent_team: options.AgentTeamColumn = None,
    encoding: options.Encoding = None,
    dates: options.DateOrder = None,
    zone: options.Zone = "UTC",
    schema: options.SchemaFile = None,
) -> None:
    """Say what would become of one item now, and why. Nothing is decided, nothing is written."""
    from assignkit.cli.bootstrap import Inputs, clock_at, open_desk, read_inputs, read_rules  # noqa: PLC0415

    _one_of(customer, task, item)
    inputs = Inputs(
        agents=agents,
        customers=customers,
        tasks=tasks,
        id_column=id_column,
        agent_id=agent_id,
        agent_team=agent_team,
        encoding=encoding,
        dates=dates.value if dates else None,
        zone=zone,
        schema=schema,
    )
    read = read_inputs(inputs)
    if item is not None:
        asked = _find(item, inputs, read)
    else:
        kind, text = ("tasks", task) if task is not None else ("customers", customer)
        given = _given(kind, text or "", read, zone)
        asked, read = given.records[0], read.with_columns(kind, given.fields)
    desk = open_desk(read_rules(rules, read), read, clock=clock_at(now, zone), seed=seed, zone=zone)
    why = desk.explain(asked)
    typer.echo(why.to_json() if form is ExplanationFormat.JSON else why.to_text(language=language.value))


def _one_of(customer: str | None, task: str | None, item: str | None) -> None:
    if sum(given is not None for given in (customer, task, item)) != 1:
        fail("say which item: one of --customer JSON, --task JSON, or --customers FILE --item ID", USAGE)


def _find(identity: str, inputs: Inputs, read: Read) -> Item:
    items = read.tasks if inputs.kind == "tasks" else read.customers
    found = next((item for item in items if item.id == identity), None)
    if found is None:
        path = inputs.tasks if inputs.kind == "tasks" else inputs.customers
        if path is None:
            fail(f"say which file holds `{identity}`: --customers FILE or --tasks FILE", USAGE)
        fail(f"there is no `{identity}` among the {len(items):,} items of {path}: check --item, or --id COLUMN", USAGE)
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
