"""From syntax to terms: types are found bottom-up, and told where they do not fit. Works iteratively, at any depth.

Something wrong is told once, and becomes a constant of the type `ANY`, which fits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.messages.text import say
from assignkit.rules import codes, terms
from assignkit.rules.draft import Draft, children
from assignkit.rules.field_types import LIST_OF, Raw, ValueType
from assignkit.rules.fitting import DAYS, KEYED, Fitting, quoted
from assignkit.rules.functions import FUNCTIONS
from assignkit.rules.moments import midnight
from assignkit.rules.numbers import as_constant
from assignkit.rules.suggestions import did_you_mean
from assignkit.rules.terms import Constant, NowTerm, Term, constant_of

_T = ValueType


class Elaboration(Fitting):
    """Turns the expressions of one file into terms."""

    def __init__(self, draft: Draft, source: Source) -> None:
        super().__init__(draft, source)
        self._done: dict[int, Term] = {}

    def term(self, node: syntax.Expression) -> Term:
        """Return the term for an expression; what is wrong with it is told to the draft."""
        waiting: list[tuple[syntax.Node, bool]] = [(node, False)]
        while waiting:
            each, ready = waiting.pop()
            if id(each) in self._done:
                continue
            operands = () if ready else self._operands(each)
            if operands:
                waiting.append((each, True))
                waiting.extend((below, False) for below in reversed(operands))
            else:
                self._done[id(each)] = _HANDLERS[type(each)](self, each)
        return self._done[id(node)]

    def _operands(self, node: syntax.Node) -> Sequence[syntax.Node]:
        if isinstance(node, syntax.Arithmetic):  # a chain is one term, however long
            return _chain(node)[1]
        if isinstance(node, syntax.During):
            return [node.value]
        return children(node)

    # --- leaves

    def _literal(self, node: Raw) -> Term:
        kind, convert = _LITERALS[type(node)]
        return Constant(type=kind, origin=self.origin(node), value=convert(node.value))

    def _list(self, node: syntax.ListLiteral) -> Term:
        items = tuple(self._done[id(each)] for each in node.items)
        kinds = [each.type for each in items if each.type is not _T.ANY]
        for each, item in zip(node.items, items, strict=True):
            if item.type not in LIST_OF:
                message = say("meaning.list_cannot_hold", term=quoted(item), type=item.type.told)
                return self.wrong(codes.WRONG_TYPE, message, each)
            if kinds and item.type not in (kinds[0], _T.ANY):
                first, told = kinds[0].told, item.type.told
                message = say("meaning.list_begins_with", first=first, term=quoted(item), type=told)
                return self.wrong(codes.TYPE_MISMATCH, message, each)
        return self.listed(node, items, LIST_OF[kinds[0]] if kinds else _T.ANY)

    def _now(self, node: syntax.Now) -> Term:
        return NowTerm(type=_T.INSTANT, origin=self.origin(node))

    def _name(self, node: syntax.NameReference) -> Term:
        value = self._draft.let_terms.get(node.name)
        if value is None:
            return self.unknown(node)
        return terms.Named(type=value.type, origin=self.origin(node), name=node.name, value=value)

    def _field(self, node: syntax.FieldReference) -> Term:
        found = self._draft.fields.get((node.root, node.path))
        if found is None:
            return self.unknown(node)
        root, spec = found
        return terms.FieldTerm(type=spec.type, origin=self.origin(node), root=root, spec=spec)

    # --- logic

    def _not(self, node: syntax.NotExpression) -> Term:
        operand = self.condition(node.operand, self._done[id(node.operand)])
        return terms.Not(type=_T.BOOLEAN, origin=self.origin(node), operand=operand)

    def _and(self, node: syntax.AndExpression) -> Term:
        operands = tuple(self.condition(each, self._done[id(each)]) for each in node.operands)
        return terms.And(type=_T.BOOLEAN, origin=self.origin(node), operands=operands)

    def _or(self, node: syntax.OrExpression) -> Term:
        operands = tuple(self.condition(each, self._done[id(each)]) for each in node.operands)
        return terms.Or(type=_T.BOOLEAN, origin=self.origin(node), operands=operands)

    # --- comparisons

    def _comparison(self, node: syntax.Comparison) -> Term:
        left, right = self._done[id(node.left)], self._done[id(node.right)]
        return self.compared(node, node.operator, (node.left, left), (node.right, right))

    def _range(self, node: syntax.Range) -> Term:
        value, low, high = ((each, self._done[id(each)]) for each in (node.value, node.low, node.high))
        return self.negated(node, self.between(node, value, low, high), when=node.negated)

    def _time_test(self, node: syntax.TimeTest) -> Term:
        value, other = self._done[id(node.value)], self._done[id(node.other)]
        fit = [self.fits(node.value, value, DAYS), self.fits(node.other, other, DAYS)]
        if not all(fit):
            return self.unknown(node)
        operator: terms.Operator = "<" if node.operator == "before" else ">"
        test = self.compared(node, operator, (node.value, value), (node.other, other))
        return self.negated(node, test, when=node.negated)

    def _age_test(self, node: syntax.AgeTest) -> Term:
        value, duration = self._done[id(node.value)], constant_of(self._done[id(node.duration)])
        fit = [
            self.fits(node.value, value, DAYS),
            self.fits(node.duration, self._done[id(node.duration)], (_T.DURATION,), say("meaning.write_duration")),
        ]
        if not all(fit) or duration is None or duration.value is None:
            return self.unknown(node)
        origin = self.origin(node)
        then = NowTerm(type=_T.INSTANT, origin=origin, offset=-duration.value)
        if node.operator == "older than":
            test = self.compared(node, "<", (node.value, value), (node.value, then))
        else:
            now = NowTerm(type=_T.INSTANT, origin=origin)
            test = self.between(node, (node.value, value), (node.value, then), (node.value, now))
        return self.negated(node, test, when=node.negated)

    def _during(self, node: syntax.During) -> Term:
        value, calendar = self._done[id(node.value)], self._draft.calendars.get(node.calendar.value)
        if not self.fits(node.value, value, (_T.INSTANT,)) or calendar is None:
            return self.unknown(node)
        test = terms.During(type=_T.BOOLEAN, origin=self.origin(node), value=value, calendar=calendar)
        return self.negated(node, test, when=node.negated)

    def _presence(self, node: syntax.Presence) -> Term:
        return self.present(self._done[id(node.value)], self.origin(node), present=node.present)

    # --- lists and texts

    def _membership(self, node: syntax.Membership) -> Term:
        value, container = ((each, self._done[id(each)]) for each in (node.value, node.container))
        return self.negated(node, self.among(node, value, container), when=node.negated)

    def _has(self, node: syntax.Has) -> Term:
        value, item = ((each, self._done[id(each)]) for each in (node.value, node.item))
        level = None if node.level is None else (node.level, self._done[id(node.level)])
        return self.negated(node, self.having(node, value, item, level), when=node.negated)

    def _has_several(self, node: syntax.HasSeveral) -> Term:
        value, items = self._done[id(node.value)], self._done[id(node.items)]
        if items.type is _T.TEXT:
            items = self.listed(node.items, (items,), _T.TEXTS)
        if not all([self.fits(node.value, value, KEYED), self.fits(node.items, items, (_T.TEXTS,))]):
            return self.unknown(node)
        test = terms.HasSeveral(
            type=_T.BOOLEAN, origin=self.origin(node), quantifier=node.quantifier, value=value, items=items
        )
        return self.negated(node, test, when=node.negated)

    def _text_test(self, node: syntax.TextTest) -> Term:
        value, pattern = self._done[id(node.value)], self._done[id(node.pattern)]
        help = None
        if value.type in KEYED:
            help = did_you_mean(say("meaning.try_has", value=value.text, item=pattern.text))
        if not all([self.fits(node.value, value, (_T.TEXT,), help), self.fits(node.pattern, pattern, (_T.TEXT,))]):
            return self.unknown(node)
        test = terms.TextTest(
            type=_T.BOOLEAN, origin=self.origin(node), operator=node.operator, value=value, pattern=pattern
        )
        return self.negated(node, test, when=node.negated)

    # --- numbers and functions

    def _arithmetic(self, node: syntax.Arithmetic) -> Term:
        operators, written = _chain(node)
        operands = tuple(self._done[id(each)] for each in written)
        help = say("meaning.for_times")
        fit = [
            self.fits(each, term, (_T.NUMBER,), help if term.type in (*DAYS, _T.DURATION) else None)
            for each, term in zip(written, operands, strict=True)
        ]
        if not all(fit):
            return self.unknown(node)
        return terms.Arithmetic(type=_T.NUMBER, origin=self.origin(node), operators=operators, operands=operands)

    def _negation(self, node: syntax.Negation) -> Term:
        operand = self._done[id(node.operand)]
        if not self.fits(node.operand, operand, (_T.NUMBER,)):
            return self.unknown(node)
        return terms.Call(type=_T.NUMBER, origin=self.origin(node), function="negate", arguments=(operand,))

    def _call(self, node: syntax.Call) -> Term:
        signature = FUNCTIONS[node.function]
        wanted = len(signature.takes)
        if len(node.arguments) != wanted and not (signature.many and node.arguments):
            given = len(node.arguments)
            message = say("meaning.arguments", function=node.function, count=wanted, given=given)
            return self.wrong(codes.WRONG_ARGUMENTS, message, node)
        arguments = tuple(self._done[id(each)] for each in node.arguments)
        kinds = signature.takes * (len(arguments) if signature.many else 1)
        fit = [self.fits(*each) for each in zip(node.arguments, arguments, kinds, strict=True)]
        if not all(fit):
            return self.unknown(node)
        if node.function == "days since":
            arguments = (*arguments, NowTerm(type=_T.INSTANT, origin=self.origin(node)))
        return terms.Call(type=signature.gives, origin=self.origin(node), function=node.function, arguments=arguments)


def _chain(node: syntax.Arithmetic) -> tuple[tuple[Any, ...], tuple[syntax.Expression, ...]]:
    """Return the operators and operands of a chain that is evaluated from left to right."""
    operators: list[str] = []
    operands: list[syntax.Expression] = []
    left: syntax.Expression = node
    while isinstance(left, syntax.Arithmetic):
        operators.append(left.operator)
        operands.append(left.right)
        left = left.left
    return tuple(reversed(operators)), (left, *reversed(operands))


def _instant(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # within a day of the ends of the calendar
        return midnight(value.date(), UTC) or value


def _same(value: Raw) -> Raw:
    return value


_LITERALS: Mapping[type[syntax.Node], tuple[ValueType, Callable[[Any], Any]]] = {
    syntax.NumberLiteral: (_T.NUMBER, as_constant),
    syntax.TextLiteral: (_T.TEXT, _same),
    syntax.BooleanLiteral: (_T.BOOLEAN, _same),
    syntax.DateLiteral: (_T.DATE, _same),
    syntax.InstantLiteral: (_T.INSTANT, _instant),
    syntax.DurationLiteral: (_T.DURATION, _same),
}
_HANDLERS: Mapping[type[syntax.Node], Callable[[Elaboration, Any], Term]] = {
    **dict.fromkeys(_LITERALS, Elaboration._literal),  # noqa: SLF001 - the table of this class's own methods
    syntax.ListLiteral: Elaboration._list,  # noqa: SLF001
    syntax.Now: Elaboration._now,  # noqa: SLF001
    syntax.NameReference: Elaboration._name,  # noqa: SLF001
    syntax.FieldReference: Elaboration._field,  # noqa: SLF001
    syntax.NotExpression: Elaboration._not,  # noqa: SLF001
    syntax.AndExpression: Elaboration._and,  # noqa: SLF001
    syntax.OrExpression: Elaboration._or,  # noqa: SLF001
    syntax.Comparison: Elaboration._comparison,  # noqa: SLF001
    syntax.Presence: Elaboration._presence,  # noqa: SLF001
    syntax.Membership: Elaboration._membership,  # noqa: SLF001
    syntax.Range: Elaboration._range,  # noqa: SLF001
    syntax.Has: Elaboration._has,  # noqa: SLF001
    syntax.HasSeveral: Elaboration._has_several,  # noqa: SLF001
    syntax.TextTest: Elaboration._text_test,  # noqa: SLF001
    syntax.TimeTest: Elaboration._time_test,  # noqa: SLF001
    syntax.AgeTest: Elaboration._age_test,  # noqa: SLF001
    syntax.During: Elaboration._during,  # noqa: SLF001
    syntax.Arithmetic: Elaboration._arithmetic,  # noqa: SLF001
    syntax.Negation: Elaboration._negation,  # noqa: SLF001
    syntax.Call: Elaboration._call,  # noqa: SLF001
}
