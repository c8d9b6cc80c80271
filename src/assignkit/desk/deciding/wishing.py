"""Wishing: a rule's `prefer`s as wishes for traits of agents, so that an index finds who meets them best.

A preference can be looked up if what it asks of an agent is that a list or map has a text, that a text field is a text,
or anything else that reads nothing but the agent's record; what it is compared with may read the item. All others take
a look at everybody.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from assignkit.desk.deciding.world import World, reads_agent_records_only
from assignkit.model.agent import Agent
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import ValueType
from assignkit.rules.interpreter import degree, level_reached
from assignkit.rules.plan import Prefer
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Compare, FieldTerm, Has, Named, Term, fields_of
from assignkit.rules.values import read_number
from assignkit.strategies.exact import exact
from assignkit.strategies.skill_index import Level, Traits, Wish, beyond, present

_EVERY_DIGIT = Context(prec=1000)
_LISTS = (ValueType.TEXTS, ValueType.LEVELS)
_TIMELESS = (*_LISTS, ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.NUMBERS)
_AGENT = frozenset(("agent",))

Trait = tuple[str, Hashable]


@dataclass(frozen=True, slots=True)
class _Form:
    """What a preference asks for: that `field` of the agent has or is what `item` gives, at a `level` if any."""

    field: FieldTerm
    item: Term
    level: Term | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an item wishes of agents; `anyway` is what every agent has as its preference, whoever it is."""

    wishes: tuple[Wish, ...]
    anyway: Fraction


class Wishing:
    """Reads the preferences of one rule set: as wishes of items, and as traits of agents."""

    def __init__(self, rules: RuleSet) -> None:
        terms = [_unwrapped(prefer.term) for rule in rules.rules for prefer in rule.prefers]
        self._forms = {id(term): _form(term) for term in terms}
        asked = [form for form in self._forms.values() if form is not None]
        self._fields = {form.field.spec.name: form.field for form in asked}
        self._plain = [term for term in terms if self._forms[id(term)] is None and _is_plain(term)]
        self._known: dict[str, tuple[Agent, Traits]] = {}

    def traits(self, agent: Agent) -> Traits:
        """Return what the agent has that rules may prefer, with levels."""
        known = self._known.get(agent.id)
        if known is None or known[0] is not agent:
            known = self._known[agent.id] = (agent, dict(self._read(agent)))
        return known[1]

    def wishes(self, prefers: Iterable[Prefer], world: World) -> Wishes | None:
        """Return what the item wishes of agents, or None if that cannot be looked up."""
        found: list[Wish] = []
        anyway = Fraction(0)
        for prefer in prefers:
            term = _unwrapped(prefer.term)
            form = self._forms[id(term)]
            if prefer.weight < 0:
                return None
            if form is not None:
                found += _wish(form, prefer, world)
            elif _is_plain(term):
                found.append(Wish(_plain_trait(term), prefer.weight, _as_it_is))
            elif "agent" in term.roots:
                return None
            else:
                anyway += Fraction(prefer.weight) * Fraction(world.degree(term, None, None))
        return Wishes(tuple(wish for wish in found if wish.weight), anyway)

    def surplus(self, prefers: Iterable[Prefer], world: World, agent: Agent) -> Fraction:
        """Return how far the agent is beyond what the preferences want, each times its weight."""
        total = Fraction(0)
        traits = self.traits(agent)
        for prefer in prefers:
            form = self._forms[id(_unwrapped(prefer.term))]
            for wish in _wish(form, prefer, world) if form is not None else ():
                if wish.surplus is not None and wish.trait in traits:
                    total += Fraction(prefer.weight) * Fraction(wish.surplus(exact(traits[wish.trait])))
        return total

    def _read(self, agent: Agent) -> Iterator[tuple[Trait, Any]]:
        facts = Facts(agent=agent)
        for name, field in self._fields.items():
            value = facts.read(field)
            if isinstance(value, str):
                yield (name, value), 1
            elif isinstance(value, Mapping):
                yield from (((name, key), _number(level)) for key, level in value.items())
            elif value is not None:
                yield from (((name, each), 1) for each in value if isinstance(each, str))
        for term in self._plain:
            reached = degree(term, facts)
            if reached:
                yield _plain_trait(term), reached


def _form(term: Term) -> _Form | None:
    if isinstance(term, Has):
        field, item, level = _unwrapped(term.value), term.item, term.level
        others = item.roots if level is None else item.roots | level.roots
        if _is_agents(field, *_LISTS) and "agent" not in others:
            return _Form(field, item, level)  # type: ignore[arg-type]  # a field of the agent
    if isinstance(term, Compare) and term.operator == "=":
        for one, other in ((term.left, term.right), (term.right, term.left)):
            field = _unwrapped(one)
            if _is_agents(field, ValueType.TEXT) and "agent" not in other.roots:
                return _Form(field, other)  # type: ignore[arg-type]  # a field of the agent
    return None


def _is_agents(term: Term, *types: ValueType) -> bool:
    if not isinstance(term, FieldTerm):
        return False
    return term.slot == "agent" and not term.spec.derived and term.spec.type in types


def _is_plain(term: Term) -> bool:
    """Return whether a term says of an agent's record always the same; days and hours depend on the desk's zone."""
    if term.roots != _AGENT or not reads_agent_records_only(term):
        return False
    return all(field.spec.type in _TIMELESS for field in fields_of(term))


def _plain_trait(term: Term) -> Trait:
    return "", id(term)


def _wish(form: _Form, prefer: Prefer, world: World) -> Iterator[Wish]:
    """Yield the wish of an item, if it knows what it wishes for."""
    text = world.value(form.item)
    if not isinstance(text, str):
        return
    trait = (form.field.spec.name, text)
    if form.level is None:
        yield Wish(trait, prefer.weight, present)
        return
    wanted = world.value(form.level)
    if wanted is None:
        return
    goal = exact(wanted)

    def reached(level: Level) -> int | Decimal:
        return level_reached({text: _decimal(level)}, text, wanted)

    def more(level: Level) -> int | Fraction:
        return beyond(level, goal) if goal is not None and goal > 0 else 0

    yield Wish(trait, prefer.weight, reached, more)


def _unwrapped(term: Term) -> Term:
    while isinstance(term, Named):
        term = term.value
    return term


def _number(level: object) -> float | Decimal:
    number = read_number(level)
    return math.nan if number is None else number


def _decimal(level: Level) -> int | Decimal | None:
    """Return a level as rules read it; None for one that is no number."""
    if level is None or isinstance(level, int):
        return level
    return _EVERY_DIGIT.divide(Decimal(level.numerator), Decimal(level.denominator))


def _as_it_is(level: Level) -> int | Fraction:
    return level or 0
