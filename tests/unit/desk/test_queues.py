"""Waiting items are weighed by the desk's queue: credits and shares by category, and nothing waits for ever."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from assignkit import Agent, ConfigurationError, Customer, Desk, ManualClock, MemoryStore, QueuePolicy, RuleSet
from tests.unit.desk.making import NOON, OpenDesk, east, edit

MINUTE = timedelta(minutes=1)
RULES = """
category "Gold" for customers when customer.tier = "Gold"
rule "East"
  urgency customer.score
  assign to team "East" by priority queue
rule "Tasks" for tasks
  assign to team "East" by priority queue
"""


def open_with(policy: QueuePolicy, text: str = RULES) -> OpenDesk:
    """Return a desk whose only agent is full."""
    clock, store = ManualClock(NOON), MemoryStore()
    desk = OpenDesk(RuleSet.from_text(text), store, clock=clock, seed="test", queue=policy)
    desk.clock, desk.store = clock, store
    desk.agents.add(*east("li", capacity={"customers": 1, "tasks": 1}))
    desk.assign({"id": "held"})
    return desk


def served(desk: OpenDesk, count: int) -> list[str]:
    """Let the agent complete what it has, one after the other, and return what came instead."""
    came = []
    for _ in range(count):
        (held,) = desk.store.placements.of_agent("li")
        desk.complete((held.kind, held.item_id))
        came += [place.item_id for place in desk.store.placements.of_agent("li")]
    return came


def served_by_ticks(desk: OpenDesk, count: int) -> list[str]:
    """Let as many items as that come to agents by one tick, and return which."""
    agent = desk.agents.get("li")
    room = agent.model_copy(update={"capacity": {"customers": 1 + count}})
    desk.store.agents.save(room)  # by another program, so that nothing is pulled
    return [decision.item_id for decision in desk.tick()]


@pytest.mark.parametrize("serve", [served, served_by_ticks])
def test_a_category_is_credited_with_waiting(serve: object) -> None:
    desk = open_with(QueuePolicy(credit_seconds={"Gold": 600, "silver": 60}))
    desk.assign({"id": "plain"})
    desk.clock.advance(5 * MINUTE)
    desk.assign({"id": "silver", "category": "silver"})
    desk.assign({"id": "gold", "tier": "Gold", "category": "none of ours"})
    desk.clock.advance(MINUTE)
    assert serve(desk, 3) == ["gold", "plain", "silver"]  # type: ignore[operator]


@pytest.mark.parametrize("serve", [served, served_by_ticks])
def test_a_category_is_sure_of_its_share_whatever_else_is_urgent(serve: object) -> None:
    desk = open_with(QueuePolicy(shares={"small": Fraction(1, 3)}))
    for number in range(6):
        desk.assign({"id": f"vip{number}", "score": 99})
        desk.assign({"id": f"small{number}", "category": "small"})
    expected = ["vip0", "vip1", "small0", "vip2", "vip3", "small1", "vip4", "vip5", "small2"]
    assert [view.item_id for view in desk.waiting()][:9] == expected
    assert serve(desk, 9) == expected  # type: ignore[operator]


def test_a_share_is_kept_over_ticks_that_look_at_single_items() -> None:
    desk = open_with(
        QueuePolicy(shares={"small": Fraction(1, 2)}), RULES + '\nrule "Late" when customer.score > 0\n  reject "no"'
    )
    desk.assign({"id": "vip", "score": None})
    for number in range(4):
        desk.assign({"id": f"small{number}", "category": "small"})
        desk.assign({"id": f"other{number}", "score": 9})
    assert served(desk, 4) == ["other0", "small0", "other1", "small1"]


def test_what_a_class_is_due_waits_for_an_agent_who_may_have_it() -> None:
    text = RULES.replace("  urgency", "  require agent.skills has customer.language\n  urgency")
    desk = open_with(QueuePolicy(shares={"small": Fraction(1, 2)}), text)
    edit(desk, "li", skills={"en": 1})
    for number in range(6):
        desk.assign({"id": f"vip{number}", "score": 9, "language": "en"})
        desk.assign({"id": f"small{number}", "category": "small", "language": "fr"})
    assert served(desk, 4) == ["vip1", "vip2", "vip3", "vip4"]
    edit(desk, "li", skills={"en": 1, "fr": 1})
    assert served(desk, 3) == ["small0", "small1", "small2"]


def test_a_point_of_urgency_is_as_long_as_the_policy_says_and_waiting_adds_no_more_than_it_allows() -> None:
    desk = open_with(QueuePolicy(half_step=60, max_boost=3))
    desk.assign({"id": "old"})
    desk.clock.advance(2 * MINUTE)
    desk.assign({"id": "two", "score": 2})
    desk.assign({"id": "three", "score": 3})
    desk.clock.advance(60 * MINUTE)
    desk.assign({"id": "five", "score": 5})
    assert [(view.item_id, view.points) for view in desk.waiting()] == [
        ("three", "6"),
        ("two", "5"),
        ("five", "5"),
        ("old", "3"),
    ]
    assert served(desk, 4) == ["three", "two", "five", "old"]


def test_nothing_waits_behind_newcomers_without_end() -> None:
    desk = open_with(QueuePolicy())
    desk.assign({"id": "humble"})
    desk.assign({"id": "urgent0", "score": 1000})
    for day in range(1, 9):
        desk.clock.advance(timedelta(days=1))
        desk.assign({"id": f"urgent{day}", "score": 1000})
        (came,) = served(desk, 1)
        if came == "humble":
            break
    assert (came, day) == ("humble", 7)


def test_a_task_is_of_its_customers_category() -> None:
    desk = open_with(QueuePolicy(credit_seconds={"gold": 60}))
    desk.customers.add(Customer(id="c1", category="gold"))
    desk.assign({"id": "t0"}, kind="tasks")
    desk.assign({"id": "t1"}, kind="tasks")
    desk.assign({"id": "t2", "customer": "c1"}, kind="tasks")
    assert [(view.item_id, view.category) for view in desk.waiting()] == [("t2", "gold"), ("t1", None)]
    desk.complete("t0", kind="tasks")
    assert [p.item_id for p in desk.store.placements.of_agent("li") if p.kind == "tasks"] == ["t2"]


def test_an_item_whose_record_is_saved_is_of_its_new_category() -> None:
    desk = open_with(QueuePolicy(credit_seconds={"Gold": 600}))
    desk.assign_many([{"id": "c1"}, {"id": "c2"}])
    assert [view.item_id for view in desk.waiting()] == ["c1", "c2"]
    desk.customers.save(desk.customers.get("c2").model_copy(update={"tier": "Gold"}))
    assert [(view.item_id, view.category) for view in desk.waiting()] == [("c2", "Gold"), ("c1", None)]


def test_the_line_says_why_each_item_stands_where_it_does() -> None:
    policy = QueuePolicy(credit_seconds={"Gold": 600}, shares={"small": Fraction(1, 2)}, patience_seconds=86_400)
    desk = open_with(policy)
    desk.assign({"id": "old"})
    desk.clock.advance(timedelta(days=1))
    desk.assign({"id": "gold", "tier": "Gold", "score": 2})
    desk.assign({"id": "small", "category": "small"})
    desk.clock.advance(30 * MINUTE)
    assert [view.to_text() for view in desk.waiting()] == [
        "1. customers old: first of all, waiting for 1470 minutes",
        "2. customers small of small: by the share of small: 1 due",
        "3. customers gold of Gold: 2.667 points: urgency 2, waiting for 30 minutes and 10 more of credit",
    ]
    why = desk.explain("gold")
    assert why.notes[-1].startswith("in line, of 3: 3. customers gold of Gold: 2.667 points")
    assert desk.explain("held").notes[-1].endswith("no rule is run for a held item")


def test_what_is_on_offer_to_several_is_not_in_line() -> None:
    desk = open_with(QueuePolicy())
    desk.agents.add(Agent(id="wang"))
    desk.assign({"id": "c1"})
    desk.broadcast("c1", ["wang"], within=MINUTE)
    assert desk.waiting() == []


@pytest.mark.parametrize(
    "figures",
    [
        {"half_step": 0},
        {"max_boost": -1},
        {"credit_seconds": {"gold": -1}},
        {"shares": {"gold": 0}},
        {"shares": {"gold": Fraction(2, 3), "silver": Fraction(1, 2)}},
        {"patience_seconds": -1},
        {"half_step": float("nan")},
    ],
)
def test_a_policy_with_other_figures_is_refused(figures: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        Desk(RuleSet.from_text(RULES), queue=QueuePolicy(**figures))  # type: ignore[arg-type]
