# ruff: noqa: D102 - each method bears the name of a rule of the grammar, and returns what that rule stands for
"""Builds statements, and the file they stand in."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from assignkit.language import codes
from assignkit.language.building.clauses import PERIODS
from assignkit.language.building.parts import Parts, Piece, cover, every, kind_of, pieces, title
from assignkit.language.building.tables import TableBuilder
from assignkit.language.formatting.spelling import phrase
from assignkit.language.literals import NO_TIME
from assignkit.language.reporting import findings
from assignkit.language.syntax import (
    AlwaysStatement,
    CalendarHours,
    CalendarStatement,
    CategoryStatement,
    ClaimLimit,
    DayDates,
    ExampleStatement,
    ExpectClause,
    GivenClause,
    GivenField,
    ImportStatement,
    LetStatement,
    ListLiteral,
    MapLiteral,
    NeverStatement,
    NumberLiteral,
    PoolStatement,
    RuleStatement,
    SpecialDays,
    Statement,
    TeamStatement,
    TextLiteral,
)
from assignkit.language.tokens import Token
from assignkit.language.vocabulary import RESERVED_NAMES, WEEKDAYS
from assignkit.messages.text import Text, say

_LONGEST_SPECIAL = timedelta(days=366)
_DAYS = {weekday.terminal: i for i, weekday in enumerate(WEEKDAYS)}
_KINDS = {"CUSTOMER": "customers", "TASK": "tasks"}
_ROLES = {"CUSTOMER": "customer", "TASK": "task", "AGENT": "agent", "OWNER": "owner"}


class StatementBuilder(TableBuilder):
    """One method per rule of the grammar for statements; the whole builder that the parser hands to lark."""

    def start(self, parts: Parts) -> tuple[Statement, ...]:
        return tuple(parts)

    # --- let, team, category, rule, import

    def let(self, parts: Parts) -> LetStatement:
        name: Token = parts[1]
        if name.value in RESERVED_NAMES:
            message = say("form.reserved_name", name=name.value)
            findings.get().add(codes.RESERVED_NAME, message, name.span, help=say("form.another_name"))
        return LetStatement(name.value, parts[3], name_span=name.span, span=cover(parts))

    def team_where(self, parts: Parts) -> TeamStatement:
        return TeamStatement(title(parts), condition=parts[5], span=cover(parts))

    def team_members(self, parts: Parts) -> TeamStatement:
        members: tuple[TextLiteral, ...] = parts[4]
        return TeamStatement(title(parts), members=members, span=cover([parts[0], members[-1]]))

    def category(self, parts: Parts) -> CategoryStatement:
        return CategoryStatement(title(parts), kind_of(parts), parts[4], span=cover(parts))

    def for_kind(self, parts: Parts) -> Piece:
        return Piece("kind", _kind(parts[1]), cover(parts))

    def rule(self, parts: Parts) -> RuleStatement:
        return RuleStatement(title(parts), kind_of(parts), tuple(parts[3:]), span=cover(parts))

    def import_file(self, parts: Parts) -> ImportStatement:
        return ImportStatement(parts[1], span=cover(parts))

    # --- calendars

    def calendar(self, parts: Parts) -> CalendarStatement:
        hours, zone, holidays = every(CalendarHours, parts), pieces("zone", parts), pieces("holidays", parts)
        _refuse_second(phrase("zone"), zone)
        countries = tuple(country for piece in holidays for country in piece.value)
        first_zone = zone[0].value if zone else None
        special = every(SpecialDays, parts)
        return CalendarStatement(title(parts), hours, first_zone, countries, special, span=cover(parts))

    def hours(self, parts: Parts) -> CalendarHours:
        days, intervals = parts
        return CalendarHours(days.value, intervals.value, span=cover(parts))

    def days(self, parts: Parts) -> Piece:
        days = [day for piece in parts[::2] for day in piece.value]
        return Piece("days", tuple(dict.fromkeys(days)), cover(parts))

    def day_range(self, parts: Parts) -> Piece:
        first, last = _DAYS[parts[0].type], _DAYS[(parts[-1] or parts[0]).type]
        days = tuple((first + i) % 7 for i in range((last - first) % 7 + 1))
        return Piece("days", days, cover(parts))

    def intervals(self, parts: Parts) -> Piece:
        return Piece("intervals", tuple(piece.value for piece in parts[::2]), cover(parts))

    def interval(self, parts: Parts) -> Piece:
        opening, closing, span = parts[0].value, parts[2].value, cover(parts)
        backwards = opening is None or (closing is not None and closing <= opening)
        if backwards and NO_TIME not in {opening, closing}:
            message = say("form.interval_backwards")
            findings.get().add(codes.BAD_MOMENT, message, span, help=say("form.past_midnight"))
        return Piece("interval", (opening, closing), span)

    def special_days(self, parts: Parts) -> SpecialDays:
        intervals = pieces("intervals", parts)
        return SpecialDays(every(DayDates, parts), intervals[0].value if intervals else (), span=cover(parts))

    def day_dates(self, parts: Parts) -> DayDates:
        first, last = parts[0], parts[2]
        if last is not None and not timedelta() <= last.value - first.value < _LONGEST_SPECIAL:
            message = say("form.days_backwards") if last.value < first.value else say("form.too_many_days")
            findings.get().add(codes.BAD_MOMENT, message, cover(parts))
            last = None
        return DayDates(first, last, span=cover(parts))

    def zone(self, parts: Parts) -> Piece:
        return Piece("zone", parts[1], cover(parts))

    def holidays(self, parts: Parts) -> Piece:
        countries: tuple[TextLiteral, ...] = parts[1]
        return Piece("holidays", countries, cover([parts[0], countries[-1]]))

    # --- pools

    def pool(self, parts: Parts) -> PoolStatement:
        hold, cooldown = pieces("hold", parts), pieces("cooldown", parts)
        _refuse_second(phrase("hold at most"), hold)
        _refuse_second(phrase("cooldown"), cooldown)
        return PoolStatement(
            title(parts),
            every(ClaimLimit, parts),
            hold[0].value if hold else None,
            cooldown[0].value if cooldown else None,
            span=cover(parts),
        )

    def claim(self, parts: Parts) -> ClaimLimit:
        return ClaimLimit(parts[3], PERIODS[parts[5].type], span=cover(parts))

    def claim_period_first(self, parts: Parts) -> ClaimLimit:
        return ClaimLimit(parts[5], PERIODS[parts[4].type], span=cover(parts))

    def holding(self, parts: Parts) -> Piece:
        return Piece("hold", parts[3], cover(parts))

    def cooldown(self, parts: Parts) -> Piece:
        return Piece("cooldown", parts[1], cover(parts))

    # --- guards

    def never(self, parts: Parts) -> NeverStatement:
        _, _, kind, _, item_condition, _, _, _, agent_condition = parts
        return NeverStatement(_kind(kind), item_condition, agent_condition, span=cover(parts))

    def always(self, parts: Parts) -> AlwaysStatement:
        _, _, kind, _, item_condition = parts
        return AlwaysStatement(_kind(kind), item_condition, span=cover(parts))

    # --- examples

    def example(self, parts: Parts) -> ExampleStatement:
        return ExampleStatement(title(parts), every(GivenClause, parts), every(ExpectClause, parts), span=cover(parts))

    def given_now(self, parts: Parts) -> GivenClause:
        return GivenClause("now", instant=parts[2], span=cover(parts))

    def given_identity(self, parts: Parts) -> GivenClause:
        return GivenClause(_role(parts[1]), parts[2], every(GivenField, parts), span=cover(parts))

    def given_fields(self, parts: Parts) -> GivenClause:
        return GivenClause(_role(parts[1]), fields=every(GivenField, parts), span=cover(parts))

    def given_field(self, parts: Parts) -> GivenField:
        *name, value = parts
        return GivenField(".".join(token.value for token in name), value, span=cover(parts))

    def given_list(self, parts: Parts) -> ListLiteral:
        return ListLiteral(tuple(parts[1:-1:2]), span=cover(parts))

    def given_map(self, parts: Parts) -> MapLiteral:
        return MapLiteral(tuple(parts[1:-1:2]), span=cover(parts))

    def given_entry(self, parts: Parts) -> tuple[TextLiteral, NumberLiteral]:
        return parts[0], parts[1]

    def expect_named(self, parts: Parts) -> ExpectClause:
        return ExpectClause(_EXPECTED[parts[1].type], (parts[2],), span=cover(parts))

    def expect_no_rule(self, parts: Parts) -> ExpectClause:
        return ExpectClause("no rule", span=cover(parts))

    def expect_held(self, parts: Parts) -> ExpectClause:
        return ExpectClause("held", span=cover(parts))

    def expect_order(self, parts: Parts) -> ExpectClause:
        return ExpectClause("order", every(TextLiteral, parts), span=cover(parts))


_EXPECTED: dict[str, Literal["rule", "team", "agent"]] = {"RULE": "rule", "TEAM": "team", "AGENT": "agent"}


def _kind(token: Token) -> str:
    return str(_KINDS.get(token.type, token.value))


def _role(token: Token) -> str:
    return str(_ROLES.get(token.type, token.value))


def _refuse_second(name: Text, written: tuple[Piece, ...]) -> None:
    for piece in written[1:]:
        message = say("form.written_already", word=name)
        findings.get().add(codes.WRITTEN_TWICE, message, piece.span, help=say("form.keep_one"))
