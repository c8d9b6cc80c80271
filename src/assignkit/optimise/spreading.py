"""The programme behind `plan_batch`: pairs, agents' load in segments of rising cost, and items that wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity

from assignkit.errors import ConfigurationError
from assignkit.optimise.batches import DEFAULT_CAPACITY, BatchPlan, Staff
from assignkit.optimise.problem import Floats, Indices

_MOST_SEGMENTS = 200  # per agent; the last one holds the rest
_SLACK = 1e-9
_WAITS = -1


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Items × agents: `preference` has −inf where forbidden; `room` and `places` have inf for unlimited."""

    preference: Floats
    effort: Floats
    load: Floats
    capacity: Floats
    room: Floats
    places: Floats
    fairness: float

    @property
    def unit(self) -> float:
        """The mean effort: what load is measured in."""
        return float(self.effort.mean()) if len(self.effort) else 1.0

    def crowding(self, agent_of: Indices) -> float:
        """Return what the items of an assignment add: (load after each) / capacity, in units of the mean effort."""
        total = 0.0
        for agent in range(len(self.load)):
            segments = self.segments(agent)
            carried = float(self.effort[agent_of == agent].sum())
            for width, slope in segments:
                part = min(width, carried)
                total += part * slope
                carried -= part
        return total

    def segments(self, agent: int) -> list[tuple[float, float]]:
        """Return the agent's room as (width, cost per unit of effort), the cheapest first."""
        unit, left = self.unit, min(float(self.room[agent]), float(self.effort.sum()))
        found: list[tuple[float, float]] = []
        while left > _SLACK and len(found) < _MOST_SEGMENTS:
            width = left if len(found) == _MOST_SEGMENTS - 1 else min(unit, left)
            after = float(self.load[agent]) + (len(found) + 1) * unit
            found.append((width, after / float(self.capacity[agent]) / unit))
            left -= width
        return found

    def score(self, agent_of: Indices) -> tuple[int, float, float, float]:
        """Return (items placed, score, preference, crowding)."""
        placed = np.flatnonzero(agent_of != _WAITS)
        preference = math.fsum(self.preference[placed, agent_of[placed]].tolist())
        crowding = self.crowding(agent_of)
        return len(placed), preference - self.fairness * crowding, preference, crowding


def read_batch(preference: Any, *, effort: Any, staff: Staff, fairness: float) -> Batch:  # noqa: ANN401 - checked here
    """Return the batch as arrays; raises `ConfigurationError`."""
    try:
        table = np.array([[-math.inf if one is None else float(one) for one in row] for row in preference], dtype=float)
        efforts = np.full(len(table), float(effort)) if np.ndim(effort) == 0 else np.array(effort, dtype=float)
    except (TypeError, ValueError) as error:
        msg = f"preference and effort must be numbers, a row of the same length for each item: {error}"
        raise ConfigurationError(msg) from error
    table = table if table.size else table.reshape(len(table), 0)
    agents = table.shape[1]
    if np.isnan(table).any() or np.isposinf(table).any() or not (efforts > 0).all() or len(efforts) != len(table):
        msg = "preferences must be finite numbers or None, and each item needs an effort above 0"
        raise ConfigurationError(msg)
    load = _per_agent(staff.load, agents, missing=0.0)
    capacity = _per_agent(staff.capacity, agents, missing=math.inf)
    room = np.maximum(capacity - load, 0.0)
    counted = np.where(np.isfinite(capacity), capacity, float(DEFAULT_CAPACITY))
    return Batch(table, efforts, load, counted, room, _per_agent(staff.places, agents, missing=math.inf), fairness)


def _per_agent(values: Sequence[Any] | None, agents: int, *, missing: float) -> Floats:
    given = [None] * agents if values is None else list(values)
    if len(given) != agents:
        msg = f"{len(given)} numbers for {agents} agents"
        raise ConfigurationError(msg)
    found = np.array([missing if one is None else float(one) for one in given], dtype=float)
    if np.isnan(found).any() or (found < 0).any():
        msg = "loads, capacities and places are numbers from 0"
        raise ConfigurationError(msg)
    return found


def solve_batch(batch: Batch, *, time_limit: float | None) -> BatchPlan:
    """Return the better of the programme's plan and the greedy one."""
    quick = one_after_the_other(batch)
    found, bound = _programme(batch, time_limit=time_limit)
    if found is None or batch.score(found)[:2] < batch.score(quick)[:2]:
        found = quick
    placed, score, preference, crowding = batch.score(found)
    greedy_placed, greedy_score, greedy_preference, _ = batch.score(quick)
    optimal = score >= bound - 1e-6 * max(1.0, abs(score))
    if placed == greedy_placed and score <= greedy_score:
        found, score = quick, greedy_score
    return BatchPlan(
        agent_of=_told(found),
        preference=preference,
        crowding=crowding,
        score=score,
        bound=max(bound, score),
        optimal=optimal,
        greedy_agent_of=_told(quick),
        greedy_preference=greedy_preference,
        greedy_score=greedy_score,
    )


