from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from assignkit import RuleSet, check
from assignkit.errors import ConfigurationError
from assignkit.rules.calendars import WorkingTime

OFFICE = ((time(9), time(12)), (time(13, 30), time(18)))
WEEK = (OFFICE,) * 5 + ((), ())
NIGHT = (((time(0), time(6)), (time(22), None)),) * 7
SHANGHAI = WorkingTime(WEEK, "Asia/Shanghai")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-20T09:00+08:00", True),
        ("2026-11-20T08:59+08:00", False),
        ("2026-11-20T12:00+08:00", False),
        ("2026-11-20T01:00+00:00", True),
        ("2026-11-21T10:00+08:00", False),
        ("2026-11-20T17:59:59.999999+08:00", True),
    ],
)
def test_contains(instant: str, expected: bool) -> None:
    assert SHANGHAI.contains(at(instant)) is expected


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-20T10:00+08:00", 1, "2026-11-20T11:00+08:00"),
        ("2026-11-20T11:00+08:00", 2, "2026-11-20T14:30+08:00"),
        ("2026-11-20T17:00+08:00", 2, "2026-11-23T10:00+08:00"),
        ("2026-11-21T10:00+08:00", 1, "2026-11-23T10:00+08:00"),
        ("2026-11-20T10:00+08:00", 2, "2026-11-20T12:00+08:00"),
        ("2026-11-23T10:00+08:00", -2, "2026-11-20T17:00+08:00"),
        ("2026-11-20T20:00+08:00", 0, "2026-11-20T20:00+08:00"),
        ("2026-11-20T10:00+08:00", 37.5, "2026-11-27T10:00+08:00"),
    ],
)
def test_add(start: str, hours: float, expected: str) -> None:
    assert SHANGHAI.add(at(start), hours * HOUR) == at(expected)


def test_difference_counts_what_lies_between() -> None:
    assert SHANGHAI.difference(at("2026-11-20T17:00+08:00"), at("2026-11-23T10:00+08:00")) == 2 * HOUR
    assert SHANGHAI.difference(at("2026-11-23T10:00+08:00"), at("2026-11-20T17:00+08:00")) == -2 * HOUR
    assert SHANGHAI.difference(at("2026-11-21T00:00+08:00"), at("2026-11-22T00:00+08:00")) == timedelta()


def test_holidays_are_free_and_days_that_make_up_for_them_have_hours() -> None:
    china = WorkingTime(WEEK, "Asia/Shanghai", holidays=("CN",))
    assert not china.contains(at("2026-02-17T10:00+08:00"))  # new year
    assert china.contains(at("2026-02-14T10:00+08:00"))  # a Saturday that makes up for it
    assert not china.contains(at("2026-02-21T10:00+08:00"))
    assert not WorkingTime(WEEK, "Europe/Berlin", holidays=("DE-BY",)).contains(at("2026-01-06T10:00+01:00"))
    assert WorkingTime(WEEK, "Europe/Berlin", holidays=("DE",)).contains(at("2026-01-06T10:00+01:00"))


def test_a_weekend_day_that_makes_up_keeps_hours_of_its_own() -> None:
    saturday = (*WEEK[:5], ((time(10), time(11)),), ())
    china = WorkingTime(saturday, "Asia/Shanghai", holidays=("CN",))
    assert china.of_day(date(2026, 2, 14)) == ((time(10), time(11)),)


def test_overrides_come_first() -> None:
    days = {date(2026, 2, 17): [(time(10), time(11))], date(2026, 11, 20): []}
    desk = WorkingTime(WEEK, "Asia/Shanghai", holidays=("CN",), overrides=days)
    assert desk.contains(at("2026-02-17T10:30+08:00"))
    assert desk.difference(at("2026-11-20T00:00+08:00"), at("2026-11-21T00:00+08:00")) == timedelta()


def test_changes_of_clocks() -> None:
    night = WorkingTime(NIGHT, "America/New_York")
    # 8 March 2026: clocks skip 02:00-03:00; 1 November: 01:00-02:00 comes twice
    assert night.difference(at("2026-03-08T00:00-05:00"), at("2026-03-08T12:00-04:00")) == 5 * HOUR
    assert night.difference(at("2026-11-01T00:00-04:00"), at("2026-11-01T12:00-05:00")) == 7 * HOUR
    assert night.add(at("2026-03-08T00:00-05:00"), 5 * HOUR) == at("2026-03-08T06:00-04:00")


