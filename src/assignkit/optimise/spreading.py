"""A batch given as matrices: brought to the problem that a desk's batches pose, solved, and set beside greedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assignkit.desk.together.posing import BatchProblem, Carrier, Pair
from assignkit.errors import ConfigurationError
from assignkit.optimise.batches import BatchPlan, Staff
from assignkit.optimise.programme import solve_together

_SLACK = 1e-9
_NUMBER = int | float | Decimal


def read_batch(preference: Any, *, effort: Any, staff: Staff, fairness: float) -> BatchProblem:  # noqa: ANN401 - checked here
    """Return the problem that the arguments of `plan_batch` state; agent `j` is carrier `j`. `ConfigurationError`."""
    try:
        table = [[None if one is None else float(one) for one in row] for row in preference]
        efforts = [float(one) for one in ([effort] * len(table) if isinstance(effort, _NUMBER) else effort)]
    except (TypeError, ValueError) as error:
        msg = f"preference and effort must be numbers, a row of the same length for each item: {error}"
        raise ConfigurationError(msg) from error
    agents = len(table[0]) if table else len(next((g for g in (staff.load, staff.capacity, staff.places) if g), ()))
    _check(table, efforts, agents)
    load = _per_agent(staff.load, agents)
    capacity, places = _per_agent(staff.capacity, agents), _per_agent(staff.places, agents)
    limited = [agent for agent in range(agents) if places[agent] is not None]
    number_of = {agent: number for number, agent in enumerate(limited)}
    pairs = [
        Pair(item, str(agent), agent, one, limits=(number_of[agent],) if agent in number_of else ())
        for item, row in enumerate(table)
        for agent, one in enumerate(row)
        if one is not None
    ]
    return BatchProblem(
        efforts=efforts,
        pairs=pairs,
        carriers=[Carrier(load[agent] or 0.0, capacity[agent]) for agent in range(agents)],
        limits=[math.floor(places[agent] or 0) for agent in limited],
        fairness=fairness,
    )


def _check(table: Sequence[Sequence[float | None]], efforts: Sequence[float], agents: int) -> None:
    msg = ""
    if any(len(row) != agents for row in table):
        msg = "preference must be a matrix, a row of the same length for each item"
    elif len(efforts) != len(table) or not all(0 < one < math.inf for one in efforts):
        msg = "each item needs an effort above 0"
    elif any(one is not None and not math.isfinite(one) for row in table for one in row):
        msg = "preferences must be finite numbers or None"
    if msg:
        raise ConfigurationError(msg)


def _per_agent(values: Sequence[Any] | None, agents: int) -> list[float | None]:
    given = [None] * agents if values is None else list(values)
    if len(given) != agents:
        msg = f"{len(given)} numbers for {agents} agents"
        raise ConfigurationError(msg)
    found = [None if one is None or one == math.inf else float(one) for one in given]
    if not all(one is None or one >= 0 for one in found):
        msg = "loads, capacities and places are numbers from 0"
        raise ConfigurationError(msg)
    return found


def solve_batch(problem: BatchProblem, *, time_limit: float | None) -> BatchPlan:
    """Return the better of the programme's plan and the greedy one."""
    quick = one_after_the_other(problem)
    plan = solve_together(problem, time_limit=time_limit)
    found = [pair for pair in plan.chosen if pair is not None]
    worth, least = problem.worth(found), problem.worth(quick)
    if not least.is_below(worth):
        found, worth = quick, least
    return BatchPlan(
        agent_of=_told(problem, found),
        preference=math.fsum(pair.preference for pair in found),
        crowding=problem.crowding(found),
        score=worth.score,
        bound=max(plan.bound, worth.score),
        optimal=worth.score >= plan.bound - 1e-6 * max(1.0, abs(worth.score)),
        greedy_agent_of=_told(problem, quick),
        greedy_preference=math.fsum(pair.preference for pair in quick),
        greedy_score=least.score,
    )


def one_after_the_other(problem: BatchProblem) -> list[Pair]:
    """Return each item's best agent at its turn: the highest preference − fairness × what it adds to the crowding."""
    load = [carrier.load for carrier in problem.carriers]
    room = [carrier.room for carrier in problem.carriers]
    left = list(problem.limits)
    options: list[list[Pair]] = [[] for _ in problem.efforts]
    for pair in problem.pairs:
        options[pair.item].append(pair)
    found: list[Pair] = []
    for effort, pairs in zip(problem.efforts, options, strict=True):
        open_to = [
            pair
            for pair in pairs
            if effort <= room[pair.carrier] * (1 + _SLACK) and all(left[one] >= 1 for one in pair.limits)
        ]
        if not open_to:
            continue
        best = max(open_to, key=lambda pair: pair.preference - problem.fairness * _added(problem, load, pair))
        found.append(best)
        load[best.carrier] += effort
        room[best.carrier] -= effort
        for one in best.limits:
            left[one] -= 1
    return found


def _added(problem: BatchProblem, load: Sequence[float], pair: Pair) -> float:
    effort = problem.efforts[pair.item]
    return (load[pair.carrier] + effort) / max(problem.carriers[pair.carrier].divisor, _SLACK) * effort / problem.unit


def _told(problem: BatchProblem, pairs: Sequence[Pair]) -> tuple[int | None, ...]:
    agents: list[int | None] = [None] * len(problem.efforts)
    for pair in pairs:
        agents[pair.item] = pair.carrier
    return tuple(agents)
