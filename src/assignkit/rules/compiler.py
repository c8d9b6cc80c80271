"""Generated code: one function per kind finds the first rule that matches, and predicates for single terms.

It answers as the interpreter does, which a property test shows; whatever it cannot take (a value that does not compare
or hash as its type promises) goes to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cached_property, lru_cache, partial
from typing import Any

from assignkit.rules.chaining import chain_of, longest_chain
from assignkit.rules.collecting import made_to_stay
from assignkit.rules.emission import Emission, Form, Reading
from assignkit.rules.facts import Facts, is_mapping_type
from assignkit.rules.field_types import Raw
from assignkit.rules.framing import in_a_loop, one_at_a_time
from assignkit.rules.generating import function_of
from assignkit.rules.index import Index, build_index
from assignkit.rules.interpreter import truth, value
from assignkit.rules.lookup import lookup, lookup_all
from assignkit.rules.moments import zone_named
from assignkit.rules.plan import Rule
from assignkit.rules.residues import Residues
from assignkit.rules.terms import Term, fields_of
from assignkit.rules.trials import in_period
from assignkit.rules.views import Views

_PARAMETERS = "item, agent, owner, customer, now, agent_facts, start"
_FROM_RECORD = f"{_PARAMETERS}, record"
Finder = Callable[..., int]
Evaluator = Callable[..., Any]
Many = Callable[[Iterable[Any], "datetime | None"], list[Any]]


# --- matching


class Matcher:
    """Finds matching rules among those of one kind, in the order in which they are tried.

    Code is generated when it is first needed, for each way of reading items: as a plain dict with all the names in it,
    which most are, and where that fails by key or by attribute; what fails there too is interpreted. Safe to share
    between threads: the same code may be generated twice, with the same meaning.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.views = Views(lambda: self._names)
        self._finders: dict[tuple[Reading, bool, tzinfo], Finder] = {}
        self._indexes: dict[tzinfo, Index] = {}
        self._all: dict[tzinfo, tuple[Many, Sequence[Any]]] = {}

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
        view = self.views[type(item)] if start == 0 else None
        if view is None:
            return self._with_care(item, None, owner, customer, now, None, start, zone=zone)
        finder = self._finders.get(("entry", False, zone)) or self.finder(zone, "entry")
        return finder(item, None, owner, customer, now, None, 0, view(item))

    def all_of(
        self, items: Iterable[Any], *, now: datetime | None = None, zone: tzinfo, answers: Sequence[Any]
    ) -> list[Any]:
        """Return for each item the answer that stands at the index of its first rule; the last answer is for none.

        There are neither owners nor related customers. The loop is generated too.
        """
        made = self._all.get(zone)
        if made is None or made[1] is not answers:
            made = self._all[zone] = self._loop(zone, answers), answers
        return made[0](items, now)

    def finder(self, zone: tzinfo, reading: Reading, *, resuming: bool = False) -> Finder:
        """Return the function behind `first` for one way of reading items."""
        key = (reading, resuming, zone)
        if self._indexed:
            index = self._index(zone)
            residues = Residues(self.rules, index, zone, reading)
            made = lookup(index, residues, self._fallback(reading, zone), reading=reading)
        else:
            made = self._chained(zone, reading, resuming=resuming)
        return self._finders.setdefault(key, made)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return names_of(self.rules)

    @cached_property
    def _indexed(self) -> bool:
        return len(self.rules) > longest_chain(len(self._names))

    def _with_care(self, *world: Raw, zone: tzinfo) -> int:
        """Return what `first` returns, with the item read by key or by attribute."""
        reading: Reading = "key" if is_mapping_type(world[0].__class__) else "attribute"
        resuming = world[-1] > 0
        finder = self._finders.get((reading, resuming, zone)) or self.finder(zone, reading, resuming=resuming)
        return finder(*world)

    def _fallback(self, reading: Reading, zone: tzinfo) -> Finder:
        return partial(self._with_care, zone=zone) if reading == "entry" else self._interpreted(zone)

    def _index(self, zone: tzinfo) -> Index:
        if zone not in self._indexes:
            with made_to_stay():
                return self._indexes.setdefault(zone, build_index(self.rules, zone))
        return self._indexes[zone]

    def _loop(self, zone: tzinfo, answers: Sequence[Any]) -> Many:
        def with_care(item: Raw, now: datetime | None) -> Raw:
            return answers[self._with_care(item, None, None, None, now, None, 0, zone=zone)]

        if self._indexed:
            index = self._index(zone)
            residues = Residues(self.rules, index, zone, "entry")
            return lookup_all(index, residues, with_care, answers, views=self.views)
        emission = Emission("entry")
        given = {"WITH_CARE": with_care, "VIEW": self.views, "NONE": answers[-1]}
        given |= {f"A{index}": answers[index] for index in range(len(self.rules))}
        lines = chain_of(self.rules, emission, lambda index: f"append(A{index}); continue")
        code = in_a_loop([*lines, "append(NONE)", "continue"], emission.constants.keys() | given.keys())
        return function_of(code, emission.constants, zone, **given)

    def _chained(self, zone: tzinfo, reading: Reading, *, resuming: bool) -> Finder:
        emission = Emission(reading)
        lines = chain_of(self.rules, emission, lambda index: f"return {index}", resuming=resuming)
        code = one_at_a_time([*lines, "return -1"], _FROM_RECORD if reading == "entry" else _PARAMETERS)
        return function_of(code, emission.constants, zone, FALLBACK=self._fallback(reading, zone))

    def _interpreted(self, zone: tzinfo) -> Finder:
        def interpreted(*world: Raw) -> int:
            facts, start = _facts(world, zone), world[-1]
            return next((i for i in range(start, len(self.rules)) if decides(self.rules[i], facts)), -1)

        return interpreted


def names_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return under which names the conditions of rules look into the item, each once."""
    conditions = [rule.condition for rule in rules if rule.condition is not None]
    return tuple({name: None for each in conditions for name in names_read(each)})


def names_read(term: Term) -> Iterator[str]:
    """Yield under which names a condition looks into the item."""
    return (each.spec.path[0] for each in fields_of(term) if each.slot == "item" and not each.spec.derived)


def _facts(world: tuple[Raw, ...], zone: tzinfo) -> Facts:
    """Return what was handed to a generated function as facts."""
    item, agent, owner, customer, now, agent_facts, _ = world
    return Facts(item, agent, owner, customer, now, zone, agent_facts)


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
    lines = one_at_a_time([*emission.lines, f"return {code}"], _PARAMETERS)
    generated: Any = function_of(lines, emission.constants, zone, FALLBACK=_interpreted(term, form, zone))
    generated.__defaults__ = (None, None, None, None, None, None, 0)
    evaluator: Evaluator = generated
    return evaluator


def _interpreted(term: Term, form: Form, zone: tzinfo) -> Evaluator:
    def evaluate(*world: Raw) -> Raw:
        facts = _facts(world, zone)
        return value(term, facts) if form == "value" else truth(term, facts) is (form == "true")

    return evaluate
