"""Noting: what a change did to ceilings and turns, so that its event tells of it and the events alone rebuild both.

Only what changed is written: a ceiling that an agent's load had already is in an earlier event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.model.assignment import Event
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.strategies.base import Turn

AGENTS = "agents"  # the kind of events that tell of an agent's record
CEILINGS = "ceilings"
TURN = "turn_taken"


@dataclass(slots=True)
class Notes:
    """What one operation has changed since its last event."""

    _ceilings: dict[str, Any] = field(default_factory=dict)
    _turn: dict[str, Any] | None = None

    def ceiling(self, before: AgentLoad | None, after: AgentLoad) -> None:
        """Note the load's ceiling, if it is another one than before."""
        if (before.ceiling if before is not None else None) != after.ceiling:
            self._ceilings[after.agent_id] = _told(after.ceiling)

    def turn(self, turn: Turn, before: Callable[[str], Rotation | None]) -> None:
        """Note a turn that is about to be written; `before` finds the rotation as it was."""
        after = turn.rotation
        told: dict[str, Any] = {"rotation": after.name, "level": str(after.level), "decisions": after.decisions}
        told["seats"] = [[seat.agent_id, str(seat.turn), seat.last] for seat in turn.seats]
        if after.present is not None:
            rotation = before(after.name)
            known = (rotation.present if rotation is not None else None) or frozenset()
            told["came"], told["went"] = sorted(after.present - known), sorted(known - after.present)
        self._turn = told

    def taken(self) -> dict[str, Any]:
        """Return what was noted, as facts of an event, and forget it."""
        facts: dict[str, Any] = {}
        if self._ceilings:
            facts[CEILINGS], self._ceilings = self._ceilings, {}
        if self._turn is not None:
            facts[TURN], self._turn = self._turn, None
        return facts


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """A turn as an event tells it; `came` and `went` say who is present, in a rotation that keeps that."""

    rotation: str
    level: int | Fraction
    decisions: int
    seats: tuple[Seat, ...]
    came: frozenset[str] | None = None
    went: frozenset[str] = frozenset()

    def after(self, before: Rotation | None) -> Rotation:
        """Return the rotation after the turn."""
        present = None
        if self.came is not None:
            known = (before.present if before is not None else None) or frozenset()
            present = (known | self.came) - self.went
        return Rotation(name=self.rotation, level=self.level, decisions=self.decisions, present=present)


def new_ceilings(before: Mapping[str, AgentLoad], after: Mapping[str, AgentLoad]) -> dict[str, Any]:
    """Return which of one agent's ceilings changed, by kind of item, as the event of its record tells them."""
    changed = {kind: load.ceiling for kind, load in after.items() if load.ceiling != before[kind].ceiling}
    return {CEILINGS: {kind: _told(ceiling) for kind, ceiling in sorted(changed.items())}} if changed else {}


def ceilings_of(event: Event) -> Iterator[tuple[str, str, int | Decimal | None]]:
    """Yield (agent, kind of item, ceiling) for each ceiling that changed with the event; None is unlimited."""
    for name, told in event.facts.get(CEILINGS, {}).items():
        ceiling = Decimal(told["decimal"]) if isinstance(told, dict) else told
        yield (event.item_id, name, ceiling) if event.kind == AGENTS else (name, event.kind, ceiling)


def turn_of(event: Event) -> TurnTaken | None:
    """Return the turn that was taken with the event, or None."""
    told = event.facts.get(TURN)
    if told is None:
        return None
    came = told.get("came")
    return TurnTaken(
        rotation=told["rotation"],
        level=exact(told["level"]),
        decisions=told["decisions"],
        seats=tuple(Seat(agent_id=agent_id, turn=exact(turn), last=last) for agent_id, turn, last in told["seats"]),
        came=None if came is None else frozenset(came),
        went=frozenset(told.get("went", ())),
    )


def exact(text: str) -> int | Fraction:
    """Return the number that a text tells, a whole one as such."""
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def _told(ceiling: int | Decimal | None) -> Any:  # noqa: ANN401 - JSON-ready
    return {"decimal": str(ceiling)} if isinstance(ceiling, Decimal) else ceiling
