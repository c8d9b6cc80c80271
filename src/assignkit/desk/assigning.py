"""Assigning one item: what is known of it, what the rules say, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.committing.committing import Why
from assignkit.desk.deciding.deciding import Case, Verdict
from assignkit.desk.deciding.explaining import Told, Untold, history_facts
from assignkit.desk.deciding.filtering import Demand, Exclusion
from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import Received, effort_of, owner_of
from assignkit.desk.session import Session
from assignkit.errors import ConflictError, InvalidTransitionError
from assignkit.model.agent import Agent
from assignkit.model.assignment import EventType
from assignkit.model.building import built, whole
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.placement import Placement, PlacementState
from assignkit.model.record import Item
from assignkit.model.wording import moment_told

_STATES: dict[str, PlacementState] = {
    "waiting": "waiting",
    "pooled": "pooled",
    "rejected": "rejected",
    "unmatched": "unmatched",
}
_EVENTS: dict[str, EventType] = {
    "assigned": "assigned",
    "offered": "offered",
    "kept": "kept",
    "waiting": "waiting",
    "pooled": "pooled",
    "rejected": "rejected",
    "unmatched": "unmatched",
}
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """How an item is to be assigned: `force` runs the rules for a held item too; `version` is a host's own."""

    force: bool = False
    actor: str | None = None
    version: Any = None


def assign(session: Session, received: Received, request: Request) -> Decision:
    """Decide the item by the rules and write the outcome; an item that an agent has stays, unless forced.

    An offer that has run out is over, whether or not somebody noticed before.
    """
    placement, kept = prepare(session, received, request)
    return decide(session, received, placement, request) if kept is None else kept


def prepare(session: Session, received: Received, request: Request) -> tuple[Placement, Decision | None]:
    """Return where the item is now, and its decision if it stays there without any rule being read."""
    _check_version(session, received, request)
    placement = session.placement(received)
    if placement.revision == 0:
        placement = _adopt(session, received, placement, request)
    else:
        placement = _keep_up(session, received, placement)
    if placement.offer_until is not None and placement.offer_until <= session.now:
        placement = end_offer(session, placement, "expired", Why(origin="rule"))
    if not request.force:
        if placement.state == "done":
            raise InvalidTransitionError(item_id=placement.item_id, state="done", attempted="assign it: force it")
        if placement.taken or placement.invited:
            _save(session, received, placement)
            return placement, _held(session, placement)
    return placement, None


def end_offer(session: Session, placement: Placement, because: EventType, why: Why) -> Placement:
    """End a pending offer to one agent or to several; whoever let it pass, or declined it, is excluded for the item."""
    offered = placement.invited or (placement.agent_id,)
    out = () if because == "rescinded" else tuple((agent_id, str(because)) for agent_id in offered if agent_id)
    after = session.committer.put_down(
        placement,
        "waiting",
        because=because,
        queue=f'rule "{placement.rule}"' if placement.rule else None,
        rule=placement.rule,
        urgency=placement.urgency,
        excluded=(*placement.excluded_at(session.now), *out),
    )
    facts = {"from": placement.agent_id} if placement.agent_id else {"invited": list(placement.invited)}
    session.committer.record(because, after, facts=facts, why=why)
    return after


def decide(session: Session, received: Received, placement: Placement, request: Request) -> Decision:
    """Run the rules for the item and write what comes out."""
    case = session.case(received, placement)
    case.limits_count = not request.force
    return settle(session, received, placement, session.decider().decide(case), request)


def settle(session: Session, received: Received, placement: Placement, verdict: Verdict, request: Request) -> Decision:
    """Write what a verdict makes of the item that is at `placement`."""
    after = _write(session, placement, verdict, request)
    _save(session, received, after)
    verdict.capture()
    return decision_of(verdict, after, session)


def decision_of(verdict: Verdict, placement: Placement, session: Session) -> Decision:
    """Return the decision for a verdict that left the item at `placement`."""
    if verdict.agent is None and (placement.taken or placement.invited):
        verdict.stays_with(placement.agent_id)
    return whole(
        Decision,
        {
            "kind": placement.kind,
            "item_id": placement.item_id,
            "outcome": verdict.outcome,
            "agent_id": placement.agent_id,
            "rule": verdict.rule.name if verdict.rule else None,
            "step": verdict.step.number if verdict.step else None,
            "target": verdict.target,
            "fence": placement.fence,
            "assignment_id": placement.assignment_id,
            "offer_id": placement.assignment_id if placement.state == "offered" else None,
            "until": placement.offer_until,
            "pool": placement.pool,
            "queue": placement.queue,
            "next_retry_at": verdict.next_retry_at,
            "reasons": verdict.reasons,
            "rules_version": session.rules.version,
            "at": session.now,
        },
    ).explained_by(Untold(verdict, session.seed))


def _check_version(session: Session, received: Received, request: Request) -> None:
    """A host's own item must still be as it was when the caller read it."""
    if request.version is None:
        return
    current = session.unit.items(received.kind).find(received.item_id)
    found = getattr(current, "version", None)
    if found != request.version:
        raise ConflictError(what=f"{received.kind} `{received.item_id}`", expected=request.version, found=found)


def _adopt(session: Session, received: Received, placement: Placement, request: Request) -> Placement:
    """Make the owner that a new item came with its holder, if it may be; else leave the item free."""
    owner = owner_to_adopt(session, received)
    if owner is None:
        return placement
    why = Why(origin="import", actor=request.actor, reason="came with an owner")
    after = session.committer.give(placement, owner, why, beyond_capacity=True)
    session.committer.record("imported", after, facts={}, why=why)
    return after


