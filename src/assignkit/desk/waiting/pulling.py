"""Pulling: which waiting items an agent who became free may have, by any step of their rules that is due.

Asked of one agent at a time, this is cheaper than deciding each item: nobody else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from assignkit.desk.deciding.deciding import Case, part_of
from assignkit.desk.deciding.filtering import Demand, absence
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.errors import AssignkitError
from assignkit.model.agent import Agent
from assignkit.model.placement import Placement
from assignkit.model.record import Item
from assignkit.rules.plan import (
    Action,
    AgentTarget,
    AssignTo,
    Continue,
    KeepOwner,
    ManagerTarget,
    OwnerTarget,
    Rule,
    Split,
    Step,
    Target,
)

_GIVING = (AssignTo, Split, KeepOwner)


def may_have(session: Session, agent: Agent, placement: Placement) -> bool:
    """Return whether the agent is eligible for a waiting item, through any step that is due.

    Nobody may have an item whose record is not there (a host's own waits until it is handed in again). One that cannot
    be looked at may be had: who tries it finds out why.
    """
    try:
        record = session.unit.items(placement.kind).find(placement.item_id)
        if record is None:
            return False
        received = Received(placement.kind, placement.item_id, record, owned=isinstance(record, Item), given=False)
        case = session.case(received, placement)
        return any(_passes(session, case, agent, rule, step) for rule, step in _due_steps(case))
    except AssignkitError:
        return True


def is_free(session: Session, agent: Agent) -> bool:
    """Return whether an agent is there at all, so that it may be given anything."""
    return agent.active and absence(agent, session.now, zone=session.zone) is None


def room(session: Session, agent: Agent, kind: str) -> int | Decimal | None:
    """Return how much more the agent can take of a kind, None for any amount."""
    capacity = agent.capacity.get(kind)
    load = session.unit.loads.find(agent.id, kind)
    return None if capacity is None else capacity - (load.load if load is not None else 0)


def _due_steps(case: Case) -> Iterator[tuple[Rule, Step]]:
    """Yield the steps that the item may come through now, of the rule that matches, and of those that it goes on to."""
    for rule in case.world.matches():
        goes_on = False
        for step in rule.steps:
            if step.after is not None and case.waited < step.after:
                break  # it holds back the steps behind it
            if not isinstance(step.action, _GIVING):
                goes_on = isinstance(step.action, Continue)
                break
            yield rule, step
        if not goes_on:
            return


def _passes(session: Session, case: Case, agent: Agent, rule: Rule, step: Step) -> bool:
    """Return whether the agent belongs to the target of the step and passes its filters."""
    action = step.action
    if isinstance(action, KeepOwner):
        limits = () if action.even_if_full else rule.limits
        demand = Demand(rule.requires, limits, "owner", capacity_counts=not action.even_if_full)
        return _owner_id(case) == agent.id and _eligible(session, case, agent, demand)
    target = _target(session, case, rule, action)
    if target is None or not _belongs(session, case, agent, target):
        return False
    return _eligible(session, case, agent, Demand(rule.requires, rule.limits, target.label))


def _target(session: Session, case: Case, rule: Rule, action: Action) -> Target | None:
    if isinstance(action, AssignTo):
        return action.target
    return part_of(action, rule, session.seed, case.item_id) if isinstance(action, Split) else None


def _belongs(session: Session, case: Case, agent: Agent, target: Target) -> bool:
    if isinstance(target, AgentTarget):
        return target.agent_id == agent.id
    if isinstance(target, OwnerTarget):
        return _owner_id(case) == agent.id
    if isinstance(target, ManagerTarget):
        return case.world.owner is not None and case.world.owner.manager == agent.id
    return session.directory.belongs(agent, target, case.world)


def _owner_id(case: Case) -> str | None:
    return case.world.owner.id if case.world.owner is not None else None


def _eligible(session: Session, case: Case, agent: Agent, demand: Demand) -> bool:
    return case.filters(session.unit, session.directory, demand).exclusion(agent) is None
