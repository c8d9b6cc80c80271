"""Rows into models and back. Nothing is validated on the way: what stands in the tables was validated before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from assignkit.errors import ConfigurationError, UnreadableError
from assignkit.model.assignment import Assignment, Event
from assignkit.model.placement import AgentLoad, Placement, Rotation, Seat
from assignkit.model.record import Record
from assignkit.repositories.sql.dialects import Database, exact_amount
from assignkit.repositories.sql.encoding import constructed, from_json, to_json
from assignkit.repositories.sql.instants import instant_of, microseconds, told_instant
from assignkit.repositories.sql.statements import Row

R = TypeVar("R", bound=Record)

_KEPT_DECODED = 8_192
_BESIDE = {"id", "version"}  # of a record: in columns of their own


def record_data(record: Record, model: type[Record], *, of: str) -> str:
    """Return what a record's row keeps beside id and version: the fields that were set, and the unknown ones."""
    if type(record) is not model:
        msg = f"{of} is a {type(record).__name__}, but is kept as {model.__name__}: say SqlStore(…, models={{kind: …}})"
        raise ConfigurationError(msg)
    values = record.__dict__
    known = record.model_fields_set
    data = {name: values[name] for name in values if name in known and name not in _BESIDE}
    return to_json(data, unknown=record.__pydantic_extra__, of=of, within=model)


def record_of(model: type[R], id: str, version: int, data: str) -> R:
    """Return the record of a row."""
    values = from_json(data, within=model)
    return constructed(model, {"id": id, "version": version, **values})


# Whoever reads all agents for every decision finds nearly all of them as they were.
remembered_record_of = cast("Callable[[type[Any], str, int, str], Any]", lru_cache(_KEPT_DECODED)(record_of))


def model_data(model: BaseModel, *, of: str) -> str:
    """Return an assignment or an event as JSON."""
    return to_json({name: value for name, value in model.__dict__.items() if value is not None}, of=of)


def event_data(event: Event) -> str:
    """Return an event as JSON, without the number, which stands beside it or is given later."""
    said = {name: value for name, value in event.__dict__.items() if value is not None and name != "number"}
    return to_json(said, of=f"event `{event.id}`")


def assignment_of(row: Row) -> Assignment:
    """Return the assignment of a row's data."""
    return constructed(Assignment, from_json(row[0]))


def numbered_event_of(row: Row) -> Event:
    """Return the event of a row's number, None if it has none yet, and data."""
    return constructed(Event, {**from_json(row[1]), "number": row[0] or 0})


def found_event_of(row: Row) -> Event:
    """Return the event of a row's number, None if it has none yet, id, kind, item and data.

    What has a column of its own is read from there, because it is by the columns that events are found.
    `UnreadableError` for data that is no event.
    """
    number, id, kind, item_id, data = row
    try:
        told = from_json(data)
        whole = isinstance(told["type"], str) and isinstance(told["at"], datetime) and isinstance(told["facts"], dict)
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise UnreadableError(noun="event", number=number or 0, key=id)
    return constructed(Event, {**told, "number": number or 0, "id": id, "kind": kind, "item_id": item_id})


def placement_columns(placement: Placement, database: Database) -> dict[str, Any]:
    """Return the columns of a placement."""
    of = f"the effort of `{placement.item_id}` of {placement.kind}"
    data = {
        name: value
        for name, default in _PLACEMENT_DATA.items()
        if (value := getattr(placement, name)) != default or type(value) is not type(default)
    }
    return {
        "kind": placement.kind,
        "item_id": placement.item_id,
        "state": placement.state,
        "agent_id": placement.agent_id,
        "fence": placement.fence,
        "effort": database.stored_amount(exact_amount(placement.effort, of=of)),
        "since": microseconds(placement.since),
        "data": to_json(data, of=of),
    }


def placement_of(row: Row) -> Placement:
    """Return the placement of a row of `PLACEMENT_COLUMNS`."""
    kind, item_id, state, agent_id, fence, data = row
    return Placement(kind=kind, item_id=item_id, state=state, agent_id=agent_id, fence=fence, **from_json(data))


PLACEMENT_COLUMNS = ("kind", "item_id", "state", "agent_id", "fence", "data")
_PLACEMENT_DATA: Mapping[str, Any] = {
    one.name: one.default for one in fields(Placement) if one.name not in PLACEMENT_COLUMNS
}


def load_columns(load: AgentLoad, database: Database) -> dict[str, Any]:
    """Return the columns of a load, but for its revision."""
    of = f"the load of `{load.agent_id}` in {load.kind}"
    ceiling = None if load.ceiling is None else database.stored_amount(exact_amount(load.ceiling, of=of))
    return {
        "agent_id": load.agent_id,
        "kind": load.kind,
        "load": database.stored_amount(exact_amount(load.load, of=of)),
        "ceiling": ceiling,
        "items": load.items,
        "received": load.received,
        "touched_at": None if load.touched_at is None else told_instant(load.touched_at),
    }


def load_of(row: Row, database: Database) -> AgentLoad:
    """Return the load of a row of `LOAD_COLUMNS`; a whole amount is an integer."""
    agent_id, kind, load, ceiling, items, received, touched_at = row
    return AgentLoad(
        agent_id=agent_id,
        kind=kind,
        load=_shortest(database.read_amount(load)),
        ceiling=None if ceiling is None else _shortest(database.read_amount(ceiling)),
        items=items,
        received=received,
        touched_at=None if touched_at is None else instant_of(touched_at),
    )


LOAD_COLUMNS = ("agent_id", "kind", "load", "ceiling", "items", "received", "touched_at")


def rotation_columns(rotation: Rotation) -> dict[str, Any]:
    """Return the columns of a rotation."""
    present = None if rotation.present is None else to_json({"ids": frozenset(rotation.present)}, of=rotation.name)
    return {
        "name": rotation.name,
        "level": str(rotation.level),
        "decisions": rotation.decisions,
        "present": present,
    }


def rotation_of(row: Row) -> Rotation:
    """Return the rotation of a row of `ROTATION_COLUMNS`."""
    name, level, decisions, present = row
    eligible = None if present is None else from_json(present)["ids"]
    return Rotation(name=name, level=_exact(level), decisions=decisions, present=eligible)


ROTATION_COLUMNS = ("name", "level", "decisions", "present")


def seat_of(row: Row) -> Seat:
    """Return the seat of an agent, a turn and a number."""
    agent_id, turn, last = row
    return Seat(agent_id=agent_id, turn=_exact(turn), last=last)


def texts(values: Iterable[str]) -> str:
    """Return texts as a JSON list, to hand many of them in as one parameter."""
    return json.dumps(list(values))


def _exact(text: str) -> int | Fraction:
    return Fraction(text) if "/" in text else int(text)


def _shortest(value: Decimal) -> int | Decimal:
    whole = int(value)
    return whole if value == whole else value.normalize()
