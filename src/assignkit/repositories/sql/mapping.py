"""Rows into models and back. Nothing is validated on the way: what stands in the tables was validated before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from assignkit.errors import ConfigurationError, UnreadableError
from assignkit.model.assignment import Assignment, Event
from assignkit.model.grant import Grant
from assignkit.model.happening import Happening
from assignkit.model.placement import AgentLoad, Placement, Rotation, Seat, new_load, new_seat
from assignkit.model.record import Record
from assignkit.repositories.sql.dialects import MOST_WHOLE, Database, exact_amount
from assignkit.repositories.sql.instants import instant_of, microseconds, told_instant
from assignkit.repositories.sql.reading import constructed, from_json
from assignkit.repositories.sql.spelling import to_json
from assignkit.repositories.sql.statements import Row

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_KEPT_DECODED = 8_192
_BESIDE = {"id", "version"}  # of a record: in columns of their own


def record_data(record: Record, model: type[Record], *, of: str, owner: str | None = None) -> str:
    """Return what a record's row keeps beside id and version: the fields that were set, and the unknown ones.

    `owner` is who is given the record's item, if anybody is.
    """
    if type(record) is not model:
        msg = f"{of} is a {type(record).__name__}, but is kept as {model.__name__}: say SqlStore(…, models={{kind: …}})"
        raise ConfigurationError(msg)
    values = record.__dict__
    known = record.model_fields_set
    data = {name: values[name] for name in values if name in known and name not in _BESIDE}
    if owner is not None:
        data["owner"] = owner
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


def happening_data(happening: Happening) -> str:
    """Return the same for what happened, straight from what its facts are made of."""
    return event_data_of(happening.fields(), id=happening.id)


def event_data_of(fields: Mapping[str, Any], *, id: str) -> str:
    """Return the same for the fields of an event."""
    return to_json({name: value for name, value in fields.items() if value is not None}, of=f"event `{id}`")


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


def placement_columns(placement: Placement, database: Database) -> Row:
    """Return what stands in the columns of a placement: `PLACEMENT_KEY`, then `PLACEMENT_REST`."""
    return (
        placement.kind,
        placement.item_id,
        placement.state,
        placement.agent_id,
        placement.fence,
        _stored(placement.effort, database, _effort_of, placement),
        microseconds(placement.since),
        placement_data(placement),
    )


def held_columns(grant: Grant, data: str, database: Database) -> Row:
    """Return the same for an item that an agent is given, whose data is spelled already."""
    effort = _stored(grant.terms.effort, database, _effort_of, grant)
    return grant.kind, grant.item_id, "held", grant.agent.id, 1, effort, microseconds(grant.at), data


def placement_data(placement: Placement) -> str:
    """Return what stands in a placement's document: all that has no column, and is not as usual."""
    data = {
        name: value
        for name, value, default in zip(_DATA, _data_of(placement), _DEFAULTS, strict=True)
        if value is not default and (value != default or type(value) is not type(default))
    }
    return to_json(data, of=_effort_of(placement))


def placement_of(row: Row) -> Placement:
    """Return the placement of a row of `PLACEMENT_COLUMNS`."""
    kind, item_id, state, agent_id, fence, data = row
    return Placement(kind=kind, item_id=item_id, state=state, agent_id=agent_id, fence=fence, **from_json(data))


PLACEMENT_COLUMNS = ("kind", "item_id", "state", "agent_id", "fence", "data")
PLACEMENT_KEY = ("tenant", "kind", "item_id")
PLACEMENT_REST = ("state", "agent_id", "fence", "effort", "since", "data")
_DATA, _DEFAULTS = zip(
    *((one.name, one.default) for one in fields(Placement) if one.name not in PLACEMENT_COLUMNS), strict=True
)
_data_of = attrgetter(*_DATA)


def load_columns(load: AgentLoad, database: Database) -> Row:
    """Return what stands in the columns of a load but for its key and its revision: `LOAD_REST`."""
    return (
        _stored(load.load, database, _load_of, load),
        None if load.ceiling is None else _stored(load.ceiling, database, _load_of, load),
        load.items,
        load.received,
        None if load.touched_at is None else told_instant(load.touched_at),
    )


def load_of(row: Row, database: Database) -> AgentLoad:
    """Return the load of a row of `LOAD_COLUMNS`; a whole amount is an integer."""
    agent_id, kind, load, ceiling, items, received, touched_at = row
    return new_load(
        agent_id=agent_id,
        kind=kind,
        load=_shortest(database.read_amount(load)),
        ceiling=None if ceiling is None else _shortest(database.read_amount(ceiling)),
        items=items,
        received=received,
        touched_at=None if touched_at is None else instant_of(touched_at),
    )


LOAD_REST = ("load", "ceiling", "items", "received", "touched_at")
LOAD_COLUMNS = ("agent_id", "kind", *LOAD_REST)


def rotation_columns(rotation: Rotation) -> Row:
    """Return what stands in `ROTATION_COLUMNS`."""
    present = None if rotation.present is None else to_json({"ids": frozenset(rotation.present)}, of=rotation.name)
    return rotation.name, str(rotation.level), rotation.decisions, present


def rotation_of(row: Row) -> Rotation:
    """Return the rotation of a row of `ROTATION_COLUMNS`."""
    name, level, decisions, present = row
    eligible = None if present is None else from_json(present)["ids"]
    return Rotation(name=name, level=_exact(level), decisions=decisions, present=eligible)


ROTATION_COLUMNS = ("name", "level", "decisions", "present")


def seat_of(row: Row) -> Seat:
    """Return the seat of an agent, a turn and a number."""
    agent_id, turn, last = row
    return new_seat(agent_id=agent_id, turn=_exact(turn), last=last)


def _stored(amount: int | Decimal, database: Database, of: Callable[[T], str], whose: T) -> int | Decimal:
    """Return what the database keeps of an amount; `of` says what it is, should it be refused."""
    if type(amount) is int and abs(amount) < MOST_WHOLE:
        return database.stored_whole(amount)
    return database.stored_amount(exact_amount(amount, of=of(whose)))


def _effort_of(placement: Placement | Grant) -> str:
    return f"the effort of `{placement.item_id}` of {placement.kind}"


def _load_of(load: AgentLoad) -> str:
    return f"the load of `{load.agent_id}` in {load.kind}"


def _exact(text: str) -> int | Fraction:
    return Fraction(text) if "/" in text else int(text)


def _shortest(value: int | Decimal) -> int | Decimal:
    if isinstance(value, int):
        return value
    whole = int(value)
    return whole if value == whole else value.normalize()
