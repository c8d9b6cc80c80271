"""Rotations to look at and to correct, weights changed midway, and why an agent got nothing today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest

from assignkit import AsyncDesk, ConfigurationError, Customer, NotFoundError
from assignkit.desk.by_hand.working import Working
from tests.unit.desk.making import NOON, OpenDesk, east, edit, holders, state_of

Make = Callable[..., OpenDesk]
EAST = 'team "East" by round robin'
WEIGHTED = 'rule "W"\n  assign to team "East" by weighted round robin'


def test_rotations_show_floor_decisions_and_seats(make: Make) -> None:
    desk = make(agents=east("li", "wang"))
    assert desk.rotations() == []
    desk.assign_many({"id": number} for number in range(3))
    (view,) = desk.rotations()
    assert (view.name, view.floor, view.decisions) == (EAST, "1", 3)
    assert sorted((seat.turn, seat.last) for seat in view.seats) == [("1", 2), ("2", 3)]


def test_a_correction_counts_and_is_remembered(make: Make) -> None:
    desk = make(agents=east("li", "wang"))
    first, second = holders(desk.assign_many([{"id": 1}, {"id": 2}]))
    assert first is not None and second is not None  # noqa: PT018
    desk.correct_rotation(EAST, first, 5, actor="boss", reason="had the trade fair", key="k")
    desk.correct_rotation(EAST, first, 5, actor="boss", reason="had the trade fair", key="k")
    assert holders(desk.assign({"id": n}) for n in range(3, 7)) == [second] * 4
    (event,) = desk.store.history.of_item("rotations", EAST)
    assert (event.type, event.agent_id, event.actor, event.reason) == (
        "corrected",
        first,
        "boss",
        "had the trade fair",
    )
    assert event.facts == {"before": "1", "turn": "5"}


def test_who_is_set_back_comes_next(make: Make) -> None:
    desk = make(agents=east("a", "b", "c"))
    order = holders(desk.assign_many({"id": number} for number in range(3)))
    last = str(order[-1])
    desk.correct_rotation(EAST, last, 0, actor="boss", reason="was ill")
    turns = holders(desk.assign({"id": f"n{number}"}) for number in range(3))
    assert sorted(map(str, turns)) == ["a", "b", "c"]


def test_bad_corrections_change_nothing(make: Make) -> None:
    desk = make(agents=east("li"))
    desk.assign({"id": 1})
    before = state_of(desk.store)
    for error, name, agent, turn, reason in (
        (NotFoundError, 'team "West" by round robin', "li", 1, "r"),
        (NotFoundError, EAST, "who", 1, "r"),
        (ConfigurationError, EAST, "li", -1, "r"),
        (ConfigurationError, EAST, "li", Fraction(-1, 2), "r"),
        (ConfigurationError, EAST, "li", 1, " "),
    ):
        with pytest.raises(error):
            desk.correct_rotation(name, agent, turn, actor="boss", reason=reason)
    assert state_of(desk.store) == before


def test_weights_changed_midway_hold_from_then_on(make: Make) -> None:
    desk = make(WEIGHTED, [*east("a", weight=3), *east("b", weight=1)])
    before = Counter(holders(desk.assign({"id": f"x{n}"}) for n in range(40)))
    assert before == {"a": 30, "b": 10}
    edit(desk, "a", weight=1)
    edit(desk, "b", weight=3)
    after = Counter(holders(desk.assign({"id": f"y{n}"}) for n in range(40)))
    assert abs(after["b"] - 30) <= 1


def test_an_agent_of_two_teams_has_a_seat_in_each(make: Make) -> None:
    text = 'rule "W"\n  when customer.tier = "W"\n  assign to team "West"\nrule "E"\n  assign to team "East"'
    desk = make(text, east("li", "wang"))
    edit(desk, "li", teams=frozenset(("East", "West")))
    assert holders(desk.assign_many([{"id": 1, "tier": "W"}, {"id": 2, "tier": "W"}])) == ["li", "li"]
    assert sorted(map(str, holders(desk.assign_many([{"id": 3}, {"id": 4}])))) == ["li", "wang"]
    assert [view.name for view in desk.rotations()] == [EAST, 'team "West" by round robin']


# --- why nothing came today


def test_nothing_came_because_of_what_is_counted(make: Make) -> None:
    text = 'rule "R"\n  require agent.level >= 2\n  assign to team "East"'
    desk = make(text, [*east("junior", level=1), *east("senior", level=3)])
    desk.assign_many({"id": number} for number in range(3))
    view = desk.why_nothing_today("junior")
    assert (view.received, view.unavailable, view.in_line) == (0, None, 0)
    assert view.passed_over["require"] >= 1
    assert "passed over" in view.to_text()
    assert desk.why_nothing_today("senior").received == 3


def test_nothing_came_because_of_shift_or_room(make: Make) -> None:
    desk = make(agents=[*east("late", shifts="sat 20:00-21:00"), *east("full", capacity={"customers": 1})])
    desk.customers.add(Customer(id="c0", owner="full"))
    desk.clock.advance(timedelta(minutes=1))
    desk.assign({"id": "c1"})
    late = desk.why_nothing_today("late")
    assert (late.unavailable, late.available_from) == ("off_shift", NOON.replace(hour=20))
    assert late.passed_over == {"off_shift": 1}
    assert "back at 2026-11-21 20:00 UTC" in late.to_text()
    assert desk.why_nothing_today("full").full == ("customers",)


def test_yesterday_does_not_count_and_strangers_are_refused(make: Make) -> None:
    desk = make(agents=east("li"))
    desk.assign({"id": "c1"})
    assert desk.why_nothing_today("li").received == 1
    desk.clock.advance(timedelta(hours=12))
    assert desk.why_nothing_today("li").received == 0
    with pytest.raises(NotFoundError):
        desk.why_nothing_today("who")


def test_the_awaitable_desk_has_what_agents_and_supervisors_say() -> None:
    said = [name for name in vars(Working) if not name.startswith("_")]
    assert len(said) == 10
    assert [name for name in said if not hasattr(AsyncDesk, name)] == []
