"""Why there is no assignment, in words: the item that fits nobody, or the group that is too large for its agents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from assignkit.optimise.problem import Indices, Problem

_NAMED = 6  # items or agents that are listed by number


def lost_reason(problem: Problem) -> str | None:
    """Return why an item fits nobody at all, or None if each fits somebody."""
    if problem.items and not problem.agents:
        return "there are no agents"
    lost = np.flatnonzero(~problem.fits().any(axis=1))
    return _lost_item(problem, int(lost[0])) if len(lost) else None


def obvious_reason(problem: Problem) -> str | None:
    """Return a reason that can be seen without solving: an item fits nobody, or all of them are too much."""
    reason = lost_reason(problem)
    if reason is not None:
        return reason
    fits = problem.fits()
    needed = float(np.where(fits, problem.efforts(), np.inf).min(axis=1).sum())
    available = float(problem.capacity.sum())
    if needed > available * (1 + 1e-9):
        return f"the items take at least {needed:g} of capacity, and all agents together have {available:g}"
    return None


def crowded_reason(problem: Problem, slots: Indices) -> str:
    """Return which items are too many for the only agents who may have them (Hall 1935)."""
    items, agents = problem.items, problem.agents
    item, agent = np.nonzero(problem.fits())
    source, sink = items + agents, items + agents + 1
    tails = np.concatenate([item, np.full(items, source), items + np.arange(agents)])
    heads = np.concatenate([items + agent, np.arange(items), np.full(agents, sink)])
    room = np.concatenate([np.ones(len(item) + items, dtype=np.int64), slots]).astype(np.int32)
    size = items + agents + 2
    network = coo_matrix((room, (tails, heads)), shape=(size, size)).tocsr()
    flow = maximum_flow(network, source, sink).flow
    residual: Any = (network - flow).tocsr()
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, source, return_predecessors=False)
    group = sorted(int(node) for node in reached if node < items)
    takers = sorted(int(node) - items for node in reached if items <= node < source)
    room_there = int(slots[takers].sum())
    return (
        f"{_listed('item', group)} can only go to {_listed('agent', takers)}, who can take {room_there} of these "
        f"{len(group)}"
    )


def _lost_item(problem: Problem, item: int) -> str:
    allowed = np.isfinite(problem.cost[item])
    if not allowed.any():
        return f"item {item} is forbidden to every agent"
    least = float((problem.efforts()[item])[allowed].min())
    most = float(problem.capacity[allowed].max())
    return f"item {item} takes {least:g} of capacity or more, and no agent who may have it has more than {most:g}"


def _listed(noun: str, numbers: Iterable[int]) -> str:
    told = list(numbers)
    shown = ", ".join(map(str, told[:_NAMED]))
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f"{noun}{'' if len(told) == 1 else 's'} {shown}{more}"
