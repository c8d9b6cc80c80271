"""The chains of orders that rules ask for, built once per chain; and the lanes of rules that say no more than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assignkit.desk.deciding.filtering import Demand
from assignkit.desk.deciding.world import reads_agents_only
from assignkit.rules.plan import AgentsWhere, AssignTo, OrderBy, Rule, Split, Step, TeamTarget
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


@dataclass(frozen=True, slots=True)
class Lane:
    """A rule whose first step hands an item, at once, to whoever is first in a line; `label` is the target's.

    `terms` are what the grants along it have in common, by whatever tells them apart.
    """

    rule: Rule
    step: Step
    label: str
    chain: RuleChain
    rotation: str
    demand: Demand
    terms: dict[Any, Any] = field(default_factory=dict)


class Chains:
    """Builds and keeps the chains of one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._built: dict[tuple[OrderBy, ...], RuleChain] = {}
        self._lanes: dict[int, Lane | None] = {}
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

    def lane(self, rule: Rule) -> Lane | None:
        """Return the lane of a rule, or None if its first step does anything else, or not at once."""
        try:
            return self._lanes[rule.position]
        except KeyError:
            lane = self._lanes[rule.position] = self._lane(rule)
            return lane

    def check(self) -> None:
        """Build every chain that the rules use, so that an order nobody registered is found before the first item."""
        for rule in self._rules.representatives():
            for step in rule.steps:
                if isinstance(step.action, AssignTo | Split):
                    orders = step.action.orders
                    self._known[id(orders)] = self.chain(orders)

    def _lane(self, rule: Rule) -> Lane | None:
        step = rule.steps[0]
        action = step.action
        if step.after is not None or rule.accept_within is not None or not isinstance(action, AssignTo):
            return None
        if not isinstance(action.target, TeamTarget | AgentsWhere):
            return None
        chain, label = self.chain(action.orders), action.target.label
        if not chain.orders.standing or chain.orders.hosted:
            return None
        return Lane(rule, step, label, chain, chain.rotation(label), Demand(rule.requires, rule.limits, label))

    def _build(self, orders: tuple[OrderBy, ...]) -> RuleChain:
        terms = {place: order.term for place, order in enumerate(orders) if order.term is not None}
        # A value of the item's, or of the time's, differs from decision to decision: it cannot stand sorted.
        agent_only = [place for place, term in terms.items() if reads_agents_only(term)]
        names = [order.name for order in orders]
        chain = build_chain(names, name=" then ".join(order.label for order in orders), agent_only=agent_only)
        return RuleChain(chain, terms)
