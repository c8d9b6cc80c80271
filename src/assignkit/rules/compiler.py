"""Generated code: one function per kind finds the first rule that matches, and predicates for single terms.

It answers as the interpreter does, which a property test shows; whatever it cannot take (a value that does not compare
or hash as its type promises) goes to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from types import CodeType
from typing import Any

from assignkit.rules.emission import Emission, Form, Zoned
from assignkit.rules.facts import Facts, is_mapping_type
from assignkit.rules.field_types import Raw
from assignkit.rules.index import Index, build_index
from assignkit.rules.interpreter import truth, value
from assignkit.rules.lookup import lookup
from assignkit.rules.moments import zone_named
from assignkit.rules.plan import Rule
from assignkit.rules.rows import Test
from assignkit.rules.terms import Term
from assignkit.rules.trials import in_period, period

INDEXED_FROM = 40  # up to so many rules, one chain of conditions is faster than any look-up
_PARAMETERS = "item, agent, owner, customer, now, agent_facts, start"
Finder = Callable[[Any, Any, Any, Any, "datetime | None", "Mapping[str, Any] | None", int], int]
Evaluator = Callable[..., Any]


@dataclass(slots=True)
class Generated:
    """A generated function that still has to be given the zone's constants and what to fall back on."""

    code: CodeType
    constants: dict[str, Any]

    def bind(self, zone: tzinfo, fallback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function for one zone."""
        namespace = {
            name: each.make(zone) if isinstance(each, Zoned) else each for name, each in self.constants.items()
        }
        namespace |= {"__builtins__": {}, "FALLBACK": fallback}
        exec(self.code, namespace)  # noqa: S102 - generated names and constants only, see emission.py
        function: Callable[..., Any] = namespace["generated"]
        return function


def _generate(emission: Emission, last: str) -> Generated:
    body = "\n  ".join((*emission.lines, last))
    text = f"def generated({_PARAMETERS}):\n try:\n  {body}\n except Exception:\n  return FALLBACK({_PARAMETERS})\n"
    return Generated(compile(text, "<rules>", "exec"), emission.constants)


# --- matching


class Matcher:
    """Finds matching rules among those of one kind, in the order in which they are tried.

    Code is generated when it is first needed, for each way of reading items. Safe to share between threads: the same
    code may be generated twice, with the same meaning.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._generated: dict[tuple[bool, bool], Generated] = {}
        self._bound: dict[tuple[bool, bool, tzinfo], Finder] = {}
        self._indexes: dict[tzinfo, Index] = {}

    def first(
        self,
        item: Raw,
        *,
        owner: Raw = None,
        customer: Raw = None,
        now: datetime | None = None,
        zone: tzinfo,
        start: int = 0,
    ) -> int:
        """Return the index of the first rule from `start` on that decides about the item, or -1.

        Rules that only go on to the next are passed over. `now` must be given if the rules read it.
        """
        mapping = item.__class__ is dict or is_mapping_type(item.__class__)
        finder = self._bound.get((mapping, start > 0, zone)) or self.finder(zone, mapping=mapping, resuming=start > 0)
        return finder(item, None, owner, customer, now, None, start)

    def finder(self, zone: tzinfo, *, mapping: bool, resuming: bool = False) -> Finder:
        """Return the function behind `first`, for items that are read by key, or by attribute."""
        key = (mapping, resuming)
        if len(self.rules) > INDEXED_FROM:
            return self._bound.setdefault((*key, zone), self._lookup(zone, mapping=mapping))
        if key not in self._generated:
            self._generated[key] = self._generate(mapping=mapping, resuming=resuming)
        return self._bound.setdefault((*key, zone), self._generated[key].bind(zone, self._fallback(zone)))

    def _lookup(self, zone: tzinfo, *, mapping: bool) -> Finder:
        """Return the function that looks items up in the index, which is made once per zone."""
        index = self._indexes.get(zone) or self._indexes.setdefault(zone, build_index(self.rules, zone))
        residues = {
            row: _residue(self.rules[index.rule_of[row]], index.tests.get(row, ()), zone)
            for row in range(len(index.rule_of))
            if row in index.tests or _is_dated(self.rules[index.rule_of[row]])
        }
        return lookup(index, residues, self._fallback(zone), mapping=mapping)

    def _generate(self, *, mapping: bool, resuming: bool) -> Generated:
        emission = Emission(mapping)
        for index, rule in enumerate(self.rules):
            if not rule.passes_on:
                tests = self._tests(emission, index, rule, resuming=resuming)
                emission.lines.append(f"if {' and '.join(tests)}: return {index}" if tests else f"return {index}")
                if not tests:
                    break  # what stands behind a rule that always matches is never reached
        return _generate(emission, "return -1")

    def _tests(self, emission: Emission, index: int, rule: Rule, *, resuming: bool) -> list[str]:
        tests = [f"start <= {index}"] if resuming else []
        for which, day in enumerate((rule.active_from, rule.active_until)):
            if day is not None:
                name, now = emission.constant(_bound(rule, which), "bound"), emission.now()
                tests.append(f"({name} is None or {now} {'<' if which else '>='} {name})")
        if rule.condition is not None:
            tests.append(emission.code(rule.condition, "true"))
        return tests

    def _fallback(self, zone: tzinfo) -> Finder:
        def interpreted(*world: Raw) -> int:
            facts, start = _facts(world, zone), world[-1]
            return next((i for i in range(start, len(self.rules)) if decides(self.rules[i], facts)), -1)

        return interpreted


def _facts(world: tuple[Raw, ...], zone: tzinfo) -> Facts:
    """Return what was handed to a generated function as facts."""
    item, agent, owner, customer, now, agent_facts, _ = world
    return Facts(item, agent, owner, customer, now, zone, agent_facts)


def _is_dated(rule: Rule) -> bool:
    return rule.active_from is not None or rule.active_until is not None


def _residue(rule: Rule, tests: tuple[Test, ...], zone: tzinfo) -> Evaluator:
    """Return the test of what an index could not say of one row; made when the row is first met."""
    made: list[Evaluator] = []

    def test(item: Raw, agent: Raw, owner: Raw, customer: Raw, now: datetime | None) -> bool:
        if _is_dated(rule) and not in_period(rule, Facts(now=now, zone=zone)):
            return False
        if not made:
            made.extend(_evaluator(each.term, "true" if each.holds else "false", zone) for each in tests)
        return all(each(item, agent, owner, customer, now) for each in made)

    return test


def _bound(rule: Rule, which: int) -> Zoned:
    return Zoned(lambda zone: period(rule, Facts(zone=zone))[which])


def decides(rule: Rule, facts: Facts) -> bool:
    """Return whether a rule matches and does not only go on to the next: what the generated code computes."""
    if rule.passes_on or not in_period(rule, facts):
        return False
    return rule.condition is None or truth(rule.condition, facts) is True


# --- single terms


def true_of(term: Term, zone: str | tzinfo = "UTC") -> Callable[..., bool]:
    """Return `(item, agent, owner, customer, now, agent_facts) -> bool`: whether the condition is definitely true.

    All arguments may be left out; what is not at hand is missing. `now` must be aware.
    """
    return _evaluator(term, "true", _zone(zone))


def false_of(term: Term, zone: str | tzinfo = "UTC") -> Callable[..., bool]:
    """Return the same as `true_of`, but for whether the condition is definitely false."""
    return _evaluator(term, "false", _zone(zone))


def value_of(term: Term, zone: str | tzinfo = "UTC") -> Callable[..., Any]:
    """Return `(item, agent, owner, customer, now, agent_facts) -> value`, None where the value is missing."""
    return _evaluator(term, "value", _zone(zone))


def _zone(zone: str | tzinfo) -> tzinfo:
    return zone_named(zone) if isinstance(zone, str) else zone


@lru_cache(maxsize=16_384)
def _evaluator(term: Term, form: Form, zone: tzinfo) -> Evaluator:
    emission = Emission()
    code = emission.code(term, form)
    if form == "value":
        code = emission.optional(term)
    generated = _generate(emission, f"return {code}").bind(zone, _interpreted(term, form, zone))
    generated.__defaults__ = (None, None, None, None, None, None, 0)
    return generated


def _interpreted(term: Term, form: Form, zone: tzinfo) -> Evaluator:
    def evaluate(*world: Raw) -> Raw:
        facts = _facts(world, zone)
        return value(term, facts) if form == "value" else truth(term, facts) is (form == "true")

    return evaluate
