"""What the desk tells the orders: arrivals in the period, the item's place, its category."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from assignkit import Agent, Customer
from tests.unit.desk.making import OpenDesk, east, holders

Make = Callable[..., OpenDesk]


def by(order: str) -> str:
    return f'rule "R"\n  assign to team "East" by {order}'


def test_quota_counts_what_came_in_the_current_period(make: Make) -> None:
    desk = make(by("quota"), [*east("a", quota=3, quota_period="day"), *east("b", quota=1, quota_period="day")])
    first = holders(desk.assign({"id": f"x{number}"}) for number in range(8))
    assert (first.count("a"), first.count("b")) == (6, 2)
    desk.clock.advance(timedelta(hours=12))  # midnight: both begin anew
    second = holders(desk.assign({"id": f"y{number}"}) for number in range(4))
    assert (second.count("a"), second.count("b")) == (3, 1)


def test_quota_counts_for_each_target_by_itself(make: Make) -> None:
    text = by("quota") + '\nrule "W" when customer.score > 0\n  priority 1\n  assign to team "West" by quota'
    desk = make(text, [Agent(id=id, teams={"East", "West"}, quota=4, quota_period="day") for id in "ab"])
    first = str(desk.assign({"id": "e0"}).agent_id)
    other = "b" if first == "a" else "a"
    west = holders(desk.assign({"id": f"w{number}", "score": 1}) for number in range(4))
    assert sorted(map(str, west)) == ["a", "a", "b", "b"]  # what came by way of the other team makes no difference
    assert desk.assign({"id": "e1"}).agent_id == other


def test_nearest_knows_where_the_item_is(make: Make) -> None:
    shanghai, beijing = (31.23, 121.47), (39.9, 116.4)
    text = by("nearest") + '\nrule "T" for tasks\n  assign to team "East" by nearest'
    desk = make(text, [*east("s", location=shanghai), *east("b", location=beijing)])
    assert desk.assign(Customer(id="c1", location=(39.0, 117.2))).agent_id == "b"
    assert desk.assign(Customer(id="c2", location=(30.3, 120.2))).agent_id == "s"
    assert desk.assign({"id": "t1", "customer": "c1"}, kind="tasks").agent_id == "b"  # a task is where its customer is


def test_best_rated_is_by_the_items_category(make: Make) -> None:
    good, bad = {"count": 20, "total": 100}, {"count": 20, "total": 20}
    agents = [*east("law", ratings={"law": good, "tax": bad}), *east("tax", ratings={"law": bad, "tax": good})]
    desk = make(by("best rated"), agents)
    assert desk.assign({"id": "c1", "category": "law"}).agent_id == "law"
    assert desk.assign({"id": "c2", "category": "tax"}).agent_id == "tax"
