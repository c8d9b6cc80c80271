"""Names: that everything that is named exists once, and that everything that is used exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assignkit.diagnostics import Source, Span
from assignkit.language import syntax
from assignkit.language.formatting.spelling import phrase
from assignkit.messages.text import Text, say
from assignkit.rules import codes
from assignkit.rules.draft import Draft, walk
from assignkit.rules.field_lookup import resolve_field
from assignkit.rules.long_reading import row_number
from assignkit.rules.suggestions import did_you_mean

ROTATING = ("round robin", "weighted round robin", "fair share")
ORDERS = frozenset({
    *ROTATING, "weighted balance", "least loaded", "skill match", "longest idle", "priority queue", "quota",
    "best rated", "nearest", "random", "lowest", "highest",
})  # fmt: skip

_NAMED: Mapping[type[syntax.Node], str] = {
    syntax.LetStatement: "let",
    syntax.TeamStatement: "team",
    syntax.CalendarStatement: "calendar",
    syntax.PoolStatement: "pool",
    syntax.CategoryStatement: "category",
    syntax.RuleStatement: "rule",
    syntax.TableStatement: "rule",
    syntax.ExampleStatement: "example",
}
_ONCE: Mapping[type[syntax.Node], str] = {
    syntax.ActiveClause: "active",
    syntax.PriorityClause: "priority",
    syntax.WhenClause: "when",
    syntax.UrgencyClause: "urgency",
    syntax.AcceptClause: "accept within",
    syntax.RecycleClause: "recycle",
}
_MERGE_HELP = {"when": "join_conditions", "action": "write_otherwise"}


def resolve(draft: Draft) -> None:
    """Find what every name stands for; tell of the unknown, the doubled and the circular."""
    names = _declare(draft)
    _order_lets(draft)
    for source, statement in draft.statements():
        _check_kind(draft, source, statement)
        _check_clauses(draft, source, statement)
        for node in walk(statement):
            _check_node(draft, names, source, node)


# --- declarations


def _declare(draft: Draft) -> dict[str, dict[str, syntax.Node]]:
    names: dict[str, dict[str, syntax.Node]] = {noun: {} for noun in _NAMED.values()}
    sources: dict[int, Source] = {}
    for source, statement in draft.statements():
        noun = _NAMED.get(type(statement))
        long = id(source) in draft.long_readings
        for name, span in _names_in(statement, rows=not long) if noun else ():
            if noun == "rule" and _is_long_row(draft, name):
                draft.report(codes.DUPLICATE_NAME, say("meaning.row_has_name", name=name), source, span)
            first = names[noun or ""].setdefault(name, statement)
            sources.setdefault(id(first), source)
            if first is not statement:
                _report_duplicate(draft, noun or "", name, (source, span), (first, sources[id(first)]))
        if isinstance(statement, syntax.LetStatement) and statement.name not in draft.lost:
            draft.lets.setdefault(statement.name, (statement, source))
    return names


def _names_in(statement: syntax.Statement, *, rows: bool) -> Iterable[tuple[str, Span]]:
    if isinstance(statement, syntax.LetStatement):
        return ((statement.name, statement.name_span),)
    if isinstance(statement, syntax.TableStatement):
        named = [
            (f"{statement.name.value} row {i}", row.span) for i, row in enumerate(statement.rows if rows else (), 1)
        ]
        return ((statement.name.value, statement.name.span), *named)
    name = getattr(statement, "name", None)
    return ((name.value, name.span),) if isinstance(name, syntax.TextLiteral) else ()


def _is_long_row(draft: Draft, name: str) -> bool:
    """Return whether a rule's name is that of a row of a long table."""
    table, _, row = name.rpartition(" row ")
    return table in draft.long_rows and row_number(row, draft.long_rows[table]) is not None


def _report_duplicate(
    draft: Draft, noun: str, name: str, place: tuple[Source, Span], first: tuple[syntax.Node, Source]
) -> None:
    earlier = first[1].locate(first[0].span)
    help = say("meaning.first_on_line", line=earlier.line)
    if first[1] is not place[0]:
        help = say("meaning.first_in_file", line=earlier.line, file=earlier.file)
    message = say("meaning.called_already", noun=say(f"meaning.noun_{noun}"), name=name)
    draft.report(codes.DUPLICATE_NAME, message, *place, help=help)


def _order_lets(draft: Draft) -> None:
    """Put the lets into an order in which each uses only those before it; tell of each circle once."""
    uses = {
        name: tuple(
            dict.fromkeys(
                node.name
                for node in walk(let.value)
                if isinstance(node, syntax.NameReference) and node.name in draft.lets
            )
        )
        for name, (let, _) in draft.lets.items()
    }
    ordered: list[str] = []
    state: dict[str, str] = {}
    for start in draft.lets:
        waiting: list[tuple[str, int]] = [(start, 0)] if start not in state else []
        while waiting:
            name, at = waiting.pop()
            state[name] = "open"
            for after, used in enumerate(uses[name][at:], at + 1):
                if state.get(used) == "open":
                    path = [each for each, _ in waiting] + [name]
                    _report_cycle(draft, path[path.index(used) :])
                elif used not in state:
                    waiting += [(name, after), (used, 0)]
                    break
            else:
                state[name] = "done"
                ordered.append(name)
    draft.lets = {name: draft.lets[name] for name in ordered}


