"""Reassigning and releasing by hand: fences, filters, history, and errors that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assignkit import (
    Agent,
    ConfigurationError,
    ConflictError,
    Customer,
    IdempotencyError,
    InvalidTransitionError,
    NotEligibleError,
    NotFoundError,
)
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, load, state_of

Make = Callable[..., OpenDesk]

RULES = TO_EAST + '\n  limit 1 open\npool "Public"'


@pytest.fixture
def desk(make: Make) -> OpenDesk:
    desk = make(RULES, [*east("li", capacity={"customers": 2}), Agent(id="wang", capacity={"customers": 1})])
    desk.assign(Customer(id="c1"))
    return desk


def test_a_person_may_give_an_item_to_anybody_eligible(desk: OpenDesk) -> None:
    decision = desk.reassign("c1", "wang", actor="boss", reason="knows them", fence=1)
    assert (decision.outcome, decision.agent_id, decision.fence) == ("assigned", "wang", 2)
    assert decision.reasons == ("by_hand",)
    assert decision.assignment_id == "customers:c1:2"
    assert (load(desk, "li"), load(desk, "wang"), desk.customers.get("c1").owner) == (0, 1, "wang")
    event = desk.history("c1")[-1]
    assert (event.type, event.actor, event.reason, event.facts["from"]) == ("reassigned", "boss", "knows them", "li")
    assert decision.explain() == event.explain()
    assert "li had it before" in decision.explain()
    assert desk.assign("c1").outcome == "kept"


def test_a_person_is_not_bound_by_a_rules_limits(desk: OpenDesk) -> None:
    desk.customers.add(Customer(id="c2"))
    assert desk.reassign("c2", "li", actor="boss", reason="r").fence == 1


def test_the_holder_keeps_the_item_and_nothing_is_written(desk: OpenDesk) -> None:
    before = state_of(desk.store)
    decision = desk.reassign("c1", "li", actor="boss", reason="r")
    assert (decision.outcome, decision.reasons, decision.fence) == ("kept", ("held",), 1)
    assert state_of(desk.store) == before


@pytest.mark.parametrize("to", ["7", 7, Agent(id=7)])
def test_an_agent_is_named_in_any_way(desk: OpenDesk, to: Any) -> None:  # noqa: ANN401
    desk.agents.add(Agent(id=7))
    assert desk.reassign("c1", to, actor="boss", reason="r").agent_id == "7"


def test_a_released_item_is_free_for_anybody(desk: OpenDesk) -> None:
    decision = desk.release("c1", actor="li", reason="moved away", fence=1)
    assert (decision.outcome, decision.agent_id, decision.fence, decision.reasons) == (
        "unmatched",
        None,
        2,
        ("released",),
    )
    assert (load(desk, "li"), desk.customers.get("c1").owner) == (0, None)
    event = desk.history("c1")[-1]
    assert (event.type, event.actor, event.reason, event.facts["from"]) == ("released", "li", "moved away", "li")
    (first,) = desk.store.assignments.of_item("customers", "c1")
    assert (first.ended_because, first.ended_at) == ("released", desk.clock.now())
    assert desk.tick() == []
    again = desk.assign("c1")
    assert (again.agent_id, again.fence) == ("li", 3)


def test_an_item_is_released_into_a_pool(desk: OpenDesk) -> None:
    decision = desk.release("c1", pool="Public", actor="boss", reason="r")
    assert (decision.outcome, decision.pool) == ("pooled", "Public")
    assert decision.explanation().outcome == "pooled"
    assert decision.explain().startswith("customers c1 is in pool Public")
    assert desk.history("c1")[-1].explain() == decision.explain()


def test_a_waiting_item_is_taken_out_of_its_queue(desk: OpenDesk) -> None:
    assert desk.assign(Customer(id="c2")).outcome == "waiting"
    decision = desk.release("c2", actor="boss", reason="r")
    assert (decision.outcome, decision.fence) == ("unmatched", 0)
    desk.release("c1", actor="boss", reason="r")
    assert desk.tick() == []


REFUSED: list[tuple[Callable[[OpenDesk], object], type[Exception], str]] = [
    (lambda d: d.reassign("c9", "li", actor="b", reason="r"), NotFoundError, "c9"),
    (lambda d: d.reassign("c1", "zu", actor="b", reason="r"), NotFoundError, "no agent `zu`"),
    (lambda d: d.reassign("c1", "wang", actor="b", reason="r", fence=0), ConflictError, "expected 0, found 1"),
    (lambda d: d.reassign("c1", "li", actor="b", reason="r", fence=7), ConflictError, "expected 7, found 1"),
    (lambda d: d.reassign("c1", "gone", actor="b", reason="r"), NotEligibleError, "inactive: gone is not active"),
    (lambda d: d.reassign("c1", "full", actor="b", reason="r"), NotEligibleError, "capacity: full has 1 of 1 units"),
    (lambda d: d.release("c9", actor="b", reason="r"), NotFoundError, "c9"),
    (lambda d: d.release("c1", actor="b", reason="r", fence=2), ConflictError, "expected 2, found 1"),
    (lambda d: d.release("c1", pool="Nowhere", actor="b", reason="r"), NotFoundError, "no pool `Nowhere`"),
    (lambda d: d.release("new", actor="b", reason="r"), InvalidTransitionError, "`new` is free"),
]


@pytest.mark.parametrize(("call", "error", "told"), REFUSED)
def test_what_is_refused_is_told_and_changes_nothing(
    desk: OpenDesk, call: Callable[[OpenDesk], object], error: type[Exception], told: str
) -> None:
    desk.agents.add(Agent(id="gone", active=False))
    desk.agents.add(Agent(id="full", capacity={"customers": 1}))
    desk.customers.add(Customer(id="held", owner="full"))
    desk.customers.add(Customer(id="new"))
    before = state_of(desk.store)
    with pytest.raises(error, match=told):
        call(desk)
    assert state_of(desk.store) == before


@pytest.mark.parametrize("state", ["pooled", "rejected", "unmatched", "free"])
def test_only_what_is_held_or_waits_is_released(make: Make, state: str) -> None:
    rules = 'rule "p" when customer.tier = "pooled"\n  hold in pool "P"\nrule "r" when customer.tier = "rejected"\n'
    desk = make(rules + '  reject "no"\npool "P"')
    desk.assign(Customer(id="c1", tier=state))
    if state == "free":
        desk.customers.add(Customer(id="c2"))
    with pytest.raises(InvalidTransitionError, match=f"is {state}: cannot release it"):
        desk.release("c2" if state == "free" else "c1", actor="b", reason="r")


def test_every_change_of_holder_raises_the_fence(desk: OpenDesk) -> None:
    edit(desk, "wang", capacity={})
    fences = [desk.history("c1")[0].fence]
    for number in range(6):
        fences.append(desk.reassign("c1", ("wang", "li")[number % 2], actor="b", reason="r").fence)
        fences.append(desk.release("c1", actor="b", reason="r").fence)
    assert fences == list(range(1, 14))


# --- force

GUARDED = RULES + '\nnever assign customers where customer.tier = "VIP" to agents where agent.level < 2\n'


@pytest.fixture
def guarded(make: Make) -> OpenDesk:
    """Return a desk at which wang, a junior, is full."""
    desk = make(GUARDED, [*east("li", level=3), Agent(id="wang", level=1, capacity={"customers": 1})])
    for item in ({"id": "c1", "tier": "A"}, {"id": "vip", "tier": "VIP"}):
        desk.customers.add(Customer(**item))
        desk.reassign(item["id"], "li", actor="boss", reason="r")
    desk.customers.add(Customer(id="mine", owner="wang", tier="A"))
    return desk


def test_force_gives_to_an_agent_who_is_full(guarded: OpenDesk) -> None:
    with pytest.raises(NotEligibleError, match="capacity"):
        guarded.reassign("c1", "wang", actor="boss", reason="r")
    decision = guarded.reassign("c1", "wang", actor="boss", reason="nobody else is there", force=True, key="k")
    assert (decision.agent_id, decision.fence, load(guarded, "wang")) == ("wang", 2, 2)
    assert guarded.reassign("c1", "wang", actor="boss", reason="nobody else is there", force=True, key="k") == decision
    event = guarded.history("c1")[-1]
    assert (event.actor, event.reason, event.facts["forced"]) == ("boss", "nobody else is there", True)
    with pytest.raises(IdempotencyError):
        guarded.reassign("c1", "wang", actor="boss", reason="nobody else is there", key="k")
    guarded.release("c1", actor="boss", reason="r")
    assert guarded.store.loads.find("wang", "customers").ceiling == 1  # type: ignore[union-attr]
    with pytest.raises(NotEligibleError, match="capacity"):
        guarded.reassign("c1", "wang", actor="boss", reason="r")


def test_force_lifts_neither_guards_nor_the_fence_nor_activity(guarded: OpenDesk) -> None:
    edit(guarded, "li", active=True)
    before = state_of(guarded.store)
    with pytest.raises(NotEligibleError, match="guard"):
        guarded.reassign("vip", "wang", actor="boss", reason="r", force=True)
    with pytest.raises(ConflictError, match="fence"):
        guarded.reassign("c1", "wang", actor="boss", reason="r", force=True, fence=7)
    with pytest.raises(NotFoundError):
        guarded.reassign("c1", "zoe", actor="boss", reason="r", force=True)
    assert state_of(guarded.store) == before
    edit(guarded, "wang", active=False)
    with pytest.raises(NotEligibleError, match="inactive"):
        guarded.reassign("c1", "wang", actor="boss", reason="r", force=True)


@pytest.mark.parametrize(("actor", "reason"), [("", "why"), ("boss", " ")])
def test_force_says_by_whom_and_why(guarded: OpenDesk, actor: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match="is blank: the history keeps who did it, and why"):
        guarded.reassign("c1", "wang", actor=actor, reason=reason, force=True)
