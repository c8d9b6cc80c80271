"""Subscribers: told of what was committed, in order, at least once, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assignkit import Agent, Customer, Event, NotEligibleError
from tests.unit.desk.making import TO_EAST, OpenDesk, east, state_of

Make = Callable[..., OpenDesk]


@pytest.fixture
def desk(make: Make) -> OpenDesk:
    return make(TO_EAST + '\npool "P"', east("li", "wang"))


def test_events_come_in_the_order_of_the_history(desk: OpenDesk) -> None:
    told: list[Event] = []
    desk.subscribe(told.append)
    desk.assign(Customer(id="c1"))
    desk.assign_many([Customer(id="c2"), "unknown", Customer(id="c3")])
    desk.customers.add(Customer(id="c4", owner="li"))
    desk.reassign("c4", "wang", actor="b", reason="r")
    desk.release("c4", pool="P", actor="b", reason="r")
    desk.customers.remove("c4")
    assert told == desk.store.history.since(0)
    assert [event.number for event in told] == list(range(1, 8))


def test_every_event_is_told_once_to_each(desk: OpenDesk) -> None:
    one: list[str] = []
    two: list[str] = []
    desk.subscribe(lambda event: one.append(event.id))
    stop = desk.subscribe(lambda event: two.append(event.id))
    desk.assign(Customer(id="c1"))
    stop()
    stop()
    desk.assign(Customer(id="c2"))
    assert (one, two) == (["customers:c1:1", "customers:c2:1"], ["customers:c1:1"])
    assert desk.store.outbox.pending() == []


def test_who_comes_later_hears_only_what_comes_later(desk: OpenDesk) -> None:
    desk.assign(Customer(id="c1"))
    desk.customers.add(Customer(id="c2", owner="li"))
    told: list[Event] = []
    desk.subscribe(told.append)
    desk.assign(Customer(id="c3"))
    assert [event.item_id for event in told] == ["c3"]


def test_a_batch_is_told_as_it_goes(desk: OpenDesk) -> None:
    told: list[Event] = []
    counts: list[int] = []
    desk.subscribe(told.append)
    desk.assign_many([Customer(id=n) for n in range(3)], progress=lambda _done, _total: counts.append(len(told)))
    assert counts == [1, 2, 3]


def test_what_is_refused_is_not_told(desk: OpenDesk) -> None:
    told: list[Event] = []
    desk.agents.add(Agent(id="gone", active=False))
    desk.customers.add(Customer(id="c1"))
    desk.subscribe(told.append)
    with pytest.raises(NotEligibleError):
        desk.reassign("c1", "gone", actor="b", reason="r")
    desk.explain("c1")
    desk.why_not("li", "c1")
    assert told == []


def test_a_subscriber_that_raises_is_logged_and_harms_nobody(desk: OpenDesk, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Event] = []

    def broken(event: Event) -> None:
        raise RuntimeError(event.item_id)

    desk.subscribe(broken)
    desk.subscribe(told.append)
    assert desk.assign(Customer(id="c1")).outcome == "assigned"
    assert [event.item_id for event in told] == ["c1"]
    assert "a subscriber failed on event customers:c1:1" in caplog.text
    assert desk.store.outbox.pending() == []


def test_what_an_interrupt_kept_from_being_told_is_told_later(desk: OpenDesk) -> None:
    told: list[str] = []

    def interrupted_once(event: Event) -> None:
        told.append(event.item_id)
        if told == ["c1"]:
            raise KeyboardInterrupt

    desk.subscribe(interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        desk.assign(Customer(id="c1"))
    desk.assign(Customer(id="c2"))
    assert told == ["c1", "c1", "c2"]


def test_a_subscriber_may_use_the_desk(desk: OpenDesk) -> None:
    told: list[str] = []

    def follow(event: Event) -> None:
        told.append(event.item_id)
        if len(event.item_id) < 4:
            decision = desk.assign(Customer(id=event.item_id + "x"))
            assert decision.outcome == "assigned"

    desk.subscribe(follow)
    desk.assign(Customer(id="c"))
    assert told == ["c", "cx", "cxx", "cxxx"]
    assert desk.store.outbox.pending() == []


def test_events_cannot_be_changed_by_who_hears_them(desk: OpenDesk) -> None:
    def spoil(event: Event) -> None:
        event.facts["steps"] = []

    desk.subscribe(spoil)
    before = desk.assign(Customer(id="c1")).explanation().steps[0].winner
    assert desk.history("c1")[0].explanation().steps[0].winner == before
    state_of(desk.store)


def test_what_an_outer_unit_takes_back_is_not_told(desk: OpenDesk) -> None:
    told: list[Event] = []
    desk.subscribe(told.append)

    def undone() -> None:
        with desk.store.unit():
            desk.assign(Customer(id="c1"))
            raise KeyError

    with pytest.raises(KeyError):
        undone()
    assert told == []


def test_what_an_outer_unit_keeps_is_told_when_it_is_kept(desk: OpenDesk) -> None:
    told: list[str] = []
    desk.subscribe(lambda event: told.append(event.item_id))

    with desk.store.unit():
        desk.assign(Customer(id="c1"))
        desk.assign(Customer(id="c2"))
        assert told == []

    assert told == ["c1", "c2"]
