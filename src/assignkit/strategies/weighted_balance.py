"""`weighted balance`: loads in proportion to weight and capacity."""

from __future__ import annotations

from typing import Any

from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.exact import spell
from assignkit.strategies.least_loaded import LeastLoaded, load_ratio
from assignkit.strategies.longest_idle import idle_key


class WeightedBalance(LeastLoaded):
    """(load + 1) / (weight × capacity), then longest idle; an unlimited capacity counts as `default_capacity`."""

    name = "weighted balance"

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:  # noqa: ARG002
        """Return (load ratio, idle since, items received)."""
        weight = candidate.agent.weight
        return (*load_ratio(candidate.load, weight, self.capacity_of(candidate)), *idle_key(candidate))

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the load against the capacity, and the weight."""
        return f"{super().describe(candidate, question)}, weight {spell(candidate.agent.weight)}"
