"""How one rule fares with one item, and why: the test that decided, and the values that it read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from assignkit.model.explanation import ReadValue, RuleTrial, TrialVerdict
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import Raw
from assignkit.rules.interpreter import truth
from assignkit.rules.moments import midnight
from assignkit.rules.plan import Rule
from assignkit.rules.terms import FieldTerm, Term, conjuncts, fields_of

_ONE_DAY = timedelta(days=1)


def in_period(rule: Rule, facts: Facts) -> bool:
    """Return whether the rule is active now; without `now`, only a rule without dates is."""
    if rule.active_from is None and rule.active_until is None:
        return True
    if facts.now is None:
        return False
    start, end = period(rule, facts)
    return (start is None or facts.now >= start) and (end is None or facts.now < end)


def period(rule: Rule, facts: Facts) -> tuple[datetime | None, datetime | None]:
    """Return from which instant on, and before which, the rule is active in the zone at hand."""
    start, end = rule.active_from, rule.active_until
    if start is not None and not isinstance(start, datetime):
        start = midnight(start, facts.place)
    if end is not None and not isinstance(end, datetime):
        end = None if end == date.max else midnight(end + _ONE_DAY, facts.place)
    return start, end


def trial(rule: Rule, facts: Facts) -> RuleTrial:
    """Return how the rule fared: when it failed, the first test that is false decided, else the first open one."""
    if not in_period(rule, facts):
        return _told(rule, "inactive", None, facts)
    if rule.condition is None or truth(rule.condition, facts) is True:
        return _told(rule, "passed over" if rule.passes_on else "matched", rule.condition, facts)
    truths = [(each, truth(each, facts)) for each in conjuncts(rule.condition)]
    for verdict, wanted in _VERDICTS:
        for each, found in truths:
            if found is wanted:
                return _told(rule, verdict, each, facts)
    raise AssertionError(rule.name)  # pragma: no cover - a conjunction that is not true has a part that is not


_VERDICTS: tuple[tuple[TrialVerdict, bool | None], ...] = (("failed", False), ("unknown", None))


def _told(rule: Rule, verdict: TrialVerdict, decisive: Term | None, facts: Facts) -> RuleTrial:
    return RuleTrial(
        rule=rule.name,
        position=rule.position,
        verdict=verdict,
        clause=decisive.text if decisive is not None else None,
        line=rule.line,
        file=rule.file,
        values=() if decisive is None else read_values(decisive, facts),
    )


def read_values(term: Term, facts: Facts) -> tuple[ReadValue, ...]:
    """Return the fields that a term reads with their values, in the order written."""
    return tuple(_read(each, facts) for each in fields_of(term))


def _read(term: FieldTerm, facts: Facts) -> ReadValue:
    found = facts.read(term)
    return ReadValue(
        field=term.name,
        value=as_json(found),
        missing=found is None,
        problem=facts.problem(term) if found is None else None,
    )


def as_json(value: Raw) -> Raw:
    """Return a value as JSON-ready data: sets sorted, instants in ISO 8601, what is no JSON as text."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()  # a signalling NaN takes no part in arithmetic
        return int(value) if whole and abs(value) < 2**53 else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((as_json(each) for each in value), key=str)
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    return str(value)