def owner_to_adopt(session: Session, received: Received) -> Agent | None:
    """Return the agent that a new item names as its owner; None if it is unknown, inactive or barred by a `never`."""
    owner = session.directory.agent(owner_of(received.record))
    if owner is None or not owner.active:
        return None
    return owner if bar_to_owner(session, received, owner)[0] is None else None


def bar_to_owner(session: Session, received: Received, owner: Agent) -> tuple[Exclusion | None, World]:
    """Return which `never` forbids the owner that a new item comes with, if one does, and what it has read."""
    case = session.case(received, session.placement(received))
    return case.filters(session.unit, session.directory, Demand()).barred(owner), case.world


def _keep_up(session: Session, received: Received, placement: Placement) -> Placement:
    """Take over an effort that changed since the item was placed."""
    effort = effort_of(received.record)
    if effort == placement.effort:
        return placement
    return session.committer.change_effort(placement, effort)


def _held(session: Session, placement: Placement) -> Decision:
    decision = built(
        Decision,
        {
            "kind": placement.kind,
            "item_id": placement.item_id,
            "outcome": "kept" if placement.state == "held" else "offered",
            "offer_id": placement.assignment_id if placement.state == "offered" else None,
            "until": placement.offer_until,
            "agent_id": placement.agent_id,
            "rule": placement.rule,
            "step": placement.step,
            "target": placement.target,
            "fence": placement.fence,
            "assignment_id": placement.assignment_id,
            "reasons": ("held",) if placement.state == "held" else ("pending",),
            "rules_version": session.rules.version,
            "at": session.now,
        },
    )
    has = "has held it" if placement.state == "held" else "has been offered it"
    who = placement.agent_id or ", ".join(placement.invited)
    zone = ZoneInfo(session.zone)
    since = moment_told(placement.since.astimezone(zone))
    why = Explanation(
        kind=placement.kind,
        item_id=placement.item_id,
        at=session.now.astimezone(zone),
        outcome=decision.outcome,
        agent_id=placement.agent_id,
        rule=placement.rule,
        step=placement.step,
        reasons=decision.reasons,
        notes=(f"{who} {has} since {since}; no rule was run",),
        rules_version=session.rules.version,
        seed=session.seed,
    )
    return decision.explained_by(Told(why))


def _write(session: Session, placement: Placement, verdict: Verdict, request: Request) -> Placement:
    rule, step = verdict.rule, verdict.step
    why = Why(
        origin="rule",
        rule=rule.name if rule else None,
        step=step.number if step else None,
        target=verdict.target,
        rules_version=session.rules.version,
        actor=request.actor,
        reason="forced" if request.force else None,
    )
    if verdict.agent is not None:
        return _give(session, placement, verdict, why)
    if (placement.taken or placement.invited) and verdict.outcome in ("waiting", "unmatched"):
        return placement  # a forced run that finds nobody leaves the item, or the offer of it, where it is
    return _put_down(session, placement, verdict, why)


def _give(session: Session, placement: Placement, verdict: Verdict, why: Why) -> Placement:
    agent = verdict.agent
    if agent is None or placement.agent_id == agent.id:
        return placement
    committer = session.committer
    even_if_full = bool(getattr(verdict.step.action if verdict.step else None, "even_if_full", False))
    after = committer.give(
        placement,
        agent,
        why,
        beyond_capacity=even_if_full,
        turn=verdict.search.turn if verdict.search else None,
        offer_until=verdict.offer_until,
    )
    committer.record(_EVENTS[verdict.outcome], after, facts=_NOTHING, why=why, verdict=history_facts(verdict))
    return after


def _put_down(session: Session, placement: Placement, verdict: Verdict, why: Why) -> Placement:
    facts = {
        "rule": why.rule,
        "step": why.step,
        "pool": verdict.pool,
        "queue": verdict.queue,
        "urgency": verdict.urgency,
        "next_retry_at": verdict.next_retry_at,
        "excluded": placement.excluded_at(session.now) if verdict.outcome == "waiting" else (),
        "excluded_until": verdict.excluded_until,
    }
    state = _STATES[verdict.outcome]
    if placement.revision and replace(placement, state=state, **facts) == placement:
        return placement
    after = session.committer.put_down(placement, state, because=verdict.outcome, **facts)
    told = {"reasons": list(verdict.reasons), **_whereabouts(after)}
    verdict_facts = history_facts(verdict)
    session.committer.record(_EVENTS[verdict.outcome], after, facts=told, why=why, verdict=verdict_facts)
    return after


def _whereabouts(placement: Placement) -> dict[str, str]:
    """Return where the item now waits, as the history keeps it."""
    retry = placement.next_retry_at
    told = {
        "pool": placement.pool,
        "queue": placement.queue,
        "next_retry_at": retry.isoformat() if retry is not None else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _save(session: Session, received: Received, placement: Placement) -> None:
    if received.owned and isinstance(received.record, Item):
        owner = placement.agent_id if placement.state == "held" else None
        session.committer.save_record(received.record, received.kind, owner)


def dry_run(session: Session, received: Received) -> tuple[Case, Verdict]:
    """Return what the rules would make of the item now, every candidate looked at; nothing is written."""
    # Written nowhere: what `assign` would make of an effort that changed.
    placement = replace(session.placement(received), effort=effort_of(received.record))
    case = session.case(received, placement)
    return case, session.decider(full=True).decide(case)
