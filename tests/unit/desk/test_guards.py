"""Guards: `never` on every path, closed where it cannot be shown false; `always` reported."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assignkit import Agent, Customer, NotEligibleError, Task
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, state_of

Make = Callable[..., OpenDesk]

NEVER = (
    TO_EAST
    + '\nrule "t" for tasks\n  assign to team "East"'
    + '\nnever assign customers where customer.tier = "VIP" to agents where agent.level < 2'
)


def test_a_never_bars_who_meets_it(make: Make) -> None:
    desk = make(NEVER, [*east("li", level=2), *east("wang", level=1)])
    assert {desk.assign(Customer(id=n, tier="VIP")).agent_id for n in range(4)} == {"li"}
    assert {desk.assign(Customer(id=f"n{n}", tier="C")).agent_id for n in range(4)} == {"li", "wang"}
    assert {desk.assign(Task(id=n)).agent_id for n in range(4)} == {"li", "wang"}  # the guard is for customers


@pytest.mark.parametrize("kind", ["one batch", "one by one"])
def test_a_never_is_asked_for_each_item_anew(make: Make, kind: str) -> None:
    desk = make(NEVER, [*east("li", level=2), *east("wang", level=1)])
    items = [Customer(id=n, tier="VIP" if n % 3 == 0 else "C") for n in range(30)]
    decisions = desk.assign_many(items) if kind == "one batch" else [desk.assign(item) for item in items]
    assert {decision.agent_id for decision in decisions[::3]} == {"li"}
    assert {decision.agent_id for decision in decisions} == {"li", "wang"}


def test_a_dry_run_says_what_the_guard_has_read(make: Make) -> None:
    (view,) = make(NEVER, east("li", level=1)).explain(Customer(id="c1", tier="VIP")).steps[0].candidates
    read = [(value["field"], value["value"]) for value in view.detail["values"]]
    assert (view.code, read) == ("guard", [("customer.tier", "VIP"), ("agent.level", 1)])


@pytest.mark.parametrize(
    ("tier", "level", "barred"),
    [("VIP", 1, True), ("VIP", None, True), (None, 1, True), (None, None, True), ("C", None, False), (None, 2, False)],
)
def test_a_never_that_cannot_be_shown_false_blocks(
    make: Make, tier: str | None, level: int | None, *, barred: bool
) -> None:
    desk = make(NEVER, east("li", level=level))
    decision = desk.assign(Customer(id="c1", tier=tier))
    assert (decision.agent_id is None) is barred
    if barred:
        assert decision.reasons == ("guard",)
        told = decision.explain()
        assert "customer.tier" in told
        assert "agent.level" in told


def test_a_never_stands_on_every_path(make: Make) -> None:
    text = NEVER + '\nrule "keep" for tasks\n  priority 1\n  keep owner even if full'
    text += '\nnever assign tasks where task.tags has "hard" to agents where agent.level < 2'
    desk = make(text, east("wang", level=1))
    desk.assign(Customer(id="c1", tier="VIP"))
    before = state_of(desk.store)
    with pytest.raises(NotEligibleError) as refusal:
        desk.reassign("c1", "wang", actor="boss", reason="now")
    assert refusal.value.reasons[0].startswith("guard: wang is barred by `never assign customers where")
    assert state_of(desk.store) == before
    assert desk.assign("c1", force=True).reasons == ("guard",)
    desk.customers.add(Customer(id="c2", tier="C", owner="wang"))
    decision = desk.assign(Task(id="t1", customer="c2", tags=["hard"]))
    assert (decision.outcome, decision.reasons) == ("waiting", ("guard",))


@pytest.mark.parametrize("tier", ["VIP", None])
def test_a_never_stands_against_owners_that_items_come_with(make: Make, tier: str | None) -> None:
    desk = make(NEVER, [*east("li", level=2), *east("wang", level=1)])
    customer = Customer(id="c1", tier=tier, owner="wang")

    assert desk.explain(customer).agent_id == "li"
    assert desk.assign(customer).agent_id == "li"
    assert desk.customers.get("c1").owner == "li"
    assert [event.type for event in desk.history("c1")] == ["assigned"]


def test_a_record_is_not_added_to_an_owner_whom_a_never_bars(make: Make) -> None:
    desk = make(NEVER, east("wang", level=1))
    before = state_of(desk.store)

    with pytest.raises(NotEligibleError) as refusal:
        desk.customers.add(Customer(id="c1", tier="VIP", owner="wang"))

    assert refusal.value.reasons[0].startswith("guard: wang is barred by `never assign customers where")
    assert state_of(desk.store) == before
    assert desk.customers.add(Customer(id="c2", tier="C", owner="wang")).owner == "wang"


def test_a_forced_run_does_not_leave_an_item_to_itself_where_a_guard_forbids_it(make: Make) -> None:
    desk = make(NEVER, [*east("li", level=2), *east("wang", level=2)])
    holder = str(desk.assign(Customer(id="c1", tier="VIP")).agent_id)
    edit(desk, holder, level=1)
    assert desk.assign("c1", force=True).agent_id != holder


def test_a_never_for_all_agents_bars_everybody(make: Make) -> None:
    desk = make(TO_EAST + '\nnever assign customers where customer.stage = "lost" to agents', east("li"))
    assert desk.assign(Customer(id="c1", stage="lost")).reasons == ("guard",)
    assert desk.assign(Customer(id="c2")).agent_id == "li"


def test_an_always_that_fails_is_reported(make: Make) -> None:
    text = TO_EAST + '\nalways assign customers where customer.tier = "VIP"'
    desk = make(text)
    vip, plain = desk.assign(Customer(id="c1", tier="VIP")), desk.assign(Customer(id="c2"))
    assert (vip.reasons, plain.reasons) == (("no_members", "always"), ("no_members",))
    assert "this item must always be assigned" in vip.explain()
    desk.agents.add(Agent(id="li", teams={"East"}))
    assert [decision.reasons for decision in desk.tick()] == [()]
    assert {held.item_id for held in desk.store.placements.of_agent("li")} == {"c1", "c2"}


@pytest.mark.parametrize("action", ['hold in pool "P"', 'reject "no"', "continue"])
def test_an_always_watches_every_outcome_without_an_agent(make: Make, action: str) -> None:
    desk = make(f'rule "r"\n  {action}\nalways assign customers where customer.tier = "VIP"\npool "P"')
    assert desk.assign(Customer(id="c1", tier="VIP")).reasons[-1] == "always"
