"""How expressions are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assignkit.language import syntax
from assignkit.language.building.parts import Bracketed
from assignkit.language.formatting.literals import Literals
from assignkit.language.formatting.pieces import CLOSE, Break, Item, Piece, listed
from assignkit.language.formatting.spelling import Spelling
from assignkit.language.syntax import Expression, Node

_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _SIGNED, _ATOM = range(1, 9)
"""How tightly each kind of expression binds."""

_TIGHTNESS: Mapping[type[Node], int] = {
    syntax.OrExpression: _OR,
    syntax.AndExpression: _AND,
    syntax.NotExpression: _NOT,
    **dict.fromkeys(
        (
            syntax.Comparison, syntax.Presence, syntax.Membership, syntax.Range, syntax.Has, syntax.HasSeveral,
            syntax.TextTest, syntax.TimeTest, syntax.AgeTest, syntax.During,
        ),
        _TEST,
    ),
    syntax.Negation: _SIGNED,
}  # fmt: skip

_RECORDS = frozenset({"customer", "customers", "task", "tasks", "agent", "owner"})


def _tightness(node: Node) -> int:
    if isinstance(node, syntax.Arithmetic):
        return _SUM if node.operator in "+-" else _PRODUCT
    if isinstance(node, syntax.NumberLiteral) and node.value < 0:
        return _SIGNED
    return _TIGHTNESS.get(type(node), _ATOM)


def within(node: Expression, least: int) -> list[Item]:
    """Return the expression, in brackets where it must be, or where some were written to make a chain plain."""
    tightness = _tightness(node)
    written = isinstance(node.span, Bracketed) and isinstance(node, _CHAINS)
    return [Piece("("), node, CLOSE] if tightness < least or written else [node]


_CHAINS = (syntax.AndExpression, syntax.OrExpression, syntax.Arithmetic)


class ExpressionWriting:
    """Says of each expression what it is written as."""

    def __init__(self, literals: Literals, say: Spelling) -> None:
        self.literals = literals
        self.say = say

    # --- leaves

    def _number(self, node: syntax.NumberLiteral) -> list[Item]:
        return [Piece(self.literals.number(node), node.span.start)]

    def _text(self, node: syntax.TextLiteral) -> list[Item]:
        return [Piece(self.literals.text(node), node.span.start)]

    def _boolean(self, node: syntax.BooleanLiteral) -> list[Item]:
        return [Piece(self.say("true" if node.value else "false"), node.span.start)]

    def _date(self, node: syntax.DateLiteral) -> list[Item]:
        return [Piece(node.value.isoformat(), node.span.start)]

    def _instant(self, node: syntax.InstantLiteral) -> list[Item]:
        return [Piece(self.literals.instant(node), node.span.start)]

    def _duration(self, node: syntax.DurationLiteral) -> list[Item]:
        return [Piece(self.literals.duration(node), node.span.start)]

    def _now(self, node: syntax.Now) -> list[Item]:
        return [Piece(self.say("now"), node.span.start)]

    def _name(self, node: syntax.NameReference) -> list[Item]:
        return [Piece(node.name, node.span.start)]

    def _field(self, node: syntax.FieldReference) -> list[Item]:
        return [Piece(".".join((self.root(node.root), *node.path)), node.span.start)]

    def root(self, name: str) -> str:
        """Return what a record is called: the host's own kinds keep their names."""
        return self.say(name) if name in _RECORDS else name

    # --- what holds others

    def _list(self, node: syntax.ListLiteral) -> list[Item]:
        return [Piece("("), *listed(node.items), CLOSE]

    def _map(self, node: syntax.MapLiteral) -> list[Item]:
        written: list[Item] = []
        for key, level in node.entries:
            written += [Piece(",", joined=True), Break.COMMA, key, level] if written else [key, level]
        return [Piece("("), *written, CLOSE]

    def _call(self, node: syntax.Call) -> list[Item]:
        return [Piece(f"{node.function}("), *listed(node.arguments), CLOSE]

    def _not(self, node: syntax.NotExpression) -> list[Item]:
        kept = isinstance(node.operand.span, Bracketed) and _tightness(node.operand) == _TEST
        return [self.say("not"), *within(node.operand, _ATOM if kept else _NOT)]

    def _and(self, node: syntax.AndExpression) -> list[Item]:
        return self._joined(node.operands, "and", Break.AND, _NOT)

    def _or(self, node: syntax.OrExpression) -> list[Item]:
        return self._joined(node.operands, "or", Break.OR, _AND)

    def _joined(self, operands: tuple[Expression, ...], word: str, before: Break, least: int) -> list[Item]:
        written: list[Item] = within(operands[0], least)
        for operand in operands[1:]:
            written += [before, self.say(word), *within(operand, least)]
        return written

    def _arithmetic(self, node: syntax.Arithmetic) -> list[Item]:
        least = _tightness(node)
        return [*within(node.left, least), node.operator, *within(node.right, least + 1)]

    def _negation(self, node: syntax.Negation) -> list[Item]:
        return [Piece("-", tight=True), *within(node.operand, _SIGNED)]

    # --- tests

    def _test(self, value: Expression, *rest: Item, negated: bool = False) -> list[Item]:
        negation = [self.say("not", "不")] if negated else []
        return [*within(value, _SUM), *negation, *rest]

    def _comparison(self, node: syntax.Comparison) -> list[Item]:
        return self._test(node.left, node.operator, *within(node.right, _SUM))

    def _presence(self, node: syntax.Presence) -> list[Item]:
        return self._test(node.value, self.say("is present" if node.present else "is missing"))

    def _membership(self, node: syntax.Membership) -> list[Item]:
        return self._test(node.value, self.say("not in" if node.negated else "in"), *within(node.container, _SUM))

    def _range(self, node: syntax.Range) -> list[Item]:
        ends: list[Item] = [*within(node.low, _SUM), self.say("and", "与"), *within(node.high, _SUM)]
        return self._test(node.value, self.say("between"), *ends, negated=node.negated)

    def _has(self, node: syntax.Has) -> list[Item]:
        level: list[Item] = [] if node.level is None else [self.say("at"), *within(node.level, _SUM)]
        return self._test(node.value, self.say("has"), *within(node.item, _SUM), *level, negated=node.negated)

    def _has_several(self, node: syntax.HasSeveral) -> list[Item]:
        several = self.say(f"{node.quantifier} of")
        return self._test(node.value, self.say("has"), several, *within(node.items, _SUM), negated=node.negated)

    def _text_test(self, node: syntax.TextTest) -> list[Item]:
        return self._test(node.value, self.say(node.operator), *within(node.pattern, _SUM), negated=node.negated)

    def _time_test(self, node: syntax.TimeTest) -> list[Item]:
        word = self.say("before") if node.operator == "before" else self.say("after", "晚于")
        return self._test(node.value, word, *within(node.other, _SUM), negated=node.negated)

    def _age_test(self, node: syntax.AgeTest) -> list[Item]:
        return self._test(node.value, self.say(node.operator), *within(node.duration, _SUM), negated=node.negated)

    def _during(self, node: syntax.During) -> list[Item]:
        return self._test(node.value, self.say("during calendar"), node.calendar, negated=node.negated)


