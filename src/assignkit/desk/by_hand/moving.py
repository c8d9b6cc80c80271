"""Adjustment by hand: the same filters, fences and history that rules go through, with a person's name on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from assignkit.desk.committing.committing import Why
from assignkit.desk.deciding.filtering import Demand, Exclusion, Filters
from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import Received, effort_of
from assignkit.desk.said import firmly_said
from assignkit.desk.session import Session
from assignkit.errors import ConflictError, InvalidTransitionError, NotEligibleError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.decision import Decision, Outcome
from assignkit.model.placement import Placement
from assignkit.model.record import Item
from assignkit.model.wording import reason_text

_BY_HAND = Demand(availability_counts=False)
_FORCED = Demand(availability_counts=False, capacity_counts=False)


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who moves an item, why, and the fence that they saw; `force` for more than the agent has room for."""

    actor: str
    reason: str
    fence: int | None = None
    force: bool = False

    def __post_init__(self) -> None:
        for name in ("actor", "reason"):
            object.__setattr__(self, name, firmly_said(name, getattr(self, name)))


def reassign(session: Session, kind: str, item_id: str, to: str, by_hand: ByHand) -> Decision:
    """Give the item to the agent; a person is bound by activity, guards and capacity, not by a rule's terms.

    Who forces it is not bound by capacity either.
    """
    received, placement = _found(session, kind, item_id)
    _check_fence(placement, by_hand)
    agent = session.agent(to)
    if placement.state == "held" and placement.agent_id == to:
        return _moved(session, placement, "kept", ("held",))
    world = session.case(received, placement).world
    _check_eligible(session, world, agent, placement, _FORCED if by_hand.force else _BY_HAND)
    why = Why(origin="person", actor=by_hand.actor, reason=by_hand.reason)
    carries_it = placement.taken and placement.agent_id == to  # and so carries no more than before
    after = session.committer.give(placement, agent, why, beyond_capacity=by_hand.force or carries_it)
    before: dict[str, Any] = {"from": placement.agent_id} if placement.taken else {}
    facts = {**before, "forced": True} if by_hand.force else before
    event = session.committer.record("reassigned", after, facts=facts, why=why)
    _save_owner(session, received, to)
    return _moved(session, after, "assigned", ("by_hand",)).explained_by(event.explanation)


def release(
    session: Session, kind: str, item_id: str, pool: str | None, by_hand: ByHand, *, freed: list[str]
) -> Decision:
    """Take the item from its holder or out of its queue, into a pool if one is named; `freed` becomes who had it."""
    received, placement = _found(session, kind, item_id)
    _check_fence(placement, by_hand)
    if pool is not None and pool not in session.rules.pools and session.unit.pools.find(pool) is None:
        raise NotFoundError(noun="pool", key=pool)
    if not placement.taken and placement.state != "waiting":
        raise InvalidTransitionError(item_id=item_id, state=placement.state, attempted="release it")
    freed[:] = [placement.agent_id] if placement.agent_id is not None else []
    after = session.committer.put_down(placement, "pooled" if pool else "free", because="released", pool=pool)
    why = Why(origin="person", actor=by_hand.actor, reason=by_hand.reason)
    before = {"from": placement.agent_id} if placement.taken else {}
    facts = {**before, "pool": pool} if pool is not None else before
    event = session.committer.record("released", after, facts=facts, why=why)
    _save_owner(session, received, None)
    return _moved(session, after, "pooled" if pool else "unmatched", ("released",)).explained_by(event.explanation)


def _found(session: Session, kind: str, item_id: str) -> tuple[Received, Placement]:
    # Locked first: what is read before may be out of date once the item is ours.
    session.directory.expect(session.unit, (), [(kind, item_id)])
    record = session.unit.items(kind).find(item_id)
    placement = session.unit.placements.find(kind, item_id)
    if record is None and placement is None:
        raise NotFoundError(noun=session.rules.schema.items[kind].root, key=item_id)
    received = Received(kind, item_id, record, owned=isinstance(record, Item))
    if placement is None:
        placement = Placement(
            kind=kind, item_id=item_id, effort=effort_of(record), received_at=session.now, since=session.now
        )
    return received, placement


def _check_fence(placement: Placement, by_hand: ByHand) -> None:
    if by_hand.fence is not None and by_hand.fence != placement.fence:
        what = f"the fence of {placement.kind} `{placement.item_id}`"
        raise ConflictError(what=what, expected=by_hand.fence, found=placement.fence)


def _check_eligible(session: Session, world: World, agent: Agent, placement: Placement, demand: Demand) -> None:
    filters = Filters(
        session.unit.assignments,
        session.directory,
        world,
        demand,
        effort=placement.effort,
        placement=placement,
        waited=timedelta(),
    )
    exclusion = filters.exclusion(agent)
    if exclusion is not None:
        raise refusal(agent, exclusion, world, placement.item_id)


def refusal(agent: Agent, exclusion: Exclusion, world: World, item_id: str) -> NotEligibleError:
    """Return the error that says why the agent may not have the item, with the values that were read."""
    reason = f"{exclusion.code}: {agent.id} {told(agent, exclusion, world)}"
    return NotEligibleError(agent_id=agent.id, item_id=item_id, reasons=[reason])


def told(agent: Agent, exclusion: Exclusion, world: World) -> str:
    """Return why the agent may not have the item, as the end of a sentence about it, with the values that were read."""
    values = [value.model_dump(mode="json") for value in world.values_read(exclusion.terms, agent, exclusion.facts)]
    return reason_text(exclusion.code, {**exclusion.detail, "values": values})


def _save_owner(session: Session, received: Received, owner: str | None) -> None:
    if received.owned:
        session.committer.save_record(received.record, received.kind, owner)


def _moved(session: Session, placement: Placement, outcome: Outcome, reasons: tuple[str, ...]) -> Decision:
    return Decision(
        kind=placement.kind,
        item_id=placement.item_id,
        outcome=outcome,
        agent_id=placement.agent_id,
        fence=placement.fence,
        assignment_id=placement.assignment_id,
        pool=placement.pool,
        reasons=reasons,
        rules_version=session.rules.version,
        at=session.now,
    )