def one_after_the_other(batch: Batch) -> Indices:
    """Return each item's best agent at its turn: the highest preference − fairness × what it adds to the crowding."""
    found = np.full(len(batch.preference), _WAITS, dtype=np.int64)
    load, room, places = batch.load.copy(), batch.room.copy(), batch.places.copy()
    for item, effort in enumerate(batch.effort):
        open_to = np.isfinite(batch.preference[item]) & (effort <= room * (1 + _SLACK)) & (places >= 1)
        if not open_to.any():
            continue
        added = (load + effort) / batch.capacity * (effort / batch.unit)
        agent = int(np.argmax(np.where(open_to, batch.preference[item] - batch.fairness * added, -np.inf)))
        found[item] = agent
        load[agent] += effort
        room[agent] -= effort
        places[agent] -= 1
    return found


def _told(agent_of: Indices) -> tuple[int | None, ...]:
    return tuple(None if agent == _WAITS else agent for agent in agent_of.tolist())


def _programme(batch: Batch, *, time_limit: float | None) -> tuple[Indices | None, float]:
    """Return the plan that the solver finds, and the highest score that a plan with as many items can have."""
    items, agents = len(batch.preference), len(batch.load)
    fits = np.isfinite(batch.preference) & (batch.effort[:, None] <= batch.room * (1 + _SLACK))
    item, agent = np.nonzero(fits)
    if not len(item):
        return None, 0.0
    segments = [(of, *segment) for of in range(agents) for segment in batch.segments(of)]
    owner = np.array([of for of, _, _ in segments], dtype=np.int64)
    slope = np.array([cost for _, _, cost in segments])
    widths = np.array([width for _, width, _ in segments])
    gain = batch.preference[item, agent]
    waiting_cost = _dearer_than_anything(batch, gain, slope)
    cost = np.concatenate([-gain, batch.fairness * slope, np.full(items, waiting_cost)])
    uniform = bool((batch.effort == batch.effort[0]).all())
    whole = np.concatenate([np.full(len(item), 0 if uniform else 1), np.zeros(len(segments) + items)])
    answer = milp(
        cost,
        integrality=whole,
        bounds=Bounds(0, np.concatenate([np.ones(len(item)), widths, np.ones(items)])),
        constraints=_constraints(batch, item, agent, owner),
        options={"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit}),
    )
    if answer.x is None:
        return None, math.inf
    chosen = answer.x[: len(item)] > 0.5  # noqa: PLR2004 - 0 or 1, up to the solver's tolerance
    found = np.full(items, _WAITS, dtype=np.int64)
    found[item[chosen]] = agent[chosen]
    least = answer.fun if uniform or answer.mip_dual_bound is None else answer.mip_dual_bound
    return found, waiting_cost * int((found == _WAITS).sum()) - float(least)


def _constraints(batch: Batch, item: Indices, agent: Indices, owner: Indices) -> list[LinearConstraint]:
    items, agents, pairs = len(batch.preference), len(batch.load), np.arange(len(item))
    placed = _sparse(np.ones(len(item)), item, pairs, (items, len(item)))
    carried = _sparse(batch.effort[item], agent, pairs, (agents, len(item)))
    counted = _sparse(np.ones(len(item)), agent, pairs, (agents, len(item)))
    filled = _sparse(np.ones(len(owner)), owner, np.arange(len(owner)), (agents, len(owner)))
    no_waiting, no_segments = csr_matrix((agents, items)), csr_matrix((items, len(owner)))
    return [
        LinearConstraint(hstack([placed, no_segments, identity(items)]).tocsr(), 1, 1),
        LinearConstraint(hstack([carried, -filled, no_waiting]).tocsr(), 0, 0),
        LinearConstraint(hstack([counted, csr_matrix(filled.shape), no_waiting]).tocsr(), 0, batch.places),
    ]


def _sparse(values: Floats, rows: Indices, columns: NDArray[Any], shape: tuple[int, int]) -> Any:  # noqa: ANN401
    return coo_matrix((values, (rows, columns)), shape=shape).tocsr()


def _dearer_than_anything(batch: Batch, gain: Floats, slope: Floats) -> float:
    """Return a cost of waiting that no better match of all the others can outweigh."""
    spread = float(gain.max() - gain.min()) + abs(float(gain.min()))
    return 1.0 + len(batch.preference) * (spread + batch.fairness * float(slope.max()) * float(batch.effort.max()))
