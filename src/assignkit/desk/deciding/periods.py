"""Calendar periods in the desk's zone: hours, days, weeks from Monday, months."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["hour", "day", "week", "month"]


def period_start(now: datetime, period: Period, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, of the period of `zone` that holds `now`."""
    local = now.astimezone(zone)
    if period == "hour":
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    day = local.date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def period_end(now: datetime, period: Period, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, of the next period of `zone`."""
    start = period_start(now, period, zone)
    if period == "hour":
        return start + timedelta(hours=1)
    # A day may have 23 or 25 hours: step well into the next period, then go back to its start.
    ahead = {"day": timedelta(hours=36), "week": timedelta(days=8), "month": timedelta(days=32)}[period]
    return period_start(start + ahead, period, zone)


def begun(now: datetime, period: Period, zone: str) -> datetime:
    """Return `period_start`; the period that was asked for last in a zone is remembered."""
    last = _LAST.get((period, zone))
    if last is None or not last[0] <= now < last[1]:
        last = _LAST[period, zone] = _span(now, period, ZoneInfo(zone))
    return last[0]


def _span(now: datetime, period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start of the period, and until when it is known to be the start."""
    start, end = period_start(now, period, zone), period_end(now, period, zone)
    # Where clocks jump by half an hour, an hour of the day is shorter or longer than others.
    return (start, end) if period_start(end - timedelta.resolution, period, zone) == start else (start, start)


_LAST: dict[tuple[Period, str], tuple[datetime, datetime]] = {}
