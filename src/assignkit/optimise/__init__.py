"""The best assignment of a whole batch, over plain matrices; needs the extra `optimize` (and uses `flow`)."""

from __future__ import annotations

from assignkit.optimise.batches import BatchPlan, Staff, plan_batch
from assignkit.optimise.entrance import greedy, solve
from assignkit.optimise.solution import Solution

__all__ = ["BatchPlan", "Solution", "Staff", "greedy", "plan_batch", "solve"]