EXPRESSIONS: Mapping[type[Node], Callable[[ExpressionWriting, Any], list[Item]]] = {
    syntax.NumberLiteral: ExpressionWriting._number,  # noqa: SLF001 - the table of this class's own methods
    syntax.TextLiteral: ExpressionWriting._text,  # noqa: SLF001
    syntax.BooleanLiteral: ExpressionWriting._boolean,  # noqa: SLF001
    syntax.DateLiteral: ExpressionWriting._date,  # noqa: SLF001
    syntax.InstantLiteral: ExpressionWriting._instant,  # noqa: SLF001
    syntax.DurationLiteral: ExpressionWriting._duration,  # noqa: SLF001
    syntax.ListLiteral: ExpressionWriting._list,  # noqa: SLF001
    syntax.MapLiteral: ExpressionWriting._map,  # noqa: SLF001
    syntax.Now: ExpressionWriting._now,  # noqa: SLF001
    syntax.NameReference: ExpressionWriting._name,  # noqa: SLF001
    syntax.FieldReference: ExpressionWriting._field,  # noqa: SLF001
    syntax.NotExpression: ExpressionWriting._not,  # noqa: SLF001
    syntax.AndExpression: ExpressionWriting._and,  # noqa: SLF001
    syntax.OrExpression: ExpressionWriting._or,  # noqa: SLF001
    syntax.Comparison: ExpressionWriting._comparison,  # noqa: SLF001
    syntax.Presence: ExpressionWriting._presence,  # noqa: SLF001
    syntax.Membership: ExpressionWriting._membership,  # noqa: SLF001
    syntax.Range: ExpressionWriting._range,  # noqa: SLF001
    syntax.Has: ExpressionWriting._has,  # noqa: SLF001
    syntax.HasSeveral: ExpressionWriting._has_several,  # noqa: SLF001
    syntax.TextTest: ExpressionWriting._text_test,  # noqa: SLF001
    syntax.TimeTest: ExpressionWriting._time_test,  # noqa: SLF001
    syntax.AgeTest: ExpressionWriting._age_test,  # noqa: SLF001
    syntax.During: ExpressionWriting._during,  # noqa: SLF001
    syntax.Arithmetic: ExpressionWriting._arithmetic,  # noqa: SLF001
    syntax.Negation: ExpressionWriting._negation,  # noqa: SLF001
    syntax.Call: ExpressionWriting._call,  # noqa: SLF001
}
