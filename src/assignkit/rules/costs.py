"""What matching costs: which conditions a rule index answers by a look-up, and which it has to try one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assignkit.messages.text import say
from assignkit.rules import terms
from assignkit.rules.chaining import longest_chain
from assignkit.rules.compiler import names_of
from assignkit.rules.facts import is_owner_id
from assignkit.rules.index import build_index
from assignkit.rules.masks import Keyed, Named
from assignkit.rules.moments import zone_named
from assignkit.rules.plan import Rule
from assignkit.rules.rows import Test
from assignkit.rules.rule_order import singly
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Term, fields_of, walk


@dataclass(frozen=True, slots=True)
class Outside:
    """A condition that no look-up answers: it is tried for each item that the rest of its rule lets through."""

    rule: str
    file: str
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A field that is looked up once per item: how many values, keys or boundaries rules name."""

    field: str
    named: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What matching one kind of item costs.

    `rows` is how many alternatives the conditions have in all, each a bit of the index; `looked_up` the fields, the
    most selective first; `outside` the conditions that are tried one by one, in the order in which rules are tried.
    `indexed` is False for so few rules, up to `chained`, that trying them all, in one generated function, is faster.
    Rows of long tables count among the `rules`, and nowhere else: they are found by look-ups of their own.
    """

    kind: str
    rules: int
    indexed: bool
    chained: int
    rows: int
    looked_up: tuple[LookedUp, ...]
    outside: tuple[Outside, ...]


def costs_of(rule_set: RuleSet, *, zone: str = "UTC") -> list[Costs]:
    """Return what matching costs for each kind of item that rules are for; builds the index to find out."""
    return [_costs(kind, order, zone) for kind in rule_set.schema.kinds if (order := rule_set.trial_order(kind))]


def _costs(kind: str, order: Sequence[Rule], zone: str) -> Costs:
    rules = singly(order)
    index = build_index(rules, zone_named(zone))
    looked_up = tuple(
        LookedUp(term.name, len(column.table) if isinstance(column, Named | Keyed) else len(column.exact))
        for term, column in index.columns
    )
    found = dict.fromkeys(
        _outside(rules[index.rule_of[row]], test)
        for row in sorted(index.tests, reverse=True)
        for test in index.tests[row]
    )
    chained = longest_chain(len(names_of(rules)))
    indexed = len(rules) > chained
    return Costs(kind, len(order), indexed, chained, len(index.rule_of), looked_up, tuple(found))


def _outside(rule: Rule, test: Test) -> Outside:
    origin = test.term.origin
    text = origin.text if test.holds or _says_not(rule, test.term) else f"not {origin.text}"
    return Outside(rule.name, origin.source.name, origin.line, text, _reason(test))


def _says_not(rule: Rule, term: Term) -> bool:
    """Return whether what was written of a term denies it already, as `x not in (…)` does."""
    condition = () if rule.condition is None else walk(rule.condition)
    return any(
        isinstance(each, terms.Not) and each.operand is term and each.origin == term.origin for each in condition
    )


def _reason(test: Test) -> str:
    return next(reason for reason in _reasons(test.term, test) if reason)


def _reasons(term: Term, test: Test) -> Iterator[str | None]:
    """Yield why a look-up cannot answer, the most telling reason first; the last one always applies."""
    roots = term.roots
    yield say("report.reads_time") if "now" in roots or isinstance(term, terms.During) else None
    yield say("report.too_many_alternatives") if isinstance(term, terms.And | terms.Or) else None
    others = sorted({each.root for each in fields_of(term) if each.slot != "item"})
    yield say("report.reads_other", root=others[0]) if others else None
    yield say("report.owner_outside") if any(map(is_owner_id, fields_of(term))) else None
    yield say("report.several_fields") if len(fields_of(term)) > 1 else None
    computes = any(isinstance(each, terms.Arithmetic | terms.Call) for each in walk(term))
    yield say("report.computes") if computes else None
    if isinstance(term, terms.TextTest):
        yield say("report.looks_inside", operator=term.operator) if term.operator != "starts with" else None
        yield say("report.one_beginning" if test.holds else "report.excluded_beginning")
    several = isinstance(term, terms.Has | terms.HasSeveral)
    yield say("report.one_key") if several and test.holds else None
    yield say("report.excluded_list") if several else None
    listed = isinstance(term, terms.Among)
    yield say("report.too_many_values") if listed and test.holds else None
    yield say("report.excluded_values") if listed else None
    yield say("report.too_many_digits")
