"""Limits per agent and target: open, and per calendar period in the desk's zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from assignkit import Customer, Task
from tests.unit.desk.making import NOON, OpenDesk, east, holders

Make = Callable[..., OpenDesk]

SECOND = timedelta(seconds=1)


def limited(limit: str) -> str:
    return f'rule "r"\n  assign to team "East"\n  limit {limit}'


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_open_items_count_until_they_are_released(make: Make) -> None:
    desk = make(limited("2 open"), east("li"))
    decisions = [desk.assign(Customer(id=n)) for n in range(3)]
    assert holders(decisions) == ["li", "li", None]
    assert (decisions[2].reasons, decisions[2].next_retry_at) == (("limit",), None)
    desk.release(0, actor="boss", reason="r")
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["1", "2"]


def test_released_items_still_count_for_a_period(make: Make) -> None:
    desk = make(limited("2 per day"), east("li"))
    for number in range(2):
        desk.assign(Customer(id=number))
        desk.release(number, actor="boss", reason="r")
    third = desk.assign(Customer(id=2))
    assert (third.outcome, third.next_retry_at) == ("waiting", at("2026-11-22T00:00Z"))
    assert "li: has had 2 of 2 today" in third.explain()


EDGES = [
    # period, zone, the last instant of one period, the first of the next
    ("hour", "UTC", "2026-11-21T12:59:59Z", "2026-11-21T13:00Z"),
    ("hour", "Asia/Kolkata", "2026-11-21T12:29:59Z", "2026-11-21T12:30Z"),
    ("hour", "Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T01:00Z"),  # 02:59:59 summer, then 02:00 winter time
    ("day", "Asia/Shanghai", "2026-11-21T15:59:59Z", "2026-11-21T16:00Z"),
    ("day", "America/New_York", "2026-11-22T04:59:59Z", "2026-11-22T05:00Z"),
    ("day", "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25T23:00Z"),  # a day of 25 hours
    ("day", "Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29T22:00Z"),  # a day of 23 hours
    ("day", "America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-04T03:00Z"),  # a day that begins at 01:00
    ("week", "Asia/Shanghai", "2026-11-22T15:59:59Z", "2026-11-22T16:00Z"),  # Sunday, Monday
    ("week", "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25T23:00Z"),
    ("month", "Asia/Shanghai", "2026-11-30T15:59:59Z", "2026-11-30T16:00Z"),
    ("month", "UTC", "2026-02-28T23:59:59Z", "2026-03-01T00:00Z"),
    ("month", "UTC", "2028-02-29T23:59:59Z", "2028-03-01T00:00Z"),
    ("month", "UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00Z"),
]


@pytest.mark.parametrize(("period", "zone", "last", "first"), EDGES)
def test_periods_end_where_the_desks_calendar_says(make: Make, period: str, zone: str, last: str, first: str) -> None:
    desk = make(limited(f"1 per {period}"), east("li"), at=at(last), zone=zone)
    assert desk.assign(Customer(id="c1")).agent_id == "li"
    second = desk.assign(Customer(id="c2"))
    assert (second.outcome, second.next_retry_at) == ("waiting", at(first))
    desk.clock.set(at(first) - timedelta(microseconds=1))
    assert desk.tick() == []
    desk.clock.set(at(first))
    assert holders(desk.tick()) == ["li"]


BEGINNINGS = [
    ("hour", "Europe/Berlin", "2026-10-25T01:00Z", "2026-10-25T01:59:59Z"),  # the second 02:00 to 03:00
    ("day", "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T22:59:59Z"),
    ("day", "America/Havana", "2026-11-01T04:00Z", "2026-11-02T04:59:59Z"),  # midnight strikes twice
    ("week", "Europe/Berlin", "2026-10-18T22:00Z", "2026-10-25T22:59:59Z"),
    ("month", "Europe/Berlin", "2026-09-30T22:00Z", "2026-10-31T22:59:59Z"),
]


@pytest.mark.parametrize(("period", "zone", "first", "last"), BEGINNINGS)
def test_a_period_counts_from_its_first_instant_to_its_last(
    make: Make, period: str, zone: str, first: str, last: str
) -> None:
    desk = make(limited(f"1 per {period}"), east("li"), at=at(first), zone=zone)
    desk.assign(Customer(id="c1"))
    desk.clock.set(at(last))
    assert desk.assign(Customer(id="c2")).next_retry_at == at(last) + SECOND


def test_all_limits_of_a_rule_hold(make: Make) -> None:
    desk = make(limited("3 open, 2 per hour, 4 per day"), east("li"))
    given = []
    for number in range(12):
        decision = desk.assign(Customer(id=number))
        given.append(decision.agent_id)
        desk.clock.advance(timedelta(minutes=20))
        if number == 6:
            for held in desk.store.placements.of_agent("li"):
                desk.release(held.item_id, actor="boss", reason="r")
    # 2 in the first hour; one more until 3 are open; with the releases one of those that wait, until 4 a day
    assert given == ["li", "li", None, "li", None, None, None, None, None, None, None, None]
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["2"]


def test_a_limit_is_counted_by_target_whichever_rule_sent_the_item(make: Make) -> None:
    rules = """
    rule "VIP" when customer.tier = "VIP"
      assign to team "East"
      limit 3 open
    rule "Tasks" for tasks
      assign to team "East"
    rule "Agent" when customer.tier = "A"
      assign to agent "li"
    rule "Rest"
      assign to team "East"
    """
    desk = make(rules, east("li"))
    desk.assign(Customer(id="c1"))
    desk.assign(Customer(id="c2", tier="A"))
    desk.assign(Task(id="t1"))
    assert desk.assign(Customer(id="c3", tier="VIP")).agent_id == "li"  # c1, t1 and now c3 came through East
    assert desk.assign(Customer(id="c4", tier="VIP")).reasons == ("limit",)
    assert desk.assign(Customer(id="c5")).agent_id == "li"  # the rule "Rest" sets no limit


def test_items_given_by_hand_or_imported_are_not_counted(make: Make) -> None:
    desk = make(limited("1 per day"), east("li"))
    desk.assign(Customer(id="c1", owner="li"))
    desk.customers.add(Customer(id="c2"))
    desk.reassign("c2", "li", actor="boss", reason="r")
    assert desk.assign(Customer(id="c3")).agent_id == "li"
    assert desk.assign(Customer(id="c4")).reasons == ("limit",)


def test_the_next_try_is_the_earliest_instant_that_may_help(make: Make) -> None:
    rules = limited("1 per hour") + '\n  otherwise after 30 minutes assign to team "West"'
    desk = make(rules, east("li"), at=NOON + timedelta(minutes=45))
    desk.assign(Customer(id="c1"))
    assert desk.assign(Customer(id="c2")).next_retry_at == NOON + timedelta(minutes=60)


def test_a_limit_turns_to_the_next_agent(make: Make) -> None:
    desk = make(limited("2 open"), east("li", "wang"))
    decisions = [desk.assign(Customer(id=n)) for n in range(5)]
    assert sorted(holders(decisions)[:4], key=str) == ["li", "li", "wang", "wang"]
    assert decisions[4].outcome == "waiting"


def test_force_lifts_limits_but_not_capacity(make: Make) -> None:
    desk = make(limited("1 per day"), east("li", capacity={"customers": 2}))
    assert holders([desk.assign(Customer(id=n)) for n in range(2)]) == ["li", None]
    assert desk.assign("1", force=True, actor="boss").agent_id == "li"
    third = desk.assign(Customer(id=2), force=True, actor="boss")
    assert (third.agent_id, third.reasons) == (None, ("capacity",))
