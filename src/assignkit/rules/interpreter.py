"""The reference: evaluates terms one node after the other, without recursion and without shortcuts.

Values are None where missing; truths are True, False or None (unknown), joined as Kleene does. Nothing raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from assignkit.rules import moments, numbers, terms, texts
from assignkit.rules.calendars import is_open
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.moments import zone_named
from assignkit.rules.terms import Term

Values = dict[int, Any]


def value(term: Term, facts: Facts) -> Raw:
    """Return the value of a term, None if it is missing; a truth for a condition."""
    values: Values = {}
    for each in schedule(term):
        values[id(each)] = _EVALUATORS[type(each)](each, values, facts)
    return values[id(term)]


def truth(term: Term, facts: Facts) -> bool | None:
    """Return whether a condition is true or false, None if a missing value leaves it open."""
    result = value(term, facts)
    return result if isinstance(result, bool) else None


@lru_cache(maxsize=4096)
def schedule(term: Term) -> tuple[Term, ...]:
    """Return every term below this one and itself, each once, operands before what uses them."""
    ordered: list[Term] = []
    seen: set[int] = set()
    waiting: list[tuple[Term, bool]] = [(term, False)]
    while waiting:
        each, ready = waiting.pop()
        if ready:
            ordered.append(each)
        elif id(each) not in seen:
            seen.add(id(each))
            waiting.append((each, True))
            waiting.extend((below, False) for below in reversed(each.children()))
    return tuple(ordered)


def degree(term: Term, facts: Facts) -> numbers.Exact:
    """Return how far an agent meets a `prefer`, from 0 to 1; unknown is 0.

    A condition gives 0 or 1, `has y at n` the held level divided by n and at most 1, a number itself within 0 to 1.
    """
    wish = term
    while isinstance(wish, terms.Named):
        wish = wish.value
    if isinstance(wish, terms.Has) and wish.level is not None:
        return level_reached(*(value(each, facts) for each in wish.children()))
    found = value(term, facts)
    if found is None or isinstance(found, bool):
        return int(found is True)
    return max(0, min(1, numbers.exact(found)))


def level_reached(levels: Raw, item: str | None, wanted: Raw) -> numbers.Exact:
    """Return how far the map has the key at this number, from 0 to 1; unknown is 0."""
    held = texts.degree_at(levels, item, wanted)
    if held is None or not held:
        return int(texts.has_at(levels, item, wanted) is True)
    reached = numbers.divide(held, wanted)
    if reached is None or numbers.exact(wanted) < 0:  # nothing is too little for such a level
        return int(texts.has_at(levels, item, wanted) is True)
    return max(0, min(1, reached))


# --- one evaluator per kind of term


def _constant(term: terms.Constant, values: Values, facts: Facts) -> Raw:  # noqa: ARG001
    return term.value


def _field(term: terms.FieldTerm, values: Values, facts: Facts) -> Raw:  # noqa: ARG001
    return facts.read(term)


def _now(term: terms.NowTerm, values: Values, facts: Facts) -> datetime | None:  # noqa: ARG001
    return moments.shifted(facts.now, term.offset)


def _named(term: terms.Named, values: Values, facts: Facts) -> Raw:  # noqa: ARG001
    return values[id(term.value)]


def _list(term: terms.ListTerm, values: Values, facts: Facts) -> tuple[Any, ...]:  # noqa: ARG001
    return tuple(values[id(each)] for each in term.items)


def _not(term: terms.Not, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    operand = values[id(term.operand)]
    return None if operand is None else not operand


def _and(term: terms.And, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    return texts.every(values[id(each)] for each in term.operands)


def _or(term: terms.Or, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    return texts.either(values[id(each)] for each in term.operands)


def _compare(term: terms.Compare, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    left, right = values[id(term.left)], values[id(term.right)]
    if left is None or right is None:
        return None
    if term.left.type is ValueType.NUMBER:
        left, right = numbers.exact(left), numbers.exact(right)
    return COMPARISONS[term.operator](left, right)


def _presence(term: terms.Presence, values: Values, facts: Facts) -> bool:  # noqa: ARG001
    return (values[id(term.value)] is not None) is term.present


def _among(term: terms.Among, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    return among(values[id(term.value)], _members(term.container, values), term.value.type)


def _members(container: Term, values: Values) -> Raw:
    """Return the members of a written list as they are, of a field's list those that are texts."""
    found = values[id(container)]
    return found if is_written(container) else texts.members(found)


