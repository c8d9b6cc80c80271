"""Conditions as rows: a rule matches when all tests of one of its rows hold. What an index is built from.

Each test on a single field of the item becomes a constraint on that field's value; every other test stays a residue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, UTC, tzinfo
from decimal import Decimal
from typing import Any

from assignkit.rules import terms
from assignkit.rules.facts import Facts, is_owner_id
from assignkit.rules.field_types import ValueType
from assignkit.rules.interpreter import value
from assignkit.rules.numbers import exact
from assignkit.rules.terms import FieldTerm, Term, constant_of

_MOST_ROWS = 16  # of one rule; a condition that splits into more keeps some of its alternatives as residue
_DEEPEST = 60
_EXACT_INTEGERS = 2**53
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
ORDERED = frozenset({ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT})


@dataclass(frozen=True, slots=True)
class Test:
    """A condition that must be definitely true (`holds`) or definitely false."""

    term: Term
    holds: bool


@dataclass(frozen=True, slots=True)
class Values:
    """The field is one of these values; `negated`: it is there, and none of them."""

    accepted: frozenset[Any]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """The field compares so with a constant."""

    operator: str
    constant: Any


@dataclass(frozen=True, slots=True)
class Presence:
    """The field is there, or is missing."""

    present: bool


@dataclass(frozen=True, slots=True)
class Prefix:
    """The field, a text, starts with this one."""

    text: str


@dataclass(frozen=True, slots=True)
class Holds:
    """The field, a list or map, holds one of these keys; `exact` is whether that is all that is asked."""

    keys: frozenset[str]
    exact: bool = True


Constraint = Values | Bound | Presence | Prefix | Holds


def rows_of(condition: Term | None) -> list[tuple[Test, ...]]:
    """Return the alternatives of a condition, each the tests that must all hold; one empty row for no condition."""
    return [()] if condition is None else _rows(Test(condition, holds=True), depth=0)


def _rows(test: Test, depth: int) -> list[tuple[Test, ...]]:
    term, holds = test.term, test.holds
    while isinstance(term, terms.Named | terms.Not):
        holds = holds != isinstance(term, terms.Not)
        term = term.value if isinstance(term, terms.Named) else term.operand
    plain: list[tuple[Test, ...]] = [(Test(term, holds),)]
    if not isinstance(term, terms.And | terms.Or):
        ranges: list[tuple[Test, ...]] = [(Test(each, holds=True),) for each in _ranges(term, holds=holds)]
        return ranges if ranges and len(ranges) <= _MOST_ROWS else plain
    if depth >= _DEEPEST:
        return plain
    parts = [_rows(Test(operand, holds), depth + 1) for operand in term.operands]
    if isinstance(term, terms.Or) == holds:
        rows = [row for part in parts for row in part]
        return rows if len(rows) <= _MOST_ROWS else plain
    return _product(parts, [Test(operand, holds) for operand in term.operands])


def _product(parts: list[list[tuple[Test, ...]]], whole: list[Test]) -> list[tuple[Test, ...]]:
    rows: list[tuple[Test, ...]] = [()]
    for part, test in zip(parts, whole, strict=True):
        alternatives = part if len(rows) * len(part) <= _MOST_ROWS else [(test,)]
        rows = [before + after for before in rows for after in alternatives]
    return rows


def _ranges(term: Term, *, holds: bool) -> list[Term]:
    """Return comparisons of which one must hold, for a test of single numbers or dates; none for any other test."""
    made: list[Term] = []
    if isinstance(term, terms.Compare) and term.left.type in ORDERED:
        if (term.operator if holds else _OPPOSITE[term.operator]) == "!=":
            made = [_comparison(term, operator, term.left, term.right) for operator in ("<", ">")]
    elif isinstance(term, terms.Among) and term.value.type in ORDERED and holds:
        listed = constant_of(term.container)
        for value in () if listed is None else listed.value:
            constant = terms.Constant(type=term.value.type, origin=term.origin, value=value)
            made.append(_comparison(term, "=", term.value, constant))
    return made if all(constraint_of(Test(each, holds=True), UTC) for each in made) else []


def _comparison(term: Term, operator: terms.Operator, left: Term, right: Term) -> Term:
    return terms.Compare(type=term.type, origin=term.origin, operator=operator, left=left, right=right)


def constraint_of(test: Test, zone: tzinfo) -> tuple[FieldTerm, Constraint] | None:
    """Return what a test asks of a single field of the item, or None if it is no such test."""
    term = test.term
    if isinstance(term, FieldTerm):
        return _about(term, Values(frozenset((test.holds,))))
    if isinstance(term, terms.Compare):
        return _compared(term, zone, holds=test.holds)
    if isinstance(term, terms.Among):
        field, listed = _field(term.value), constant_of(term.container)
        if field is None or listed is None or field.type in ORDERED:
            return None
        return _about(field, Values(frozenset(listed.value), negated=not test.holds))
    if isinstance(term, terms.Presence):
        field = _field(term.value)
        return None if field is None else _about(field, Presence(term.present == test.holds))
    if isinstance(term, terms.TextTest) and test.holds and term.operator == "starts with":
        field, written = _field(term.value), constant_of(term.pattern)
        return None if field is None or written is None else _about(field, Prefix(written.value))
    if isinstance(term, terms.Has | terms.HasSeveral) and test.holds:
        return _held(term)
    return None


def _compared(term: terms.Compare, zone: tzinfo, *, holds: bool) -> tuple[FieldTerm, Constraint] | None:
    operator = term.operator if holds else _OPPOSITE[term.operator]
    field, other = _field(term.left), term.right
    if field is None:
        field, other, operator = _field(term.right), term.left, _MIRRORED[operator]
    if field is None or other.roots or other.type is ValueType.ANY:
        return None
    written = constant_of(other)
    constant = value(other, Facts(zone=zone)) if written is None else written.value
    if constant is None:
        return None
    if field.type in ORDERED:
        return _about(field, Bound(operator, constant)) if operator != "!=" and _is_plain(constant) else None
    return _about(field, Values(frozenset((constant,)), negated=operator == "!="))


def _is_plain(constant: Any) -> bool:  # noqa: ANN401 - a number, date or instant
    """Return whether floats and instants compare with the constant just as the exact values that they stand for."""
    if isinstance(constant, int | Decimal):
        return -_EXACT_INTEGERS < constant < _EXACT_INTEGERS and bool(exact(float(constant)) == constant)
    return bool(constant.year < MAXYEAR)  # what follows the constant is in the calendar too


def _held(term: terms.Has | terms.HasSeveral) -> tuple[FieldTerm, Constraint] | None:
    field = _field(term.value)
    asked = constant_of(term.item if isinstance(term, terms.Has) else term.items)
    if field is None or asked is None or asked.value is None:
        return None
    if isinstance(term, terms.Has):
        return _about(field, Holds(frozenset((asked.value,)), exact=term.level is None))
    if term.quantifier == "any":
        return _about(field, Holds(frozenset(asked.value)))
    return _about(field, Holds(frozenset(asked.value[:1]), exact=len(asked.value) == 1))


def _field(term: Term) -> FieldTerm | None:
    while isinstance(term, terms.Named):
        term = term.value
    return term if isinstance(term, FieldTerm) else None


def _about(field: FieldTerm, constraint: Constraint) -> tuple[FieldTerm, Constraint] | None:
    """Return the pair if an index can read the field: one of the item's own, and of a type that has values."""
    readable = field.slot == "item" and not field.spec.derived and not is_owner_id(field)
    return (field, constraint) if readable and field.type in _INDEXED else None


_INDEXED = ORDERED | {ValueType.TEXT, ValueType.BOOLEAN, ValueType.TEXTS, ValueType.LEVELS}
