"""Weekly hours: how they are written, what is wrong with a text, and when somebody works around a change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.availability import next_shift_start, on_shift, shift_end
from assignkit.model.shifts import DAYS, Shift, ShiftError, canonical_shifts, hours_of, parse_shifts, spell_shifts

SECOND = timedelta(seconds=1)
NEW_YORK, BEIRUT, SHANGHAI = "America/New_York", "Asia/Beirut", "Asia/Shanghai"


def works(shifts: str, zone: str = SHANGHAI) -> Agent:
    return Agent(id="li", shifts=shifts, zone=zone)


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


# --- the text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("mon-fri 09:00-18:00; sat 10:00-14:00", "mon-fri 09:00-18:00; sat 10:00-14:00"),
        ("Sat 10:00-14:00; MON,tue , Wednesday 9:00-18:00;", "mon-wed 09:00-18:00; sat 10:00-14:00"),
        ("mon-fri 13:30-18:00, 09:00-12:00", "mon-fri 09:00-12:00, 13:30-18:00"),
        ("mon 09:00-10:00; mon 09:00-10:00", "mon 09:00-10:00"),
        ("mon 22:00-06:00", "mon 22:00-06:00"),
        ("mon 22:00-00:00", "mon 22:00-24:00"),
        ("sat-mon 00:00-24:00", "mon 00:00-24:00; sat-sun 00:00-24:00"),
        ("mon, wed, fri 08:00-16:00", "mon 08:00-16:00; wed 08:00-16:00; fri 08:00-16:00"),
        ("周一至周五 9:00～18:00；星期六、周日 10：00—14：00", "mon-fri 09:00-18:00; sat-sun 10:00-14:00"),
        ("mon–fri 09:00–18:00", "mon-fri 09:00-18:00"),
    ],
)
def test_hours_are_kept_in_one_form(text: str, canonical: str) -> None:
    assert works(text).shifts == canonical
    assert canonical_shifts(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "character", "problem"),
    [
        ("", 1, "no hours"),
        (" ; ", 4, "no hours"),
        ("mon", 4, "a time of day is missing"),
        ("09:00-18:00", 1, "a day of the week is missing"),
        ("mon 09:00-18:00; sst 10:00-14:00", 18, "`sst` is no day of the week"),
        ("mon- 09:00-18:00", 6, "a day of the week is missing"),
        ("mon 9-18", 5, "`9` is no time of day"),
        ("mon 09:00", 10, "expected `-` and an end after `09:00`"),
        ("mon 09:00-", 11, "a time of day is missing"),
        ("mon 09:00-09:00", 5, "a shift that ends where it starts"),
        ("mon 24:00-06:00", 5, "begins at 00:00"),
        ("mon 09:60-10:00", 5, "`09:60` is no time of day"),
        ("mon 09:00-24:01", 11, "`24:01` is no time of day"),
        ("mon 09:00-18:00 tue 09:00-18:00", 17, "expected `;` before `tue`"),
        ("mon 09:00-18:000", 11, "`1` is no time"),
        ("mon @ 09:00", 5, "`@` is no time of day"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, character: int, problem: str) -> None:
    with pytest.raises(ShiftError) as caught:
        parse_shifts(text)

    assert caught.value.character == character
    assert problem in caught.value.problem
    assert f"at character {character}, " in str(caught.value)
    assert isinstance(caught.value, ConfigurationError)
    with pytest.raises(ValidationError, match=f"at character {character}, "):
        works(text)


def test_a_list_of_parts_is_the_same_as_one_text() -> None:
    parts = Agent.model_validate({"id": "li", "shifts": ["mon 09:00-18:00", "sat 10:00-14:00"]})

    assert parts.shifts == "mon 09:00-18:00; sat 10:00-14:00"
    assert Agent.model_validate_json(parts.model_dump_json()) == parts


some_shifts = st.builds(
    lambda day, start, length: Shift(day, start, start + length),
    st.integers(0, 6),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60 - 1),
)


@given(st.sets(some_shifts, min_size=1, max_size=8))
def test_what_is_written_is_what_is_read(shifts: set[Shift]) -> None:
    ordered = tuple(sorted(shifts))

    assert parse_shifts(spell_shifts(ordered)) == ordered


@given(st.text(alphabet="montuefri 0129:-;,周一", max_size=20) | st.text(max_size=12))
def test_any_text_is_hours_or_told_with_its_place(text: str) -> None:
    try:
        again = canonical_shifts(text)
    except ShiftError as error:
        assert 1 <= error.character <= len(text) + 1  # noqa: PT017 - either way is right
    else:
        assert parse_shifts(again) == parse_shifts(text)


# --- when somebody works


def test_a_shift_is_from_its_start_to_before_its_end() -> None:
    li = works("sat 10:00-14:00")
    start, end = at("2026-11-21T10:00", SHANGHAI), at("2026-11-21T14:00", SHANGHAI)

    assert [on_shift(li, t) for t in (start - SECOND, start, end - SECOND, end)] == [False, True, True, False]
    assert next_shift_start(li, start - SECOND) == start
    assert next_shift_start(li, start) == start + timedelta(days=7)
    assert (shift_end(li, start), shift_end(li, end)) == (end, None)


def test_hours_are_in_the_agents_zone_or_the_desks() -> None:
    noon = at("2026-11-20T12:00", SHANGHAI)  # a Friday; 05:00 in Berlin
    here, anywhere = works("fri 09:00-18:00"), Agent(id="any", shifts="fri 09:00-18:00")

    assert on_shift(here, noon, zone="Europe/Berlin")
    assert on_shift(anywhere, noon, zone=SHANGHAI)
    assert not on_shift(anywhere, noon, zone="Europe/Berlin")
    assert next_shift_start(anywhere, noon, zone="Europe/Berlin") == at("2026-11-20T09:00", "Europe/Berlin")


def test_who_has_no_shifts_is_always_on_shift() -> None:
    free = Agent(id="free")

    assert on_shift(free, datetime(2026, 11, 21, tzinfo=UTC))
    assert next_shift_start(free, datetime(2026, 11, 21, tzinfo=UTC)) is None
    assert shift_end(free, datetime(2026, 11, 21, tzinfo=UTC)) is None


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    owl = works("sun 22:00-06:00")
    start, end = at("2026-11-22T22:00", SHANGHAI), at("2026-11-23T06:00", SHANGHAI)

    assert [on_shift(owl, t) for t in (start - SECOND, start, end - SECOND, end)] == [False, True, True, False]
    assert not on_shift(owl, at("2026-11-22T05:00", SHANGHAI))
    assert shift_end(owl, at("2026-11-23T01:00", SHANGHAI)) == end
    assert next_shift_start(owl, at("2026-11-23T01:00", SHANGHAI)) == start + timedelta(days=7)


def test_shifts_that_follow_one_another_end_with_the_last() -> None:
    li = works("mon 09:00-12:00, 12:00-15:00, 14:00-18:00; tue 09:00-10:00")

    assert shift_end(li, at("2026-11-23T10:00", SHANGHAI)) == at("2026-11-23T18:00", SHANGHAI)


# --- where clocks change: New York skips 02:00 to 03:00 on 8 March and shows 01:00 to 02:00 twice on 1 November 2026


@pytest.mark.parametrize(
    ("shifts", "day", "zone", "start", "end"),
    [
        # a night over the skipped hour is an hour shorter, over the repeated one an hour longer
        ("sat 22:00-06:00", "2026-03-07", NEW_YORK, "2026-03-08T03:00", "2026-03-08T10:00"),
        ("sat 22:00-06:00", "2026-10-31", NEW_YORK, "2026-11-01T02:00", "2026-11-01T11:00"),
        # a start, or an end, in the skipped hour is the moment at which clocks jump
        ("sun 02:30-06:00", "2026-03-08", NEW_YORK, "2026-03-08T07:00", "2026-03-08T10:00"),
        ("sun 01:00-02:30", "2026-03-08", NEW_YORK, "2026-03-08T06:00", "2026-03-08T07:00"),
        ("sun 02:00-03:00", "2026-03-08", NEW_YORK, None, None),
        # a time that is shown twice is its first showing
        ("sun 01:30-06:00", "2026-11-01", NEW_YORK, "2026-11-01T05:30", "2026-11-01T11:00"),
        ("sat 22:00-01:30", "2026-10-31", NEW_YORK, "2026-11-01T02:00", "2026-11-01T05:30"),
        ("sun 01:15-01:45", "2026-11-01", NEW_YORK, "2026-11-01T05:15", "2026-11-01T05:45"),
        ("sun 01:00-02:00", "2026-11-01", NEW_YORK, "2026-11-01T05:00", "2026-11-01T07:00"),
        # a whole day is as long as that day
        ("sun 00:00-24:00", "2026-03-08", NEW_YORK, "2026-03-08T05:00", "2026-03-09T04:00"),
        ("sun 00:00-24:00", "2026-11-01", NEW_YORK, "2026-11-01T04:00", "2026-11-02T05:00"),
        # Beirut skips 00:00 to 01:00 on 29 March 2026: midnight is the moment of the jump, for both days
        ("sat 18:00-24:00", "2026-03-28", BEIRUT, "2026-03-28T16:00", "2026-03-28T22:00"),
        ("sun 00:00-08:00", "2026-03-29", BEIRUT, "2026-03-28T22:00", "2026-03-29T05:00"),
        ("sun 00:30-08:00", "2026-03-29", BEIRUT, "2026-03-28T22:00", "2026-03-29T05:00"),
        # Lord Howe Island moves by half an hour
        ("sun 02:15-08:00", "2026-10-04", "Australia/Lord_Howe", "2026-10-03T15:30", "2026-10-03T21:00"),
        # and where clocks do not change, nothing happens
        ("sun 02:30-06:00", "2026-03-08", SHANGHAI, "2026-03-07T18:30", "2026-03-07T22:00"),
    ],
)
def test_hours_around_a_change_of_clocks(shifts: str, day: str, zone: str, start: str | None, end: str | None) -> None:
    found = hours_of(canonical_shifts(shifts), zone, date.fromisoformat(day))
    if start is None or end is None:
        assert found == ()
        return
    first, last = at(start), at(end)
    li = works(shifts, zone)

    assert found == ((first, last),)
    assert [on_shift(li, t) for t in (first - SECOND, first, last - SECOND, last)] == [False, True, True, False]
    assert next_shift_start(li, first - SECOND) == first


def test_nobody_has_a_break_while_clocks_show_an_hour_twice() -> None:
    li = works("sun 01:30-05:00", NEW_YORK)
    again = at("2026-11-01T01:10", NEW_YORK, fold=1)

    assert on_shift(li, again)
    assert not on_shift(li, at("2026-11-01T01:10", NEW_YORK))


def test_hours_that_a_change_of_clocks_swallows_come_a_week_later() -> None:
    li = works("sun 02:00-03:00", NEW_YORK)

    assert next_shift_start(li, at("2026-03-07T12:00", NEW_YORK)) == at("2026-03-15T02:00", NEW_YORK)


@settings(max_examples=200)
@given(
    st.sets(some_shifts, min_size=1, max_size=5),
    st.sampled_from(["UTC", SHANGHAI, "Asia/Kathmandu"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 - becomes UTC below
)
def test_where_clocks_never_change_the_clock_on_the_wall_decides(
    shifts: set[Shift], zone: str, naive: datetime
) -> None:
    now = naive.replace(tzinfo=UTC, second=0, microsecond=0)
    li = works(spell_shifts(tuple(shifts)), zone)
    wall = now.astimezone(ZoneInfo(zone))
    minute = wall.weekday() * 24 * 60 + wall.hour * 60 + wall.minute
    week = 7 * 24 * 60
    expected = any((minute - s.weekday * 24 * 60 - s.start) % week < s.end - s.start for s in shifts)

    assert on_shift(li, now) is expected
    assert (shift_end(li, now) is not None) is expected
    start = next_shift_start(li, now)
    assert start is not None
    assert now < start <= now + timedelta(days=7)
    assert on_shift(li, start)


@settings(max_examples=100)
@given(st.sets(some_shifts, min_size=1, max_size=4), st.integers(-72, 72), st.sampled_from([NEW_YORK, BEIRUT]))
def test_around_every_change_starts_are_found_and_begin_a_shift(shifts: set[Shift], hours: int, zone: str) -> None:
    now = at("2026-03-08T07:00" if zone == NEW_YORK else "2026-03-28T22:00") + timedelta(hours=hours)
    li = works(spell_shifts(tuple(shifts)), zone)
    start = next_shift_start(li, now)

    assert start is not None
    assert on_shift(li, start)
    if not on_shift(li, now):
        steps = int((start - now) / timedelta(minutes=30))
        assert not any(on_shift(li, now + n * timedelta(minutes=30)) for n in range(steps))


def test_days_are_in_the_order_of_the_week() -> None:
    assert [parse_shifts(f"{day} 09:00-10:00")[0].weekday for day in DAYS] == list(range(7))
