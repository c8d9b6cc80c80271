"""Two-sided dispatch: who becomes free gets what waits, and a tick looks only at what may have changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, NotFoundError, RuleSet, Schema
from assignkit.desk.deciding.deciding import Case, Decider
from assignkit.desk.waiting.agenda import Agenda
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
    edit(desk, "li", capacity={"customers": 3})
    with looking() as seen:
        assert [d.item_id for d in desk.tick()] == ["w01"]
        assert desk.tick() == []
    assert seen == ["w01"]


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.store.agents.save(
            desk.agents.get("li").model_copy(update={"capacity": {"customers": 2}})  # by another program
        ),
        lambda desk: desk.store.agents.add(Agent(id="wang", teams={"East"}, capacity={"customers": 1})),
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
    desk.store.agents.save(other.agents.get("li").model_copy(update={"capacity": {"customers": 9}}))
    assert [d.item_id for d in desk.tick()] == ["w00", "w01"]
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["theirs", "w00", "w01"]
    assert other.tick() == []


def test_a_poisoned_item_stops_nobody_and_is_tried_again(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    class Deal:
        def __init__(self, id: str) -> None:
            self.id = id

    schema = Schema(deal={"size": int})
    desk = make('rule "D" for deals\n  assign to agent "li"\n' + TO_EAST, schema=schema)
    assert desk.assign(Deal("d1"), kind="deals").outcome == "waiting"  # the desk cannot look it up again
    desk.assign({"id": "c1"})
    desk.store.agents.add(Agent(id="li", teams={"East"}))
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


@pytest.mark.parametrize(
    "comes",
    [
        lambda desk: desk.release("held", actor="b", reason="r"),
        lambda desk: desk.complete("held"),
        lambda desk: edit(desk, "li", capacity={"customers": 2}),
        lambda desk: desk.agents.add(*east("wang", capacity={"customers": 1})),
        lambda desk: (
            desk.agents.add(*east("wang", capacity={"customers": 1}, active=False)) and edit(desk, "wang", active=True)
        ),
        lambda desk: (
            desk.agents.add(*east("wang", capacity={"customers": 1}, presence="away"))
            and desk.set_presence("wang", "online")
        ),
        lambda desk: (
            desk.agents.add(Agent(id="wang", capacity={"customers": 1})) and edit(desk, "wang", teams={"East", "West"})
        ),
        lambda desk: (
            desk.agents.add(*east("wang", leaves=[{"start": NOON, "until": NOON + MINUTE}]))
            and edit(desk, "wang", leaves=())
        ),
    ],
)
def test_who_becomes_free_gets_the_best_waiting_item_at_once(make: Make, comes: Callable[[Desk], object]) -> None:
    desk = backlog(make, 3)
    with looking() as seen:
        comes(desk)
    assert seen == ["w00"]
    assert [place.item_id for place in desk.store.placements.in_state("waiting")] == ["w01", "w02"]


@pytest.mark.parametrize(
    "comes",
    [
        lambda desk: desk.agents.add(*east("wang", active=False)),
        lambda desk: desk.agents.add(*east("wang", presence="away")),
        lambda desk: desk.agents.add(*east("wang", shifts="mon 09:00-10:00")),
        lambda desk: desk.agents.add(Agent(id="wang")),
        lambda desk: desk.release("w00", actor="b", reason="r"),
        lambda desk: edit(desk, "li", name="Li"),
    ],
)
def test_who_may_have_nothing_that_waits_gets_nothing(make: Make, comes: Callable[[Desk], object]) -> None:
    desk = backlog(make, 3)
    with looking() as seen:
        comes(desk)
    assert seen == []


def test_a_new_skill_brings_what_waited_for_it_however_much_waits_before_it(make: Make) -> None:
    text = 'rule "East"\n  require agent.skills has customer.language\n  assign to team "East"'
    desk = make(text, east("li"))
    desk.assign_many({"id": f"fr{number}", "language": "fr"} for number in range(150))
    desk.assign({"id": "zh", "language": "zh"})
    with looking() as seen:
        edit(desk, "li", skills={"zh": 1})
    assert seen == ["zh"]
    assert desk.store.placements.find("customers", "zh").agent_id == "li"


def test_the_same_release_under_its_key_brings_nothing_more(make: Make) -> None:
    desk = backlog(make, 3)
    for _ in range(2):
        desk.release("held", actor="b", reason="r", key="k1")
    edit(desk, "li", name="Li")
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["w00"]


def test_what_a_unit_of_the_hosts_frees_comes_when_it_is_kept(make: Make) -> None:
    desk = backlog(make, 2)
    with suppress(ZeroDivisionError), desk.store.unit():
        desk.complete("held")
        raise ZeroDivisionError
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["held"]
    with desk.store.unit():
        desk.complete("held")
        assert desk.store.placements.of_agent("li") == []
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["w00"]


def test_what_comes_by_an_otherwise_or_to_somebody_by_name_is_pulled_too(make: Make) -> None:
    text = (
        """
    rule "Named" when customer.score > 8
      assign to agent "li"
    rule "Later" when customer.score > 5
      assign to team "West"
      otherwise after 10 minutes assign to team "East"
    rule "Hot" when customer.score > 2
      continue
    """
        + TO_EAST
    )
    desk = make(text, east("li", active=False))
    for id, score in (("hot", 3), ("later", 6), ("named", 9)):
        desk.assign({"id": id, "score": score})
        desk.clock.advance(MINUTE)
    for expected in (["hot"], ["hot", "named"]):
        edit(desk, "li", active=True)
        assert [place.item_id for place in desk.store.placements.of_agent("li")] == expected
    desk.clock.advance(10 * MINUTE)
    edit(desk, "li", name="Li")
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["hot", "later", "named"]


def test_an_owner_who_comes_back_gets_what_waited_for_it(make: Make) -> None:
    text = 'rule "T" for tasks\n  keep owner\nrule "M" for customers\n  assign to team "East"'
    desk = make(text, east("li"))
    desk.assign({"id": "c1"})
    edit(desk, "li", active=False)
    desk.assign({"id": "t1", "customer": "c1"}, kind="tasks")
    edit(desk, "li", active=True)
    assert [(place.kind, place.item_id) for place in desk.store.placements.of_agent("li")] == [
        ("customers", "c1"),
        ("tasks", "t1"),
    ]


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
