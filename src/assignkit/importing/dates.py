"""Dates as people write them: one style per column, and a refusal to guess where two styles fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

DateOrder = Literal["dmy", "mdy", "ymd"]

_TIME = (
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = re.compile(
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """One way to write a date: `order` of its parts, and whether the same signs may also mean another order."""

    example: str
    order: DateOrder
    pattern: re.Pattern[str]
    ambiguous: bool = False

    def read(self, text: str) -> date | datetime | None:
        """Return the date, with a time of day the instant (naive without an offset), or None if it is no such."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        try:
            return _build(match)
        except ValueError:
            return None


def _style(example: str, order: DateOrder, day: str, *, ambiguous: bool = False) -> DateStyle:
    return DateStyle(example, order, re.compile(day + _TIME), ambiguous)


_Y, _M, _D, _NAME = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})", r"(?P<name>[A-Za-z]{3,9})\.?"

STYLES = (
    _style("2026-11-21", "ymd", f"{_Y}-{_M}-{_D}"),
    _style("2026/11/21", "ymd", f"{_Y}/{_M}/{_D}"),
    _style("2026.11.21", "ymd", rf"{_Y}\.{_M}\.{_D}"),
    _style("2026年11月21日", "ymd", rf"{_Y}年\s*{_M}月\s*{_D}日"),
    _style("21.11.2026", "dmy", rf"{_D}\.{_M}\.{_Y}"),
    _style("21/11/2026", "dmy", f"{_D}/{_M}/{_Y}", ambiguous=True),
    _style("11/21/2026", "mdy", f"{_M}/{_D}/{_Y}", ambiguous=True),
    _style("21-11-2026", "dmy", f"{_D}-{_M}-{_Y}", ambiguous=True),
    _style("11-21-2026", "mdy", f"{_M}-{_D}-{_Y}", ambiguous=True),
    _style("21-Nov-2026", "dmy", rf"{_D}[-\s]{_NAME}[-\s]{_Y}"),
    _style("Nov 21, 2026", "mdy", rf"{_NAME}\s{_D},?\s{_Y}"),
)


_FIRST = 20  # texts of which a style must read one to be considered


@dataclass(frozen=True, slots=True)
class DateReading:
    """A column read in one style: one value per text. `other` is a second style that fits with another meaning."""

    style: DateStyle
    values: tuple[date | datetime | None, ...]
    other: DateStyle | None = None

    @property
    def fits(self) -> bool:
        """Whether every text is a date, and all are of one kind: days, instants, or times without an offset."""
        return self.misfit is None

    @property
    def misfit(self) -> int | None:
        """The place of the first text that is not read, or that is of another kind than the first; None if all fit."""
        if None in self.values:
            return self.values.index(None)
        kind = _sort(self.values[0])
        return next((place for place, value in enumerate(self.values) if _sort(value) != kind), None)


def read_dates(texts: Sequence[str], *, order: DateOrder | None = None) -> DateReading | None:
    """Return the column in the style that reads the most of `texts`; None if no style reads any of the first ones.

    Where a style may be taken for another, `order` decides. `other` is set if two styles read all and differ.
    """
    readings = [
        DateReading(style, tuple(map(style.read, texts)))
        for style in STYLES
        if not (style.ambiguous and order and style.order != order) and any(map(style.read, texts[:_FIRST]))
    ]
    if not readings:
        return None
    best = max(readings, key=_read_count)
    rivals = [r for r in readings if r.fits and best.fits and r.values != best.values]
    return DateReading(best.style, best.values, rivals[0].style) if rivals else best


def looks_like_date(text: str) -> bool:
    """Return whether some style reads `text`."""
    return any(style.read(text) is not None for style in STYLES)


def _read_count(reading: DateReading) -> int:
    return sum(1 for value in reading.values if value is not None)


def _sort(value: date | datetime | None) -> str:
    if not isinstance(value, datetime):
        return "day"
    return "time" if value.tzinfo is None else "instant"


def _build(match: re.Match[str]) -> date | datetime:
    parts = match.groupdict()
    month = _month(parts["name"]) if parts.get("name") else int(parts["month"])
    year, day = int(parts["year"]), int(parts["day"])
    if parts["hour"] is None:
        return date(year, month, day)
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    hour = _hour(int(parts["hour"]), parts["half"])
    zone = _zone(parts["offset"])
    return datetime(year, month, day, hour, int(parts["minute"]), int(parts["second"] or 0), int(fraction), zone)


def _month(name: str) -> int:
    if not _MONTH_NAMES.fullmatch(name.lower()):
        raise ValueError(name)
    return _MONTHS.index(name[:3].lower()) + 1


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:  # noqa: PLR2004 - hours on a twelve-hour clock
        raise ValueError(hour)
    return hour % 12 + (12 if half.lower() == "pm" else 0)


def _zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset in "Zz":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
