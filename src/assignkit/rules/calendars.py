"""Working time: whether an instant is in it, what so much of it later is, and how much lies between two instants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property, lru_cache

from assignkit.errors import ConfigurationError
from assignkit.model.frozen import FrozenDict
from assignkit.rules.moments import local, midnight, zone_named
from assignkit.rules.public_holidays import DayKind, day_kind
from assignkit.rules.terms import Calendar

Interval = tuple[time, time | None]
Stretch = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LONGEST = 366 * 12  # days without an hour of work, after which there is none to come


@dataclass(frozen=True)
class WorkingTime:
    """Weekly hours in a time zone, less public holidays, with days that are different.

    `hours` has for each day of the week, from Monday, its intervals; one ends before `None` at the end of the day.
    `holidays` names places such as `CN` or `DE-BY`; a weekend day on which they work to make up for a holiday has the
    hours of the last working weekday before it, unless the week gives it hours of its own. `overrides` says of single
    days which intervals they have instead, none for a day off; they come before everything else.

    An instant is in working time when a clock in the zone shows a time within an interval of its day: where clocks are
    put forward the time that they skip is no working time, where they are put back the repeated time counts twice.
    """

    hours: Sequence[Sequence[Interval]]
    zone: str = "UTC"
    holidays: tuple[str, ...] = ()
    overrides: Mapping[date, Sequence[Interval]] = field(default_factory=FrozenDict)

    def contains(self, at: datetime) -> bool:
        """Return whether an aware instant is working time; the end of an interval is not."""
        shown = _aware(at).astimezone(self._place)
        clock = shown.time().replace(tzinfo=None)
        return any(start <= clock and (end is None or clock < end) for start, end in self.of_day(shown.date()))

    def add(self, at: datetime, duration: timedelta) -> datetime:
        """Return the first instant, in UTC, by which so much working time has passed since `at`.

        With a negative duration the last one before which so much lies until `at`. No duration gives `at` itself.
        Raises `ConfigurationError` when there is no such instant: the calendar has no working time ahead.
        """
        start = _aware(at).astimezone(UTC)
        if not duration:
            return start
        left = abs(duration)
        for opening, closing in self._ahead(start) if duration > timedelta() else self._back(start):
            worked = closing - opening
            if worked >= left:
                return opening + left if duration > timedelta() else closing - left
            left -= worked
        msg = f"the calendar has no working time {'after' if duration > timedelta() else 'before'} {start.isoformat()}"
        raise ConfigurationError(msg)

    def difference(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two aware instants, negative when `end` is the earlier one."""
        first, last = _aware(start).astimezone(UTC), _aware(end).astimezone(UTC)
        if last < first:
            return -self.difference(last, first)
        total = timedelta()
        for opening, closing in self._ahead(first, until=last):
            total += max(timedelta(), min(closing, last) - opening)
        return total

    def of_day(self, day: date) -> Sequence[Interval]:
        """Return the intervals of a day, as clocks in the zone show them, in order and apart from each other."""
        if day in self.overrides:
            return _joined(self.overrides[day])
        kind = day_kind(day, self.holidays)
        if kind is DayKind.HOLIDAY:
            return ()
        own = self._week[day.weekday()]
        if kind is DayKind.MAKE_UP and not own:
            return next((self._week[each] for each in (4, 3, 2, 1, 0) if self._week[each]), ())
        return own

    @cached_property
    def _place(self) -> tzinfo:
        return zone_named(self.zone)

    @cached_property
    def _week(self) -> tuple[tuple[Interval, ...], ...]:
        return tuple(_joined(day) for day in self.hours)

    def _ahead(self, start: datetime, until: datetime | None = None) -> Iterator[Stretch]:
        for stretch in self._stretches(start, step=_DAY, until=until):
            if stretch[1] > start:
                yield max(stretch[0], start), stretch[1]

    def _back(self, end: datetime) -> Iterator[Stretch]:
        for opening, closing in self._stretches(end, step=-_DAY):
            if opening < end:
                yield opening, min(closing, end)

    def _stretches(self, start: datetime, *, step: timedelta, until: datetime | None = None) -> Iterator[Stretch]:
        """Yield stretches of working time in UTC, day by day; ends where there are none for years."""
        shown = local(start, self._place)
        day = (shown or start).date()
        idle = 0
        while idle < _LONGEST and (until is None or (midnight(day, self._place) or until) < until):
            found = self._of_day_in_utc(day)
            yield from found if step > timedelta() else reversed(found)
            idle = 0 if found else idle + 1
            try:
                day += step
            except OverflowError:
                return

    def _of_day_in_utc(self, day: date) -> list[Stretch]:
        intervals = self.of_day(day)
        if not intervals:
            return []
        begin, end = midnight(day, self._place), _next_midnight(day, self._place)
        if begin is None or end is None or end <= begin:
            return []
        if end - begin == _DAY and begin.astimezone(self._place).utcoffset() == end.astimezone(self._place).utcoffset():
            return [(begin + _since_midnight(opening), begin + _until(closing)) for opening, closing in intervals]
        return self._of_odd_day(intervals, begin, end)

    def _of_odd_day(self, intervals: Sequence[Interval], begin: datetime, end: datetime) -> list[Stretch]:
        """Return the stretches of a day on which clocks are changed, found minute by minute."""
        found: list[Stretch] = []
        at = begin
        while at < end:
            clock = at.astimezone(self._place).time()
            if any(opening <= clock and (closing is None or clock < closing) for opening, closing in intervals):
                if found and found[-1][1] == at:
                    found[-1] = (found[-1][0], at + _MINUTE)
                else:
                    found.append((at, at + _MINUTE))
            at += _MINUTE
        return found


def is_open(at: datetime | None, calendar: Calendar, zone: tzinfo) -> bool | None:
    """Return whether an instant is in the working time of a calendar of the rules; None is missing."""
    shown = local(at, zone)
    if shown is None:
        return None
    clock = shown.time()
    hours = _working_time(calendar, str(zone)).of_day(shown.date())
    return any(start <= clock and (end is None or clock < end) for start, end in hours)


@lru_cache(maxsize=1024)
def _working_time(calendar: Calendar, zone: str) -> WorkingTime:
    return WorkingTime(calendar.hours, zone, calendar.holidays, FrozenDict(calendar.special))


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        msg = f"an instant needs a time zone, got {at.isoformat()}"
        raise ConfigurationError(msg)
    return at


def _joined(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return intervals in order, those that overlap or touch as one."""
    found: list[Interval] = []
    for opening, closing in sorted(intervals, key=lambda each: each[0]):
        if found and (found[-1][1] is None or opening <= found[-1][1]):
            last = found[-1][1]
            found[-1] = (found[-1][0], None if last is None or closing is None else max(last, closing))
        else:
            found.append((opening, closing))
    return tuple(found)


def _next_midnight(day: date, zone: tzinfo) -> datetime | None:
    try:
        return midnight(day + _DAY, zone)
    except OverflowError:
        return None


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


def _until(clock: time | None) -> timedelta:
    return _DAY if clock is None else _since_midnight(clock)
