from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assignkit.errors import ConfigurationError
from assignkit.rules import moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # Sunday 00:30 in Shanghai, Saturday in UTC


def test_a_day_begins_at_midnight_in_the_zone() -> None:
    assert moments.midnight(date(2026, 11, 21), SHANGHAI) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert moments.midnight(None, SHANGHAI) is None
    assert moments.midnight(date.min, SHANGHAI) == datetime.min.replace(tzinfo=UTC)


def test_where_clocks_skip_midnight_the_day_begins_after_the_gap() -> None:
    assert moments.midnight(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo")) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_hours_and_weekdays_are_those_of_the_zone() -> None:
    assert (moments.hour(AT, SHANGHAI), moments.hour(AT, UTC)) == (0, 16)
    assert (moments.weekday(AT, SHANGHAI), moments.weekday(AT, UTC)) == (7, 6)
    assert moments.weekday(date(2026, 11, 23), SHANGHAI) == 1
    assert moments.hour(None, UTC) is None
    assert moments.weekday(None, UTC) is None


def test_days_since_count_24_hours_or_dates() -> None:
    assert moments.days_since(AT - timedelta(hours=47), AT, UTC) == 1
    assert moments.days_since(AT + timedelta(hours=1), AT, UTC) == -1
    assert moments.days_since(date(2026, 11, 21), AT, UTC) == 0
    assert moments.days_since(date(2026, 11, 21), AT, SHANGHAI) == 1
    assert moments.days_since(None, AT, UTC) is None
    assert moments.days_since(AT, None, UTC) is None


def test_moving_stays_within_the_calendar() -> None:
    assert moments.shifted(AT, timedelta(days=-999_999)) == datetime.min.replace(tzinfo=UTC)
    assert moments.shifted(AT, timedelta(days=9_999_999)) == datetime.max.replace(tzinfo=UTC)
    assert moments.shifted(None, timedelta(1)) is None


def test_instants_without_a_zone_and_unknown_zones_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="time zone"):
        moments.aware(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ConfigurationError, match="Mars"):
        moments.zone_named("Mars")
    assert moments.aware(datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK)) == datetime(
        2026, 11, 1, 6, 30, tzinfo=UTC
    )
