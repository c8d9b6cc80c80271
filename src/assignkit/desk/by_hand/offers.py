"""Offers: pending, then accepted, declined, expired or rescinded; one of these, once.

An offer to one agent is an assignment that is not accepted yet: it holds capacity and a turn, and its id is the
assignment's. An offer to several at once leaves the item with nobody; the first who accepts becomes its holder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, unquote

from assignkit.desk.assigning import Request, decide, end_offer
from assignkit.desk.by_hand.moving import refusal, told
from assignkit.desk.committing.committing import Why
from assignkit.desk.deciding.filtering import Demand, Filters
from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import Received
from assignkit.desk.said import is_span
from assignkit.desk.session import Session
from assignkit.errors import ConfigurationError, ConflictError, InvalidTransitionError, NotEligibleError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.assignment import EventType
from assignkit.model.building import built
from assignkit.model.decision import Decision, Outcome
from assignkit.model.offers import Offers
from assignkit.model.placement import Placement
from assignkit.model.record import Item

_TO_SEVERAL = "several"
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A pending offer: whose it is, and where its item is. `shared` with others who may accept it as well."""

    id: str
    agent_id: str
    placement: Placement

    @property
    def shared(self) -> bool:
        """Whether it was made to several at once."""
        return self.placement.agent_id is None


def accept(session: Session, offer_id: str, fence: int, *, actor: str | None) -> Decision:
    """Make the agent that the offer was made to the item's holder."""
    offer = _pending(session, offer_id, fence, attempted="accept it")
    agent = session.agent(offer.agent_id)
    why = Why(origin="rule", rule=offer.placement.rule, actor=actor)
    if not agent.active:
        raise NotEligibleError(agent_id=agent.id, item_id=offer.placement.item_id, reasons=("inactive",))
    session.unit.rely_on(agent)
    if offer.shared:
        _check_room(session, offer.placement, agent)
        after = session.committer.give(offer.placement, agent, why)
        facts = {"rescinded": [one for one in offer.placement.invited if one != agent.id]}
    else:
        after, facts = session.committer.accept(offer.placement), {}
    event = session.committer.record("accepted", after, facts=facts, why=why)
    record = session.unit.items(after.kind).find(after.item_id)
    if isinstance(record, Item):
        session.committer.save_record(record, after.kind, agent.id)
    return _answer(session, after, "assigned").explained_by(event.explanation)


def decline(session: Session, offer_id: str, fence: int, reason: str, *, actor: str | None) -> Decision:
    """Take the agent out of the running for this item, and return what became of the item instead."""
    offer = _pending(session, offer_id, fence, attempted="decline it")
    why = Why(origin="rule", rule=offer.placement.rule, actor=actor or offer.agent_id, reason=reason)
    others = tuple(one for one in offer.placement.invited if one != offer.agent_id)
    if not others:
        return over(session, offer.placement, "declined", why)
    excluded = (*offer.placement.excluded_at(session.now), (offer.agent_id, "declined"))
    # The end of an older exclusion is not that of this one.
    anew = {"excluded": excluded, "excluded_until": None}
    after = session.committer.leave_open(offer.placement, others, offer.placement.offer_until, **anew)
    event = session.committer.record("declined", after, facts={"from": offer.agent_id}, why=why)
    return _answer(session, after, "offered").explained_by(event.explanation)


def over(session: Session, placement: Placement, because: EventType, why: Why) -> Decision:
    """End a pending offer, and return what the rules make of the item now."""
    after = end_offer(session, placement, because, why)
    record = session.unit.items(after.kind).find(after.item_id)
    if record is None:  # a host's own item: it waits until the host hands it in again
        return _answer(session, after, "waiting")
    received = Received(after.kind, after.item_id, record, owned=isinstance(record, Item), given=False)
    return decide(session, received, after, Request(actor=why.actor))


def broadcast(
    session: Session, received: Received, to: Iterable[str], within: timedelta, *, actor: str | None
) -> Offers:
    """Offer the item to every one of these agents who may have it; one decision per offer, by agent id."""
    if not is_span(within):
        msg = f"an offer needs time to be accepted, a timedelta above 0: within={within!r}"
        raise ConfigurationError(msg)
    try:
        until = session.now + within
    except OverflowError as error:
        msg = f"an offer ends within the calendar: within={within!r} does not"
        raise ConfigurationError(msg) from error
    placement = session.placement(received)
    if placement.taken or placement.invited or placement.state == "done":
        raise InvalidTransitionError(
            item_id=received.item_id, state=placement.state, attempted="offer it to several at once"
        )
    agents = [session.agent(agent_id) for agent_id in sorted(set(to))]
    world = session.case(received, placement).world
    filters = _filters(session, placement, world)
    excluded_for = {agent.id: filters.exclusion(agent) for agent in agents}
    invited = tuple(agent_id for agent_id, why in excluded_for.items() if why is None)
    left_out = {agent.id: told(agent, why, world) for agent in agents if (why := excluded_for[agent.id]) is not None}
    if not invited:
        return Offers((), left_out)
    if placement.revision and placement.state != "waiting":
        placement = replace(placement, since=session.now)
    excluded = placement.excluded_at(session.now)
    after = session.committer.leave_open(
        replace(placement, state="waiting"),
        invited,
        until,
        fence=placement.fence + 1,  # so that an old offer of the item is never taken for this one
        excluded=excluded,
        next_retry_at=None,
    )
    if received.owned and isinstance(received.record, Item):
        session.committer.save_record(received.record, received.kind, None)
    codes = {agent_id: why.code for agent_id, why in excluded_for.items() if why is not None}
    facts = {"invited": list(invited), **({"left_out": codes} if codes else {})}
    session.committer.record("offered", after, facts=facts, why=Why(origin="person", actor=actor))
    answer = _answer(session, after, "offered")
    made = (answer.model_copy(update={"agent_id": one, "offer_id": _shared_id(after, one)}) for one in invited)
    return Offers(made, left_out)


