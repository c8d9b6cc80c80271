# ruff: noqa: D102 - each method bears the name of a rule of the grammar, and returns what that rule stands for
"""Builds expressions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assignkit.diagnostics import Span
from assignkit.language import literals
from assignkit.language.building.parts import Bracketed, Parts, cover
from assignkit.language.literals import BadLiteralError
from assignkit.language.reporting import findings
from assignkit.language.syntax import (
    AgeTest,
    AndExpression,
    Arithmetic,
    BooleanLiteral,
    Call,
    Comparison,
    DateLiteral,
    DurationLiteral,
    During,
    Expression,
    FieldReference,
    Has,
    HasSeveral,
    InstantLiteral,
    ListLiteral,
    Membership,
    NameReference,
    Negation,
    NotExpression,
    Now,
    NumberLiteral,
    OrExpression,
    Presence,
    Range,
    TextLiteral,
    TextTest,
    TimeTest,
)
from assignkit.language.tokens import Token
from assignkit.language.vocabulary import NAME, SPELLING

_ROOTS = {"CUSTOMER": "customer", "TASK": "task", "AGENT": "agent", "OWNER": "owner"}
_SINGLE_LITERALS = (NumberLiteral, TextLiteral, BooleanLiteral, DateLiteral, InstantLiteral, DurationLiteral, Negation)


class ExpressionBuilder:
    """One method per expression rule of the grammar; keeps nothing between calls."""

    # --- literals

    def number(self, parts: Parts) -> NumberLiteral:
        return NumberLiteral(parts[0].value, span=parts[0].span)

    def signed(self, parts: Parts) -> NumberLiteral:
        sign, token = parts
        return NumberLiteral(-token.value if sign and token.value else token.value, span=cover(parts))

    def negative_literal(self, parts: Parts) -> NumberLiteral:
        return _negated(parts[1], cover(parts))

    def text(self, parts: Parts) -> TextLiteral:
        return TextLiteral(parts[0].value, span=parts[0].span)

    def texts(self, parts: Parts) -> tuple[TextLiteral, ...]:
        return tuple(parts[::2])

    def date(self, parts: Parts) -> DateLiteral:
        return DateLiteral(parts[0].value, span=parts[0].span)

    def instant(self, parts: Parts) -> InstantLiteral:
        return InstantLiteral(parts[0].value, span=parts[0].span)

    def boolean(self, parts: Parts) -> BooleanLiteral:
        return BooleanLiteral(parts[0].type == "TRUE", span=parts[0].span)

    def duration(self, parts: Parts) -> DurationLiteral:
        count, unit = parts
        span = cover(parts)
        try:
            value = literals.duration(count.value, unit.type)
        except BadLiteralError as error:
            findings.get().add(error.code, error.message, span, help=error.help)
            value = timedelta()
        return DurationLiteral(value, span=span)

    def list(self, parts: Parts) -> ListLiteral:
        return ListLiteral(tuple(parts[1:-1:2]), span=cover(parts))

    # --- names, fields, calls

    def name(self, parts: Parts) -> NameReference:
        return NameReference(parts[0].value, span=parts[0].span)

    def field(self, parts: Parts) -> FieldReference:
        root, *path = parts
        named = root.value if root.type == NAME else _ROOTS[root.type]
        return FieldReference(named, tuple([step.value for step in path]), span=cover(parts))

    def now(self, parts: Parts) -> Now:
        return Now(span=parts[0].span)

    def call(self, parts: Parts) -> Call:
        opening = next(i for i, part in enumerate(parts) if isinstance(part, Token) and part.type == "LPAR")
        function = " ".join(_function_word(word.type) for word in parts[:opening])
        return Call(function, tuple(parts[opening + 1 : -1 : 2]), span=cover(parts))

    def grouped(self, parts: Parts) -> Expression:
        inside: Expression = parts[1]
        span = Bracketed(*cover(parts))
        span.inside = inside.span
        return replace(inside, span=span)

    # --- logic

    def any_of(self, parts: Parts) -> OrExpression:
        return OrExpression(tuple(parts[::2]), span=cover(parts))

    def all_of(self, parts: Parts) -> AndExpression:
        return AndExpression(tuple(parts[::2]), span=cover(parts))

    def inverted(self, parts: Parts) -> NotExpression:
        return NotExpression(parts[1], span=cover(parts))

    # --- comparisons: `[value, not or None, word …, operand …]`

    def compared(self, parts: Parts) -> Comparison:
        left, sign, right = parts
        return Comparison(SPELLING[sign.type], left, right, span=cover(parts))  # type: ignore[arg-type]

    def equal(self, parts: Parts) -> Comparison:
        return Comparison("=", parts[0], parts[2], span=cover(parts))

    def unequal(self, parts: Parts) -> Comparison:
        return Comparison("!=", parts[0], parts[3], span=cover(parts))

    def presence(self, parts: Parts) -> Presence:
        value, _, negation, state = parts
        return Presence(value, present=(state.type == "PRESENT") != bool(negation), span=cover(parts))

    def membership(self, parts: Parts) -> Membership:
        value, negation, _, container = parts
        return Membership(value, _as_list(container), negated=bool(negation), span=cover(parts))

    def between(self, parts: Parts) -> Range:
        value, negation, _, low, _, high = parts
        return Range(value, low, high, negated=bool(negation), span=cover(parts))

    def has(self, parts: Parts) -> Has:
        value, negation, _, item, _, level = parts
        return Has(value, item, level, negated=bool(negation), span=cover(parts))

    def has_several(self, parts: Parts) -> HasSeveral:
        value, negation, _, quantifier, _, items = parts
        meant = "any" if quantifier.type == "ANY" else "all"
        return HasSeveral(meant, value, _as_list(items), negated=bool(negation), span=cover(parts))  # type: ignore[arg-type]

    def text_test(self, parts: Parts) -> TextTest:
        value, negation, word, pattern = parts
        operator = "contains" if word.type == "CONTAINS" else "like"
        return TextTest(operator, value, pattern, negated=bool(negation), span=cover(parts))  # type: ignore[arg-type]

    def text_edge_test(self, parts: Parts) -> TextTest:
        value, negation, word, _, pattern = parts
        operator = "starts with" if word.type == "STARTS" else "ends with"
        return TextTest(operator, value, pattern, negated=bool(negation), span=cover(parts))  # type: ignore[arg-type]

    def time_test(self, parts: Parts) -> TimeTest:
        value, negation, word, other = parts
        operator = "before" if word.type == "BEFORE" else "after"
        return TimeTest(operator, value, other, negated=bool(negation), span=cover(parts))  # type: ignore[arg-type]

    def age_test(self, parts: Parts) -> AgeTest:
        value, negation, word, _, duration = parts
        operator = "older than" if word.type == "OLDER" else "within last"
        return AgeTest(operator, value, duration, negated=bool(negation), span=cover(parts))  # type: ignore[arg-type]

    def during(self, parts: Parts) -> During:
        value, negation, _, _, calendar = parts
        return During(value, calendar, negated=bool(negation), span=cover(parts))

    # --- arithmetic

    def arithmetic(self, parts: Parts) -> Arithmetic:
        left, sign, right = parts
        return Arithmetic(SPELLING[sign.type], left, right, span=cover(parts))  # type: ignore[arg-type]

    def negative(self, parts: Parts) -> Negation | NumberLiteral:
        operand = parts[1]
        if isinstance(operand, NumberLiteral):
            return _negated(operand, cover(parts))
        return Negation(operand, span=cover(parts))


def _negated(number: NumberLiteral, span: Span) -> NumberLiteral:
    return NumberLiteral(-number.value if number.value else number.value, span=span)


def _function_word(terminal: str) -> str:
    return terminal.lower() if terminal in {"HOUR", "WEEKDAY"} else SPELLING[terminal]


def _as_list(container: Expression) -> Expression:
    """Return a lone literal in brackets as the list of one that it is where a list must stand."""
    span = container.span
    if isinstance(span, Bracketed) and isinstance(container, _SINGLE_LITERALS):
        return ListLiteral((replace(container, span=span.inside),), span=Span(*span))
    return container