def test_touching_and_overlapping_intervals_count_once() -> None:
    hours = (((time(9), time(12)), (time(11), time(13)), (time(13), time(14))),) * 7
    assert WorkingTime(hours).difference(at("2026-01-05T00:00+00:00"), at("2026-01-06T00:00+00:00")) == 5 * HOUR


def test_no_working_time_is_an_error_and_not_an_endless_search() -> None:
    with pytest.raises(ConfigurationError, match="no working time after"):
        WorkingTime(((),) * 7).add(at("2026-01-05T00:00+00:00"), HOUR)
    with pytest.raises(ConfigurationError, match="no working time before"):
        WorkingTime(((),) * 7).add(at("2026-01-05T00:00+00:00"), -HOUR)
    with pytest.raises(ConfigurationError, match="time zone"):
        SHANGHAI.contains(datetime(2026, 1, 5))  # noqa: DTZ001


def test_ends_of_the_calendar_do_not_break_it() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert isinstance(SHANGHAI.contains(datetime(9999, 12, 31, 1, tzinfo=UTC)), bool)
    with pytest.raises(ConfigurationError):
        WorkingTime(WEEK).add(last, 100 * HOUR)


zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
instants = st.datetimes(datetime(2009, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)


@settings(max_examples=60)
@given(zone=zones, week=st.sampled_from([WEEK, NIGHT]), start=instants, minutes=st.integers(1, 3000))
def test_add_and_difference_are_each_others_inverse(zone: str, week: tuple, start: datetime, minutes: int) -> None:  # type: ignore[type-arg]
    desk = WorkingTime(week, zone)
    duration = timedelta(minutes=minutes)
    end = desk.add(start, duration)
    assert desk.difference(start, end) == duration
    assert desk.contains(end - timedelta(microseconds=1))
    assert desk.difference(desk.add(end, -duration), end) == duration


@settings(max_examples=25)
@given(zone=zones, week=st.sampled_from([WEEK, NIGHT]), start=instants)
def test_difference_counts_the_minutes_that_are_contained(zone: str, week: tuple, start: datetime) -> None:  # type: ignore[type-arg]
    desk = WorkingTime(week, zone)
    minutes = sum(desk.contains(start + timedelta(minutes=n)) for n in range(2880))
    assert desk.difference(start, start + timedelta(days=2)) == timedelta(minutes=minutes)
    assert start.astimezone(ZoneInfo(zone)) == start


@pytest.mark.parametrize(
    ("instant", "works"),
    [
        ("2026-10-01T10:00+08:00", False),  # a day that is closed
        ("2026-10-07T10:00+08:00", False),  # the last one of a stretch
        ("2026-10-08T10:00+08:00", True),
        ("2026-10-10T11:59+08:00", True),  # a Saturday on which they work, also by a line of its own
        ("2026-10-10T12:00+08:00", False),
        ("2026-02-17T10:00+08:00", True),  # a public holiday on which they work nevertheless
    ],
)
def test_days_of_their_own_come_before_the_week_and_holidays(instant: str, *, works: bool) -> None:
    text = """calendar "Office" mon-fri 09:00-18:00 zone "Asia/Shanghai" holidays "CN"
  on 2026-10-01 to 2026-10-07, 2026-12-25 closed
  on 2026-10-10, 2026-02-17 09:00-12:00
rule "Open" when now during calendar "Office" reject "open"
"""
    rules = RuleSet.from_text(text)
    assert (rules.match({}, now=at(instant)) is not None) is works
    assert (rules.explain({}, now=at(instant)).rule == "Open") is works


def test_days_of_their_own_are_bounded() -> None:
    years = "\n".join(f"on {year}-01-01 to {year}-12-31 closed" for year in range(2026, 2040))
    (found,) = [each for each in check(f'calendar "C" mon 09:00-10:00\n{years}\n') if each.severity == "error"]
    assert found.location is not None
    assert (found.code, found.location.line) == ("AK220", 12)
