"""Leaves and presence, and from when somebody is there again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assignkit.model.agent import Agent
from assignkit.model.availability import (
    available_from,
    next_leave_start,
    on_leave,
    on_shift,
    presence_until,
    present,
)
from assignkit.model.leaves import Leave

SECOND = timedelta(seconds=1)
SHANGHAI = "Asia/Shanghai"


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def away(leaves: Any, **facts: Any) -> Agent:  # noqa: ANN401 - whatever a host hands over
    return Agent.model_validate({"id": "li", "zone": SHANGHAI, "leaves": leaves, **facts})


# --- leaves


@pytest.mark.parametrize(
    ("given", "start", "until", "policy", "cover"),
    [
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 24), "keep", None),
        ("2026-12-24 to 2026-12-31", date(2026, 12, 24), date(2026, 12, 31), "keep", None),
        ("2026-12-24..2026-12-31 move", date(2026, 12, 24), date(2026, 12, 31), "move", None),
        ("2026-12-24至2026-12-31", date(2026, 12, 24), date(2026, 12, 31), "keep", None),
        ("2026-12-24 to 2026-12-31 cover wang li", date(2026, 12, 24), date(2026, 12, 31), "cover", "wang li"),
        ("2026-12-24 cover", date(2026, 12, 24), date(2026, 12, 24), "cover", None),
        ({"from": "2026-12-24", "until": "2026-12-25"}, date(2026, 12, 24), date(2026, 12, 25), "keep", None),
        (date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 24), "keep", None),
        (
            "2026-12-24T09:00+08:00 to 2026-12-24T12:00+08:00",
            at("2026-12-24T09:00"),
            at("2026-12-24T12:00"),
            "keep",
            None,
        ),
        ("2026-12-24T12:00+08:00 to 2026-12-31", at("2026-12-24T12:00"), date(2026, 12, 31), "keep", None),
    ],
)
def test_leaves_are_read(given: object, start: object, until: object, policy: str, cover: str | None) -> None:
    (leave,) = away(given).leaves

    assert (leave.start, leave.until, leave.policy, leave.cover) == (start, until, policy, cover)
    assert away([given]).leaves == (leave,)
    assert Agent.model_validate_json(away(given).model_dump_json()).leaves == (leave,)


def test_several_leaves_are_separated_by_semicolons() -> None:
    assert [leave.start for leave in away("2026-12-24; 2027-02-17 to 2027-02-20；").leaves] == [
        date(2026, 12, 24),
        date(2027, 2, 17),
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("2026-12-24 to 2026-12-23", "ends before it starts"),
        ("2026-12-24T09:00+08:00 to 2026-12-24T09:00+08:00", "ends before it starts"),
        ("2026-12-24T09:00+08:00 to 2026-12-23", "ends before it starts"),
        ("tomorrow", "date"),
        ("2026-12-24 to 2026-12-31 fly", "leaves like"),
        ("2026-12-24 move li", "`li` covers nothing"),
        ("2026-12-24T09:30 to 2026-12-31", "timezone"),
        ({"from": "2026-12-24", "til": "2026-12-25"}, "til"),
        ({"until": "2026-12-25"}, "start"),
        ({"from": "2026-12-24T09:00+08:00"}, "until"),
        (7, "leaves"),
    ],
)
def test_what_is_no_leave_is_refused(given: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        away(given)


def test_a_day_of_leave_is_a_whole_day_in_the_agents_zone() -> None:
    li = away("2026-12-24 to 2026-12-25")
    start, end = at("2026-12-24T00:00"), at("2026-12-26T00:00")

    assert [on_leave(li, t) is not None for t in (start - SECOND, start, end - SECOND, end)] == [
        False,
        True,
        True,
        False,
    ]
    assert next_leave_start(li, start - SECOND) == start
    assert next_leave_start(li, start) is None


def test_of_several_leaves_the_next_one_is_the_first_to_begin() -> None:
    li = away("2026-12-31; 2026-12-24; 2026-12-28")

    starts = [next_leave_start(li, at(f"2026-12-{day}T12:00")) for day in (23, 24, 28, 31)]
    assert starts == [at("2026-12-24T00:00"), at("2026-12-28T00:00"), at("2026-12-31T00:00"), None]


def test_a_leave_over_a_change_of_clocks_ends_at_midnight() -> None:
    li = away("2026-03-08", zone="America/New_York")

    assert on_leave(li, at("2026-03-08T23:59:59", "America/New_York"))
    assert on_leave(li, at("2026-03-09T00:00", "America/New_York")) is None
    leave = li.leaves[0]
    assert leave.ends_at("America/New_York") - leave.starts_at("America/New_York") == timedelta(hours=23)


def test_of_several_leaves_the_one_that_ends_last_counts() -> None:
    li = away("2026-12-24 to 2026-12-25 keep; 2026-12-25 to 2026-12-31 move")

    assert [leave and leave.policy for leave in (on_leave(li, at(f"2026-12-{day}T12:00")) for day in (24, 25))] == [
        "keep",
        "move",
    ]


# --- presence


@pytest.mark.parametrize(
    ("facts", "ttl", "there"),
    [
        ({}, None, True),
        ({}, 60, True),
        ({"presence": "online"}, None, True),
        ({"presence": "online"}, 60, True),
        ({"presence": "away"}, None, False),
        ({"presence": "offline"}, 60, False),
        ({"presence": "online", "seconds_ago": 59.999999}, 60, True),
        ({"presence": "online", "seconds_ago": 60}, 60, False),
        ({"presence": "online", "seconds_ago": 10**6}, None, True),
        ({"presence": "online", "seconds_ago": 45, "presence_seconds": 30}, 60, False),
        ({"presence": "online", "seconds_ago": 45, "presence_seconds": 30}, None, False),
        ({"presence": "online", "seconds_ago": 75, "presence_seconds": 90}, 60, True),
        ({"presence": "away", "seconds_ago": 1, "presence_seconds": 90}, 60, False),
    ],
)
def test_presence_has_a_time_to_live(facts: dict[str, Any], ttl: int | None, there: bool) -> None:
    now = at("2026-11-21T12:00")
    ago = facts.pop("seconds_ago", None)
    if ago is not None:
        facts["presence_at"] = now - timedelta(seconds=ago)
    li = Agent(id="li", **facts)
    lives = None if ttl is None else timedelta(seconds=ttl)

    assert present(li, now, lives) is there
    until = presence_until(li, lives)
    if until is not None:
        assert present(li, until - SECOND, lives)
        assert not present(li, until, lives)


def test_a_time_to_live_is_positive() -> None:
    with pytest.raises(ValidationError, match="presence_seconds"):
        Agent(id="li", presence_seconds=0)


# --- all together


def test_who_returns_from_leave_is_there_from_the_next_shift_on() -> None:
    li = away("2026-11-23 to 2026-11-25; 2026-11-26", shifts="mon-fri 09:00-18:00")  # Monday to Wednesday, Thursday

    assert available_from(li, at("2026-11-22T12:00")) == at("2026-11-27T09:00")
    assert available_from(li, at("2026-11-20T17:00")) == at("2026-11-20T17:00")
    assert available_from(li, at("2026-11-20T18:00")) == at("2026-11-27T09:00")


def test_who_has_neither_shifts_nor_leaves_is_there_now() -> None:
    now = at("2026-11-22T12:00")

    assert available_from(Agent(id="li"), now) == now


def test_hours_of_a_leave_may_end_within_a_shift() -> None:
    li = away("2026-11-23T09:00+08:00 to 2026-11-23T13:30+08:00", shifts="mon 09:00-18:00")

    assert available_from(li, at("2026-11-23T08:00")) == at("2026-11-23T13:30")


days = st.dates(date(2026, 11, 1), date(2026, 11, 20))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(days, days).map(sorted), max_size=4), st.sampled_from([None, "mon-thu 09:00-12:00"]))
def test_availability_is_the_first_hour_without_leave_and_on_shift(spans: list[list[date]], shifts: str | None) -> None:
    li = away([Leave(start=first, until=last) for first, last in spans], shifts=shifts)
    hour = datetime(2026, 11, 1, tzinfo=UTC)
    hours = (hour + timedelta(hours=n) for n in range(24 * 40))

    assert available_from(li, hour) == next(t for t in hours if on_shift(li, t) and on_leave(li, t) is None)
