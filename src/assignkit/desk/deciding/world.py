"""What a condition can see while one item is decided: the item, its owner, its customer, an agent, the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.desk.deciding.capturing import captured
from assignkit.model.agent import Agent
from assignkit.model.explanation import ReadValue, RuleTrial
from assignkit.model.placement import AgentLoad
from assignkit.rules.compiler import false_of, true_of, value_of
from assignkit.rules.facts import Facts
from assignkit.rules.interpreter import degree
from assignkit.rules.plan import AgentsWhere, Rule
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Term, fields_of
from assignkit.rules.trials import read_values

Condition = Callable[[Agent, Mapping[str, Any]], bool]


@dataclass(slots=True)
class World:
    """One item's surroundings. `owner` is the agent of the item's customer, `customer` the customer of a task."""

    rules: RuleSet
    kind: str
    record: Any
    owner: Agent | None
    customer: Any
    now: datetime
    zone: str

    def captured(self, *, through: int | None) -> World:
        """Return this world with what rules up to the one at `through` read of a host's records, as it is now."""
        item = captured(self.record, self.rules, self.kind, slot="item", through=through)
        customer = captured(self.customer, self.rules, self.kind, slot="customer", through=through)
        if item is self.record and customer is self.customer:
            return self
        return replace(self, record=item, customer=customer)

    def first_match(self) -> Rule | None:
        """Return the first rule that matches the item, or None."""
        match = self.rules.match(
            self.record,
            kind=self.kind,
            owner=self.owner,
            now=self.now,
            zone=self.zone,
            related=self.customer,
        )
        return match.rule if match is not None else None

    def matches(self) -> Iterator[Rule]:
        """Return the rules that match the item, in the order in which they are tried."""
        found = self.rules.matches(
            self.record, kind=self.kind, owner=self.owner, now=self.now, zone=self.zone, related=self.customer
        )
        return (match.rule for match in found)

    def holds(self, term: Term | None) -> bool:
        """Return whether a condition on the item alone is definitely true; no condition is."""
        return term is None or true_of(term, self.zone)(self.record, None, self.owner, self.customer, self.now)

    def fails(self, term: Term | None) -> bool:
        """Return whether a condition on the item alone is definitely false; no condition never is."""
        if term is None:
            return False
        return false_of(term, self.zone)(self.record, None, self.owner, self.customer, self.now)

    def value(self, term: Term, agent: Agent | None = None, facts: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Return what an expression gives, None where missing."""
        return value_of(term, self.zone)(self.record, agent, self.owner, self.customer, self.now, facts)

    def degree(self, term: Term, agent: Agent | None, facts: Mapping[str, Any] | None) -> int | Decimal | Fraction:
        """Return how far a preference is met, from 0 to 1."""
        return degree(term, self._facts(agent, facts))

    def true_for_agents(self, term: Term) -> Condition:
        """Return the test whether a condition is definitely true of an agent with these facts."""
        return self._for_agents(true_of(term, self.zone))

    def false_for_agents(self, term: Term) -> Condition:
        """Return the test whether a condition is definitely false of an agent with these facts."""
        return self._for_agents(false_of(term, self.zone))

    def trials(self, *, until: int | None) -> tuple[RuleTrial, ...]:
        """Return how the rules fare with the item, in the order in which they are tried, to the one at `until`."""
        return self.rules.trials(
            self.record,
            kind=self.kind,
            owner=self.owner,
            now=self.now,
            zone=self.zone,
            related=self.customer,
            until=until,
        )

    def values_read(
        self, terms: Iterable[Term], agent: Agent, facts: Mapping[str, Any] | None
    ) -> tuple[ReadValue, ...]:
        """Return the fields that conditions read and what they hold, in the order in which they stand in them."""
        at_hand = self._facts(agent, facts)
        return tuple(value for term in terms for value in read_values(term, at_hand))

    def _facts(self, agent: Agent | None, facts: Mapping[str, Any] | None) -> Facts:
        return Facts(self.record, agent, self.owner, self.customer, self.now, self.zone, facts)

    def _for_agents(self, test: Callable[..., bool]) -> Condition:
        record, owner, customer, now = self.record, self.owner, self.customer, self.now
        return lambda agent, facts: test(record, agent, owner, customer, now, facts)


def reads_agents_only(term: Term) -> bool:
    """Return whether a term depends on nothing but the agent: its record, and what the desk counts of it."""
    return term.roots <= _AGENTS


def reads_agent_records_only(term: Term) -> bool:
    """Return whether a term depends on nothing but the agent's record."""
    return reads_agents_only(term) and not any(field.spec.derived for field in fields_of(term))


def reads_counts(rules: RuleSet) -> bool:
    """Return whether a rule lets what the desk counts of an agent (`agent.open`, …) say who may have an item."""
    return any(
        field.root == "agent" and field.spec.derived for term in _eligibility(rules) for field in fields_of(term)
    )


def reads_clock(rules: RuleSet, kind: str) -> bool:
    """Return whether the time alone, at an instant that nobody foretells, may change what becomes of an item."""
    return rules.reads_now(kind) or any("now" in term.roots for term in _eligibility(rules))


def _eligibility(rules: RuleSet) -> Iterator[Term]:
    for rule in rules.representatives():
        yield from (require.term for require in rule.requires)
        for step in rule.steps:
            target = getattr(step.action, "target", None)
            if isinstance(target, AgentsWhere):
                yield target.term
    yield from (team.term for team in rules.teams.values() if team.term is not None)
    for guard in rules.guards:
        term = getattr(guard, "agent_term", None)
        if term is not None:
            yield term


def agent_facts(load: AgentLoad | None) -> Mapping[str, Any]:
    """Return what rules can read of an agent's work: `agent.load`, `agent.open`, `agent.received`."""
    if load is None:
        return _IDLE
    return {"load": load.load, "open": load.items, "received": load.received}


_IDLE: Mapping[str, Any] = {"load": 0, "open": 0, "received": 0}
_AGENTS = frozenset(("agent",))
