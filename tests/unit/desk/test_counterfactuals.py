"""What would have made the difference, and why an agent gets nothing: told in words, in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from assignkit import Agent, Customer
from tests.unit.desk.making import NOON, OpenDesk, east, edit

Make = Callable[..., OpenDesk]
MINUTE = timedelta(minutes=1)


def test_who_is_full_would_win_with_less(make: Make) -> None:
    agents = [*east("li", capacity={"customers": 5}), *east("wang", capacity={"customers": 10})]
    desk = make('rule "R"\n  assign to team "East" by least loaded', agents)
    for id, owner in [(f"l{n}", "li") for n in range(5)] + [(f"w{n}", "wang") for n in range(9)]:
        desk.customers.add(Customer(id=id, owner=owner))
        desk.assign(id)
    told = desk.explain({"id": "c1"}).to_text().splitlines()
    assert told[-2:] == [
        "  wang: chosen (9 of 10 units)",
        "  li: has 5 of 5 units, and this takes 1; would win at 4",
    ]


def test_who_is_full_and_would_not_be_first_would_be_eligible_with_less(make: Make) -> None:
    agents = [*east("li", capacity={"customers": 1}, level=9), *east("wang", level=1)]
    desk = make('rule "R"\n  assign to team "East" by lowest agent.level', agents)
    desk.reassign(desk.customers.add(Customer(id="c0")).id, "li", actor="x", reason="r")
    assert "li: has 1 of 1 units, and this takes 1; would be eligible at 0" in desk.explain({"id": "c1"}).to_text()


def test_who_is_away_is_eligible_from_a_time(make: Make) -> None:
    agents = [
        *east("shift", shifts="sat 13:30-18:00"),
        *east("leave", leaves=[{"start": NOON - MINUTE, "until": NOON + 90 * MINUTE}]),
        *east("busy"),
    ]
    desk = make('rule "R"\n  assign to team "East"\n  limit 1 per day', agents, zone="Asia/Shanghai")
    assert desk.assign({"id": "c0"}).agent_id == "busy"
    told = desk.explain({"id": "c1"}).to_text()
    assert "shift: is off shift; eligible from 2026-11-28 13:30 +08:00" in told  # it is eight in the evening there
    assert "leave: is on leave; eligible from 2026-11-21 21:30 +08:00" in told
    assert 'busy: has had 1 of 1 today through team "East"; eligible from 2026-11-22 00:00 +08:00' in told
    assert "next worth trying at 2026-11-21 21:30 +08:00" in told


def test_who_declined_is_excluded_until_everyone_has(make: Make) -> None:
    desk = make('rule "R"\n  assign to team "East"\n  accept within 5 minutes', east("li", "wang"))
    first = desk.assign({"id": "c1"})
    second = desk.decline(str(first.offer_id), first.fence or 0, "busy")
    assert second.outcome == "offered"
    assert f"{first.agent_id}: is excluded for this item; excluded until everyone has declined" in second.explain()
    waits = desk.decline(str(second.offer_id), second.fence or 0, "busy too")
    assert waits.explain().count("is excluded for this item; eligible from 2026-11-21 12:05 UTC") == 2


def test_a_relaxation_and_a_later_step_say_when_they_are_due(make: Make) -> None:
    text = """
    rule "R"
      require agent.skills has "law" for 10 minutes
      assign to team "East"
      otherwise after 30 minutes assign to team "West"
    """
    desk = make(text, [*east("li"), Agent(id="wu", teams={"West"})])
    told = desk.assign({"id": "c1"}).explain()
    assert "next worth trying at 2026-11-21 12:10 UTC" in told
    assert "not due until 2026-11-21 12:30 UTC" in told
    assert 'li: does not meet `agent.skills has "law"` (agent.skills is ())' in told


def test_why_not_goes_through_every_reason(make: Make) -> None:
    text = """
    rule "R"
      require agent.level >= 2
      assign to team "East" by least loaded
      limit 1 open
    never assign customers where customer.tier = "VIP" to agents where agent.level < 3
    """
    desk = make(text, east("li", level=3))
    staff = {
        "gone": {"active": False},
        "ill": {"leaves": [{"start": NOON, "until": NOON + MINUTE}]},
        "night": {"shifts": "sat 20:00-23:00"},
        "away": {"presence": "away"},
        "junior": {"level": 1},
        "barred": {"level": 2},
        "full": {"capacity": {"customers": 1}},
        "limited": {},
    }
    for name, facts in staff.items():
        desk.agents.add(Agent(**{"id": name, "teams": {"East"}, "level": 3, **facts}))
    desk.agents.add(Agent(id="west", teams={"West"}, level=3))
    desk.reassign(desk.customers.add(Customer(id="f")).id, "full", actor="x", reason="r")
    edit(desk, "li", active=False)
    assert desk.assign({"id": "first", "tier": "VIP"}).agent_id == "limited"
    edit(desk, "li", active=True)
    told = {name: desk.why_not(name, {"id": "c1", "tier": "VIP"}).to_text() for name in [*staff, "west", "li"]}
    for name, why in {
        "gone": "is not active",
        "ill": "is on leave; eligible from 2026-11-21 12:01 UTC",
        "night": "is off shift; eligible from 2026-11-21 20:00 UTC",
        "away": "is away",
        "junior": "does not meet `agent.level >= 2` (agent.level is 1)",
        "barred": "is barred by `never assign customers where customer.tier",
        "full": "has 1 of 1 units, and this takes 1; would be eligible at 0",
        "limited": 'has had 1 of 1 open through team "East"',
        "west": 'is not in team "East"',
        "li": "li would be chosen",
    }.items():
        assert why in told[name], told[name]


def test_why_nothing_came_today_sums_it_up(make: Make) -> None:
    text = 'rule "R"\n  require agent.level >= customer.score\n  assign to team "East" by least loaded'
    desk = make(
        text, [*east("li", level=2, capacity={"customers": 1}), *east("wang", level=9, capacity={"customers": 50})]
    )
    desk.customers.add(Customer(id="c0", owner="li"))
    desk.assign("c0")
    desk.clock.advance(timedelta(hours=13))  # the next day
    for number, score in enumerate((1, 5, 5, 1)):
        desk.assign({"id": number, "score": score})
    assert desk.why_nothing_today("li").to_text().splitlines() == [
        "li received 0 since 2026-11-22 00:00",
        "no room for customers",
        "passed over 2 times: capacity",
        "passed over 2 times: require",
    ]
    assert desk.why_nothing_today("wang").received == 4
