"""Committing: writes what was decided. Every change of holder goes through here.

Placement, loads, turn, assignment, record, history, outbox: all of it in the unit of work that is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.desk.committing.noting import Notes
from assignkit.desk.committing.remembering import remembered
from assignkit.desk.deciding.directory import Directory
from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.assignment import NOT_TAKEN_UP, Assignment, EventType, Origin
from assignkit.model.building import whole
from assignkit.model.happening import Facts, Move
from assignkit.model.placement import (
    AgentLoad,
    Placement,
    PlacementState,
    Seat,
    SeatCost,
    new_load,
    new_placement,
)
from assignkit.model.record import Item
from assignkit.repositories.base import Unit
from assignkit.strategies.base import Turn
from assignkit.strategies.exact import simplest


@dataclass(slots=True, kw_only=True)
class Why:
    """Who or what changed a holder, for the assignment and the history."""

    origin: Origin
    rule: str | None = None
    step: int | None = None
    target: str | None = None
    rules_version: str | None = None
    actor: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Committer:
    """Writes changes of one instant into one unit of work, and tells the directory of them.

    `notes` is what the next event has to tell of them; `heard` says whether anybody wants to be told of events.
    """

    unit: Unit
    directory: Directory
    now: datetime
    heard: bool = True
    notes: Notes = field(default_factory=Notes)

    def give(
        self,
        placement: Placement,
        agent: Agent,
        why: Why,
        *,
        beyond_capacity: bool = False,
        turn: Turn | None = None,
        offer_until: datetime | None = None,
    ) -> Placement:
        """Make `agent` the holder, with the next fence, or offer it the item; returns the new placement.

        `turn` is written to its rotation. `ConflictError` if it would exceed the agent's capacity, unless
        `beyond_capacity` raises the ceiling.
        """
        self.unit.rely_on(agent)
        offered = offer_until is not None
        rescinded = self._take_back(placement, because="reassigned")
        self._add_load(agent, placement.kind, placement.effort, beyond_capacity=beyond_capacity)
        fence = placement.fence + 1
        after = new_placement(
            kind=placement.kind,
            item_id=placement.item_id,
            state="offered" if offered else "held",
            agent_id=agent.id,
            fence=fence,
            effort=placement.effort,
            assignment_id=f"{placement.kind}:{placement.item_id}:{fence}",
            rule=why.rule,
            step=why.step,
            target=why.target,
            received_at=placement.received_at,
            since=self.now,
            chosen_by="person" if why.origin == "person" else "import" if why.origin == "import" else "rule",
            revision=placement.revision + 1,
            offer_until=offer_until,
            turn_taken=self._cost(turn, agent) if offered else None,
            excluded=placement.excluded_at(self.now) if offered else (),
        )
        self._put(placement, after)
        self._open(after, why)
        self._take_turn(turn)
        if rescinded:  # on top of the seats that the new turn has written, which would undo it
            self._return_turn(placement)
        return after

    def accept(self, placement: Placement) -> Placement:
        """Make the agent that the item is offered to its holder; the fence stays, as the item is where it was."""
        after = replace(
            placement,
            state="held",
            since=self.now,
            revision=placement.revision + 1,
            offer_until=None,
            turn_taken=None,
            excluded=(),
            excluded_until=None,
        )
        self._put(placement, after)
        return after

    def leave_open(
        self,
        placement: Placement,
        invited: tuple[str, ...],
        until: datetime | None,
        **facts: Any,  # noqa: ANN401
    ) -> Placement:
        """Write who may still take an item that was offered to several at once; it stays with nobody."""
        after = replace(placement, invited=invited, offer_until=until, revision=placement.revision + 1, **facts)
        self._put(placement, after)
        return after

    def put_down(self, placement: Placement, state: PlacementState, *, because: str, **facts: Any) -> Placement:  # noqa: ANN401
        """Bring the item into a state without a holder; the fence rises if it had one. Returns the new placement."""
        if self._take_back(placement, because=because):
            self._return_turn(placement)
        after = replace(
            placement,
            state=state,
            agent_id=None,
            fence=placement.fence + (1 if placement.taken else 0),
            assignment_id=None,
            chosen_by=None,
            since=self.now if placement.state != state else placement.since,
            revision=placement.revision + 1,
            **{**_NOWHERE, **facts},
        )
        self._put(placement, after)
        return after

    def change_effort(self, placement: Placement, effort: int | Decimal) -> Placement:
        """Write another effort; a holder's load follows, its ceiling rising with it where it must."""
        after = replace(placement, effort=effort, revision=placement.revision + 1)
        load = self.unit.loads.find(placement.agent_id, placement.kind) if placement.agent_id else None
        if load is not None and placement.taken:
            carried = canonical(load.load - placement.effort + effort)
            ceiling = None if load.ceiling is None else max(self._capacity(load), carried)
            self._put_load(load, replace(load, load=carried, ceiling=ceiling))
        self.unit.placements.put(after, expected_fence=placement.fence)
        self.record("corrected", after, facts={}, why=Why(origin="import", reason="its effort changed"))
        return after

    def _open(self, after: Placement, why: Why) -> None:
        """Write the assignment by which an item is where it is now."""
        values = {
            "id": after.assignment_id,
            "kind": after.kind,
            "item_id": after.item_id,
            "agent_id": after.agent_id,
            "fence": after.fence,
            "effort": after.effort,
            "origin": why.origin,
            "rule": why.rule,
            "step": why.step,
            "target": why.target,
            "rules_version": why.rules_version,
            "assigned_at": self.now,
            "ended_at": None,
            "ended_because": None,
            "offered_until": after.offer_until,
            "actor": why.actor,
            "reason": why.reason,
        }
        self.unit.assignments.add(whole(Assignment, values))

    def _cost(self, turn: Turn | None, agent: Agent) -> tuple[str, tuple[SeatCost, ...]] | None:
        """Return what a turn costs the seats that it changes."""
        if turn is None:
            return None
        name, entering = turn.rotation.name, turn.rotation.present is not None
        costs: list[SeatCost] = []
        for seat in turn.seats:
            before = self.unit.rotations.seat(name, seat.agent_id) or Seat(agent_id=seat.agent_id)
            if not entering:
                costs.append((seat.agent_id, seat.turn - before.turn, before.last, seat.last))
            elif seat.agent_id == agent.id:  # who entered stays where it came in: only the turn itself is returned
                costs.append((seat.agent_id, 1 / Fraction(agent.weight), before.last, seat.last))
        return name, tuple(costs)

    def _return_turn(self, placement: Placement) -> None:
        """Give back what an offer cost that was rescinded; turns that were taken since stay taken."""
        load = self.unit.loads.find(placement.agent_id or "", placement.kind)
        if load is not None:
            self._put_load(load, replace(load, received=load.received - 1))
        if placement.turn_taken is None:
            return
        rotation, costs = placement.turn_taken
        for agent_id, cost, before, last in costs:
            seat = self.unit.rotations.seat(rotation, agent_id)
            if seat is not None:
                turn = simplest(Fraction(seat.turn - cost))
                returned = replace(seat, turn=turn, last=before if seat.last == last else seat.last)
                self._put_seat(rotation, returned)

    def _take_turn(self, turn: Turn | None) -> None:
        """Write what a choice did to its rotation."""
        if turn is None:
            return
        self.notes.turn(turn, self.unit.rotations.find)
        self.unit.rotations.put(turn.rotation)
        for seat in turn.seats:
            self._put_seat(turn.rotation.name, seat)

    def _put_seat(self, rotation: str, seat: Seat) -> None:
        self.unit.rotations.put_seat(rotation, seat)
        self.directory.note_seat(rotation, seat)

    def save_record(self, record: Item, kind: str, owner: str | None) -> None:
        """Store the item's record with its holder; a stored one is replaced where anything differs."""
        repository = self.unit.items(kind)
        stored = repository.find(record.id)
        if stored is None:
            repository.add(record.handed_to(owner))
            return
        held = record.held_by(owner)
        if record.version not in (0, stored.version):
            raise ConflictError(what=f"{kind} `{record.id}`", expected=record.version, found=stored.version)
        latest = held.at_version(stored.version)
        if latest != stored:
            repository.save(latest)

    def record(
        self,
        what: EventType,
        placement: Placement,
        *,
        facts: Mapping[str, Any],
        why: Why,
        verdict: Facts | None = None,
    ) -> Move:
        """Write what happened, with where the item came to be, into the history, and tell it to who listens.

        `verdict` gives what the history keeps of how it was decided; it is asked when somebody reads the event.
        """
        told = _Facts(facts, verdict, placement, self.now, why.rule, why.origin, self.notes.taken())
        happening = Move(what, placement, self.now, told, rule=why.rule, actor=why.actor, reason=why.reason)
        self.unit.record(happening, told=self.heard)
        return happening

    def _put(self, before: Placement, after: Placement) -> None:
        # A placement without events was made up for this decision and is not stored yet.
        self.unit.placements.put(after, expected_fence=before.fence if before.revision else None)

    def _take_back(self, placement: Placement, *, because: str) -> bool:
        """End the assignment and free its load; returns whether it was an offer that is rescinded."""
        if not placement.taken or placement.agent_id is None or placement.assignment_id is None:
            return False
        if placement.state == "offered" and because not in NOT_TAKEN_UP:
            because = "rescinded"
        self.unit.assignments.end(placement.assignment_id, at=self.now, because=because)
        load = self.unit.loads.find(placement.agent_id, placement.kind)
        if load is None:  # read before whoever gave the item committed: the store has it done again
            load = AgentLoad(agent_id=placement.agent_id, kind=placement.kind)
        left = canonical(load.load - placement.effort)
        self._put_load(
            load,
            replace(
                load,
                load=left,
                ceiling=None if load.ceiling is None else max(self._capacity(load), left),
                items=load.items - 1,
                touched_at=self.now,
            ),
        )
        return because == "rescinded"

    def _capacity(self, load: AgentLoad) -> int | Decimal:
        """Return the agent's capacity, 0 where it is unlimited or the agent is gone."""
        agent = self.unit.agents.find(load.agent_id)
        return agent.capacity.get(load.kind, 0) if agent else 0

    def _add_load(self, agent: Agent, kind: str, effort: int | Decimal, *, beyond_capacity: bool) -> None:
        before = self.unit.loads.find(agent.id, kind)
        self._put_load(before, laden(before, agent, kind, effort, self.now, beyond_capacity=beyond_capacity))

    def _put_load(self, before: AgentLoad | None, after: AgentLoad) -> None:
        self.notes.ceiling(before, after)
        self.unit.loads.put(after)
        self.directory.note_load(after)


