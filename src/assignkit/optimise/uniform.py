"""Items that take the same of an agent: assignment and transportation problems, solved exactly."""

from __future__ import annotations

import importlib.util

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_matrix

from assignkit.optimise.problem import Floats, Indices, Problem

LARGEST_MATCHING = 3_000_000  # cells of items × places; beyond, flow and LP are faster
_SCALES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_LARGEST_FLOW = 2.0**46  # of scaled costs times items, so that no sum overflows inside


def solve_uniform(problem: Problem, slots: Indices) -> tuple[Indices | None, str]:
    """Return the cheapest assignment with at most `slots[j]` items for agent j, or None; and the method's name."""
    if problem.items * int(slots.sum()) <= LARGEST_MATCHING:
        return _matching(problem, slots), "linear sum assignment"
    scaled = _whole_costs(problem)
    if scaled is not None and importlib.util.find_spec("ortools") is not None:
        from assignkit.optimise.flow import min_cost_flow  # noqa: PLC0415 - an extra of its own

        return min_cost_flow(scaled, np.isfinite(problem.cost), slots), "min-cost flow"
    return _transport(problem, slots), "transportation LP"


def _matching(problem: Problem, slots: Indices) -> Indices | None:
    """Return the cheapest matching of items with places, `slots[j]` places for agent j."""
    agent_of_place: Indices = np.repeat(np.arange(problem.agents), slots)
    if len(agent_of_place) < problem.items:
        return None
    one_each = bool((slots == 1).all())
    try:
        items, places = linear_sum_assignment(problem.cost if one_each else problem.cost[:, agent_of_place])
    except ValueError:  # it says so where no matching avoids the forbidden pairs
        return None
    found: Indices = np.empty(problem.items, dtype=np.int64)
    found[items] = agent_of_place[places]
    return found


def _whole_costs(problem: Problem) -> Indices | None:
    """Return the costs in the smallest decimal unit in which all are whole, or None if there is none."""
    costs = problem.cost
    if not np.isfinite(costs).all():
        costs = np.where(np.isfinite(costs), costs, 0.0)
    largest = max(float(costs.max(initial=0.0)), -float(costs.min(initial=0.0)))
    if problem.whole and largest * max(problem.items, 1) <= _LARGEST_FLOW:
        return costs.astype(np.int64)
    for scale in _SCALES:
        if largest * scale * max(problem.items, 1) > _LARGEST_FLOW:
            return None
        units = costs * scale
        whole = np.rint(units)
        if np.allclose(units, whole, rtol=1e-15, atol=1e-7 / _SCALES[-1] * scale):
            return whole.astype(np.int64)
    return None


def _transport(problem: Problem, slots: Indices) -> Indices | None:
    """Return the assignment by linear programming: its vertices are whole (Hoffman & Kruskal 1956)."""
    item, agent = np.nonzero(np.isfinite(problem.cost))
    pairs = np.arange(len(item))
    ones: Floats = np.ones(len(item))
    given = coo_matrix((ones, (item, pairs)), shape=(problem.items, len(item))).tocsr()
    taken = coo_matrix((ones, (agent, pairs)), shape=(problem.agents, len(item))).tocsr()
    answer = linprog(
        problem.cost[item, agent],
        A_ub=taken,
        b_ub=slots,
        A_eq=given,
        b_eq=np.ones(problem.items),
        bounds=(0, None),
        method="highs-ds",
    )
    if answer.x is None:
        return None
    found = np.full(problem.items, -1, dtype=np.int64)
    chosen = answer.x > 0.5  # noqa: PLR2004 - vertices are 0 or 1
    found[item[chosen]] = agent[chosen]
    return found
