"""The best assignment of a whole batch, at a desk or over plain matrices; needs the extra `optimize` (uses `flow`)."""

from __future__ import annotations

from assignkit.optimise.at_desk import Optimiser
from assignkit.optimise.batches import BatchPlan, Staff, plan_batch
from assignkit.optimise.entrance import greedy, solve
from assignkit.optimise.solution import Solution

__all__ = ["BatchPlan", "Optimiser", "Solution", "Staff", "greedy", "plan_batch", "solve"]
