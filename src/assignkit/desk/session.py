"""One unit of work at the desk: the rules, the time and the records that one operation sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assignkit.desk.committing.committing import Committer
from assignkit.desk.deciding.chains import Chains
from assignkit.desk.deciding.deciding import Case, Decider
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import CUSTOMERS, TASKS, Received, effort_of, owner_of
from assignkit.errors import NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.placement import Placement, new_placement
from assignkit.model.record import as_identity
from assignkit.repositories.base import Unit
from assignkit.rules.plan import TeamTarget
from assignkit.rules.ruleset import RuleSet


@dataclass(slots=True)
class Session:
    """What one operation works with; lives as long as its unit of work. `heard`: somebody listens to events."""

    unit: Unit
    directory: Directory
    rules: RuleSet
    chains: Chains
    seed: str
    zone: str
    now: datetime
    heard: bool = True
    _committer: Committer | None = field(default=None, init=False)

    @property
    def committer(self) -> Committer:
        """What writes changes; made when it is first asked for, which plain decisions never do."""
        if self._committer is None:
            self._committer = Committer(self.unit, self.directory, self.now, self.heard)
        return self._committer

    def at(self, now: datetime) -> None:
        """Go on to the next item of the same unit, at another instant; what was noted of the last one is forgotten."""
        self.now = now
        if self._committer is not None:
            self._committer.now = now
            self._committer.notes.taken()
        self.directory.notes.begin()

    def tell(self, event: Event) -> None:
        """Write an event of something else than an item's place, and tell it to who listens."""
        stored = self.unit.history.append(event)
        if self.heard:
            self.unit.outbox.append(stored)

    def decider(self, *, full: bool = False) -> Decider:
        """Return what decides cases; `full` looks at every candidate."""
        return Decider(self.unit, self.directory, self.chains, self.seed, full=full)

    def agent(self, agent_id: str) -> Agent:
        """Return the agent's record; `NotFoundError` if there is none."""
        agent = self.directory.agent(agent_id)
        if agent is None:
            raise NotFoundError(noun="agent", key=agent_id)
        return agent

    def placement(self, received: Received) -> Placement:
        """Return where the item is; for one that the desk has not seen, a new placement with revision 0."""
        found = self.unit.placements.find(received.kind, received.item_id)
        if found is not None:
            return found
        return new_placement(
            kind=received.kind,
            item_id=received.item_id,
            effort=effort_of(received.record),
            received_at=self.now,
            since=self.now,
        )

    def case(self, received: Received, placement: Placement) -> Case:
        """Return the item with all that rules can see of it; the placement, not the record, says who holds it."""
        record, customer = received.record, None
        if received.owned and placement.revision:
            record = record.held_by(placement.agent_id if placement.state == "held" else None)
        if received.kind == TASKS:
            customer = self._customer(record)
            owner = self._owner(customer)
        elif placement.revision and record is not None:
            owner = self._holder(placement)
        else:
            owner = self.directory.agent(owner_of(record))
        world = World(self.rules, received.kind, record, owner, customer, self.now, self.zone)
        known = placement if placement.revision else None
        return Case(received.item_id, world, placement.effort, known, placement.received_at)

    def is_full(self, agent: Agent, kind: str) -> bool:
        """Return whether the agent has no room for anything of this kind."""
        capacity, load = agent.capacity.get(kind), self.directory.load(agent.id, kind)
        return capacity is not None and load is not None and load.load >= capacity

    def members(self, target: TeamTarget) -> list[str]:
        """Return the ids of a team's agents, sorted; none for a team that nobody is in."""
        world = World(self.rules, CUSTOMERS, None, None, None, self.now, self.zone)
        return sorted(self.directory.roster(target, world).members)

    def _customer(self, task: Any) -> Any:  # noqa: ANN401 - a host's own kind of record
        customer_id = as_identity(getattr(task, "customer", None))
        return self.unit.customers.find(customer_id) if isinstance(customer_id, str) else None

    def _owner(self, customer: Any) -> Agent | None:  # noqa: ANN401 - a host's own kind of record
        if customer is None:
            return None
        placement = self.unit.placements.find(CUSTOMERS, str(customer.id))
        return self._holder(placement) if placement is not None else self.directory.agent(owner_of(customer))

    def _holder(self, placement: Placement) -> Agent | None:
        return self.directory.agent(placement.agent_id if placement.state == "held" else None)
