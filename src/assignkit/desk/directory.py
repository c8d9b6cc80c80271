"""Who is in which target and who stands where: kept up to date from the store's changes instead of read anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignkit.desk.world import World, agent_facts, reads_agent_records_only, reads_counts
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation
from assignkit.repositories.base import Store, Unit
from assignkit.rules.plan import AgentsWhere, Target, TeamTarget
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.standing import Standing

Belongs = Callable[[Agent], int | None]
ValuesReader = Callable[[Agent, Mapping[str, Any]], Mapping[int, Any]]


@dataclass(slots=True)
class Roster:
    """The members of one target, each with its position in a listed team (0 elsewhere)."""

    label: str
    belongs: Belongs
    members: dict[str, int] = field(default_factory=dict)

    def place(self, agent_id: str, agent: Agent | None) -> None:
        """Take the agent in or out, as its record now says."""
        position = self.belongs(agent) if agent is not None else None
        if position is None:
            self.members.pop(agent_id, None)
        else:
            self.members[agent_id] = position


@dataclass(frozen=True, slots=True)
class View:
    """How one rotation looks at the members of a roster, for one kind of item."""

    roster: Roster
    rotation: str
    rotating: bool
    kind: str
    values: ValuesReader


@dataclass(frozen=True, slots=True)
class Line:
    """The members of one roster, standing sorted by one chain of orders."""

    view: View
    standing: Standing


class Directory:
    """Agents, rosters and standing lines of one desk. Used only inside a unit of work, which serialises it.

    With a store that tracks its changes it lives as long as the desk; otherwise it is made anew for each unit.
    """

    def __init__(self, rules: RuleSet, *, seed: str) -> None:
        self._rules = rules
        self._seed = seed
        self._cursor: int | None = None
        self._agents: dict[str, Agent] = {}
        self._rosters: dict[str, Roster] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._ties: dict[tuple[str, str], int] = {}
        self._loaded = False
        self._counts_matter = reads_counts(rules)
        self._carried: dict[str, Mapping[str, int | Decimal]] = {}
        self._stirred: set[str] | None = None
        self._touched: set[tuple[str, str]] = set()

    def refresh(self, store: Store, unit: Unit) -> None:
        """Bring everything up to what the unit sees; O(changes) where the store tracks them, else O(agents)."""
        changes = store.changes(self._cursor)
        if changes is None or changes.agent_ids is None or not self._loaded:
            self._reload(unit)
        else:
            for agent_id in changes.agent_ids:
                self.update(unit, agent_id)
        if changes is not None:
            self._cursor = changes.cursor

    def update(self, unit: Unit, agent_id: str) -> None:
        """Take over what changed of one agent: the record, the loads or the seats."""
        before, after = self._agents.get(agent_id), unit.agents.find(agent_id)
        self._notice(unit, agent_id, anew=before is not after)
        if before is not after:
            if after is None:
                self._agents.pop(agent_id, None)
            else:
                self._agents[agent_id] = after
            for roster in self._rosters.values():
                roster.place(agent_id, after)
        for line in self._lines.values():
            if agent_id in line.view.roster.members or agent_id in line.standing:
                self._stand(unit, line, agent_id)

    def touch(self, kind: str, item_id: str) -> None:
        """Note that an item's record changed, so that it is worth looking at again."""
        self._touched.add((kind, item_id))

    def take_stirred(self) -> frozenset[str] | None:
        """Return the agents who may since the last call have become eligible for something; None: anybody may."""
        stirred, self._stirred = self._stirred, set()
        return None if stirred is None else frozenset(stirred)

    def take_touched(self) -> frozenset[tuple[str, str]]:
        """Return the items whose records were saved since the last call."""
        touched, self._touched = self._touched, set()
        return frozenset(touched)

    def _notice(self, unit: Unit, agent_id: str, *, anew: bool) -> None:
        """Note an agent whose record changed, or who carries less than before."""
        carried = {kind: load.load for kind, load in unit.loads.of_agent(agent_id).items()}
        before = self._carried.get(agent_id)
        self._carried[agent_id] = carried
        if self._stirred is None:
            return
        if (
            anew
            or self._counts_matter
            or before is None
            or any(carried.get(kind, 0) < load for kind, load in before.items())
        ):
            self._stirred.add(agent_id)

    def agent(self, agent_id: str | None) -> Agent | None:
        """Return the agent's record, or None."""
        return self._agents.get(agent_id) if agent_id is not None else None

    def roster(self, unit: Unit, target: Target, world: World) -> Roster:
        """Return the members of a team or of `agents where …`; cached unless the item or time matters."""
        label = target.label
        kept = self._rosters.get(label)
        if kept is not None:
            return kept
        belongs, lasting = self._membership(unit, target, world)
        roster = Roster(label, belongs)
        for agent_id, agent in self._agents.items():
            roster.place(agent_id, agent)
        if lasting:
            self._rosters[label] = roster
        return roster

    def is_lasting(self, roster: Roster) -> bool:
        """Return whether the roster is kept between decisions."""
        return self._rosters.get(roster.label) is roster

    def line(self, unit: Unit, view: View, chain: OrderChain, rotation: Rotation) -> Standing:
        """Return the roster standing sorted by a standing chain; made on first use, then kept."""
        key = (rotation.name, view.kind)
        line = self._lines.get(key)
        if line is None:
            line = Line(view, chain.stand())
            line.standing.raise_floor(rotation.level)
            for agent_id in view.roster.members:
                self._stand(unit, line, agent_id)
            self._lines[key] = line
        line.standing.raise_floor(rotation.level)
        return line.standing

    def candidate(self, unit: Unit, view: View, agent: Agent) -> Candidate:
        """Return the agent as the rotation's orders see it now."""
        loads = unit.loads.of_agent(agent.id)
        load = loads.get(view.kind)
        return Candidate(
            agent_id=agent.id,
            agent=agent,
            tie=self._tie(view.rotation, agent.id),
            load=load.load if load else 0,
            capacity=agent.capacity.get(view.kind),
            received=load.received if load else 0,
            idle_since=_latest(agent.signed_on_at, (one.touched_at for one in loads.values())),
            position=view.roster.members.get(agent.id, 0),
            seat=unit.rotations.seat(view.rotation, agent.id) if view.rotating else None,
            values=view.values(agent, agent_facts(load)),
        )

    def _tie(self, scope: str, agent_id: str) -> int:
        tie = self._ties.get((scope, agent_id))
        if tie is None:
            tie = self._ties[scope, agent_id] = stable_hash(self._seed, scope, agent_id)
        return tie

    def _membership(self, unit: Unit, target: Target, world: World) -> tuple[Belongs, bool]:
        """Return the membership test of a target, and whether it depends on nothing but the agents' records."""
        if isinstance(target, TeamTarget):
            team = self._rules.teams.get(target.name)
            if team is None:
                return (lambda agent: 0 if target.name in agent.teams else None), True
            if team.term is None:
                positions = {agent_id: place for place, agent_id in enumerate(team.members)}
                return (lambda agent: positions.get(agent.id)), True
            term = team.term
        elif isinstance(target, AgentsWhere):
            term = target.term
        else:
            msg = f"{target.label} has no roster"
            raise TypeError(msg)
        holds = world.true_for_agents(term)
        lasting = reads_agent_records_only(term)
        kind = world.kind
        return (lambda agent: 0 if holds(agent, agent_facts(unit.loads.find(agent.id, kind))) else None), lasting

    def _reload(self, unit: Unit) -> None:
        self._agents = {agent.id: agent for agent in unit.agents.list()}
        self._rosters.clear()
        self._lines.clear()
        self._stirred = None
        self._loaded = True

    def _stand(self, unit: Unit, line: Line, agent_id: str) -> None:
        agent = self._agents.get(agent_id)
        if agent is None or agent_id not in line.view.roster.members or not agent.active:
            line.standing.discard(agent_id)
        else:
            line.standing.put(self.candidate(unit, line.view, agent))


def _latest(first: datetime | None, others: Iterable[datetime | None]) -> datetime | None:
    instants = [at for at in (first, *others) if at is not None]
    return max(instants) if instants else None
