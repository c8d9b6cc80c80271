"""Remembering: where an item came to be, as its event keeps it, so that the events alone can rebuild it.

Only what the event itself does not say, and what is not as usual, is written: most events need two or three entries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any

from assignkit.model.assignment import Event
from assignkit.model.placement import Placement

PLACED = "placed"
ORIGIN = "origin"

_SAID_BY_EVENT = frozenset(("kind", "item_id", "agent_id", "fence", "revision"))
_FIELDS = tuple(field.name for field in fields(Placement) if field.name not in _SAID_BY_EVENT)
_DEFAULTS = {field.name: field.default for field in fields(Placement) if field.name in _FIELDS}

_values_of = attrgetter(*_FIELDS)

_READERS: dict[str, Callable[[str], Any]] = {"at": datetime.fromisoformat, "decimal": Decimal, "ratio": Fraction}


def remembered(placement: Placement, *, at: datetime, rule: str | None, origin: str) -> dict[str, Any]:
    """Return what an event at `at` has to say of the placement that it leaves, JSON-ready."""
    usual = _usual(placement.agent_id, f"{placement.kind}:{placement.item_id}:{placement.fence}", at, rule)
    values = zip(_FIELDS, _values_of(placement), usual.values(), strict=True)
    told = {name: _plain(value) for name, value, expected in values if value is not expected and value != expected}
    facts: dict[str, Any] = {PLACED: told}
    if placement.taken and origin != placement.chosen_by:
        facts[ORIGIN] = origin
    return facts


def placement_after(event: Event) -> Placement | None:
    """Return where the item was after the event; None for an event that says nothing of an item's place."""
    told = event.facts.get(PLACED)
    if told is None:
        return None
    values = _usual(event.agent_id, f"{event.kind}:{event.item_id}:{event.fence}", event.at, event.rule)
    values.update({name: _live(value) for name, value in told.items()})
    revision = int(event.id.rpartition(":")[2])
    return Placement(
        **values,
        kind=event.kind,
        item_id=event.item_id,
        agent_id=event.agent_id,
        fence=event.fence or 0,
        revision=revision,
    )


def _usual(agent_id: str | None, assignment_id: str, at: datetime, rule: str | None) -> dict[str, Any]:
    taken = agent_id is not None
    return {
        **_DEFAULTS,
        "state": "held" if taken else "waiting",
        "rule": rule,
        "received_at": at,
        "since": at,
        "chosen_by": "rule" if taken else None,
        "assignment_id": assignment_id if taken else None,
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a field of a placement
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Fraction):
        return {"ratio": str(value)}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _live(value: Any) -> Any:  # noqa: ANN401 - what `_plain` gave
    if isinstance(value, list):
        return tuple(_live(part) for part in value)
    if isinstance(value, dict):
        ((what, text),) = value.items()
        return _READERS[what](text)
    return value
