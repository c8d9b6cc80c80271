"""The only place that picks concrete parts: from options to a desk with its agents and items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.clock import Clock, ManualClock, SystemClock
from assignkit.desk.desk import Desk
from assignkit.diagnostics import Diagnostic, Severity
from assignkit.errors import ConfigurationError, RuleCheckError, RuleError
from assignkit.importing.agents import read_agents
from assignkit.importing.dates import DateOrder
from assignkit.importing.declared import Fields, read_declared, schema_of
from assignkit.importing.decoding import STDIN, is_read_once, read_text, refuse_binary
from assignkit.importing.items import read_items
from assignkit.messages.text import Text, say
from assignkit.model.agent import Agent
from assignkit.model.record import Item
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.codes import NO_RULES, UNKNOWN_FIELD
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a command was told about its files."""

    agents: str | None = None
    customers: str | None = None
    tasks: str | None = None
    id_column: str | None = None
    agent_id: str | None = None
    agent_team: str | None = None
    encoding: str | None = None
    dates: DateOrder | None = None
    zone: str = "UTC"
    schema: str | None = None

    @property
    def kind(self) -> str:
        """Return the kind of item that is decided."""
        return "tasks" if self.tasks is not None else "customers"


@dataclass(frozen=True)
class Read:
    """What the files held: the records, what to warn of, and which fields they have beside the built-in ones."""

    declared: Fields
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agents: tuple[Agent, ...] = ()
    customers: tuple[Item, ...] = ()
    tasks: tuple[Item, ...] = ()
    notes: tuple[Diagnostic, ...] = ()

    @cached_property
    def schema(self) -> Schema:
        """Return the schema with all fields that are known."""
        return schema_of(self.declared, self.columns)

    def with_columns(self, kind: str, types: Mapping[str, Any]) -> Read:
        """Return the same with further fields of `kind`; what is known already stays."""
        return replace(self, columns={**self.columns, kind: {**types, **self.columns.get(kind, {})}})


def read_inputs(inputs: Inputs) -> Read:
    """Return the records of all files that were named. Raises `FileError` and `ConfigurationError`."""
    check_zone(inputs.zone)
    _only_one_standard_input(inputs)
    read = Read(read_declared(inputs.schema, zone=inputs.zone) if inputs.schema else {})
    options: dict[str, Any] = {"encoding": inputs.encoding, "dates": inputs.dates, "zone": inputs.zone}
    options["schema"] = read.schema
    if inputs.agents is not None:
        agents = read_agents(
            inputs.agents, kind=inputs.kind, id_column=inputs.agent_id, team_column=inputs.agent_team, **options
        )
        read = replace(read, agents=agents.records, notes=agents.notes).with_columns("agents", agents.fields)
    for kind, path in (("customers", inputs.customers), ("tasks", inputs.tasks)):
        if path is not None:
            own_column = inputs.id_column if kind == inputs.kind else None
            items = read_items(path, kind=kind, id_column=own_column, **options)
            records: dict[str, Any] = {kind: items.records}
            read = replace(read, notes=(*read.notes, *items.notes), **records).with_columns(kind, items.fields)
    return read


def read_rules(path: str, read: Read) -> RuleSet:
    """Return the rules in a file, or on the standard input. Raises `FileError` and `RuleError`."""
    try:
        rules = _load(path, read)
    except RuleError as error:
        raise type(error)(diagnostics=with_hints(error.diagnostics, read)) from None
    if not rules.rules:
        nothing = Diagnostic(NO_RULES, Severity.ERROR, say("cli.holds_no_rule", path=path), help=say("cli.first_rule"))
        raise RuleCheckError(diagnostics=[nothing])
    return rules


def _load(path: str, read: Read) -> RuleSet:
    if is_read_once(path):
        source = read_text(path)
        return RuleSet.from_text(source.text, schema=read.schema, name=source.name)
    refuse_binary(Path(path))  # says what is wrong with a path as it is said of all files
    return RuleSet.load(Path(path), schema=read.schema)


def with_hints(findings: Iterable[Diagnostic], read: Read) -> list[Diagnostic]:
    """Return the findings; where a field is unknown, the help also says how columns become known."""
    hint = say("cli.check_headers" if read.customers or read.tasks else "cli.tell_columns")
    return [replace(each, help=_joined(each.help, hint)) if each.code == UNKNOWN_FIELD else each for each in findings]


def _joined(help: str | None, hint: Text) -> Text:
    """Return both as one line; a question has its own mark at the end."""
    if help is None:
        return hint
    return say("cli.help_and_hint" if help.endswith("?") else "cli.help_then_hint", help=help, hint=hint)


def open_desk(rules: RuleSet, read: Read, *, clock: Clock, seed: str, zone: str) -> Desk:
    """Return a desk in memory with the agents, and with the customers that tasks are for."""
    desk = Desk(rules, MemoryStore(), clock=clock, seed=seed, zone=zone)
    for agent in read.agents:
        desk.agents.add(agent)
    if read.tasks:
        for customer in read.customers:
            desk.customers.add(customer)  # type: ignore[arg-type]
    return desk


def clock_at(now: str | None, zone: str) -> Clock:
    """Return the clock that stands at `now`, or the wall clock. Raises `ConfigurationError` for what is no time."""
    if now is None:
        return SystemClock()
    try:
        at = datetime.fromisoformat(now)
    except ValueError:
        msg = say("cli.not_a_time", now=now)
        raise ConfigurationError(msg) from None
    return ManualClock(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)))


def check_zone(zone: str) -> None:
    """Raise `ConfigurationError` if there is no such time zone."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        msg = say("cli.no_time_zone", zone=zone)
        raise ConfigurationError(msg) from None


def _only_one_standard_input(inputs: Inputs) -> None:
    piped = [path for path in (inputs.agents, inputs.customers, inputs.tasks) if path == STDIN]
    if len(piped) > 1:
        msg = say("cli.one_standard_input")
        raise ConfigurationError(msg)
