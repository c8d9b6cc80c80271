"""Types: that every expression makes sense where it stands. Leaves behind the terms and the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from assignkit.diagnostics import Source, Span
from assignkit.errors import ConfigurationError, MissingExtraError
from assignkit.language import syntax
from assignkit.messages.text import say
from assignkit.rules import codes, plan
from assignkit.rules.draft import Draft
from assignkit.rules.elaboration import Elaboration
from assignkit.rules.examples import check_example
from assignkit.rules.long_cells import LongCells
from assignkit.rules.long_reading import LongReading
from assignkit.rules.moments import zone_named
from assignkit.rules.places import agent_place
from assignkit.rules.public_holidays import problem_of
from assignkit.rules.rule_building import RuleBuilding
from assignkit.rules.terms import Origin

_MOST_SPECIAL_DAYS = 4_000  # of one calendar
Intervals = tuple[tuple[time, time | None], ...]


def typecheck(draft: Draft) -> None:
    """Find the type of every expression; tell of what does not fit; build the plan."""
    elaborations = {id(file.source): Elaboration(draft, file.source) for file in draft.files}
    for source, statement in draft.statements():
        if isinstance(statement, syntax.CalendarStatement):
            _calendar(draft, source, statement)
    for name, (let, source) in draft.lets.items():
        if name not in draft.broken:
            draft.let_terms[name] = elaborations[id(source)].term(let.value)
    for source, statement in draft.statements():
        _Statements(draft, source, elaborations[id(source)]).build(statement)
    _check_number_of_rules(draft)


def _check_number_of_rules(draft: Draft) -> None:
    bound = draft.limits.rules
    written = [each for each in draft.rule_terms if id(each[1]) not in draft.table_sources]
    if len(written) > bound:
        _, source, span = written[bound]
        message = say("meaning.too_many_rules", rules=len(written), most=bound)
        help = say("meaning.long_tables_apart")
        draft.report(codes.TOO_MANY_RULES, message, source, span, help=help)


def _calendar(draft: Draft, source: Source, node: syntax.CalendarStatement) -> None:
    zone = node.zone.value if node.zone else None
    if node.zone is not None:
        try:
            zone_named(node.zone.value)
        except ConfigurationError:
            help = say("meaning.zone_names")
            message = say("meaning.no_zone", zone=zone)
            draft.report(codes.BAD_ZONE, message, source, node.zone.span, help=help)
    for place in node.holidays:
        _check_holidays(draft, source, place)
    week: list[list[tuple[time, time | None]]] = [[] for _ in range(7)]
    for hours in node.hours:
        for day in hours.days:
            week[day].extend(hours.intervals)
    holidays = tuple(each.value for each in node.holidays)
    special = tuple(_special_days(draft, source, node).items())
    calendar = plan.Calendar(node.name.value, tuple(map(tuple, week)), zone, holidays, special)
    draft.calendars.setdefault(node.name.value, calendar)


def _special_days(draft: Draft, source: Source, node: syntax.CalendarStatement) -> dict[date, Intervals]:
    """Return the intervals of each day that is different; tell of a day that is so twice."""
    special: dict[date, Intervals] = {}
    for line in node.special:
        for dates in line.dates:
            first, last = dates.first.value, (dates.last or dates.first).value
            days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
            twice = next((day for day in days if day in special), None)
            if twice is not None:
                message = say("meaning.day_twice", day=twice.isoformat())
                draft.report(codes.DUPLICATE_CLAUSE, message, source, dates.span)
            special.update({day: line.intervals for day in days if day not in special})
            if len(special) > _MOST_SPECIAL_DAYS:
                message = say("meaning.too_many_special_days", most=_MOST_SPECIAL_DAYS)
                draft.report(codes.TOO_LARGE, message, source, dates.span)
                return special
    return special


def _check_holidays(draft: Draft, source: Source, place: syntax.TextLiteral) -> None:
    try:
        wrong = problem_of(place.value)
    except MissingExtraError as error:
        wrong = say("error.missing_extra", extra=error.extra), None
    if wrong is not None:
        message, help = wrong
        draft.report(codes.BAD_HOLIDAYS, message, source, place.span, help=help)


class _Statements:
    """Builds the plan of one statement after the other."""

    def __init__(self, draft: Draft, source: Source, elaboration: Elaboration) -> None:
        self._draft = draft
        self._source = source
        self._elaboration = elaboration

    def build(self, node: syntax.Statement) -> None:
        """Enter what the statement means into the draft."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)

    def _rules(self, kind: str) -> RuleBuilding:
        return RuleBuilding(self._draft, self._source, self._elaboration, self._draft.kinds.get(kind) or kind)

    def _team(self, node: syntax.TeamStatement) -> None:
        term = None
        if node.condition is not None:
            term = self._rules("").condition(node.condition, agent_place(say("meaning.place_team")))
        members = tuple(dict.fromkeys(each.value for each in node.members))
        self._draft.teams.setdefault(node.name.value, plan.Team(node.name.value, term, members))

    def _pool(self, node: syntax.PoolStatement) -> None:
        build = self._rules("")
        pool = plan.Pool(
            node.name.value,
            tuple(plan.Limit(build.count(each.count), each.period) for each in node.claims),
            build.count(node.hold) if node.hold else None,
            node.cooldown.value if node.cooldown else None,
        )
        self._draft.pools.setdefault(node.name.value, pool)

    def _category(self, node: syntax.CategoryStatement) -> None:
        build = self._rules(node.kind)
        term = build.condition(node.condition, build.place("category", with_agent=False))
        kind = self._draft.kinds.get(node.kind) or node.kind
        self._draft.categories.append(plan.Category(node.name.value, kind, term))

    def _rule(self, node: syntax.RuleStatement) -> None:
        built = self._rules(node.kind).clauses(node.clauses)
        self._add(node, node.name.value, node.name.span, built)

    def _table(self, node: syntax.TableStatement) -> None:
        build = self._rules(node.kind)
        place = build.place("table", with_agent=False)
        for column in node.columns:
            if column.subject is not None:
                build.term(column.subject, place)
        reading = self._draft.long_readings.get(id(self._source))
        if reading is not None:
            self._long_table(node, build, reading)
            return
        priority = node.priority.value if node.priority else 0
        for number, row in enumerate(node.rows, 1):
            if len(row.cells) == len(node.columns):
                condition, steps = build.row(node, row)
                built = {"condition": condition, "steps": steps, "priority": priority}
                self._add(node, f"{node.name.value} row {number}", row.span, built)

    def _long_table(self, node: syntax.TableStatement, build: RuleBuilding, reading: LongReading) -> None:
        """Enter a table of which only some rows are written in the statement; none if not all could be read."""
        found = LongCells(node, build, self._source, self._elaboration)
        if not reading.whole:
            for row in node.rows:
                if len(row.cells) == len(node.columns):
                    build.row(node, row)
            return
        for row, number in zip(node.rows, reading.shown, strict=True):
            found.read(row, reading.rows[number])
        kind = self._draft.kinds.get(node.kind) or node.kind
        self._draft.long_tables.append(found.table(reading, kind, self._draft.positions + 1))
        self._draft.positions += len(reading.numbers)

    def _add(
        self, node: syntax.RuleStatement | syntax.TableStatement, name: str, span: Span, built: dict[str, Any]
    ) -> None:
        condition = built.get("condition")
        self._draft.positions += 1
        rule = plan.Rule(
            **{"priority": 0, "condition": None, **built},
            name=name,
            kind=self._draft.kinds.get(node.kind) or node.kind,
            position=self._draft.positions,
            file=self._source.name,
            line=self._source.locate(span).line,
            text=getattr(condition, "text", ""),
        )
        self._draft.rule_terms.append((rule, self._source, span))
        if rule.steps:
            self._draft.rules.append(rule)

    def _never(self, node: syntax.NeverStatement) -> None:
        build = self._rules(node.kind)
        place = build.place("never", with_agent=True)
        item, agent = (
            None if each is None else build.condition(each, place)
            for each in (node.item_condition, node.agent_condition)
        )
        self._draft.guards.append(plan.Never(item_term=item, agent_term=agent, **self._guard(node)))

    def _always(self, node: syntax.AlwaysStatement) -> None:
        build = self._rules(node.kind)
        item = None
        if node.item_condition is not None:
            item = build.condition(node.item_condition, build.place("always", with_agent=False))
        self._draft.guards.append(plan.Always(item_term=item, **self._guard(node)))

    def _guard(self, node: syntax.NeverStatement | syntax.AlwaysStatement) -> dict[str, Any]:
        return {
            "kind": self._draft.kinds.get(node.kind) or node.kind,
            "text": Origin(self._source, node.span).text,
            "line": self._source.locate(node.span).line,
            "file": self._source.name,
        }

    def _example(self, node: syntax.ExampleStatement) -> None:
        check_example(self._draft, self._source, self._elaboration, node)


_HANDLERS: Mapping[type[syntax.Node], Callable[[_Statements, Any], None]] = {
    syntax.TeamStatement: _Statements._team,  # noqa: SLF001 - the table of this class's own methods
    syntax.PoolStatement: _Statements._pool,  # noqa: SLF001
    syntax.CategoryStatement: _Statements._category,  # noqa: SLF001
    syntax.RuleStatement: _Statements._rule,  # noqa: SLF001
    syntax.TableStatement: _Statements._table,  # noqa: SLF001
    syntax.NeverStatement: _Statements._never,  # noqa: SLF001
    syntax.AlwaysStatement: _Statements._always,  # noqa: SLF001
    syntax.ExampleStatement: _Statements._example,  # noqa: SLF001
}