def is_written(container: Term) -> bool:
    """Return whether a list is written out in the rules."""
    while isinstance(container, terms.Named):
        container = container.value
    return isinstance(container, terms.Constant | terms.ListTerm)


def among(one: Raw, many: Raw, kind: ValueType) -> bool | None:
    """Return whether a list has a value; a missing member leaves it open unless another one is equal."""
    if one is None or many is None:
        return None
    if kind is ValueType.NUMBER:
        one = numbers.exact(one)
        return texts.either(None if each is None else numbers.exact(each) == one for each in many)
    return texts.either(None if each is None else each == one for each in many)


def _has(term: terms.Has, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    held, item = values[id(term.value)], values[id(term.item)]
    return texts.has(held, item) if term.level is None else texts.has_at(held, item, values[id(term.level)])


def _has_several(term: terms.HasSeveral, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    test = texts.has_any if term.quantifier == "any" else texts.has_all
    return test(values[id(term.value)], _members(term.items, values))


def _text_test(term: terms.TextTest, values: Values, facts: Facts) -> bool | None:  # noqa: ARG001
    return TEXT_TESTS[term.operator](values[id(term.value)], values[id(term.pattern)])


def _during(term: terms.During, values: Values, facts: Facts) -> bool | None:
    zone = zone_named(term.calendar.zone) if term.calendar.zone else facts.place
    return is_open(values[id(term.value)], term.calendar, zone)


def _arithmetic(term: terms.Arithmetic, values: Values, facts: Facts) -> numbers.Number | None:  # noqa: ARG001
    return numbers.calculate(term.operators, *(values[id(each)] for each in term.operands))


def _call(term: terms.Call, values: Values, facts: Facts) -> Raw:
    arguments = [values[id(each)] for each in term.arguments]
    if term.function in ZONED:
        return ZONED[term.function](*arguments, facts.place)
    return PLAIN[term.function](*arguments)


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
TEXT_TESTS: Mapping[str, Callable[[str | None, str | None], bool | None]] = {
    "contains": texts.contains,
    "starts with": texts.starts_with,
    "ends with": texts.ends_with,
    "like": texts.like,
}
PLAIN: Mapping[str, Callable[..., Any]] = {
    "lower": texts.lower,
    "upper": texts.upper,
    "trim": texts.trimmed,
    "length": texts.length,
    "bucket": texts.bucket,
    "abs": numbers.absolute,
    "negate": numbers.negate,
    "round": numbers.rounded,
    "min": numbers.smallest,
    "max": numbers.largest,
    "distance km": numbers.distance_km,
}
ZONED: Mapping[str, Callable[..., Any]] = {
    "midnight": moments.midnight,
    "hour": moments.hour,
    "weekday": moments.weekday,
    "days since": moments.days_since,
}
_EVALUATORS: Mapping[type[Term], Callable[[Any, Values, Facts], Any]] = {
    terms.Constant: _constant,
    terms.FieldTerm: _field,
    terms.NowTerm: _now,
    terms.Named: _named,
    terms.ListTerm: _list,
    terms.Not: _not,
    terms.And: _and,
    terms.Or: _or,
    terms.Compare: _compare,
    terms.Presence: _presence,
    terms.Among: _among,
    terms.Has: _has,
    terms.HasSeveral: _has_several,
    terms.TextTest: _text_test,
    terms.During: _during,
    terms.Arithmetic: _arithmetic,
    terms.Call: _call,
}
