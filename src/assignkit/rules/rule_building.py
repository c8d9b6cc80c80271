"""From the clauses of a rule, or the cells of a table's row, to its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from assignkit.diagnostics import Source, Span
from assignkit.language import syntax
from assignkit.language.formatting.printer import write_expression
from assignkit.messages.text import Text, say
from assignkit.rules import codes, plan
from assignkit.rules.draft import Draft
from assignkit.rules.elaboration import Elaboration
from assignkit.rules.field_types import ValueType
from assignkit.rules.numbers import as_constant
from assignkit.rules.places import Place, check_place, item_place
from assignkit.rules.terms import And, Origin, Term

_MEASURES = (ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT)


class RuleBuilding:
    """Builds the rules of one kind of item in one file, telling what does not fit."""

    def __init__(self, draft: Draft, source: Source, elaboration: Elaboration, kind: str) -> None:
        self._draft = draft
        self._source = source
        self._elaboration = elaboration
        self._kind = kind

    # --- expressions

    def place(self, what: str, *, with_agent: bool) -> Place:
        """Return the place of a clause, which the catalogue of messages calls `what`."""
        return item_place(self._draft, say(f"meaning.place_{what}"), self._kind, with_agent=with_agent)

    def term(self, node: syntax.Expression, place: Place) -> Term:
        """Return the term for an expression that stands in `place`."""
        term = self._elaboration.term(node)
        check_place(self._draft, self._source, node, term, place)
        bound = self._draft.limits.expanded_nodes
        if term.size > bound:
            message = say("meaning.too_large", size=term.size, most=bound)
            self._draft.report(codes.TOO_LARGE, message, self._source, node.span, help=say("meaning.split_the_rule"))
        return term

    def condition(self, node: syntax.Expression, place: Place) -> Term:
        """Return the term for a condition."""
        return self._elaboration.condition(node, self.term(node, place))

    def measured(self, node: syntax.Expression, place: Place, wanted: tuple[ValueType, ...]) -> Term:
        """Return the term for an expression of one of these types."""
        term = self.term(node, place)
        self._elaboration.fits(node, term, wanted)
        return term

    # --- actions

    def action(self, node: syntax.Action, orders: tuple[syntax.OrderTerm, ...] = ()) -> plan.Action:
        """Return the plan of an action; `orders` stand in for its own when it has none."""
        if isinstance(node, syntax.AssignAction):
            return plan.AssignTo(self.target(node.target), self.orders(node.orders or orders))
        if isinstance(node, syntax.SplitAction):
            self._check_shares(node)
            parts = tuple(plan.Part(each.share.value, _part_target(each.target)) for each in node.parts)
            return plan.Split(parts, self.orders(node.orders or orders))
        if isinstance(node, syntax.KeepOwnerAction):
            return plan.KeepOwner(node.even_if_full)
        if isinstance(node, syntax.HoldInPoolAction):
            return plan.HoldInPool(node.pool.value)
        if isinstance(node, syntax.HoldInTeamAction):
            return plan.HoldInTeam(node.team.value)
        return plan.Reject(node.reason.value) if isinstance(node, syntax.RejectAction) else plan.Continue()

    def target(self, node: syntax.Target) -> plan.Target:
        """Return the plan of a target."""
        if isinstance(node, syntax.AgentsWhereTarget):
            term = self.condition(node.condition, self.place("agents_where", with_agent=True))
            return plan.AgentsWhere(term, self._canonical(node.condition))
        if isinstance(node, syntax.TeamTarget | syntax.AgentTarget):
            return _part_target(node)
        return plan.OwnerTarget() if isinstance(node, syntax.OwnerTarget) else plan.ManagerTarget()

    def orders(self, nodes: tuple[syntax.OrderTerm, ...]) -> tuple[plan.OrderBy, ...]:
        """Return the plan of a chain of orders, round robin if there is none."""
        place = self.place("order", with_agent=True)
        return (
            tuple(
                plan.OrderBy(
                    each.name,
                    None if each.expression is None else self.measured(each.expression, place, _MEASURES),
                    each.hosted,
                    "" if each.expression is None else self._canonical(each.expression),
                )
                for each in nodes
            )
            or plan.DEFAULT_ORDERS
        )

    def _canonical(self, node: syntax.Expression) -> str:
        """Return an expression in a form that stays when the file is formatted: rotations and limits are kept by it."""
        return write_expression(node, self._source)

    def _check_shares(self, node: syntax.SplitAction) -> None:
        total = sum((part.share.value for part in node.parts), Decimal(0))
        for part in node.parts:
            if part.share.value <= 0:
                self.report(codes.BAD_SHARES, say("meaning.share_above_zero"), part.share.span)
        if total != 1:
            shown = f"{(total * 100).normalize():f}"
            self.report(codes.BAD_SHARES, say("meaning.shares_make", total=shown), node.span)

    def report(self, code: str, message: Text, span: Span, help: Text | None = None) -> None:
        """Tell of an error in this file."""
        self._draft.report(code, message, self._source, span, help=help)

    def count(self, node: syntax.NumberLiteral) -> int:
        """Return a count, which is a whole number from 1."""
        value = as_constant(node.value)
        if not isinstance(value, int) or value < 1:
            self.report(codes.BAD_COUNT, say("meaning.whole_count", number=f"{node.value:f}"), node.span)
            return 1
        return value

    # --- clauses

    def clauses(self, nodes: tuple[syntax.Clause, ...]) -> dict[str, Any]:
        """Return the clauses as arguments of `plan.Rule`."""
        built: dict[str, Any] = {}
        for node in nodes:
            handler = _CLAUSES.get(type(node))
            if handler is not None:
                name, value = handler(self, node)
                if isinstance(value, tuple):
                    built[name] = built.get(name, ()) + value
                else:
                    built.setdefault(name, value)
        for node in nodes:
            if isinstance(node, syntax.ActiveClause):
                self._active(node, built)
        built["steps"] = self._steps(nodes)
        return built

    def _steps(self, nodes: tuple[syntax.Clause, ...]) -> tuple[plan.Step, ...]:
        first = [each for each in nodes if isinstance(each, syntax.ActionClause)][:1]
        rest = [each for each in nodes if isinstance(each, syntax.OtherwiseClause)]
        written = [(each.action, None) for each in first] + [(each.action, each.after) for each in rest]
        return tuple(self.step(number, action, after) for number, (action, after) in enumerate(written, 1))

    def step(
        self,
        number: int,
        action: syntax.Action,
        after: syntax.DurationLiteral | None = None,
        orders: tuple[syntax.OrderTerm, ...] = (),
    ) -> plan.Step:
        """Return the plan of one step."""
        text = Origin(self._source, action.span).text
        if orders and isinstance(action, syntax.AssignAction) and not action.orders:
            text = f"{text} by {Origin(self._source, Span(orders[0].span.start, orders[-1].span.end)).text}"
        return plan.Step(number, self.action(action, orders), after.value if after else None, text)

    def _active(self, node: syntax.ActiveClause, built: dict[str, Any]) -> None:
        start, end = node.start.value, node.end.value if node.end else None
        built.setdefault("active_from", start)
        built.setdefault("active_until", end)
        if end is not None and _is_before(end, start):
            self.report(codes.BAD_PERIOD, say("meaning.period_backwards"), node.span)

    def _when(self, node: syntax.WhenClause) -> tuple[str, Term]:
        return "condition", self.condition(node.condition, self.place("when", with_agent=False))

    def _priority(self, node: syntax.PriorityClause) -> tuple[str, int | Decimal]:
        return "priority", as_constant(node.value.value)

    def _require(self, node: syntax.RequireClause) -> tuple[str, tuple[plan.Require, ...]]:
        term = self.condition(node.condition, self.place("require", with_agent=True))
        relax = node.relax_after.value if node.relax_after else None
        return "requires", (plan.Require(term, term.text, relax),)

    def _urgency(self, node: syntax.UrgencyClause) -> tuple[str, Term]:
        return "urgency", self.measured(node.value, self.place("urgency", with_agent=False), (ValueType.NUMBER,))

    def _prefer(self, node: syntax.PreferClause) -> tuple[str, tuple[plan.Prefer, ...]]:
        wanted = (ValueType.BOOLEAN, ValueType.NUMBER)
        term = self.measured(node.condition, self.place("prefer", with_agent=True), wanted)
        return "prefers", (plan.Prefer(term, node.weight.value if node.weight else Decimal(1), term.text),)

    def _limit(self, node: syntax.LimitClause) -> tuple[str, tuple[plan.Limit, ...]]:
        return "limits", tuple(plan.Limit(self.count(each.count), each.period) for each in node.terms)

    def _accept(self, node: syntax.AcceptClause) -> tuple[str, Any]:
        return "accept_within", node.within.value

    def _due(self, node: syntax.DueClause) -> tuple[str, tuple[plan.Due, ...]]:
        calendar = node.calendar.value if node.calendar else None
        return "dues", (plan.Due(node.milestone, node.within.value, calendar),)

    def _remind(self, node: syntax.RemindClause) -> tuple[str, tuple[plan.Reminder, ...]]:
        return "reminders", (plan.Reminder(node.interval.value, node.when),)

    def _escalate(self, node: syntax.EscalateClause) -> tuple[str, tuple[plan.Escalation, ...]]:
        target = plan.ManagerTarget() if isinstance(node.target, syntax.ManagerTarget) else _part_target(node.target)
        return "escalations", (plan.Escalation(target, node.overdue_by.value if node.overdue_by else None),)

    def _recycle(self, node: syntax.RecycleClause) -> tuple[str, plan.Recycling]:
        return "recycling", plan.Recycling(node.pool.value, node.after.value, node.without)

    def _notify(self, node: syntax.NotifyClause) -> tuple[str, tuple[plan.Notification, ...]]:
        return "notifications", (plan.Notification(node.who, node.channels),)

    # --- rows of tables

    def row(self, table: syntax.TableStatement, row: syntax.TableRow) -> tuple[Term | None, tuple[plan.Step, ...]]:
        """Return the condition and the steps of a row."""
        return self._joined(row, [test for _, test in self.tests(table, row)]), self.steps_of(row)

    def tests(self, table: syntax.TableStatement, row: syntax.TableRow) -> list[tuple[int, Term]]:
        """Return the conditions of a row's cells, each with the place of its cell."""
        cells = zip(table.columns, row.cells, strict=True)
        return [
            (place, self._cell(column.subject, cell))
            for place, (column, cell) in enumerate(cells)
            if isinstance(cell, syntax.ConditionCell) and column.subject is not None
        ]

    def steps_of(self, row: syntax.TableRow) -> tuple[plan.Step, ...]:
        """Return the steps of a row: one, or none if it has no action."""
        action = next((each.action for each in row.cells if isinstance(each, syntax.ActionCell)), None)
        orders = next((each.orders for each in row.cells if isinstance(each, syntax.OrderCell)), ())
        return (self.step(1, action, None, orders),) if action is not None else ()

    def _joined(self, row: syntax.TableRow, tests: list[Term]) -> Term | None:
        if len(tests) < 2:  # noqa: PLR2004 - one test needs no joining
            return tests[0] if tests else None
        wording = " and ".join(each.text for each in tests)
        return And(type=ValueType.BOOLEAN, origin=Origin(self._source, row.span, wording), operands=tuple(tests))

    def _cell(self, subject: syntax.Expression, cell: syntax.ConditionCell) -> Term:
        build = self._elaboration
        place = self.place("table", with_agent=False)
        # The subject is checked for its place once, with the header.
        value = (subject, build.term(subject))
        operands = [(each, self.term(each, place)) for each in cell.operands]
        written = Origin(self._source, cell.span).text
        origin = Origin(self._source, cell.span, f"{value[1].text} {_SAYS.get(cell.form, '')}{written}")
        if value[1].type is ValueType.ANY:
            return build.unknown(cell)
        if cell.form == "to":
            low, high = operands
            return build.between(cell, (cell, value[1]), low, high, origin)
        if cell.form in ("in", "not in"):
            test = build.among(cell, (cell, value[1]), operands[0], origin)
            return build.negated(cell, test, when=cell.form == "not in")
        if cell.form == "has" or (cell.form == "=" and value[1].type in (ValueType.TEXTS, ValueType.LEVELS)):
            return build.having(cell, (cell, value[1]), operands[0], None, origin)
        if cell.form in ("missing", "present"):
            return build.present(value[1], origin, present=cell.form == "present")
        return build.compared(cell, cell.form, (cell, value[1]), operands[0], origin)  # type: ignore[arg-type]


