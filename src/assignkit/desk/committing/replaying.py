"""Replaying: rebuilds where items are, what agents carry, whose turn it is and who held what, from the events alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from assignkit.desk.committing.noting import ceilings_of, exact, turn_of
from assignkit.desk.committing.remembering import ORIGIN, placement_after
from assignkit.model.assignment import NOT_TAKEN_UP, Assignment, Event
from assignkit.model.placement import AgentLoad, Placement, Rotation, Seat, SeatCost

ItemKey = tuple[str, str]


@dataclass(slots=True)
class Replayed:
    """What a history amounts to.

    `placements` by (kind, item id), `loads` by (agent id, kind), `assignments` by id, `rotations` by name, `seats` by
    (rotation, agent id). A ceiling is the one that was written last by a decision, by hand, or by a capacity that
    changed at the desk; not one that a host wrote into the store behind the desk's back.
    """

    placements: dict[ItemKey, Placement] = field(default_factory=dict)
    loads: dict[tuple[str, str], AgentLoad] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    rotations: dict[str, Rotation] = field(default_factory=dict)
    seats: dict[tuple[str, str], Seat] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Take one more event into account; events come in the order of their numbers."""
        turn = turn_of(event)
        if turn is not None:
            self.rotations[turn.rotation] = turn.after(self.rotations.get(turn.rotation))
            self.seats.update({(turn.rotation, seat.agent_id): seat for seat in turn.seats})
        after = placement_after(event)
        if after is not None:
            self._move(after, event)
        elif event.kind == "rotations" and event.agent_id is not None:
            seat = self._seat(event.item_id, event.agent_id)
            self.seats[event.item_id, event.agent_id] = replace(seat, turn=exact(event.facts["turn"]))
        for agent_id, kind, ceiling in ceilings_of(event):
            self.loads[agent_id, kind] = replace(self._load_of(agent_id, kind), ceiling=ceiling)

    def _move(self, after: Placement, event: Event) -> None:
        key = (event.kind, event.item_id)
        before = self.placements.get(key)
        self.placements[key] = after
        if before is not None and before.taken and before.assignment_id != after.assignment_id:
            self._take_back(before, event, _because(before, after, event))
        if after.taken and (before is None or before.assignment_id != after.assignment_id):
            self._give(after, event)
        elif after.taken and before is not None and before.effort != after.effort:
            self._load(after, load_change=after.effort - before.effort)

    def holders(self) -> Mapping[ItemKey, str]:
        """Return who holds what, by (kind, item id)."""
        held = ((key, place) for key, place in self.placements.items() if place.state == "held")
        return {key: place.agent_id for key, place in sorted(held, key=_by_key) if place.agent_id is not None}

    def _take_back(self, before: Placement, event: Event, because: str) -> None:
        self._load(
            before,
            load_change=-before.effort,
            items_change=-1,
            received_change=-1 if because == "rescinded" else 0,
            touched_at=event.at,
        )
        if because == "rescinded" and before.turn_taken is not None:
            self._return_turn(*before.turn_taken)
        if before.assignment_id is not None:
            ended = self.assignments[before.assignment_id]
            self.assignments[ended.id] = ended.model_copy(update={"ended_at": event.at, "ended_because": because})

    def _give(self, after: Placement, event: Event) -> None:
        self._load(after, load_change=after.effort, items_change=1, received_change=1, touched_at=event.at)
        if after.assignment_id is not None:
            self.assignments[after.assignment_id] = _assignment(after, event)

    def _load(
        self,
        place: Placement,
        *,
        load_change: object,
        items_change: int = 0,
        received_change: int = 0,
        touched_at: datetime | None = None,
    ) -> None:
        if place.agent_id is None:
            return
        load = self._load_of(place.agent_id, place.kind)
        self.loads[place.agent_id, place.kind] = replace(
            load,
            load=load.load + load_change,  # type: ignore[operator]
            items=load.items + items_change,
            received=load.received + received_change,
            touched_at=touched_at or load.touched_at,
        )

    def _return_turn(self, rotation: str, costs: Iterable[SeatCost]) -> None:
        for agent_id, cost, before, last in costs:
            seat = self._seat(rotation, agent_id)
            returned = replace(seat, turn=seat.turn - cost, last=before if seat.last == last else seat.last)
            self.seats[rotation, agent_id] = returned

    def _load_of(self, agent_id: str, kind: str) -> AgentLoad:
        return self.loads.get((agent_id, kind)) or AgentLoad(agent_id=agent_id, kind=kind)

    def _seat(self, rotation: str, agent_id: str) -> Seat:
        return self.seats.get((rotation, agent_id)) or Seat(agent_id=agent_id)


def replay(events: Iterable[Event]) -> Replayed:
    """Return what events, in the order of their numbers, amount to; those after an instant left out, as of then."""
    replayed = Replayed()
    for event in events:
        replayed.apply(event)
    return replayed


def holder_at(events: Iterable[Event], at: datetime) -> str | None:
    """Return who held an item at an instant, from its own events; what happened at the instant counts."""
    holder: str | None = None
    for event in events:
        after = placement_after(event) if event.at <= at else None
        if after is not None:
            holder = after.agent_id if after.state == "held" else None
    return holder


def _assignment(after: Placement, event: Event) -> Assignment:
    return Assignment.model_validate(
        {
            "id": after.assignment_id,
            "kind": after.kind,
            "item_id": after.item_id,
            "agent_id": after.agent_id,
            "fence": after.fence,
            "effort": after.effort,
            "origin": event.facts.get(ORIGIN, after.chosen_by),
            "rule": after.rule,
            "step": after.step,
            "target": after.target,
            "rules_version": event.facts.get("rules_version"),
            "assigned_at": event.at,
            "offered_until": after.offer_until,
            "actor": event.actor,
            "reason": event.reason,
        }
    )


def _because(before: Placement, after: Placement, event: Event) -> str:
    said = "reassigned" if after.taken else event.type
    return "rescinded" if before.state == "offered" and said not in NOT_TAKEN_UP else said


def _by_key(entry: tuple[ItemKey, Placement]) -> ItemKey:
    return entry[0]
