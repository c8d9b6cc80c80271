"""What becomes of an item: every outcome, every action, and the steps between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from assignkit import Agent, Customer, Task
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, holders, load, state_of

Make = Callable[..., OpenDesk]

MINUTE = timedelta(minutes=1)


def test_a_held_item_stays_and_no_rule_is_run(make: Make) -> None:
    desk = make(TO_EAST, east("li", "wang"))
    first = desk.assign(Customer(id="c1"))
    before = state_of(desk.store)
    again = desk.assign(Customer(id="c1"))
    assert (again.outcome, again.reasons, again.agent_id, again.fence) == ("kept", ("held",), first.agent_id, 1)
    assert (again.rule, again.step, again.target) == ("East", 1, 'team "East"')
    assert "no rule was run" in again.explain()
    assert state_of(desk.store) == before


def test_a_held_items_record_and_load_follow_what_is_handed_in(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 2}))
    desk.assign(Customer(id="c1"))
    desk.assign(Customer(id="c1", city="Wuxi", effort=5))
    assert (desk.customers.get("c1").city, load(desk, "li")) == ("Wuxi", 5)


def test_force_runs_the_rules_for_a_held_item(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c1"))
    desk.agents.add(*east("wang"))
    decision = desk.assign("c1", force=True, actor="boss")
    assert (decision.outcome, decision.agent_id, decision.fence) == ("assigned", "wang", 2)
    assert (load(desk, "li"), load(desk, "wang")) == (0, 1)
    event = desk.history("c1")[-1]
    assert (event.actor, event.reason, event.agent_id) == ("boss", "forced", "wang")


def test_a_forced_run_that_finds_nobody_leaves_the_item_where_it_is(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c1"))
    edit(desk, "li", teams=set())
    before = state_of(desk.store)
    decision = desk.assign("c1", force=True)
    assert (decision.outcome, decision.agent_id, decision.reasons) == ("kept", "li", ("held", "no_members"))
    assert state_of(desk.store) == before
    why = decision.explanation()
    assert (why.outcome, why.agent_id, why.reasons) == ("kept", "li", decision.reasons)
    assert decision.explain().startswith("customers c1 stays with li")


def test_a_forced_run_may_find_the_holder_again(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 1}))
    desk.assign(Customer(id="c1"))
    decision = desk.assign("c1", force=True)
    assert (decision.outcome, decision.agent_id, decision.fence) == ("kept", "li", 1)
    assert len(desk.history("c1")) == 1


def test_a_forced_run_may_take_the_item_away(make: Make) -> None:
    desk = make('pool "P"\nrule "Cold" when customer.tier = "C"\n  hold in pool "P"\n' + TO_EAST, east("li"))
    desk.assign(Customer(id="c1"))
    decision = desk.assign(Customer(id="c1", tier="C"), force=True)
    assert (decision.outcome, decision.pool, decision.agent_id, decision.fence) == ("pooled", "P", None, 2)
    assert (load(desk, "li"), desk.customers.get("c1").owner) == (0, None)


def test_a_forced_item_whose_effort_grew_is_weighed_as_it_is_now(make: Make) -> None:
    text = 'rule "r"\n  assign to team "East" by least loaded'
    desk = make(text, east("li", "wang", capacity={"customers": 100}))
    holder = desk.assign(Customer(id="c1")).agent_id
    other = {"li": "wang", "wang": "li"}[str(holder)]
    desk.assign(Customer(id="c2", effort=3))  # the other has 3, the holder 1
    decision = desk.assign(Customer(id="c1", effort=9), force=True)
    assert decision.agent_id == other


def test_an_item_that_nobody_can_have_waits_and_is_tried_again(make: Make) -> None:
    desk = make(TO_EAST)
    first = desk.assign(Customer(id="c1"))
    assert (first.outcome, first.queue, first.reasons) == ("waiting", 'rule "East"', ("no_members",))
    assert (first.rule, first.fence, first.next_retry_at) == ("East", 0, None)
    assert [(e.type, e.facts["queue"]) for e in desk.history("c1")] == [("waiting", 'rule "East"')]
    before = state_of(desk.store)
    assert desk.assign("c1").outcome == "waiting"
    assert desk.tick() == []
    assert state_of(desk.store) == before
    desk.agents.add(*east("li"))
    assert desk.assign("c1").agent_id == "li"


def test_a_pooled_item_is_tried_again_when_asked_and_not_by_the_tick(make: Make) -> None:
    desk = make(TO_EAST + '\n  otherwise hold in pool "P"\npool "P"')
    first = desk.assign(Customer(id="c1"))
    assert (first.outcome, first.pool, first.rule, first.step) == ("pooled", "P", "East", 2)
    desk.agents.add(*east("li"))
    assert desk.tick() == []
    assert desk.assign("c1").agent_id == "li"
    assert [event.facts.get("pool") for event in desk.history("c1")] == ["P", None]


def test_a_rejection_gives_its_reason_and_may_be_thought_over(make: Make) -> None:
    desk = make('rule "Spam" when customer.source = "spam"\n  reject "spam"\n' + TO_EAST, east("li"))
    decision = desk.assign(Customer(id="c1", source="spam"))
    assert (decision.outcome, decision.reasons, decision.rule) == ("rejected", ("spam",), "Spam")
    assert desk.assign(Customer(id="c1", source="fair")).agent_id == "li"


def test_an_item_that_no_rule_matches_is_unmatched(make: Make) -> None:
    desk = make('rule "VIP" when customer.tier = "VIP"\n  assign to team "East"', east("li"))
    decision = desk.assign(Customer(id="c1"))
    assert (decision.outcome, decision.rule, decision.step, decision.reasons) == ("unmatched", None, None, ("no_rule",))
    assert desk.assign(Customer(id="c1", tier="VIP")).agent_id == "li"


def test_rules_are_for_their_own_kind(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    assert desk.assign(Task(id="t1")).outcome == "unmatched"


def test_priority_comes_before_the_order_of_the_file(make: Make) -> None:
    rules = 'rule "A"\n  reject "a"\nrule "B"\n  priority 1\n  reject "b"\nrule "C"\n  priority 1\n  reject "c"'
    assert make(rules).assign(Customer(id="c1")).rule == "B"


def test_continue_hands_the_item_to_the_next_rule_that_matches(make: Make) -> None:
    rules = """
    rule "First"
      assign to team "Nobody"
      otherwise continue
    rule "Other" when customer.tier = "VIP"
      reject "no"
    rule "Last"
      assign to team "East"
    """
    decision = make(rules, east("li")).assign(Customer(id="c1"))
    assert (decision.rule, decision.agent_id) == ("Last", "li")
    why = decision.explanation()
    assert [trial.verdict for trial in why.rules] == ["passed over", "unknown", "matched"]
    assert [(step.rule, step.result) for step in why.steps] == [
        ("First", "nobody"),
        ("First", "done"),
        ("Last", "chosen"),
    ]


def test_continue_behind_the_last_rule_is_unmatched(make: Make) -> None:
    decision = make('rule "First"\n  continue').assign(Customer(id="c1"))
    assert (decision.outcome, decision.rule, decision.reasons) == ("unmatched", None, ("no_rule",))


def test_steps_are_tried_in_order_until_one_finds_somebody(make: Make) -> None:
    rules = """
    rule "r"
      assign to team "A"
      otherwise assign to agent "zu"
      otherwise assign to agents where agent.level > 1 by least loaded
      otherwise hold in pool "P"
    pool "P"
    """
    desk = make(rules, east("li", level=2, capacity={"customers": 1}))
    decisions = [desk.assign(Customer(id=n)) for n in range(2)]
    assert [(d.outcome, d.step, d.agent_id) for d in decisions] == [("assigned", 3, "li"), ("pooled", 4, None)]
    assert decisions[0].target == "agents where agent.level > 1"
    assert [step.counts for step in decisions[1].explanation().steps] == [
        {"no_members": 1},
        {"unknown_agent": 1},
        {"capacity": 1},
        {},
    ]


def test_a_step_that_is_not_due_holds_back_those_behind_it(make: Make) -> None:
    rules = """
    rule "r"
      assign to team "A"
      otherwise after 10 minutes assign to team "B"
      otherwise assign to team "East"
      otherwise after 1 hour hold in pool "P"
    pool "P"
    """
    desk = make(rules, east("li", capacity={"customers": 1}))
    first = desk.assign(Customer(id="c1"))
    assert (first.outcome, first.step, first.reasons) == ("waiting", 2, ("no_members", "not_due"))
    assert first.next_retry_at == NOON + 10 * MINUTE
    desk.assign(Customer(id="c2"))
    desk.clock.advance(10 * MINUTE - timedelta(microseconds=1))
    assert desk.tick() == []
    desk.clock.advance(timedelta(microseconds=1))
    assert [(d.item_id, d.agent_id, d.step) for d in desk.tick()] == [("c1", "li", 3)]
    waiting = desk.explain("c2")
    assert waiting.next_retry_at == NOON + 60 * MINUTE
    desk.clock.advance(50 * MINUTE)
    assert [(d.item_id, d.pool, d.step) for d in desk.tick()] == [("c2", "P", 4)]
    assert desk.tick() == []


def test_waiting_counts_from_when_the_desk_first_saw_the_item(make: Make) -> None:
    desk = make('rule "r"\n  assign to team "A"\n  otherwise after 10 minutes assign to team "East"', east("li"))
    desk.assign(Customer(id="c1"))
    desk.clock.advance(9 * MINUTE)
    assert desk.assign("c1").outcome == "waiting"
    desk.clock.advance(MINUTE)
    assert desk.assign("c1").agent_id == "li"


def test_a_requirement_is_dropped_after_its_time(make: Make) -> None:
    rules = """
    rule "r"
      require agent.skills has "law" at 3 for 10 minutes
      require agent.level >= 1
      assign to team "East"
    """
    desk = make(rules, [*east("li", level=1), *east("wang", skills={"law": 3})])
    first = desk.assign(Customer(id="c1"))
    assert (first.outcome, first.reasons, first.next_retry_at) == ("waiting", ("require",), NOON + 10 * MINUTE)
    desk.clock.advance(9 * MINUTE)
    assert desk.tick() == []
    desk.clock.advance(MINUTE)
    assert holders(desk.tick()) == ["li"]


def test_reasons_come_in_the_order_of_the_filters(make: Make) -> None:
    rules = 'team "T" = agents "full", "gone", "off"\nrule "r"\n  assign to team "T"'
    full, gone = Agent(id="full", capacity={"customers": 1}), Agent(id="gone", presence="offline")
    desk = make(rules, [full, gone, Agent(id="off", active=False)])
    assert desk.assign(Customer(id="c1", effort=2)).reasons == ("inactive", "away", "capacity")


def test_an_item_held_in_a_team_stays_in_its_queue(make: Make) -> None:
    desk = make('rule "r"\n  hold in team "East"', east("li"))
    decision = desk.assign(Customer(id="c1"))
    assert (decision.outcome, decision.queue, decision.agent_id) == ("waiting", 'team "East"', None)
    assert 'waits in team "East"' in decision.explain()
    assert desk.tick() == []
    assert desk.reassign("c1", "li", actor="li", reason="mine").agent_id == "li"


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), "Always"),  # 23:59:59 in Shanghai
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "December"),
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), "December"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "Always"),
    ],
)
def test_a_rule_is_active_on_its_days_in_the_desks_zone(make: Make, at: datetime, rule: str) -> None:
    text = """
    rule "December"
      active from 2026-12-01 until 2026-12-31
      reject "d"
    rule "Always"
      reject "a"
    """
    assert make(text, at=at, zone="Asia/Shanghai").assign(Customer(id="c1")).rule == rule


def test_a_missing_field_leaves_a_rule_open_and_says_which(make: Make) -> None:
    desk = make('rule "Rich" when customer.revenue > 5\n  reject "r"\n' + TO_EAST, east("li"))
    decision = desk.assign(Customer(id="c1"))
    assert decision.rule == "East"
    assert "customer.revenue is missing" in decision.explain()
