"""Which method solves which problem."""

from __future__ import annotations

import math

import numpy as np

from assignkit.errors import AssignmentError, InfeasibleError
from assignkit.optimise.general import search
from assignkit.optimise.heuristics import best_quickly
from assignkit.optimise.infeasibility import crowded_reason, lost_reason, obvious_reason
from assignkit.optimise.problem import Indices, Problem
from assignkit.optimise.solution import Solution
from assignkit.optimise.uniform import solve_uniform

_CLOSE = 1e-6  # relative: what HiGHS calls optimal for costs that are not whole


def solve_problem(problem: Problem, *, time_limit: float | None) -> Solution:
    """Return the best assignment; raises as `solve`."""
    if not problem.items:
        return Solution(agent_of=(), total=0, bound=0, optimal=True, method="nothing to do")
    slots = problem.slots()
    if slots is not None:
        return _uniform(problem, slots)
    reason = obvious_reason(problem)
    if reason is not None:
        raise InfeasibleError(reason)
    return _general(problem, time_limit)


def _uniform(problem: Problem, slots: Indices) -> Solution:
    found, method = solve_uniform(problem, slots)
    if found is None:
        raise InfeasibleError(lost_reason(problem) or crowded_reason(problem, slots))
    total = problem.total(found)
    return Solution(agent_of=tuple(found.tolist()), total=total, bound=total, optimal=True, method=method)


def _general(problem: Problem, time_limit: float | None) -> Solution:
    searched = search(problem, time_limit=time_limit)
    found, method = searched.agent_of, "mixed-integer programme"
    quick = None if searched.proved else best_quickly(problem)
    if found is None or (quick is not None and _cost(problem, quick) < _cost(problem, found)):
        found, method = quick, "greedy by regret"
    if found is None:
        raise _nothing(infeasible=searched.proved, time_limit=time_limit)
    cost = _cost(problem, found)
    optimal = searched.proved or cost <= searched.bound + _CLOSE * max(1.0, abs(cost))
    bound = cost if optimal else max(searched.bound, float(np.min(problem.cost, axis=1).sum()))
    return Solution(
        agent_of=tuple(found.tolist()),
        total=problem.total(found),
        bound=problem.told(bound),
        optimal=optimal,
        method=method,
    )


def _cost(problem: Problem, agent_of: Indices) -> float:
    return math.fsum(problem.cost[np.arange(problem.items), agent_of].tolist())


def _nothing(*, infeasible: bool, time_limit: float | None) -> AssignmentError:
    if infeasible:
        return InfeasibleError(
            "every item fits somewhere, and there is enough capacity in all, but no way of filling it holds them all"
        )
    return AssignmentError(
        f"no assignment was found in {time_limit or math.inf:g} seconds, and it is not known whether there is one: "
        "allow more time"
    )
