"""Capacity in units of effort: exact, per kind, and never exceeded by a rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from assignkit import ConflictError, Customer, Task
from assignkit.desk.committing.committing import Why
from assignkit.model.placement import Placement
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, holders, load, state_of

Make = Callable[..., OpenDesk]


def test_capacity_counts_effort_and_not_heads(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 5}))
    decisions = [desk.assign(Customer(id=n, effort=effort)) for n, effort in enumerate((3, 3, 2, 1))]
    assert holders(decisions) == ["li", None, "li", None]
    assert decisions[1].reasons == ("capacity",)
    assert load(desk, "li") == 5


def test_who_stands_in_front_gets_no_more_than_there_is_room_for(make: Make) -> None:
    for together in (False, True):
        desk = make(TO_EAST, east("li", "wu", capacity={"customers": 4}))
        items = [Customer(id=n, effort=1 + n % 2) for n in range(8)]
        decisions = list(desk.assign_many(items)) if together else [desk.assign(item) for item in items]
        assert {decision.outcome for decision in decisions} == {"assigned", "waiting"}
        assert (load(desk, "li"), load(desk, "wu")) == (4, 4)


def test_tenths_add_up_exactly(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 1}))
    decisions = [desk.assign(Customer(id=n, effort=0.1)) for n in range(11)]
    assert holders(decisions) == ["li"] * 10 + [None]
    assert load(desk, "li") == 1
    for number in range(10):
        desk.release(number, actor="boss", reason="r")
    assert load(desk, "li") == Decimal("0.1")  # what waited
    desk.release(10, actor="boss", reason="r")
    assert load(desk, "li") == 0


def test_capacity_is_per_kind_and_unlimited_where_it_is_not_said(make: Make) -> None:
    desk = make(TO_EAST + '\nrule "t" for tasks\n  assign to team "East"', east("li", capacity={"customers": 1}))
    assert holders(desk.assign(Customer(id=n)) for n in range(2)) == ["li", None]
    assert holders(desk.assign(Task(id=n, effort=100)) for n in range(3)) == ["li"] * 3


def test_a_lowered_capacity_keeps_what_is_there_and_admits_nothing(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 5}))
    for number in range(4):
        desk.assign(Customer(id=number))
    edit(desk, "li", capacity={"customers": 2})
    assert desk.assign(Customer(id="new")).outcome == "waiting"
    for number in range(3):
        desk.release(number, actor="boss", reason="r")
        desk.store._check()
    assert load(desk, "li") == 2  # there was room for the new one when the third was released
    edit(desk, "li", capacity={})
    assert holders(desk.assign(Customer(id=f"more{n}")) for n in range(9)) == ["li"] * 9


def test_a_commit_beyond_the_capacity_is_refused_whoever_decided_it(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 1}))
    desk.assign(Customer(id="c1"))
    another = Placement(kind="customers", item_id="c2", received_at=NOON, since=NOON)
    before = state_of(desk.store)
    with pytest.raises(ConflictError, match="load of `li`"):
        desk._runner.run(lambda session: session.committer.give(another, session.agent("li"), Why(origin="rule")))
    assert state_of(desk.store) == before


def test_who_holds_an_item_needs_no_more_room_for_it(make: Make) -> None:
    rules = 'rule "r"\n  assign to team "East" by lowest agent.level'
    full, free = east("full", level=1, capacity={"customers": 1}), east("free", level=2)
    desk = make(rules, [*full, *free])
    assert desk.assign(Customer(id="c1")).agent_id == "full"
    assert desk.assign(Customer(id="c1"), force=True, actor="boss").agent_id == "full"
    assert desk.assign(Customer(id="c2")).agent_id == "free"


def test_an_effort_that_grew_beneath_its_holder_stays(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 3}))
    desk.assign(Customer(id="c1"))
    assert desk.assign(Customer(id="c1", effort=7)).outcome == "kept"
    book = desk.store.loads.find("li", "customers")
    assert book is not None
    assert (book.load, book.ceiling) == (7, 7)
    assert desk.assign(Customer(id="c2")).outcome == "waiting"
    desk.assign(Customer(id="c1", effort=Decimal("0.5")))
    book = desk.store.loads.find("li", "customers")
    assert book is not None
    assert (book.load, book.ceiling) == (Decimal("0.5"), 3)
    assert holders(desk.tick()) == ["li"]


def test_the_effort_of_a_waiting_item_is_what_it_is_now(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 3}))
    assert desk.assign(Customer(id="c1", effort=5)).outcome == "waiting"
    smaller = Customer(id="c1", effort=2)
    assert desk.explain(smaller).outcome == "assigned"
    assert desk.assign(smaller).agent_id == "li"


@pytest.mark.parametrize(("effort", "hint"), [(1, "would be chosen with a load of 1"), (3, None)])
def test_the_explanation_says_what_load_would_do(make: Make, effort: int, hint: str | None) -> None:
    desk = make('rule "r"\n  assign to team "East" by least loaded', east("li", capacity={"customers": 2}))
    for number in range(2):
        desk.assign(Customer(id=number))
    (view,) = desk.explain(Customer(id="new", effort=effort)).steps[0].candidates
    assert (view.code, view.detail) == ("capacity", {"load": 2, "capacity": 2, "effort": effort})
    assert view.hint == ("would win: 1" if hint else None)


def test_loads_are_kept_in_one_form_however_efforts_are_written(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 5}))
    for number, effort in enumerate(["0.20", "0.05", "0.050", "1.70", "0.5"]):
        desk.assign(Customer(id=f"c{number}", effort=Decimal(effort)))
        told = str(load(desk, "li"))
        assert told == ("0.2", "0.25", "0.3", "2", "2.5")[number]
    desk.release("c4", actor="boss", reason="r")
    assert repr(load(desk, "li")) == "2"
