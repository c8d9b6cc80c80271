"""Noting: what a change did to ceilings and turns, so that its event tells of it and the events alone rebuild both.

Only what changed is written: a ceiling that an agent's load had already is in an earlier event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from assignkit.model.assignment import Event
from assignkit.model.happening import Facts
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.strategies.base import Turn

AGENTS = "agents"  # the kind of events that tell of an agent's record
CEILINGS = "ceilings"
TURN = "turn_taken"


@dataclass(slots=True)
class Notes:
    """What one operation has changed since its last event."""

    _ceilings: dict[str, int | Decimal | None] | None = None
    _turn: Turn | None = None
    _present: frozenset[str] = frozenset()

    def ceiling(self, before: AgentLoad | None, after: AgentLoad) -> None:
        """Note the load's ceiling, if it is another one than before."""
        if (before.ceiling if before is not None else None) != after.ceiling:
            if self._ceilings is None:
                self._ceilings = {}
            self._ceilings[after.agent_id] = after.ceiling

    def turn(self, turn: Turn, before: Callable[[str], Rotation | None]) -> None:
        """Note a turn that is about to be written; `before` finds the rotation as it was."""
        self._turn = turn
        if turn.rotation.present is not None:
            rotation = before(turn.rotation.name)
            self._present = (rotation.present if rotation is not None else None) or frozenset()

    def taken(self) -> Facts | None:
        """Return what gives what was noted, as facts of an event, and forget it; None if nothing was."""
        ceilings, turn = self._ceilings, self._turn
        if ceilings is None and turn is None:
            return None
        self._ceilings = self._turn = None
        return partial(facts_of, ceilings, turn, self._present)


def facts_of(
    ceilings: Mapping[str, int | Decimal | None] | None, turn: Turn | None, present: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return what an event tells of ceilings that changed and of a turn; `present` were so before it."""
    facts: dict[str, Any] = {}
    if ceilings is not None:
        facts[CEILINGS] = {agent_id: _told(ceiling) for agent_id, ceiling in ceilings.items()}
    if turn is not None:
        facts[TURN] = _turn_told(turn, present)
    return facts


def _turn_told(turn: Turn, present: frozenset[str]) -> dict[str, Any]:
    after = turn.rotation
    told: dict[str, Any] = {"rotation": after.name, "level": str(after.level), "decisions": after.decisions}
    told["seats"] = [[seat.agent_id, str(seat.turn), seat.last] for seat in turn.seats]
    if after.present is not None:
        told["came"], told["went"] = sorted(after.present - present), sorted(present - after.present)
    return told


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
