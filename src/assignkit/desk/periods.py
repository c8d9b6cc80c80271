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
