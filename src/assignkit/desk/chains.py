"""The chains of orders that rules ask for, built once per chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assignkit.desk.world import reads_agents_only
from assignkit.rules.plan import AssignTo, OrderBy, Split
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Term
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.registry import build_chain


@dataclass(frozen=True, slots=True)
class RuleChain:
    """A chain of orders as a rule wrote it; `terms` are its `lowest`/`highest` expressions, by place in the chain."""

    orders: OrderChain
    terms: Mapping[int, Term]
    _rotations: dict[str, str] = field(default_factory=dict)

    def rotation(self, target: str) -> str:
        """Return the name of the rotation that a target's agents have in this chain."""
        name = self._rotations.get(target)
        if name is None:
            name = self._rotations[target] = f"{target} by {self.orders.name}"
        return name


class Chains:
    """Builds and keeps the chains of one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._built: dict[tuple[OrderBy, ...], RuleChain] = {}
        self._known: dict[int, RuleChain] = {}  # by the identity of a rule's own tuple of orders, which lives as long

    def chain(self, orders: tuple[OrderBy, ...]) -> RuleChain:
        """Return the chain of these orders; `UnknownStrategyError` for a host's order that is not registered."""
        known = self._known.get(id(orders))
        if known is not None:
            return known
        chain = self._built.get(orders)
        if chain is None:
            chain = self._built[orders] = self._build(orders)
        return chain

    def check(self) -> None:
        """Build every chain that the rules use, so that an order nobody registered is found before the first item."""
        for rule in self._rules.representatives():
            for step in rule.steps:
                if isinstance(step.action, AssignTo | Split):
                    orders = step.action.orders
                    self._known[id(orders)] = self.chain(orders)

    def _build(self, orders: tuple[OrderBy, ...]) -> RuleChain:
        terms = {place: order.term for place, order in enumerate(orders) if order.term is not None}
        # A value of the item's, or of the time's, differs from decision to decision: it cannot stand sorted.
        agent_only = [place for place, term in terms.items() if reads_agents_only(term)]
        names = [order.name for order in orders]
        chain = build_chain(names, name=" then ".join(order.label for order in orders), agent_only=agent_only)
        return RuleChain(chain, terms)
