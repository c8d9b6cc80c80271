"""Offers, presence, shifts, limits and dispatch in any order: what must hold after every step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assignkit import Agent
from assignkit.errors import AssignkitError, ConflictError, InvalidTransitionError, NotEligibleError
from assignkit.model.assignment import NOT_TAKEN_UP
from tests.searching import examples
from tests.unit.desk.making import OpenDesk, edit, open_desk, state_of

RULES = """
rule "Law" when customer.score > 6
  require agent.skills has "law" for 20 minutes
  assign to team "East" by {order}
  accept within 5 minutes
  limit 3 per hour
  otherwise after 10 minutes assign to agent "boss"
rule "Quick" when customer.score > 3
  assign to team "East" by {order}
  limit 2 open
rule "Queue" when customer.score > 1
  assign to team "East" by {order}
  accept within 5 minutes
  otherwise hold in team "East"
rule "East"
  assign to team "East" by {order}
  accept within 5 minutes
  otherwise assign to team "West" by least loaded
rule "Tasks" for tasks
  assign to team "West" by {order}
  accept within 3 minutes
"""
ORDERS = ["round robin", "least loaded", "weighted round robin", "fair share", "longest idle"]
IDS = ["a", "b", "c", "boss"]
SATURDAY = datetime(2026, 10, 24, 15, 30, tzinfo=UTC)  # midnight in three zones, and two changes of clocks, lie ahead

agents = st.fixed_dictionaries(
    {
        "teams": st.sampled_from([frozenset(("East",)), frozenset(("East", "West")), frozenset(("West",))]),
        "capacity": st.sampled_from(
            [{"customers": 1}, {"customers": 1}, {"customers": Decimal("2.5"), "tasks": 1}, {}]
        ),
        "skills": st.sampled_from([{}, {"law": 1}]),
        "active": st.sampled_from([True, True, True, False]),
        "shifts": st.sampled_from([None, None, "sat-sun 22:00-06:00", "mon-sun 08:00-16:00"]),
        "zone": st.sampled_from([None, "America/New_York", "Europe/Berlin", "Asia/Shanghai"]),
    }
)


class Dispatch(RuleBasedStateMachine):
    """One desk, and what is known of every offer that it made."""

    desk: OpenDesk

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[str, str]] = []
        self.offers: dict[str, tuple[str, int]] = {}  # offer id → (agent, fence)
        self.ends: dict[str, str] = {}

    @initialize(order=st.sampled_from(ORDERS), team=st.lists(agents, min_size=len(IDS), max_size=len(IDS)))
    def open(self, order: str, team: list[dict[str, Any]]) -> None:
        staff = [Agent(id=id, **told) for id, told in zip(IDS, team, strict=True)]
        self.desk = open_desk(RULES.format(order=order), staff, at=SATURDAY, zone="Asia/Shanghai")
        self.desk.tick()  # from here on a tick looks only at what may have changed

    def refused(self, act: Any) -> None:  # noqa: ANN401 - anything to call
        """Call what may be refused: then nothing has changed."""
        before = state_of(self.desk.store)
        try:
            act()
        except AssignkitError:
            assert state_of(self.desk.store) == before

    @rule(
        score=st.sampled_from([0, 2, 5, 5, 9]),
        effort=st.sampled_from([1, 1, 2, Decimal("0.5")]),
        kind=st.integers(0, 3),
    )
    def assign(self, score: int, effort: Decimal, kind: int) -> None:
        item = ("tasks" if kind == 0 else "customers", f"i{len(self.items)}")
        self.items.append(item)
        told = {"id": item[1], "effort": effort} | ({"score": score} if kind else {})
        self.desk.assign(told, kind=item[0])

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def assign_again(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(self.items))
        before = self.desk.store.placements.find(*item)
        if before is None or before.state == "done":
            return
        after = self.desk.assign(item)
        if before.state == "offered" and before.offer_until is not None and before.offer_until > self.desk.clock.now():
            assert (after.outcome, after.offer_id) == ("offered", before.assignment_id)

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), accept=st.booleans(), stale=st.sampled_from([0, 0, 0, 1]))
    def answer(self, data: st.DataObject, accept: bool, stale: int) -> None:
        offer = data.draw(st.sampled_from(sorted(self.offers)))
        agent, fence = self.offers[offer]
        pending = self.state_of_offer(offer) == "pending"
        before = state_of(self.desk.store)
        try:
            if accept:
                decision = self.desk.accept(offer, fence + stale)
                assert (decision.agent_id, decision.outcome) == (agent, "assigned")
            else:
                self.desk.decline(offer, fence + stale, "busy")
        except NotEligibleError:
            assert state_of(self.desk.store) == before
        except (ConflictError, InvalidTransitionError):
            assert state_of(self.desk.store) == before
            assert stale or not pending
        else:
            assert pending
            assert not stale

    @precondition(lambda self: self.items)
    @rule(data=st.data(), what=st.sampled_from(["complete", "release", "release", "reassign", "force"]))
    def by_hand(self, data: st.DataObject, what: str) -> None:
        taken = [(p.kind, p.item_id) for id in IDS for p in self.desk.store.placements.of_agent(id)]
        item = data.draw(st.sampled_from(taken or self.items))
        if what == "complete":
            self.refused(lambda: self.desk.complete(item))
        elif what == "release":
            self.refused(lambda: self.desk.release(item, actor="x", reason="r"))
        elif what == "reassign":
            to = data.draw(st.sampled_from(IDS))
            self.refused(lambda: self.desk.reassign(item, to, actor="x", reason="r"))
        else:
            self.refused(lambda: self.desk.assign(item, force=True))
        self.tick()

    @precondition(lambda self: self.items)
    @rule(data=st.data(), to=st.sets(st.sampled_from(IDS), min_size=1))
    def broadcast(self, data: st.DataObject, to: set[str]) -> None:
        item = data.draw(st.sampled_from(self.items))
        self.refused(lambda: self.note(self.desk.broadcast(item, sorted(to), within=timedelta(minutes=4))))

    def note(self, decisions: Any) -> None:  # noqa: ANN401 - decisions
        for decision in decisions:
            self.offers[decision.offer_id] = (decision.agent_id, decision.fence)

    @rule(id=st.sampled_from(IDS), told=agents)
    def edit(self, id: str, told: dict[str, Any]) -> None:
        edit(self.desk, id, **told)
        self.tick()

    @rule(id=st.sampled_from(IDS), state=st.sampled_from(["online", "away"]), ttl=st.sampled_from([None, 7]))
    def presence(self, id: str, state: Any, ttl: int | None) -> None:  # noqa: ANN401 - a presence
        self.desk.set_presence(id, state, ttl=timedelta(minutes=ttl) if ttl else None)

    @rule(by=st.sampled_from([60, 179, 180, 299, 300, 301, 1200, 3600, 8 * 3600]))
    def advance(self, by: int) -> None:
        self.desk.clock.advance(timedelta(seconds=by))
        self.tick()

    @rule()
    def tick(self) -> None:
        self.desk.tick()
        assert self.desk.tick() == []
        for place in self.desk.store.placements.in_state("waiting"):
            if not place.invited:
                would = self.desk.explain((place.kind, place.item_id))
                assert would.outcome == "waiting", would.to_text()
        for place in self.desk.store.placements.in_state("offered"):
            assert place.offer_until is not None
            assert place.offer_until > self.desk.clock.now()
            assert self.desk.agents.get(str(place.agent_id)).active

    def state_of_offer(self, offer: str) -> str:
        """Return what became of an offer to one agent; those to several are asked for by accepting them."""
        if offer.startswith("several:"):
            _, kind, item, fence, agent = offer.split(":")
            place = self.desk.store.placements.find(kind, item)
            there = place is not None and place.fence == int(fence) and agent in place.invited
            ended = place is None or place.offer_until is None or place.offer_until <= self.desk.clock.now()
            return "over" if not there or ended else "pending"
        assignment = self.desk.store.assignments.get(offer)
        place = self.desk.store.placements.find(assignment.kind, assignment.item_id)
        if assignment.ended_because in NOT_TAKEN_UP:
            return str(assignment.ended_because)
        if place is None or place.state != "offered" or place.assignment_id != offer:
            return "accepted"
        late = place.offer_until is not None and place.offer_until <= self.desk.clock.now()
        return "late" if late else "pending"

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "desk"):
            return
        self.desk.store._check()
        for place in self.desk.store.placements.in_state("offered"):
            assert place.agent_id is not None
            self.offers.setdefault(str(place.assignment_id), (place.agent_id, place.fence))

    @invariant()
    def an_offer_ends_once(self) -> None:
        for offer in self.offers:
            if offer.startswith("several:"):
                continue
            state = self.state_of_offer(offer)
            if offer in self.ends:
                assert state == self.ends[offer]
            elif state not in ("pending", "late"):
                self.ends[offer] = state


Dispatch.TestCase.settings = examples(60, steps=30)
TestDispatch = Dispatch.TestCase
