"""Many items at once, and the tick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignkit import Agent, ConflictError, Customer, Desk, MemoryStore, RuleSet, Task
from tests.unit.desk.making import TO_EAST, OpenDesk, Ticking, east, edit, holders
from tests.unit.desk.test_receiving import Broken, Lead

Make = Callable[..., OpenDesk]


def test_decisions_come_in_input_order(make: Make) -> None:
    desk = make(TO_EAST, east("li", "wang"))
    decisions = desk.assign_many(Customer(id=n) for n in (3, 1, 2))
    assert [decision.item_id for decision in decisions] == ["3", "1", "2"]
    assert desk.assign_many([]) == []


BAD: list[tuple[Any, str, str, str]] = [
    # the item, and the error's kind, id and reason
    ("c9", "customers", "c9", "no customer `c9`"),
    (("tasks", "t9"), "tasks", "t9", "no task `t9`"),
    (None, "customers", "#2", "without an `id`"),
    ({"id": "x", "effort": "much"}, "customers", "x", "effort"),
    ({"effort": 1}, "customers", "#2", "id: Field required"),
    (("a", "b", "c"), "customers", "#2", "without an `id`"),
    ((1, 2), "customers", "2", "no kind of item `1`"),
    ((["list"], "x"), "customers", "x", "no kind of item"),
    (("deals", {"id": "d"}), "deals", "d", "no kind of item `deals`"),
    (Broken(), "customers", "#2", "RuntimeError: boom"),
    (Lead(5, effort=-1), "customers", "5", "effort"),
    (Task(id="t", version=9, owner="zu", effort=2), "tasks", "t", "expected 9"),
    (3.5, "customers", "#2", "without an `id`"),
    ("", "customers", "#2", "no customer"),
]


@pytest.mark.parametrize(("bad", "kind", "identity", "reason"), BAD)
def test_an_item_that_fails_does_not_stop_the_rest(make: Make, bad: Any, kind: str, identity: str, reason: str) -> None:  # noqa: ANN401
    desk = make(TO_EAST, east("li"))
    desk.tasks.add(Task(id="t"))
    decisions = desk.assign_many([Customer(id="c1"), bad, Customer(id="c2")])
    assert [decision.outcome for decision in decisions] == ["assigned", "error", "assigned"]
    error = decisions[1]
    assert (error.kind, error.item_id, error.agent_id) == (kind, identity, None)
    assert reason in error.reasons[0]
    assert "could not be decided" in error.explain()


def test_progress_is_told_for_each_item_once_it_is_committed(make: Make) -> None:
    seen: list[tuple[int, int, int]] = []
    desk = make(TO_EAST, east("li"))

    def progress(done: int, total: int) -> None:
        seen.append((done, total, len(desk.customers.list())))

    desk.assign_many([Customer(id="c1"), "c9", Customer(id="c2")], progress=progress)
    assert seen == [(1, 3, 2), (2, 3, 2), (3, 3, 2)]


def test_items_may_come_from_a_generator_that_asks_the_desk(make: Make) -> None:
    desk = make(TO_EAST, east("li"))

    def found() -> Iterator[str]:
        for record in desk.customers.list():
            yield record.id

    desk.customers.add(Customer(id="c1"))
    assert holders(desk.assign_many(found())) == ["li"]


def test_a_batch_may_be_forced(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign_many([Customer(id="c1"), Customer(id="c2")])
    edit(desk, "li", active=False)
    desk.agents.add(*east("wang"))
    assert holders(desk.assign_many(["c1", "c2"], force=True, actor="boss")) == ["wang", "wang"]


# --- the tick


def one_at_a_time(desk: OpenDesk, count: int) -> list[str]:
    """Let the agent take one item after the other, and return which they were; ticks find no more."""
    taken = []
    for _ in range(count):
        assert desk.tick() == []
        (held,) = desk.store.placements.of_agent("li")
        taken.append(held.item_id)
        desk.release(held.item_id, actor="li", reason="done")
    return taken


def test_the_most_urgent_is_tried_first_then_who_came_first(make: Make) -> None:
    rules = 'rule "r"\n  urgency customer.score\n  assign to team "East"'
    desk = make(rules)
    for identity, score in (("late", 1), ("mid", 2), ("top", 5), ("mid2", 2), ("none", None), ("half", Decimal("1.5"))):
        desk.assign(Customer(id=identity, score=score))
        desk.clock.advance(timedelta(seconds=1))
    desk.agents.add(*east("li", capacity={"customers": 1}))
    assert one_at_a_time(desk, 6) == ["top", "mid", "mid2", "half", "late", "none"]


def test_age_lifts_an_item_by_a_point_an_hour_up_to_ten(make: Make) -> None:
    rules = 'rule "r"\n  urgency customer.score\n  assign to team "East"'
    desk = make(rules)
    desk.assign(Customer(id="old", score=0))
    desk.clock.advance(timedelta(hours=3))
    desk.assign(Customer(id="three", score=3))
    desk.assign(Customer(id="four", score=4))
    desk.clock.advance(timedelta(hours=20))
    desk.assign(Customer(id="eleven", score=11))
    desk.agents.add(*east("li", capacity={"customers": 1}))
    # 0 + 10, 3 + 10, 4 + 10, 11 + 0
    assert one_at_a_time(desk, 4) == ["four", "three", "eleven", "old"]


def test_the_tick_drains_what_it_can_and_leaves_the_rest(make: Make) -> None:
    desk = make(TO_EAST + '\nrule "t" for tasks\n  assign to team "West"')
    for number in range(5):
        desk.assign(Customer(id=number))
        desk.assign(Task(id=number))
    desk.agents.add(*east("li", capacity={"customers": 3}))
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["0"]  # who comes gets one at once
    assert [(d.kind, d.item_id) for d in desk.tick()] == [("customers", "1"), ("customers", "2")]
    assert desk.tick() == []
    desk.agents.add(Agent(id="wu", teams={"West"}))
    assert [d.kind for d in desk.tick()] == ["tasks"] * 4


def test_a_waiting_item_that_is_gone_is_passed_over_and_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    desk = make(TO_EAST)
    desk.assign(Lead(1))  # a host's own object, which the store cannot look up
    desk.assign(Customer(id="c2"))
    desk.agents.add(*east("li"))
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["c2"]
    assert desk.tick() == []
    assert "customers `1` cannot be tried again" in caplog.text


def test_limits_count_what_the_same_batch_has_given(make: Make) -> None:
    for limit in ("2 open", "2 per day"):
        desk = make(f"{TO_EAST}\n  limit {limit}", east("li", "wang"))
        decisions = desk.assign_many([Customer(id=n) for n in range(7)])
        assert [decision.outcome for decision in decisions] == ["assigned"] * 4 + ["waiting"] * 3, limit


def test_an_item_that_is_not_plain_sees_what_its_batch_has_given_before(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 4}))
    items = [
        Customer(id="c0"),
        Customer(id="c1"),
        Customer(id="c2", owner="li"),
        "c1",
        Customer(id="c3"),
        Customer(id="c4"),
    ]
    decisions = desk.assign_many(items)
    assert [decision.outcome for decision in decisions] == [
        "assigned",
        "assigned",
        "kept",
        "kept",
        "assigned",
        "waiting",
    ]
    load = desk.store.loads.find("li", "customers")
    assert load is not None
    assert (load.load, load.items, load.received) == (4, 4, 4)


class Interrupting:
    """A host's item that is interrupted when it is looked at."""

    @property
    def id(self) -> str:
        raise KeyboardInterrupt