def laden(
    before: AgentLoad | None,
    agent: Agent,
    kind: str,
    effort: int | Decimal,
    now: datetime,
    *,
    beyond_capacity: bool = False,
) -> AgentLoad:
    """Return what an agent carries with one more item; `beyond_capacity` raises the ceiling where it has to."""
    load, items, received = (0, 0, 0) if before is None else (before.load, before.items, before.received)
    capacity = agent.capacity.get(kind)
    carried = load + effort
    if type(carried) is not int:
        carried = canonical(carried)
    return new_load(
        agent_id=agent.id,
        kind=kind,
        load=carried,
        ceiling=None if capacity is None else max(capacity, carried if beyond_capacity else load),
        items=items + 1,
        received=received + 1,
        touched_at=now,
    )


def canonical(units: int | Decimal) -> int | Decimal:
    """Return an amount of work as every store keeps it: a whole one as an int, any other without zeros at its end."""
    if isinstance(units, int):
        return units
    return int(units) if units == units.to_integral_value() else units.normalize()


@dataclass(slots=True)
class _Facts:
    """What an event tells, as it is when somebody reads it: how it was decided, where the item came to be, turns."""

    told: Mapping[str, Any]
    verdict: Facts | None
    placement: Placement
    at: datetime
    rule: str | None
    origin: Origin
    notes: Facts | None

    def __call__(self) -> dict[str, Any]:
        place = remembered(self.placement, at=self.at, rule=self.rule, origin=self.origin)
        verdict = self.verdict() if self.verdict is not None else {}
        notes = self.notes() if self.notes is not None else {}
        return {**self.told, **verdict, **place, **notes}


_NOWHERE: Mapping[str, Any] = {
    "rule": None,
    "step": None,
    "target": None,
    "pool": None,
    "queue": None,
    "urgency": 0,
    "next_retry_at": None,
    "offer_until": None,
    "turn_taken": None,
    "invited": (),
    "excluded": (),
    "excluded_until": None,
}