_SAYS = {"=": "= ", "to": "in "}


def _part_target(node: syntax.TeamTarget | syntax.AgentTarget) -> plan.TeamTarget | plan.AgentTarget:
    if isinstance(node, syntax.TeamTarget):
        return plan.TeamTarget(node.name.value)
    return plan.AgentTarget(node.agent.value)


def _is_before(end: date, start: date) -> bool:
    if isinstance(end, datetime) == isinstance(start, datetime):
        return end < start
    return (end.date() if isinstance(end, datetime) else end) < (start.date() if isinstance(start, datetime) else start)


_CLAUSES: Mapping[type[syntax.Node], Callable[[RuleBuilding, Any], tuple[str, Any]]] = {
    syntax.WhenClause: RuleBuilding._when,  # noqa: SLF001 - the table of this class's own methods
    syntax.PriorityClause: RuleBuilding._priority,  # noqa: SLF001
    syntax.RequireClause: RuleBuilding._require,  # noqa: SLF001
    syntax.UrgencyClause: RuleBuilding._urgency,  # noqa: SLF001
    syntax.PreferClause: RuleBuilding._prefer,  # noqa: SLF001
    syntax.LimitClause: RuleBuilding._limit,  # noqa: SLF001
    syntax.AcceptClause: RuleBuilding._accept,  # noqa: SLF001
    syntax.DueClause: RuleBuilding._due,  # noqa: SLF001
    syntax.RemindClause: RuleBuilding._remind,  # noqa: SLF001
    syntax.EscalateClause: RuleBuilding._escalate,  # noqa: SLF001
    syntax.RecycleClause: RuleBuilding._recycle,  # noqa: SLF001
    syntax.NotifyClause: RuleBuilding._notify,  # noqa: SLF001
}