def _report_cycle(draft: Draft, cycle: list[str]) -> None:
    if not draft.broken.issuperset(cycle):
        let, source = draft.lets[cycle[0]]
        route = " → ".join(f"`{each}`" for each in (*cycle, cycle[0]))
        message = say("meaning.uses_itself", name=cycle[0], route=route)
        draft.report(codes.LET_CYCLE, message, source, let.name_span, help=say("meaning.no_circles"))
    draft.broken.update(cycle)


# --- uses


def _check_kind(draft: Draft, source: Source, statement: syntax.Statement) -> None:
    written = getattr(statement, "kind", None)
    if not isinstance(written, str) or written in draft.kinds:
        return
    kinds = {known: known for known in draft.schema.kinds} | {r.root: k for k, r in draft.schema.items.items()}
    found = kinds.get(written)
    draft.kinds[written] = found or ""
    if found is None:
        message = say("meaning.unknown_kind", name=written)
        draft.report(
            codes.UNKNOWN_KIND,
            message,
            source,
            statement.span,
            help=did_you_mean(draft.nearest(written, draft.schema.kinds)),
        )


def _check_clauses(draft: Draft, source: Source, statement: syntax.Statement) -> None:
    if isinstance(statement, syntax.TableStatement):
        if statement.path is None and all(column.role != "action" for column in statement.columns):
            message = say("meaning.no_action_column", name=statement.name.value)
            draft.report(codes.TABLE_COLUMNS, message, source, statement.name.span)
        return
    if not isinstance(statement, syntax.RuleStatement):
        return
    seen: set[str] = set()
    for clause in statement.clauses:
        label = _label_of(clause)
        if label in seen:
            told = label == "action"
            message = say("meaning.action_already") if told else say("meaning.clause_already", clause=phrase(label))
            help = say(f"meaning.{_MERGE_HELP[label]}") if label in _MERGE_HELP else None
            draft.report(codes.DUPLICATE_CLAUSE, message, source, clause.span, help=help)
        seen.add(label or "")
    if "action" not in seen:
        help = say("meaning.add_action")
        message = say("meaning.no_action", name=statement.name.value)
        draft.report(codes.NO_ACTION, message, source, statement.name.span, help=help)


def _label_of(clause: syntax.Clause) -> str | None:
    """Return what a clause is called if it may stand only once."""
    if isinstance(clause, syntax.ActionClause):
        return "action"
    if isinstance(clause, syntax.DueClause):
        return f"{clause.milestone} within"
    return _ONCE.get(type(clause))


def _check_node(draft: Draft, names: dict[str, dict[str, syntax.Node]], source: Source, node: syntax.Node) -> None:
    if isinstance(node, syntax.FieldReference):
        resolve_field(draft, source, node)
    elif isinstance(node, syntax.NameReference):
        if node.name not in draft.lets and node.name not in draft.lost:
            message = say("meaning.unknown_let", name=node.name)
            draft.report(codes.UNKNOWN_NAME, message, source, node.span, help=_meant(draft, node.name))
    elif isinstance(node, syntax.During | syntax.DueClause) and node.calendar is not None:
        _check_calendar(draft, names["calendar"], source, node.calendar)
    elif isinstance(node, syntax.AssignAction | syntax.SplitAction | syntax.OrderCell):
        _check_orders(draft, source, node.orders)
    elif isinstance(node, syntax.ExpectClause) and node.what == "rule":
        for value in node.values:
            if value.value not in names["rule"] and not _is_long_row(draft, value.value):
                help = did_you_mean(draft.nearest(value.value, names["rule"]))
                message = say("meaning.unknown_rule", name=value.value)
                draft.report(codes.UNKNOWN_EXPECTATION, message, source, value.span, help=help)


def _meant(draft: Draft, name: str) -> Text | None:
    let = draft.nearest(name, draft.lets)
    if let is None:
        for record in (*draft.schema.items.values(), draft.schema.agent):
            if record.find(name) is not None:
                return did_you_mean(f"{record.root}.{name}")
    return did_you_mean(let)


def _check_calendar(draft: Draft, known: Mapping[str, object], source: Source, name: syntax.TextLiteral) -> None:
    if name.value not in known:
        help = did_you_mean(draft.nearest(name.value, known)) or say("meaning.define_calendar", name=name.value)
        message = say("meaning.unknown_calendar", name=name.value)
        draft.report(codes.UNKNOWN_CALENDAR, message, source, name.span, help=help)


def _check_orders(draft: Draft, source: Source, orders: tuple[syntax.OrderTerm, ...]) -> None:
    rotating: str | None = None
    for order in orders:
        if order.hosted and order.name not in draft.orders:
            _report_unknown_order(draft, source, order)
        elif not order.hosted and order.name in ROTATING:
            if rotating is not None:
                message = say("meaning.both_rotate", one=phrase(rotating), other=phrase(order.name))
                help = say("meaning.leave_out_one")
                draft.report(codes.SEVERAL_ROTATIONS, message, source, order.span, help=help)
            rotating = rotating or order.name


def _report_unknown_order(draft: Draft, source: Source, order: syntax.OrderTerm) -> None:
    hosted, built_in = draft.nearest(order.name, draft.orders), draft.nearest(order.name, ORDERS)
    help = did_you_mean(f'"{hosted}"' if hosted else built_in)
    if hosted is None and built_in == order.name:
        help = say("meaning.without_quotes", name=order.name)
    draft.report(codes.UNKNOWN_ORDER, say("meaning.unknown_order", name=order.name), source, order.span, help=help)
