"""What can be done with dates and instants, in the desk's zone. None is missing; instants are in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """Return the time zone of this name; raises `ConfigurationError` if there is none."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        msg = say("meaning.zones_like", zone=name)
        raise ConfigurationError(msg) from error


def aware(now: datetime) -> datetime:
    """Return the instant in UTC; raises `ConfigurationError` for one without a zone."""
    given: object = now
    if not isinstance(given, datetime):
        msg = f"`now` is an instant, a datetime with a time zone, not {given!r}"
        raise ConfigurationError(msg)
    if given.tzinfo is UTC:
        return given
    if given.utcoffset() is None:
        msg = f"`now` needs a time zone, got {given.isoformat()}"
        raise ConfigurationError(msg)
    return given.astimezone(UTC)


def shifted(at: datetime | None, by: timedelta) -> datetime | None:
    """Return the instant moved by a duration, held within the calendar."""
    if at is None:
        return None
    try:
        return at + by
    except OverflowError:
        return _FIRST if by < timedelta() else _LAST


def midnight(day: date | None, zone: tzinfo) -> datetime | None:
    """Return the instant at which the day begins in the zone; where clocks skip midnight, the first instant after."""
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return _FIRST if day.year == 1 else _LAST


def local(at: datetime | None, zone: tzinfo) -> datetime | None:
    """Return the instant as clocks in the zone show it."""
    if at is None:
        return None
    try:
        return at.astimezone(zone)
    except OverflowError:
        return None


def hour(at: datetime | None, zone: tzinfo) -> int | None:
    """Return the hour of the day, 0 to 23."""
    shown = local(at, zone)
    return None if shown is None else shown.hour


def weekday(at: date | None, zone: tzinfo) -> int | None:
    """Return the day of the week, 1 (Monday) to 7 (Sunday), as ISO 8601 counts."""
    shown = local(at, zone) if isinstance(at, datetime) else at
    return None if shown is None else shown.isoweekday()


def days_since(at: date | None, now: datetime | None, zone: tzinfo) -> int | None:
    """Return the whole days from `at` until now, negative for what is to come.

    From an instant, days of 24 hours; from a date, dates of the calendar in the zone.
    """
    if at is None or now is None:
        return None
    if isinstance(at, datetime):
        return (now - at).days
    today = local(now, zone)
    return None if today is None else (today.date() - at).days