def test_what_an_interrupted_batch_had_decided_costs_nobody_a_turn(make: Make) -> None:
    desk = make(TO_EAST, east("a", "b", "c"))
    first = desk.assign(Customer(id="c0")).agent_id
    with pytest.raises(KeyboardInterrupt):
        desk.assign_many([Customer(id="c1"), Interrupting()])
    assert desk.store.placements.find("customers", "c1") is None
    assert {first, desk.assign(Customer(id="c1")).agent_id, desk.assign(Customer(id="c2")).agent_id} == {"a", "b", "c"}


class Conflicting:
    """A host's item that somebody else changes meanwhile."""

    @property
    def id(self) -> str:
        raise ConflictError(what="the item", expected=None, found=None)


def test_what_a_chunk_had_decided_that_was_not_kept_costs_nobody_a_turn(make: Make) -> None:
    desk = make(TO_EAST, east("a", "b", "c"))
    first = desk.assign(Customer(id="c0"))
    second, failed = desk.assign_many([Customer(id="c1"), Conflicting()])
    assert failed.outcome == "error"
    third = desk.assign(Customer(id="c2"))
    assert sorted(map(str, holders([first, second, third]))) == ["a", "b", "c"]


def test_each_item_of_a_batch_is_decided_at_its_own_instant() -> None:
    ending = 'rule "until one"\n  active from 2026-11-01 until 2026-11-21\n  when customer.tier = "x"\n'
    rules = f'{ending}  assign to team "East"\n{TO_EAST}'
    at = datetime(2026, 11, 21, 23, 59, 30, tzinfo=UTC)
    desk = Desk(RuleSet.from_text(rules), MemoryStore(), clock=Ticking(at))
    for agent in east("li", "wang"):
        desk.agents.add(agent)
    decisions = desk.assign_many([Customer(id=n, tier="x") for n in range(60)])
    told = [(decision.rule, decision.at) for decision in decisions]
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert {rule for rule, _ in told} == {"until one", "East"}
    assert all(at is not None and (rule == "until one") == (at < midnight) for rule, at in told)


def test_an_id_names_what_the_same_batch_has_just_decided(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c0"))
    decisions = desk.assign_many([Customer(id="c1"), "c1", Customer(id="c2"), ("customers", "c2")])
    assert [decision.outcome for decision in decisions] == ["assigned", "kept", "assigned", "kept"]


def test_what_one_caller_says_is_not_told_of_another(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c0"))
    for id, actor, kept in (("c1", "zoe", "zoe"), ("c2", 1, "1"), ("c3", "1", "1"), ("c4", None, None)):
        desk.assign(Customer(id=id), actor=actor)  # type: ignore[arg-type]  # as hosts do
        assert desk.history(id)[0].actor == kept