def _pending(session: Session, offer_id: str, fence: int, *, attempted: str) -> Offer:
    """Return the offer if it can still be decided; nothing is changed by an error."""
    offer, made_at_fence = _find(session, offer_id)
    if fence != made_at_fence:
        raise ConflictError(what=f"the fence of offer `{offer_id}`", expected=fence, found=made_at_fence)
    state = _state(session, offer)
    if state != "pending":
        raise InvalidTransitionError(item_id=offer.placement.item_id, state=state, attempted=attempted)
    return offer


def _find(session: Session, offer_id: str) -> tuple[Offer, int]:
    """Return an offer in any state, with the fence at which it was made."""
    parts = offer_id.split(":")
    if parts[0] == _TO_SEVERAL and len(parts) == _PARTS and parts[3].isdecimal():
        kind, item_id, agent_id = (unquote(parts[number]) for number in (1, 2, 4))
        placement = session.unit.placements.find(kind, item_id)
        if placement is not None:
            return Offer(offer_id, agent_id, replace(placement, agent_id=None)), int(parts[3])
        raise NotFoundError(noun="offer", key=offer_id)
    try:
        assignment = session.unit.assignments.get(offer_id)
    except NotFoundError:
        assignment = None
    if assignment is None or assignment.offered_until is None:
        raise NotFoundError(noun="offer", key=offer_id)
    placement = session.unit.placements.find(assignment.kind, assignment.item_id)
    if placement is None:
        raise NotFoundError(noun="offer", key=offer_id)
    return Offer(offer_id, assignment.agent_id, placement), assignment.fence


def _state(session: Session, offer: Offer) -> str:
    """Return what became of the offer: `pending`, or the one way in which it ended."""
    placement = offer.placement
    if offer.id.split(":", 1)[0] == _TO_SEVERAL:
        return _shared_state(session, offer)
    assignment = session.unit.assignments.get(offer.id)
    if not assignment.counts:
        return str(assignment.ended_because)
    if placement.state != "offered" or placement.assignment_id != offer.id:
        return "accepted"
    return _unless_over(session, placement)


def _shared_state(session: Session, offer: Offer) -> str:
    placement = session.unit.placements.find(offer.placement.kind, offer.placement.item_id)
    fence = int(offer.id.split(":")[3])
    if placement is not None and placement.fence == fence and offer.agent_id in placement.invited:
        return _unless_over(session, placement)
    for event in reversed(session.unit.history.of_item(offer.placement.kind, offer.placement.item_id)):
        facts = event.facts
        if event.type == "accepted" and event.agent_id == offer.agent_id:
            return "accepted"
        if event.type in ("declined", "expired") and offer.agent_id in (facts.get("from"), *facts.get("invited", ())):
            return event.type
    return "rescinded"


def _unless_over(session: Session, placement: Placement) -> str:
    return "expired" if placement.offer_until is not None and placement.offer_until <= session.now else "pending"


def _shared_id(placement: Placement, agent_id: str) -> str:
    kind, item_id, agent = (quote(part, safe="") for part in (placement.kind, placement.item_id, agent_id))
    return f"{_TO_SEVERAL}:{kind}:{item_id}:{placement.fence}:{agent}"


def _filters(session: Session, placement: Placement, world: World, *, availability_counts: bool = True) -> Filters:
    return Filters(
        session.unit.assignments,
        session.directory,
        world,
        Demand(availability_counts=availability_counts),
        effort=placement.effort,
        placement=placement,
        waited=timedelta(),
    )


def _check_room(session: Session, placement: Placement, agent: Agent) -> None:
    """An offer to several holds no capacity: whether there is room shows when it is accepted."""
    record = session.unit.items(placement.kind).find(placement.item_id)
    received = Received(placement.kind, placement.item_id, record, owned=isinstance(record, Item), given=False)
    world = session.case(received, placement).world
    exclusion = _filters(session, placement, world, availability_counts=False).exclusion(agent)
    if exclusion is not None:
        raise refusal(agent, exclusion, world, placement.item_id)


def _answer(session: Session, placement: Placement, outcome: Outcome) -> Decision:
    facts = {
        "kind": placement.kind,
        "item_id": placement.item_id,
        "outcome": outcome,
        "agent_id": placement.agent_id,
        "rule": placement.rule,
        "step": placement.step,
        "target": placement.target,
        "fence": placement.fence,
        "assignment_id": placement.assignment_id,
        "until": placement.offer_until,
        "queue": placement.queue,
        "rules_version": session.rules.version,
        "at": session.now,
    }
    return built(Decision, facts)
