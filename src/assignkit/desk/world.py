"""What a condition can see while one item is decided: the item, its owner, its customer, an agent, the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assignkit.model.agent import Agent
from assignkit.model.explanation import ReadValue, RuleTrial
from assignkit.model.placement import AgentLoad
from assignkit.rules.plan import Rule
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Term

Condition = Callable[[Agent, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class World:
    """One item's surroundings. `owner` is the agent of the item's customer, `customer` the customer of a task."""

    rules: RuleSet
    kind: str
    record: Any
    owner: Agent | None
    customer: Any
    now: datetime
    zone: str

    def matches(self) -> Iterator[Rule]:
        """Yield the rules that match the item, in the order in which they are tried."""
        found = self.rules.matches(
            self.record, kind=self.kind, owner=self.owner, now=self.now, zone=self.zone, related=self.customer
        )
        return (match.rule for match in found)

    def holds(self, term: Term | None) -> bool:
        """Return whether a condition on the item alone is definitely true; no condition is."""
        if term is None:
            return True
        test = self.rules.true_of(term)
        return test(self.record, None, self.owner, self.customer, self.now, None, self.zone)

    def fails(self, term: Term | None) -> bool:
        """Return whether a condition on the item alone is definitely false; no condition never is."""
        if term is None:
            return False
        test = self.rules.false_of(term)
        return test(self.record, None, self.owner, self.customer, self.now, None, self.zone)

    def value(self, term: Term, agent: Agent | None = None, facts: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Return what an expression gives, None where missing."""
        read = self.rules.value_of(term)
        return read(self.record, agent, self.owner, self.customer, self.now, facts, self.zone)

    def degree(self, term: Term, agent: Agent, facts: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Return how far a preference is met, from 0 to 1."""
        read = self.rules.degree_of(term)
        return read(self.record, agent, self.owner, self.customer, self.now, facts, self.zone)

    def true_for_agents(self, term: Term) -> Condition:
        """Return the test whether a condition is definitely true of an agent with these facts."""
        return self._for_agents(self.rules.true_of(term))

    def false_for_agents(self, term: Term) -> Condition:
        """Return the test whether a condition is definitely false of an agent with these facts."""
        return self._for_agents(self.rules.false_of(term))

    def trials(self) -> Iterator[RuleTrial]:
        """Yield how each rule fares with the item, in the order in which they are tried."""
        return self.rules.trials(
            self.record, kind=self.kind, owner=self.owner, now=self.now, zone=self.zone, related=self.customer
        )

    def values_read(self, term: Term, agent: Agent, facts: Mapping[str, Any] | None) -> tuple[ReadValue, ...]:
        """Return the fields that a condition reads and what they hold, in the order in which they stand in it."""
        return self.rules.values_read(
            term, self.record, agent, self.owner, self.customer, now=self.now, facts=facts, zone=self.zone
        )

    def _for_agents(self, test: Callable[..., bool]) -> Condition:
        record, owner, customer, now, zone = self.record, self.owner, self.customer, self.now, self.zone
        return lambda agent, facts: test(record, agent, owner, customer, now, facts, zone)


def agent_facts(load: AgentLoad | None) -> Mapping[str, Any]:
    """Return what rules can read of an agent's work: `agent.load`, `agent.open`, `agent.received`."""
    if load is None:
        return _IDLE
    return {"load": load.load, "open": load.items, "received": load.received}


_IDLE: Mapping[str, Any] = {"load": 0, "open": 0, "received": 0}
