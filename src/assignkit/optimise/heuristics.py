"""Good assignments found quickly: what the exact methods must never be worse than."""

from __future__ import annotations

import numpy as np

from assignkit.optimise.problem import Floats, Indices, Problem


def in_turn(problem: Problem) -> Indices | None:
    """Return each item's cheapest agent with room, the items in their order; None if one finds nobody."""
    return _filled(problem, np.arange(problem.items))


def by_regret(problem: Problem) -> Indices | None:
    """Return as `in_turn`, but first the items that lose most by their second choice (Martello & Toth 1981)."""
    if problem.agents < 2:  # noqa: PLR2004 - there is no second choice
        return in_turn(problem)
    fitting = np.where(problem.fits(), problem.cost, np.inf)
    two = np.partition(fitting, 1, axis=1)[:, :2]
    regret = np.where(np.isfinite(two[:, 0]), two[:, 1] - np.where(np.isfinite(two[:, 0]), two[:, 0], 0.0), np.inf)
    return _filled(problem, np.argsort(-regret, kind="stable"))


def improved(problem: Problem, agent_of: Indices) -> Indices:
    """Return the assignment with single items moved to cheaper agents while there is room for it."""
    effort, rows = problem.efforts(), np.arange(problem.items)
    found = agent_of.copy()
    room = problem.capacity - np.bincount(found, weights=effort[rows, found], minlength=problem.agents)
    moved = True
    while moved:
        moved = False
        for item in range(problem.items):
            now = found[item]
            costs = np.where(effort[item] <= room + _slack(problem), problem.cost[item], np.inf)
            best = int(np.argmin(costs))
            if costs[best] < problem.cost[item, now]:
                room[now] += effort[item, now]
                room[best] -= effort[item, best]
                found[item] = best
                moved = True
    return found


def best_quickly(problem: Problem) -> Indices | None:
    """Return the best of what the heuristics find, or None if they find nothing."""
    found = [improved(problem, one) for one in (in_turn(problem), by_regret(problem)) if one is not None]
    return min(found, key=lambda one: _cost(problem, one), default=None)


def _cost(problem: Problem, agent_of: Indices) -> float:
    total = problem.total(agent_of)
    return -total if problem.maximise else total


def _filled(problem: Problem, order: Indices) -> Indices | None:
    found = np.empty(problem.items, dtype=np.int64)
    effort, room, slack = problem.efforts(), problem.capacity.copy(), _slack(problem)
    for item in order:
        costs = np.where(effort[item] <= room + slack, problem.cost[item], np.inf)
        agent = int(np.argmin(costs)) if problem.agents else 0
        if not problem.agents or not np.isfinite(costs[agent]):
            return None
        room[agent] -= effort[item, agent]
        found[item] = agent
    return found


def _slack(problem: Problem) -> Floats:
    return np.where(np.isfinite(problem.capacity), problem.capacity * 1e-9, 0.0)
