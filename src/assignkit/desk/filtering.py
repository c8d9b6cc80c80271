"""Who may have the item: the same filters for every agent, in the same order; the first no is the reason.

`inactive` · `on_leave` · `off_shift` · `away` · `excluded` · `require` · `guard` · `capacity` · `limit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.periods import period_start
from assignkit.desk.world import Condition, World, agent_facts
from assignkit.model.agent import Agent
from assignkit.model.availability import on_leave, on_shift, present
from assignkit.model.placement import AgentLoad, Placement
from assignkit.repositories.base import Unit
from assignkit.rules.plan import Limit, Never, Require
from assignkit.rules.terms import Term

# The order in which the filters ask; reasons are told in it, whoever was looked at first.
CODES = ("inactive", "on_leave", "off_shift", "away", "excluded", "require", "guard", "capacity", "limit")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an agent may not have the item: a reason code with its measures, and the conditions that said no.

    `absent` is the agent, where time alone will bring it back.
    """

    code: str
    detail: Mapping[str, Any]
    terms: tuple[Term, ...] = ()
    facts: Mapping[str, Any] | None = None
    absent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of an agent for one item: by the rule, by the guards, by its target.

    `availability_counts`: being away and having declined count; a person who chooses by hand may know better.
    """

    requires: tuple[Require, ...] = ()
    limits: tuple[Limit, ...] = ()
    target: str | None = None
    capacity_counts: bool = True
    availability_counts: bool = True


class Filters:
    """The filters for one item and one demand; `exclusion` is called once per agent that is looked at.

    An item without a `placement` is new.
    """

    def __init__(
        self,
        unit: Unit,
        world: World,
        demand: Demand,
        *,
        effort: int | Decimal,
        placement: Placement | None,
        waited: timedelta,
    ) -> None:
        self._unit = unit
        self._world = world
        self._demand = demand
        self._effort = effort
        self._excluded = dict(placement.excluded_at(world.now)) if placement is not None else {}
        self._holder = placement.agent_id if placement is not None and placement.taken else None
        self._requires: list[tuple[Require, Condition]] = [
            (require, world.true_for_agents(require.term))
            for require in demand.requires
            if require.relax_after is None or waited < require.relax_after
        ]
        self._guards: list[tuple[Never, Condition | None]] = [
            (guard, world.false_for_agents(guard.agent_term) if guard.agent_term is not None else None)
            for guard in world.rules.guards
            if isinstance(guard, Never) and guard.kind == world.kind and not world.fails(guard.item_term)
        ]
        zone = ZoneInfo(world.zone)
        self._limits: list[tuple[Limit, datetime | None]] = [
            (limit, period_start(world.now, limit.period, zone) if limit.period else None) for limit in demand.limits
        ]

    def exclusion(self, agent: Agent) -> Exclusion | None:
        """Return why the agent may not have the item, or None if it may."""
        if not agent.active:
            return Exclusion("inactive", {})
        if self._demand.availability_counts:
            unavailable = absence(agent, self._world.now, zone=self._world.zone) or self._declined(agent)
            if unavailable is not None:
                return unavailable
        load = self._unit.loads.find(agent.id, self._world.kind)
        facts = agent_facts(load)
        for require, holds in self._requires:
            if not holds(agent, facts):
                return Exclusion("require", {"clause": require.text}, (require.term,), facts)
        barred = self._barred(agent, facts)
        if barred is not None or agent.id == self._holder:
            return barred
        return self._over_capacity(agent, load) or self._over_limit(agent)

    def barred(self, agent: Agent) -> Exclusion | None:
        """Return which guard forbids the agent the item, whatever else may be said; None if none does."""
        return self._barred(agent, agent_facts(self._unit.loads.find(agent.id, self._world.kind)))

    def _barred(self, agent: Agent, facts: Mapping[str, Any]) -> Exclusion | None:
        for guard, is_false in self._guards:
            if is_false is None or not is_false(agent, facts):
                return Exclusion("guard", {"clause": guard.text}, _terms(guard), facts)
        return None

    def _declined(self, agent: Agent) -> Exclusion | None:
        because = self._excluded.get(agent.id)
        return Exclusion("excluded", {"because": because}) if because is not None else None

    def _over_capacity(self, agent: Agent, load: AgentLoad | None) -> Exclusion | None:
        capacity = agent.capacity.get(self._world.kind)
        carried = load.load if load else 0
        if capacity is None or not self._demand.capacity_counts or carried + self._effort <= capacity:
            return None
        return Exclusion("capacity", {"load": carried, "capacity": capacity, "effort": self._effort})

    def _over_limit(self, agent: Agent) -> Exclusion | None:
        target = self._demand.target
        if target is None:
            return None
        assignments = self._unit.assignments
        for limit, since in self._limits:
            if since is None:
                count = assignments.count_open(target, agent.id)
            else:
                count = assignments.count_since(target, agent.id, since)
            if count >= limit.count:
                detail = {"limit": limit.count, "count": count, "period": limit.period, "target": target}
                return Exclusion("limit", detail)
        return None


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
