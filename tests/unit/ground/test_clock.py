"""Clocks: always aware, and still unless they are moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assignkit.clock import Clock, ManualClock, SystemClock
from assignkit.errors import ConfigurationError

MORNING = datetime(2026, 11, 21, 9, tzinfo=UTC)
NAIVE = datetime(2026, 11, 21, 9)  # noqa: DTZ001 - what a clock must refuse


def test_system_clock_tells_the_present_in_utc() -> None:
    clock: Clock = SystemClock()

    before, told, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before <= told <= after
    assert told.tzinfo is UTC


def test_manual_clock_stands_still() -> None:
    clock: Clock = ManualClock(MORNING)

    assert clock.now() == MORNING
    assert clock.now() == MORNING


def test_manual_clock_keeps_the_zone_it_was_given() -> None:
    shanghai = datetime(2026, 11, 21, 17, tzinfo=ZoneInfo("Asia/Shanghai"))

    assert ManualClock(shanghai).now().isoformat() == "2026-11-21T17:00:00+08:00"


def test_advance_adds_up_and_may_go_back() -> None:
    clock = ManualClock(MORNING)

    clock.advance(timedelta(minutes=5))
    clock.advance(timedelta(minutes=10))
    assert clock.now() == MORNING + timedelta(minutes=15)

    clock.advance(timedelta(minutes=-20))
    assert clock.now() == MORNING - timedelta(minutes=5)


def test_set_moves_forwards_and_backwards() -> None:
    clock = ManualClock(MORNING)

    clock.set(MORNING + timedelta(days=1))
    assert clock.now() == MORNING + timedelta(days=1)

    clock.set(MORNING - timedelta(days=1))
    assert clock.now() == MORNING - timedelta(days=1)


def test_a_naive_instant_is_refused_and_changes_nothing() -> None:
    with pytest.raises(ConfigurationError, match=r"aware.*2026-11-21T09:00:00"):
        ManualClock(NAIVE)
    clock = ManualClock(MORNING)
    with pytest.raises(ConfigurationError):
        clock.set(NAIVE)

    assert clock.now() == MORNING


def test_no_advance_is_lost_between_threads() -> None:
    clock = ManualClock(MORNING)

    def advance_often() -> None:
        for _ in range(1000):
            clock.advance(timedelta(seconds=1))

    threads = [Thread(target=advance_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.now() == MORNING + timedelta(seconds=4000)


@pytest.mark.parametrize("by", [None, 5, "1h", timedelta.max, {}], ids=repr)
def test_a_clock_is_advanced_by_a_length_of_time(by: Any) -> None:  # noqa: ANN401 - whatever a test gives
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(ConfigurationError, match="by a timedelta"):
        clock.advance(by)
    assert clock.now() == datetime(2026, 11, 21, tzinfo=UTC)
