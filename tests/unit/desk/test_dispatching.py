"""Two-sided dispatch: who becomes free gets what waits, and a tick looks only at what may have changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, NotFoundError, RuleSet, Schema
from assignkit.desk.agenda import Agenda
from assignkit.desk.deciding import Case, Decider
from assignkit.errors import ConfigurationError, ConflictError, InvalidTransitionError
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, holders, state_of

Make = Callable[..., OpenDesk]
MINUTE = timedelta(minutes=1)


@contextmanager
def looking() -> Iterator[list[str]]:
    """Note which items are decided."""
    seen: list[str] = []
    original = Decider.decide

    def decide(self: Decider, case: Case) -> object:
        seen.append(case.item_id)
        return original(self, case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decider, "decide", decide)
        yield seen


def backlog(make: Make, count: int = 50, **facts: object) -> OpenDesk:
    """Return a desk at which the only agent is full, and items wait."""
    desk = make(TO_EAST, east("li", capacity={"customers": 1}, **facts))
    desk.assign({"id": "held"})
    desk.assign_many({"id": f"w{number:02}"} for number in range(count))
    desk.tick()
    return desk


# --- what a tick looks at


def test_a_tick_with_nothing_new_looks_at_nothing(make: Make) -> None:
    desk = backlog(make)
    with looking() as seen:
        assert desk.tick() == []
        desk.clock.advance(timedelta(days=1))
        assert desk.tick() == []
    assert seen == []


def test_a_tick_looks_no_further_than_there_is_room(make: Make) -> None:
    desk = backlog(make)
    desk.release("held", actor="b", reason="r")
    with looking() as seen:
        assert [d.item_id for d in desk.tick()] == ["w00"]
        assert desk.tick() == []
    assert seen == ["w00"]


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: edit(desk, "li", capacity={"customers": 2}),
        lambda desk: desk.agents.add(Agent(id="wang", teams={"East"}, capacity={"customers": 1})),
        lambda desk: (
            desk.customers.save(desk.customers.get("held").model_copy(update={"effort": Decimal("0.5")}))
            and desk.customers.save(desk.customers.get("w00").model_copy(update={"effort": Decimal("0.5")}))
        ),
        lambda desk: desk.reassign("held", desk.agents.add(Agent(id="boss")), actor="b", reason="r"),
    ],
)
def test_what_makes_room_is_noticed(make: Make, change: Callable[[Desk], object]) -> None:
    desk = backlog(make)
    change(desk)
    assert [d.item_id for d in desk.tick()] == ["w00"]
    assert desk.tick() == []


def test_a_changed_record_is_looked_at_again(make: Make) -> None:
    text = 'rule "VIP"\n  when customer.tier = "VIP"\n  assign to agent "boss"\n' + TO_EAST
    desk = make(text, [*east("li", capacity={"customers": 1}), Agent(id="boss")])
    desk.assign_many([{"id": "c0"}, {"id": "c1"}, {"id": "c2"}])
    assert desk.tick() == []
    desk.customers.save(desk.customers.get("c2").model_copy(update={"tier": "VIP"}))
    with looking() as seen:
        assert holders(desk.tick()) == ["boss"]
    assert seen == ["c2"]


def test_a_task_that_waits_for_its_customers_owner_is_looked_at_again(make: Make) -> None:
    desk = make('rule "T" for tasks\n  assign to owner\n' + TO_EAST, east("li"))
    desk.customers.add(Customer(id="c1"))
    assert desk.assign({"id": "t1", "customer": "c1"}, kind="tasks").reasons == ("no_owner",)
    assert desk.tick() == []
    desk.assign("c1")
    assert [(d.kind, d.agent_id) for d in desk.tick()] == [("tasks", "li")]


def test_rules_that_read_the_time_are_looked_at_every_time(make: Make) -> None:
    text = TO_EAST.replace("\n", "\n  require hour(now) >= 13 or agent.level > 9\n")
    desk = make(text, east("li"))
    assert desk.assign({"id": "c1"}).reasons == ("require",)
    assert desk.tick() == []
    desk.clock.advance(timedelta(hours=1))
    assert holders(desk.tick()) == ["li"]


def test_rules_that_read_counts_are_looked_at_when_counts_change(make: Make) -> None:
    desk = make(TO_EAST + "\n  require agent.received >= 1", east("li"))
    assert desk.assign({"id": "c1"}).reasons == ("require",)
    assert desk.tick() == []
    desk.customers.add(Customer(id="c2", owner="li"))
    assert holders(desk.tick()) == ["li"]


def test_a_relaxation_is_due_at_its_moment(make: Make) -> None:
    desk = make(TO_EAST.replace("\n", '\n  require agent.skills has "law" for 10 minutes\n'), east("li"))
    desk.assign({"id": "c1"})
    assert desk.tick() == []
    with looking() as seen:
        desk.clock.advance(10 * MINUTE - timedelta(microseconds=1))
        assert desk.tick() == []
        assert seen == []
        desk.clock.advance(timedelta(microseconds=1))
        assert holders(desk.tick()) == ["li"]
    assert seen == ["c1"]


def test_a_desk_that_opens_late_finds_what_waits(make: Make) -> None:
    text = TO_EAST + "\n  accept within 2 minutes"
    first = make(text, east("li", "wang"))
    offer = first.assign({"id": "c1"})
    first.assign({"id": "c2"})
    second = Desk(RuleSet.from_text(text), first.store, clock=ManualClock(NOON + 2 * MINUTE), seed="test")
    assert {d.item_id for d in second.tick()} == {"c1", "c2"}
    assert first.store.assignments.get(str(offer.offer_id)).ended_because == "expired"


def test_what_another_desk_does_is_seen(make: Make) -> None:
    desk = backlog(make, 2)
    other = Desk(RuleSet.from_text(TO_EAST), desk.store, clock=desk.clock, seed="test")
    other.assign({"id": "theirs"})
    other.release("held", actor="b", reason="r")
    edit(other, "li", capacity={"customers": 9})
    assert [d.item_id for d in desk.tick()] == ["theirs", "w00", "w01"]
    assert other.tick() == []


def test_a_poisoned_item_stops_nobody_and_is_tried_again(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    class Deal:
        def __init__(self, id: str) -> None:
            self.id = id

    schema = Schema(deal={"size": int})
    desk = make('rule "D" for deals\n  assign to agent "li"\n' + TO_EAST, schema=schema)
    assert desk.assign(Deal("d1"), kind="deals").outcome == "waiting"  # the desk cannot look it up again
    desk.assign({"id": "c1"})
    desk.agents.add(Agent(id="li", teams={"East"}))
    with caplog.at_level(logging.WARNING):
        assert [d.item_id for d in desk.tick()] == ["c1"]
        for _ in range(3):  # though nothing happens that anybody could wait for
            assert desk.tick() == []
    assert [record.getMessage()[:30] for record in caplog.records] == ["deals `d1` cannot be tried aga"] * 4


# --- who is matched


def test_the_most_urgent_goes_first_and_the_oldest_is_not_starved(make: Make) -> None:
    text = 'rule "East"\n  urgency customer.score\n  assign to team "East"'
    desk = make(text, east("li", capacity={"customers": 1}))
    desk.assign({"id": "first"})
    desk.assign({"id": "old", "score": 0})
    for number in range(12):
        desk.clock.advance(timedelta(hours=1))
        desk.assign({"id": f"n{number:02}", "score": 5})
        held = desk.store.placements.of_agent("li")[0].item_id
        desk.complete(held)
        if held == "old":
            break
    # An hour of waiting is a point of urgency: five points of newcomers are made up for in five hours.
    assert held == "old"
    assert number in range(5, 8)


def test_an_item_that_the_freed_agent_may_not_have_is_passed_over(make: Make) -> None:
    text = 'rule "East"\n  require agent.skills has customer.language\n  assign to team "East"'
    desk = make(text, east("li", skills={"zh": 1}, capacity={"customers": 1}))
    desk.assign({"id": "c1", "language": "zh"})
    desk.assign({"id": "fr", "language": "fr"})
    desk.assign({"id": "zh", "language": "zh"})
    desk.complete("c1")
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["zh"]


def test_completing_one_item_pulls_one(make: Make) -> None:
    desk = backlog(make, 3)
    with looking() as seen:
        desk.complete("held")
    assert seen == ["w00"]


def test_bad_completions_change_nothing(make: Make) -> None:
    desk = backlog(make, 1)
    before = state_of(desk.store)
    for error, act in (
        (NotFoundError, lambda: desk.complete("who")),
        (ConflictError, lambda: desk.complete("held", fence=9)),
        (InvalidTransitionError, lambda: desk.complete("w00")),
        (ConfigurationError, lambda: desk.complete("x", kind="nothing")),
    ):
        with pytest.raises(error):
            act()
    assert state_of(desk.store) == before


def test_many_threads_may_tick_at_once(make: Make) -> None:
    desk = make(TO_EAST + "\n  accept within 1 minutes", east("li", "wang", "zhao", capacity={"customers": 4}))
    desk.assign_many({"id": number} for number in range(30))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                desk.tick()
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    for _ in range(5):
        desk.clock.advance(MINUTE)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(desk.store.placements.in_state("offered")) <= 12
    for place in (*desk.store.placements.in_state("offered"), *desk.store.placements.in_state("waiting")):
        ends = [a.ended_because for a in desk.store.assignments.of_item(place.kind, place.item_id) if a.ended_at]
        assert set(ends) <= {"expired"}


# --- the due list


def test_the_agenda_knows_what_the_history_says() -> None:
    store = MemoryStore()
    desk = Desk(RuleSet.from_text(TO_EAST + "\n  accept within 1 minutes"), store, clock=ManualClock(NOON))
    for agent in east("li", "wang"):
        desk.agents.add(agent)
    early, late = Agenda(), Agenda()
    with store.unit() as unit:
        early.refresh(unit)
    first, _ = desk.assign({"id": "c1"}), desk.assign({"id": "c2"})
    desk.decline(str(first.offer_id), first.fence or 0, "busy")
    with store.unit() as unit:
        early.refresh(unit)
        late.refresh(unit)
    for agenda in (early, late):
        assert len(agenda) == 2
        assert agenda.due(NOON + MINUTE - timedelta(microseconds=1)) == []
        assert sorted(agenda.due(NOON + MINUTE)) == [("customers", "c1"), ("customers", "c2")]
        assert sorted(agenda.due(NOON + MINUTE)) == [("customers", "c1"), ("customers", "c2")]
