"""What rules speak of by name: `let`s, teams, calendars, pools, categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from assignkit.diagnostics import Span
from assignkit.language.syntax.clauses import Period
from assignkit.language.syntax.expressions import DateLiteral, DurationLiteral, Expression, NumberLiteral, TextLiteral
from assignkit.language.syntax.nodes import NOWHERE, Node


@dataclass(frozen=True, slots=True)
class LetStatement(Node):
    """`let NAME = EXPR`."""

    name: str
    value: Expression
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TeamStatement(Node):
    """`team "T" = agents where EXPR` (`condition`) or `team "T" = agents "id", "id"` (`members`); exactly one."""

    name: TextLiteral
    condition: Expression | None = None
    members: tuple[TextLiteral, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarHours(Node):
    """`mon-fri 09:00-12:00, 13:30-18:00`; days are 0 (Monday) to 6; an interval may end at 24:00, told as `None`."""

    days: tuple[int, ...]
    intervals: tuple[tuple[time, time | None], ...]


@dataclass(frozen=True, slots=True)
class DayDates(Node):
    """`2026-10-01`, or `2026-10-01 to 2026-10-07`, both ends included."""

    first: DateLiteral
    last: DateLiteral | None = None


@dataclass(frozen=True, slots=True)
class SpecialDays(Node):
    """`on 2026-10-01 to 2026-10-07, 2026-12-25 closed`, or with the intervals of those days; none for closed."""

    dates: tuple[DayDates, ...]
    intervals: tuple[tuple[time, time | None], ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarStatement(Node):
    """`calendar "Office"` with its hours, zone, holidays, and days that are different."""

    name: TextLiteral
    hours: tuple[CalendarHours, ...] = ()
    zone: TextLiteral | None = None
    holidays: tuple[TextLiteral, ...] = ()
    special: tuple[SpecialDays, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimLimit(Node):
    """`claim at most 5 per day`."""

    count: NumberLiteral
    period: Period


@dataclass(frozen=True, slots=True)
class PoolStatement(Node):
    """`pool "P"` with what may be claimed and held, and the cooldown for the previous owner."""

    name: TextLiteral
    claims: tuple[ClaimLimit, ...] = ()
    hold: NumberLiteral | None = None
    cooldown: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class CategoryStatement(Node):
    """`category "Size/Large" for customers when EXPR`."""

    name: TextLiteral
    kind: str
    condition: Expression
