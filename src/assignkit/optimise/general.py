"""Items that take different amounts: the generalised assignment problem, as a mixed-integer programme for HiGHS."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from assignkit.optimise.problem import Indices, Problem

_ROUNDING = 1e-6  # HiGHS' own tolerance
_OPTIMAL, _INFEASIBLE = 0, 2  # scipy's status


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """What the search found: the best assignment, or None; no assignment costs less than `bound`.

    `proved` says that the search was not cut short: there is no better assignment, or none at all.
    """

    agent_of: Indices | None
    bound: float
    proved: bool


def search(problem: Problem, *, time_limit: float | None) -> Searched:
    """Return the cheapest assignment within the capacities, or the best one that was found in `time_limit` seconds."""
    item, agent = np.nonzero(problem.fits())
    pairs = np.arange(len(item))
    given = coo_matrix((np.ones(len(item)), (item, pairs)), shape=(problem.items, len(item))).tocsr()
    efforts = problem.efforts()[item, agent]
    taken = coo_matrix((efforts, (agent, pairs)), shape=(problem.agents, len(item))).tocsr()
    limited = np.flatnonzero(np.isfinite(problem.capacity))
    constraints = [LinearConstraint(given, 1, 1)]
    if len(limited):
        constraints.append(LinearConstraint(taken[limited], -np.inf, problem.capacity[limited]))
    options: dict[str, float] = {"mip_rel_gap": 0.0}
    if time_limit is not None:
        options["time_limit"] = time_limit
    answer = milp(
        problem.cost[item, agent],
        integrality=np.ones(len(item)),
        bounds=Bounds(0, 1),
        constraints=constraints,
        options=options,
    )
    bound = -math.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound)
    if problem.whole and math.isfinite(bound):  # the least cost is whole as well
        bound = math.ceil(bound - _ROUNDING)
    if answer.x is None:
        return Searched(None, bound, proved=answer.status == _INFEASIBLE)
    found = np.empty(problem.items, dtype=np.int64)
    chosen = answer.x > 0.5  # noqa: PLR2004 - 0 or 1, up to the solver's tolerance
    found[item[chosen]] = agent[chosen]
    return Searched(found, bound, proved=answer.status == _OPTIMAL)
