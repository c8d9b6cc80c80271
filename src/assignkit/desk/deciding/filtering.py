"""Who may have the item: the same filters for every agent, in the same order; the first no is the reason.

`inactive` · `on_leave` · `off_shift` · `away` · `excluded` · `require` · `guard` · `capacity` · `limit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from assignkit.desk.deciding.directory import Directory
from assignkit.desk.deciding.periods import begun
from assignkit.desk.deciding.world import Condition, World, agent_facts
from assignkit.model.agent import Agent
from assignkit.model.availability import on_leave, on_shift, present
from assignkit.model.placement import AgentLoad, Placement
from assignkit.rules.plan import Limit, Never, Require
from assignkit.rules.terms import Term
from assignkit.strategies.base import Candidate

# The order in which the filters ask; reasons are told in it, whoever was looked at first.
CODES = ("inactive", "on_leave", "off_shift", "away", "excluded", "require", "guard", "capacity", "limit")


@dataclass(slots=True)
class Exclusion:
    """Why an agent may not have the item: a reason code with its measures, and the conditions that said no.

    `absent` is the agent, where time alone will bring it back.
    """

    code: str
    detail: Mapping[str, Any]
    terms: tuple[Term, ...] = ()
    facts: Mapping[str, Any] | None = None
    absent: Agent | None = None


@dataclass(slots=True)
class Demand:
    """What is asked of an agent for one item: by the rule, by the guards, by its target.

    `availability_counts`: being away and having declined count; a person who chooses by hand may know better.
    """

    requires: tuple[Require, ...] = ()
    limits: tuple[Limit, ...] = ()
    target: str | None = None
    capacity_counts: bool = True
    availability_counts: bool = True


class Counts(Protocol):
    """What says how many items an agent has, or came to it; see `AssignmentRepository`."""

    def count_open(self, target: str, agent_id: str, /) -> int:
        """Return how many items the agent holds through `target`."""
        ...

    def count_since(self, target: str, agent_id: str, since: datetime, /) -> int:
        """Return how many items came to the agent through `target` at `since` or later."""
        ...


class Filters:
    """The filters for one item and one demand; `exclusion` is called once per agent that is looked at.

    An item without a `placement` is new.
    """

    __slots__ = (
        "_asks_more",
        "_available",
        "_counts",
        "_demand",
        "_directory",
        "_effort",
        "_excluded",
        "_guards",
        "_holder",
        "_kind",
        "_limits",
        "_requires",
        "_world",
    )

    def __init__(
        self,
        counts: Counts,
        directory: Directory,
        world: World,
        demand: Demand,
        *,
        effort: int | Decimal,
        placement: Placement | None,
        waited: timedelta,
    ) -> None:
        self._counts = counts
        self._directory = directory
        self._world = world
        self._kind = world.kind
        self._demand = demand
        self._effort = effort
        self._available = demand.availability_counts
        self._excluded: Mapping[str, str] = _NOBODY
        self._holder: str | None = None
        if placement is not None:
            if placement.excluded:
                self._excluded = dict(placement.excluded_at(world.now))
            self._holder = placement.agent_id if placement.taken else None
        self._requires = _requires(demand.requires, world, waited) if demand.requires else ()
        self._guards = _guards(world) if world.rules.guards else ()
        self._limits = _limits(demand.limits, world) if demand.limits and demand.target is not None else ()
        particular = self._requires or self._guards or self._limits or self._excluded or self._holder is not None
        self._asks_more = bool(particular) or not demand.capacity_counts  # than to be there, and to have room

    def at(self, now: datetime) -> None:
        """Go on to another item at another instant, of the same kind and effort; see `reads_item`."""
        world = self._world
        if world.now is not now:
            world.now = now
            if self._limits:
                self._limits = _limits(self._demand.limits, world)

    @property
    def reads_item(self) -> bool:
        """Whether they look at more of the item than its kind and its effort, be it to find that a guard is not its."""
        guarded = any(isinstance(guard, Never) and guard.kind == self._kind for guard in self._world.rules.guards)
        return bool(guarded or self._requires or self._excluded or self._holder)

    def exclusion(self, agent: Agent) -> Exclusion | None:
        """Return why the agent may not have the item, or None if it may."""
        if not agent.active:
            return Exclusion("inactive", {})
        if self._available:
            if agent.leaves or agent.shifts is not None or agent.presence is not None:
                away = absence(agent, self._world.now, zone=self._world.zone)
                if away is not None:
                    return away
            if self._excluded and agent.id in self._excluded:
                return Exclusion("excluded", {"because": self._excluded[agent.id]})
        load = self._directory.load(agent.id, self._kind)
        if self._requires or self._guards:
            facts = agent_facts(load)
            unfit = self._unfit(agent, facts) or self._barred(agent, facts)
            if unfit is not None:
                return unfit
        if agent.id == self._holder:
            return None
        over = self._over_capacity(agent, load)
        return self._over_limit(agent) if over is None and self._limits else over

    def welcomes(self, candidate: Candidate) -> bool:
        """Return whether `exclusion` says nothing against one who stands in line, whose load is known."""
        agent, capacity = candidate.agent, candidate.capacity
        if self._asks_more or agent.leaves or agent.shifts is not None or agent.presence is not None:
            return self.exclusion(agent) is None
        return agent.active and (capacity is None or candidate.load + self._effort <= capacity)

    def barred(self, agent: Agent) -> Exclusion | None:
        """Return which guard forbids the agent the item, whatever else may be said; None if none does."""
        return self._barred(agent, agent_facts(self._directory.load(agent.id, self._kind)))

    def _unfit(self, agent: Agent, facts: Mapping[str, Any]) -> Exclusion | None:
        for require, holds in self._requires:
            if not holds(agent, facts):
                return Exclusion("require", {"clause": require.text}, (require.term,), facts)
        return None

    def _barred(self, agent: Agent, facts: Mapping[str, Any]) -> Exclusion | None:
        for guard, is_false in self._guards:
            if is_false is None or not is_false(agent, facts):
                return Exclusion("guard", {"clause": guard.text}, _terms(guard), facts)
        return None

    def _over_capacity(self, agent: Agent, load: AgentLoad | None) -> Exclusion | None:
        capacity = agent.capacity.get(self._kind)
        carried = load.load if load else 0
        if capacity is None or not self._demand.capacity_counts or carried + self._effort <= capacity:
            return None
        return Exclusion("capacity", {"load": carried, "capacity": capacity, "effort": self._effort})

    def _over_limit(self, agent: Agent) -> Exclusion | None:
        target = self._demand.target or ""
        for limit, since in self._limits:
            if since is None:
                count = self._counts.count_open(target, agent.id)
            else:
                count = self._counts.count_since(target, agent.id, since)
            if count >= limit.count:
                detail = {"limit": limit.count, "count": count, "period": limit.period, "target": target}
                return Exclusion("limit", detail)
        return None


_NOBODY: Mapping[str, str] = {}


def _requires(requires: Iterable[Require], world: World, waited: timedelta) -> list[tuple[Require, Condition]]:
    return [
        (require, world.true_for_agents(require.term))
        for require in requires
        if require.relax_after is None or waited < require.relax_after
    ]


def _guards(world: World) -> list[tuple[Never, Condition | None]]:
    """Return the guards that the item is under, each with the test of who it lets pass: of None, nobody."""
    return [
        (guard, world.false_for_agents(guard.agent_term) if guard.agent_term is not None else None)
        for guard in world.rules.guards
        if isinstance(guard, Never) and guard.kind == world.kind and not world.fails(guard.item_term)
    ]


def _limits(limits: Iterable[Limit], world: World) -> list[tuple[Limit, datetime | None]]:
    """Return the limits, each with the instant since when it counts; None for what the agent has open."""
    return [(limit, begun(world.now, limit.period, world.zone) if limit.period else None) for limit in limits]


def absence(agent: Agent, now: datetime, *, zone: str) -> Exclusion | None:
    """Return why the agent is not there now, or None; `zone` is for agents without one."""
    if agent.leaves and on_leave(agent, now, zone=zone) is not None:
        return Exclusion("on_leave", {}, absent=agent)
    if agent.shifts is not None and not on_shift(agent, now, zone=zone):
        return Exclusion("off_shift", {}, absent=agent)
    if agent.presence is not None and not present(agent, now):
        return Exclusion("away", {"presence": agent.presence})
    return None


def _terms(guard: Never) -> tuple[Term, ...]:
    return tuple(term for term in (guard.item_term, guard.agent_term) if term is not None)
