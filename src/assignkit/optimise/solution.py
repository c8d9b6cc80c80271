"""What an optimisation found, and how good it is known to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """An agent for every item.

    `agent_of[i]` is the index of the agent who gets item `i`; `total` is the sum of their costs, an int where all costs
    are whole. No solution is better than `bound`: not below it, or not above it when maximising. `optimal` says that
    none is better than this one; `method` names the algorithm that found it.
    """

    agent_of: tuple[int, ...]
    total: float
    bound: float
    optimal: bool
    method: str

    @property
    def gap(self) -> float:
        """How far the total may be from the best one, as a part of the total: 0 for an optimum."""
        distance = abs(self.total - self.bound)
        return distance / max(abs(self.total), 1e-12) if distance else 0.0
