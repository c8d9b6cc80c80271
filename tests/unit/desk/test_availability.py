"""Who is kept away, by which reason, until when; at the second around every edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assignkit import Agent, ConfigurationError, Decision, NotFoundError
from assignkit.errors import ConflictError, IdempotencyError, InvalidTransitionError
from tests.unit.desk.making import NOON, OpenDesk, east, edit, holders, state_of

Make = Callable[..., OpenDesk]
SECOND = timedelta(seconds=1)
MON_FRI = "mon-fri 09:00-18:00"
REQUIRING = (
    'rule "East"\n  require agent.skills has "law"\n  assign to team "East" by round robin\n  limit 1 per day\n'
    "never assign customers to agents where agent.level < 2"
)
ALL_WRONG = {
    "active": False,
    "leaves": "2026-11-21",
    "shifts": MON_FRI,
    "presence": "away",
    "skills": {},
    "level": 1,
    "capacity": {"customers": 1},
}


def test_the_first_reason_in_order_is_told(make: Make) -> None:
    desk = make(REQUIRING, east("li", level=3, skills={"law": 1}, capacity={"customers": 1}))
    desk.assign({"id": "c0"})  # li is full, and has reached the limit
    edit(desk, "li", **Agent(id="li", **ALL_WRONG).model_dump(include=set(ALL_WRONG)) | {"leaves": _leaves()})
    mended = [
        ("inactive", {"active": True}),
        ("on_leave", {"leaves": ()}),
        ("off_shift", {"shifts": None}),
        ("away", {"presence": None}),
        ("require", {"skills": {"law": 1}}),
        ("guard", {"level": 2}),
        ("capacity", {"capacity": {}}),
        ("limit", {}),
    ]
    for number, (code, facts) in enumerate(mended):
        assert desk.assign({"id": f"c{number + 1}"}).reasons == (code,)
        edit(desk, "li", **facts)


def _leaves() -> tuple[object, ...]:
    return Agent(id="x", leaves="2026-11-21").leaves


def test_who_is_off_shift_stays_in_line_and_loses_no_turn(make: Make) -> None:
    desk = make(agents=[*east("a", "b"), *east("night", shifts="sat 22:00-23:00")])
    first = holders(desk.assign({"id": f"c{n}"}) for n in range(4))
    assert sorted(map(str, first)) == ["a", "a", "b", "b"]
    desk.clock.set(NOON.replace(hour=22))
    late = holders(desk.assign({"id": f"d{n}"}) for n in range(6))
    assert {who: late.count(who) for who in set(late)} == {"a": 2, "b": 2, "night": 2}


@pytest.mark.parametrize(
    ("facts", "back", "code"),
    [
        ({"shifts": "sat 13:30-18:00"}, NOON + timedelta(minutes=90), "off_shift"),
        ({"leaves": "2026-11-21"}, NOON + timedelta(hours=12), "on_leave"),
        ({"leaves": "2026-11-21", "shifts": "sun 08:00-09:00"}, NOON + timedelta(hours=20), "on_leave"),
        ({"shifts": "sat 21:30-22:00", "zone": "Asia/Shanghai"}, NOON + timedelta(minutes=90), "off_shift"),
    ],
)
def test_an_item_waits_for_the_shift_to_begin(make: Make, facts: dict[str, str], back: datetime, code: str) -> None:
    desk = make(agents=east("li", **facts))
    waits = desk.assign({"id": "c1"})
    assert (waits.reasons, waits.next_retry_at) == ((code,), back)
    assert f"eligible from {back:%Y-%m-%d %H:%M} UTC" in waits.explain()
    desk.clock.advance(back - NOON - SECOND)
    assert desk.tick() == []
    desk.clock.advance(SECOND)
    assert holders(desk.tick()) == ["li"]


def test_the_first_who_comes_back_is_waited_for(make: Make) -> None:
    desk = make(agents=[*east("late", shifts="sat 20:00-21:00"), *east("soon", shifts="sat 13:00-14:00")])
    assert desk.assign({"id": "c1"}).next_retry_at == NOON + timedelta(hours=1)


# --- presence


def test_presence_lives_as_long_as_it_says(make: Make) -> None:
    desk = make(agents=east("li"))
    saved = desk.set_presence("li", "online", ttl=timedelta(minutes=1))
    assert (saved.presence, saved.presence_at, saved.presence_seconds) == ("online", NOON, 60)
    assert saved.signed_on_at == NOON
    desk.clock.advance(timedelta(minutes=1) - SECOND)
    assert desk.assign({"id": "c1"}).agent_id == "li"
    desk.set_presence("li", "online", ttl=timedelta(minutes=1))  # a heartbeat
    desk.clock.advance(timedelta(minutes=1) - SECOND)
    assert desk.assign({"id": "c2"}).agent_id == "li"
    desk.clock.advance(SECOND)
    waits = desk.assign({"id": "c3"})
    assert (waits.reasons, waits.next_retry_at) == (("away",), None)
    assert desk.tick() == []


def test_who_comes_online_gets_the_best_that_waits(make: Make) -> None:
    text = 'rule "East"\n  urgency customer.score\n  assign to team "East"'
    desk = make(text, east("li", presence="offline", capacity={"customers": 1}))
    for name, score in (("low", 1), ("high", 9), ("mid", 5)):
        assert desk.assign({"id": name, "score": score}).outcome == "waiting"
    desk.set_presence("li", "online")
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["high"]
    assert desk.complete("high").outcome == "done"
    assert [place.item_id for place in desk.store.placements.of_agent("li")] == ["mid"]


def test_changes_of_presence_are_told_and_heartbeats_are_not(make: Make) -> None:
    desk = make(agents=east("li"))
    for state in ("online", "online", "away", "away", "online"):
        desk.set_presence("li", state, actor="app")
    told = desk.store.history.of_item("agents", "li")
    assert [(event.type, event.facts["presence"], event.actor) for event in told] == [
        ("presence", "online", "app"),
        ("presence", "away", "app"),
        ("presence", "online", "app"),
    ]


def test_bad_presence_changes_nothing(make: Make) -> None:
    desk = make(agents=east("li"))
    desk.set_presence("li", "online", key="k")
    before = state_of(desk.store)
    with pytest.raises(NotFoundError):
        desk.set_presence("who", "online")
    with pytest.raises(ConfigurationError, match="online, away or offline"):
        desk.set_presence("li", "asleep")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="time to live"):
        desk.set_presence("li", "online", ttl=timedelta())
    with pytest.raises(IdempotencyError):
        desk.set_presence("li", "away", key="k")
    assert desk.set_presence("li", "online", key="k").presence == "online"
    assert state_of(desk.store) == before


# --- completion


def test_completion_gives_the_load_back_once(make: Make) -> None:
    desk = make(agents=east("li", capacity={"customers": 2}))
    desk.assign({"id": "c1", "effort": 2})
    done = desk.complete("c1", actor="li", reason="won", key="k")
    assert (done.outcome, done.fence, desk.store.loads.find("li", "customers").load) == ("done", 2, 0)
    assert desk.complete("c1", actor="li", reason="won", key="k") == done
    before = state_of(desk.store)
    for wrong in (lambda: desk.complete("c1"), lambda: desk.assign("c1")):
        with pytest.raises(InvalidTransitionError, match="done"):
            wrong()
    assert state_of(desk.store) == before
    assert desk.assign("c1", force=True).agent_id == "li"
    assert [event.type for event in desk.history("c1")] == ["assigned", "completed", "assigned"]


def test_who_held_it_before_cannot_complete_it(make: Make) -> None:
    desk = make(agents=east("li", "wang"))
    first = desk.assign({"id": "c1"})
    other = {"li": "wang", "wang": "li"}[str(first.agent_id)]
    moved = desk.reassign("c1", other, actor="boss", reason="r")
    with pytest.raises(ConflictError, match="fence"):
        desk.complete("c1", fence=first.fence)
    assert desk.store.placements.of_agent(other)[0].fence == moved.fence
    assert desk.complete("c1", fence=moved.fence).outcome == "done"


# --- a day in three zones, over midnight and a change of clocks


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "shifts", "starts", "ends"),
    [
        # New York puts its clocks back at 02:00 on 1 November 2026: a night shift is an hour longer.
        ("America/New_York", "sat 22:00-06:00", "2026-10-31T22:00", "2026-11-01T06:00"),
        # Berlin puts them forward at 02:00 on 29 March 2026: what would begin at 02:30 begins at 03:00.
        ("Europe/Berlin", "sun 02:30-05:00", "2026-03-29T03:00", "2026-03-29T05:00"),
        ("Asia/Shanghai", "fri 22:00-02:00", "2026-11-20T22:00", "2026-11-21T02:00"),
        # The other way round: an hour less in New York, an hour more in Berlin.
        ("America/New_York", "sat 22:00-06:00", "2026-03-07T22:00", "2026-03-08T06:00"),
        ("America/New_York", "sun 02:30-05:00", "2026-03-08T03:00", "2026-03-08T05:00"),
        ("Europe/Berlin", "sat 22:00-06:00", "2026-10-24T22:00", "2026-10-25T06:00"),
        ("Asia/Shanghai", "sat 00:00-24:00", "2026-11-21T00:00", "2026-11-22T00:00"),
        ("Europe/Berlin", "sun 00:00-24:00", "2026-10-25T00:00", "2026-10-26T00:00"),
        ("America/New_York", "sun 00:00-24:00", "2026-03-08T00:00", "2026-03-09T00:00"),
    ],
)
def test_a_shift_begins_and_ends_where_people_expect_it(
    make: Make, zone: str, shifts: str, starts: str, ends: str
) -> None:
    begins, over = at(starts, zone), at(ends, zone)

    def reason(moment: datetime) -> tuple[str, ...]:
        desk = make(agents=east("li", shifts=shifts, zone=zone), at=moment)
        return desk.assign({"id": "c1"}).reasons

    assert [reason(begins - SECOND), reason(begins), reason(over - SECOND), reason(over)] == [
        ("off_shift",),
        (),
        (),
        ("off_shift",),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-11-01", 25),
        ("America/New_York", "2026-03-08", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Asia/Shanghai", "2026-11-01", 24),
    ],
)
def test_a_daily_limit_begins_anew_at_midnight_in_the_desks_zone(make: Make, zone: str, day: str, hours: int) -> None:
    midnight = at(f"{day}T00:00", zone)
    desk = make('rule "R"\n  assign to team "East"\n  limit 1 per day', east("li"), zone=zone, at=midnight - SECOND)
    assert desk.assign({"id": "c1"}).agent_id == "li"
    waits = desk.assign({"id": "c2"})
    assert (waits.reasons, waits.next_retry_at) == (("limit",), midnight)
    desk.clock.advance(SECOND)
    assert holders(desk.tick()) == ["li"]
    next_day = midnight + timedelta(hours=hours)
    assert desk.assign({"id": "c3"}).next_retry_at == next_day
    desk.clock.advance(timedelta(hours=hours) - SECOND)
    assert desk.tick() == []
    desk.clock.advance(SECOND)
    assert holders(desk.tick()) == ["li"]


def test_a_simulated_day_gives_each_hour_to_whose_shift_it_is(make: Make) -> None:
    """The sun never sets: every hour of the day on which New York changes its clocks has somebody on shift."""
    zones = {"tokyo": "Asia/Tokyo", "berlin": "Europe/Berlin", "york": "America/New_York"}
    agents = [Agent(id=name, teams={"East"}, zone=zone, shifts="mon-sun 08:00-16:00") for name, zone in zones.items()]
    desk = make('rule "R"\n  assign to team "East" by longest idle', agents, at=at("2026-10-31T00:00", "UTC"))
    day: list[Decision] = []
    for number in range(48 * 60 // 20):
        day.append(desk.assign({"id": number}))
        for name, zone in zones.items():
            hour = desk.clock.now().astimezone(ZoneInfo(zone)).hour
            assert day[-1].agent_id != name or 8 <= hour < 16
        desk.clock.advance(timedelta(minutes=20))
    assert {decision.agent_id for decision in day} == {*zones, None}
