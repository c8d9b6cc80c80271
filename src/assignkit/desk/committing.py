"""Committing: writes what was decided. Every change of holder goes through here.

Placement, loads, turn, assignment, record, history, outbox: all of it in the unit of work that is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignkit.desk.remembering import remembered
from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Assignment, Event, EventType, Origin
from assignkit.model.building import built
from assignkit.model.frozen import freeze
from assignkit.model.placement import AgentLoad, Placement, PlacementState
from assignkit.model.record import Item
from assignkit.repositories.base import Unit
from assignkit.strategies.base import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who or what changed a holder, for the assignment and the history."""

    origin: Origin
    rule: str | None = None
    step: int | None = None
    target: str | None = None
    rules_version: str | None = None
    actor: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Committer:
    """Writes changes of one instant into one unit of work."""

    unit: Unit
    now: datetime

    def give(self, placement: Placement, agent: Agent, why: Why, *, beyond_capacity: bool = False) -> Placement:
        """Make `agent` the holder, with the next fence; returns the new placement.

        `ConflictError` if it would exceed the agent's capacity, unless `beyond_capacity` raises the ceiling.
        """
        self._take_back(placement, because="reassigned")
        self._add_load(agent, placement.kind, placement.effort, beyond_capacity=beyond_capacity)
        fence = placement.fence + 1
        assignment = built(
            Assignment,
            {
                "id": f"{placement.kind}:{placement.item_id}:{fence}",
                "kind": placement.kind,
                "item_id": placement.item_id,
                "agent_id": agent.id,
                "fence": fence,
                "effort": placement.effort,
                "origin": why.origin,
                "rule": why.rule,
                "step": why.step,
                "target": why.target,
                "rules_version": why.rules_version,
                "assigned_at": self.now,
                "ended_at": None,
                "ended_because": None,
                "actor": why.actor,
                "reason": why.reason,
            },
        )
        after = Placement(
            kind=placement.kind,
            item_id=placement.item_id,
            state="held",
            agent_id=agent.id,
            fence=fence,
            effort=placement.effort,
            assignment_id=assignment.id,
            rule=why.rule,
            step=why.step,
            target=why.target,
            received_at=placement.received_at,
            since=self.now,
            chosen_by="person" if why.origin == "person" else "import" if why.origin == "import" else "rule",
            revision=placement.revision + 1,
        )
        self._put(placement, after)
        self.unit.assignments.add(assignment)
        return after

    def put_down(self, placement: Placement, state: PlacementState, *, because: str, **facts: Any) -> Placement:  # noqa: ANN401
        """Bring the item into a state without a holder; the fence rises if it had one. Returns the new placement."""
        self._take_back(placement, because=because)
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
            carried = load.load - placement.effort + effort
            ceiling = None if load.ceiling is None else max(self._capacity(load), carried)
            self.unit.loads.put(replace(load, load=carried, ceiling=ceiling))
        self.unit.placements.put(after, expected_fence=placement.fence)
        self.record("corrected", after, facts={}, why=Why(origin="import", reason="its effort changed"))
        return after

    def take_turn(self, turn: Turn | None) -> None:
        """Write what a choice did to its rotation."""
        if turn is None:
            return
        self.unit.rotations.put(turn.rotation)
        for seat in turn.seats:
            self.unit.rotations.put_seat(turn.rotation.name, seat)

    def save_record(self, record: Item, kind: str, owner: str | None) -> None:
        """Store the item's record with its holder; a stored one is replaced where anything differs."""
        repository = self.unit.items(kind)
        held = record.held_by(owner)
        stored = repository.find(record.id)
        if stored is None:
            repository.add(held.at_version(0))
            return
        if record.version not in (0, stored.version):
            raise ConflictError(what=f"{kind} `{record.id}`", expected=record.version, found=stored.version)
        latest = held.at_version(stored.version)
        if latest != stored:
            repository.save(latest)

    def record(self, what: EventType, placement: Placement, *, facts: Mapping[str, Any], why: Why) -> Event:
        """Append the item's event, with where the item came to be, to the history and the outbox."""
        place = remembered(placement, at=self.now, rule=why.rule, origin=why.origin)
        event = self.unit.history.append(
            built(
                Event,
                {
                    "number": 0,
                    "id": f"{placement.kind}:{placement.item_id}:{placement.revision}",
                    "type": what,
                    "at": self.now,
                    "kind": placement.kind,
                    "item_id": placement.item_id,
                    "agent_id": placement.agent_id,
                    "fence": placement.fence,
                    "rule": why.rule,
                    "actor": why.actor,
                    "reason": why.reason,
                    "facts": freeze({**facts, **place}),
                },
            )
        )
        self.unit.outbox.append(event)
        return event

    def _put(self, before: Placement, after: Placement) -> None:
        # A placement without events was made up for this decision and is not stored yet.
        self.unit.placements.put(after, expected_fence=before.fence if before.revision else None)

    def _take_back(self, placement: Placement, *, because: str) -> None:
        if not placement.taken or placement.agent_id is None or placement.assignment_id is None:
            return
        self.unit.assignments.end(placement.assignment_id, at=self.now, because=because)
        load = self.unit.loads.find(placement.agent_id, placement.kind)
        if load is None:
            return
        left = load.load - placement.effort
        self.unit.loads.put(
            replace(
                load,
                load=left,
                ceiling=None if load.ceiling is None else max(self._capacity(load), left),
                items=load.items - 1,
                touched_at=self.now,
            )
        )

    def _capacity(self, load: AgentLoad) -> int | Decimal:
        """Return the agent's capacity, 0 where it is unlimited or the agent is gone."""
        agent = self.unit.agents.find(load.agent_id)
        return agent.capacity.get(load.kind, 0) if agent else 0

    def _add_load(self, agent: Agent, kind: str, effort: int | Decimal, *, beyond_capacity: bool) -> None:
        load = self.unit.loads.find(agent.id, kind) or AgentLoad(agent_id=agent.id, kind=kind)
        capacity = agent.capacity.get(kind)
        carried = load.load + effort
        reached = carried if beyond_capacity else load.load
        ceiling = None if capacity is None else max(capacity, reached)
        self.unit.loads.put(
            replace(
                load,
                load=carried,
                ceiling=ceiling,
                items=load.items + 1,
                received=load.received + 1,
                touched_at=self.now,
            )
        )


_NOWHERE: Mapping[str, Any] = {
    "rule": None,
    "step": None,
    "target": None,
    "pool": None,
    "queue": None,
    "urgency": 0,
    "next_retry_at": None,
}
