"""`solve` and `greedy`: plain matrices in, a solution out; the solvers are imported only when they are called."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.optimise.extras import optimize_extra
from assignkit.optimise.solution import Solution

Matrix = Sequence[Sequence[Any]]  # or a two-dimensional numpy array
Amounts = Any  # a number, a sequence of numbers, or a matrix of them


def solve(
    cost: Matrix,
    *,
    effort: Amounts = None,
    capacity: Amounts = None,
    maximise: bool = False,
    time_limit: float | None = None,
) -> Solution:
    """Return an agent for every item, at the least total cost (the greatest with `maximise`).

    `cost[i][j]` is what it costs to give item `i` to agent `j`; None forbids it. `effort` is what an item takes of
    a capacity: one number (default 1), one per item, or `effort[i][j]`. `capacity` is one number or one per agent, None
    being unlimited; without it every agent takes at most one item.

    Where the effort depends on the agent alone, the optimum is exact and found in polynomial time: by
    `linear_sum_assignment` (Jonker & Volgenant's shortest augmenting paths, as in Crouse 2016) or, for large batches,
    by min-cost flow (with the extra `flow`) or a transportation LP. Otherwise the generalised assignment problem goes
    to HiGHS (Huangfu & Hall 2018), for at most `time_limit` seconds; the solution is never worse than `greedy`, and
    `bound` says how far it may be from the best. The same input gives the same solution every time, unless the
    time limit cuts the search short.

    Raises `InfeasibleError`, which says why, `ConfigurationError` for what is no such matrix, `MissingExtraError`.
    """
    _check_time_limit(time_limit)
    with optimize_extra():
        from assignkit.optimise.problem import read_problem  # noqa: PLC0415 - the extra may be missing
        from assignkit.optimise.solving import solve_problem  # noqa: PLC0415
    problem = read_problem(cost, effort=effort, capacity=capacity, maximise=maximise)
    return solve_problem(problem, time_limit=time_limit)


def greedy(
    cost: Matrix, *, effort: Amounts = None, capacity: Amounts = None, maximise: bool = False
) -> Solution | None:
    """Return what comes of giving each item, in turn, to the cheapest agent who has room; None if one finds nobody.

    The arguments are those of `solve`. `bound` is the sum of each item's best cost, which capacity ignores.
    """
    with optimize_extra():
        from assignkit.optimise.heuristics import in_turn  # noqa: PLC0415 - the extra may be missing
        from assignkit.optimise.problem import read_problem  # noqa: PLC0415
    problem = read_problem(cost, effort=effort, capacity=capacity, maximise=maximise)
    found = in_turn(problem)
    if found is None:
        return None
    total, bound = problem.total(found), problem.loosest_bound()
    return Solution(
        agent_of=tuple(found.tolist()), total=total, bound=bound, optimal=total == bound, method="greedy, in turn"
    )


def _check_time_limit(time_limit: object) -> None:
    if time_limit is not None and not (isinstance(time_limit, Real) and float(time_limit) > 0):
        msg = f"time_limit is a number of seconds above 0, not {time_limit!r}"
        raise ConfigurationError(msg)
