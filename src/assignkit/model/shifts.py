"""Weekly hours: `mon-fri 09:00-18:00; sat 10:00-14:00`, in one time zone, over days on which clocks change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple, Never
from zoneinfo import ZoneInfo

from assignkit.errors import ConfigurationError
from assignkit.messages.text import spelled_out

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "mon-fri 09:00-18:00; sat 10:00-14:00"

_DAY = 24 * 60
_WEEK = 7
_SECOND = timedelta(seconds=1)
_SEARCHED_DAYS = 16  # a weekly shift may fall into an hour, or a day, that the clocks skip

_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES: Mapping[str, int] = MappingProxyType(
    {
        **{name: day for names in (DAYS, _LONG) for day, name in enumerate(names)},
        "tues": 1,
        "thur": 3,
        "thurs": 3,
        **{start + sign: day for start in ("周", "星期", "礼拜") for day, sign in enumerate("一二三四五六日")},
        **{start + "天": 6 for start in ("周", "星期", "礼拜")},
    }
)
# What a Chinese keyboard or a word processor types, as one character for another, so that places stay.
_PLAIN = str.maketrans({"、": ",", "–": "-", "—": "-", "−": "-", "～": "-", "~": "-", "至": "-"})
_TOKEN = re.compile(r"\s*(?:(?P<time>\d{1,2}:\d{2})(?!\d)|(?P<word>[^\W\d_]+)|(?P<sign>[-,;])|(?P<other>\S))")


class Shift(NamedTuple):
    """Hours that begin on one weekday (0 is Monday): minutes from its midnight; `end` is beyond 1440 overnight."""

    weekday: int
    start: int
    end: int


class Interval(NamedTuple):
    """A stretch of time in UTC, without its end."""

    start: datetime
    end: datetime


class ShiftError(ConfigurationError):
    """A text is not weekly hours: `problem` says why, `character` (from 1) where."""

    problem: str
    character: int

    def __init__(self, *, problem: str, character: int) -> None:
        super().__init__(
            f"weekly hours like `{EXAMPLE}`: at character {character}, {problem}", problem=problem, character=character
        )
        del self.facts["message"]


@lru_cache(maxsize=4096)
def parse_shifts(text: str) -> tuple[Shift, ...]:
    """Return the shifts that a text names, sorted by weekday and time, each once.

    Parts are separated by `;`. A part is days (`mon-fri`, `sat, sun`, `fri-mon`) and their hours (`09:00-12:00,
    13:00-17:00`). Hours whose end is not after their start end on the next day. Day names are English or Chinese.
    Raises `ShiftError` for anything else, for hours that end where they start, and for a text without hours.
    """
    return tuple(sorted(set(_Reader(text).shifts())))


def spell_shifts(shifts: tuple[Shift, ...]) -> str:
    """Return the text of the shifts in its one canonical form.

    >>> spell_shifts(parse_shifts("Sat 10:00–14:00; mon,tue,wed 9:00-18:00"))
    'mon-wed 09:00-18:00; sat 10:00-14:00'
    """
    hours = {day: tuple((s.start, s.end) for s in shifts if s.weekday == day) for day in range(_WEEK)}
    parts = []
    for worked, days in groupby(range(_WEEK), key=hours.__getitem__):
        first, *others = days
        if worked:
            span = f"{DAYS[first]}-{DAYS[others[-1]]}" if others else DAYS[first]
            parts.append(f"{span} {', '.join(f'{_clock(start)}-{_clock(end)}' for start, end in worked)}")
    return "; ".join(parts)


def canonical_shifts(text: str) -> str:
    """Return the text in its canonical form, or raise `ShiftError`."""
    return spell_shifts(parse_shifts(text))


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes <= _DAY else minutes - _DAY, 60)
    return f"{hour:02}:{minute:02}"


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


class _Reader:
    """Reads one text from left to right; the first thing that does not fit is told."""

    def __init__(self, text: str) -> None:
        # Character by character, so that a place in the plain text is the same place in the given one.
        wide = "".join(plain if len(plain := unicodedata.normalize("NFKC", c)) == 1 else c for c in text)
        self._tokens = list(_tokens(wide.translate(_PLAIN)))
        self._next = 0

    def shifts(self) -> Iterator[Shift]:
        found = False
        while self._peek().kind != "end":
            if self._accept(";"):
                continue
            yield from self._part()
            found = True
        if not found:
            self._refuse("there are no hours", help="leave it out for somebody who is always on shift")

    def _part(self) -> Iterator[Shift]:
        days = self._days()
        while True:
            start, end = self._hours()
            for day in days:
                yield Shift(day, start, end)
            if not self._accept(","):
                break
        if self._peek().kind != "end" and self._peek().text != ";":
            self._refuse(f"expected `;` before `{self._peek().text}`")

    def _days(self) -> list[int]:
        days = self._day_range()
        while self._peek().kind == "word" or self._peek().text == ",":
            self._accept(",")
            days += self._day_range()
        return days

    def _day_range(self) -> list[int]:
        first = self._day()
        if not self._accept("-"):
            return [first]
        return [(first + step) % _WEEK for step in range((self._day() - first) % _WEEK + 1)]

    def _day(self) -> int:
        token = self._peek()
        day = _NAMES.get(token.text.lower())
        if day is None:
            said = f"`{token.text}` is no day of the week" if token.kind == "word" else "a day of the week is missing"
            self._refuse(said, help=f"days are {', '.join(DAYS)}")
        self._next += 1
        return day

    def _hours(self) -> tuple[int, int]:
        first = self._peek()
        start = self._time()
        if not self._accept("-"):
            self._refuse(f"expected `-` and an end after `{first.text}`")
        end = self._time()
        if start == _DAY:
            self._refuse("a day begins at 00:00, not at 24:00", at=first)
        if start == end:
            self._refuse(
                f"a shift that ends where it starts, at {first.text}", at=first, help="a whole day is 00:00-24:00"
            )
        return start, end if end > start else end + _DAY

    def _time(self) -> int:
        token = self._peek()
        if token.kind != "time":
            said = f"`{token.text}` is no time of day" if token.text else "a time of day is missing"
            self._refuse(said, help="times look like 09:00")
        hour, minute = map(int, token.text.split(":"))
        if minute >= 60 or hour * 60 + minute > _DAY:  # noqa: PLR2004 - minutes of an hour
            self._refuse(f"`{token.text}` is no time of day", help="from 00:00 to 24:00")
        self._next += 1
        return hour * 60 + minute

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _accept(self, sign: str) -> bool:
        accepted = self._peek().text == sign
        self._next += accepted
        return accepted

    def _refuse(self, problem: str, *, at: _Token | None = None, help: str | None = None) -> Never:
        advice = f" ({help})" if help else ""
        raise ShiftError(problem=spelled_out(f"{problem}{advice}"), character=(at or self._peek()).start + 1)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        yield _Token(kind, match[kind], match.start(kind))
    yield _Token("end", "", len(text))


@lru_cache(maxsize=2**14)
def hours_of(text: str, zone: str, day: date) -> tuple[Interval, ...]:
    """Return when the shifts that begin on one day of the zone's calendar begin and end, in order of their starts.

    A time that clocks show twice is its first showing; a time that they skip is the moment of the jump. So whoever
    works across a change of clocks works on without a break, an hour longer or shorter, and hours that are skipped
    altogether are left out.
    """
    found = []
    for shift in parse_shifts(text):
        if shift.weekday == day.weekday():
            start, end = (instant_of(day, minutes, zone) for minutes in (shift.start, shift.end))
            if start < end:
                found.append(Interval(start, end))
    return tuple(found)


def instant_of(day: date, minutes: int, zone: str) -> datetime:
    """Return the instant at which clocks in the zone first show, or jump over, so many minutes after midnight."""
    where = ZoneInfo(zone)
    shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
    at = shown.replace(tzinfo=where).astimezone(UTC)
    if at.astimezone(where).replace(tzinfo=None) == shown:
        return at
    return _jump(shown.replace(tzinfo=where, fold=1).astimezone(UTC), at, where)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second, after `before` and not after `after`, at which the zone's offset changes."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after


def shift_at(text: str, zone: str, now: datetime) -> Interval | None:
    """Return the shift that is on now, the one that ends last if several are; None between shifts."""
    # In UTC, because the two showings of a time are equal, and have one hash, in a zone of their own.
    return _shift_at(text, zone, now.astimezone(UTC))


def next_start(text: str, zone: str, now: datetime) -> datetime | None:
    """Return the first start of a shift after now, in UTC; None if there is none in the next two weeks."""
    return _next_start(text, zone, now.astimezone(UTC))


# One decision asks this of many agents who work the same hours, so that answers are kept for a while.
@lru_cache(maxsize=2**12)
def _shift_at(text: str, zone: str, now: datetime) -> Interval | None:
    today = now.astimezone(ZoneInfo(zone)).date()
    on = [
        interval
        for day in (today - timedelta(days=1), today)
        for interval in hours_of(text, zone, day)
        if interval.start <= now < interval.end
    ]
    return max(on, key=lambda interval: interval.end) if on else None


@lru_cache(maxsize=2**12)
def _next_start(text: str, zone: str, now: datetime) -> datetime | None:
    today = now.astimezone(ZoneInfo(zone)).date()
    for ahead in range(_SEARCHED_DAYS):
        starts = [at.start for at in hours_of(text, zone, today + timedelta(days=ahead)) if at.start > now]
        if starts:
            return min(starts)
    return None
