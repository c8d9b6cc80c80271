"""From the `given` clauses of an example to the world that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from assignkit.language import syntax
from assignkit.rules.field_lookup import find_field
from assignkit.rules.field_types import FieldSpec, ValueType
from assignkit.rules.numbers import as_constant
from assignkit.rules.schema import Schema

DEFAULT_NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When examples happen that do not say: a Monday morning."""

Record = dict[str, Any]


@dataclass(slots=True)
class GivenWorld:
    """What an example gives: records as plain data, items and agents in the order written.

    The items of `kind` are decided one after the other. `work` is what agents carry beforehand, as pairs of units and
    number of items.
    """

    now: datetime = DEFAULT_NOW
    kind: str = "customers"
    items: list[Record] = field(default_factory=list)
    customers: list[Record] = field(default_factory=list)
    agents: dict[str, Record] = field(default_factory=dict)
    work: dict[str, tuple[Any, int]] = field(default_factory=dict)


def world_of(example: syntax.ExampleStatement, schema: Schema) -> GivenWorld:
    """Return the world of an example that was checked.

    The item is what stands in `given task` (or a kind of the host's), else in `given customer`; a task belongs to the
    customer beside it. An owner is an agent as well. What has no id is called by its role.
    """
    world = GivenWorld()
    records: dict[str, list[Record]] = {}
    owner: str | None = None
    for given in example.givens:
        if given.instant is not None:
            world.now = _instant(given.instant)
            continue
        record = _record(given, schema)
        if given.role in ("agent", "owner"):
            record.setdefault("id", given.role)
            _take_work(world, record)
            world.agents[record["id"]] = {**world.agents.get(record["id"], {}), **record}
            owner = record["id"] if given.role == "owner" else owner
        else:
            records.setdefault(given.role, []).append(record)
    _place_items(world, records, schema)
    for item in world.items:
        if owner is not None:
            item["owner"] = owner
    return world


def _instant(written: syntax.InstantLiteral | syntax.DateLiteral) -> datetime:
    if isinstance(written, syntax.InstantLiteral):
        return written.value
    return datetime.combine(written.value, time(), UTC)


def _place_items(world: GivenWorld, records: Mapping[str, list[Record]], schema: Schema) -> None:
    kinds = {record.root: kind for kind, record in schema.items.items()}
    role = next((each for each in records if each != "customer"), "customer")
    world.kind = kinds.get(role, "customers")
    world.items = records.get(role, [])
    world.customers = records.get("customer", []) if role != "customer" else []
    for label, listed in ((role, world.items), ("customer", world.customers)):
        for number, record in enumerate(listed, 1):
            record.setdefault("id", label if len(listed) == 1 else f"{label} {number}")
    if role == "task" and world.customers:
        for item in world.items:
            item.setdefault("customer", world.customers[0]["id"])


def _take_work(world: GivenWorld, record: Record) -> None:
    """Take `load` and `open` out of a record: they are what the desk counts, not what a record says."""
    load, number = record.pop("load", None), record.pop("open", None)
    if load or number:
        world.work[record["id"]] = (load if load is not None else number, int(number or 1))


def _record(given: syntax.GivenClause, schema: Schema) -> Record:
    record: Record = {}
    if given.identity is not None:
        record["id"] = given.identity.value
    for entry in given.fields:
        found = find_field(schema, given.role, tuple(entry.name.split(".")))
        if found is not None:
            _put(record, found[1].path, _value(entry.value, found[1]))
    return record


def _put(record: Record, path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value


def _value(node: syntax.Expression | syntax.MapLiteral, spec: FieldSpec) -> object:
    if isinstance(node, syntax.MapLiteral):
        return {key.value: as_constant(level.value) for key, level in node.entries}
    if isinstance(node, syntax.ListLiteral):
        return [_literal(item) for item in node.items]
    value = _literal(node)
    return [value] if spec.type is ValueType.TEXTS else value


def _literal(node: syntax.Node) -> object:
    if isinstance(node, syntax.NumberLiteral):
        return as_constant(node.value)
    return getattr(node, "value", None)
