"""The programme behind batches: pairs, agents' load in segments of rising cost, limits, and items that wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity

from assignkit.desk.together.posing import BatchProblem, Pair, Plan

_MOST_SEGMENTS = 200  # per agent; the last one holds the rest, at too low a cost: the bound is then too high
_SLACK = 1e-9
_WHOLE = 1e-5  # how far from 0 or 1 the solver may leave what is whole

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def solve_together(problem: BatchProblem, *, time_limit: float | None = None) -> Plan:
    """Return the best plan: most items, then the earliest steps, then the highest score.

    Equal efforts are a min-cost flow with convex costs, whose LP has a whole solution unless limits of several kinds
    cross; where it has none, and for other efforts, it is a mixed-integer programme.
    """
    pairs = [pair for pair in problem.pairs if _fits(problem, pair)]
    if not pairs:
        return Plan([None] * len(problem.efforts), 0.0, "nothing fits")
    programme = _Programme.of(problem, pairs)
    uniform = len(set(problem.efforts)) == 1
    answer = programme.solve(whole=not uniform, time_limit=time_limit)
    method = "transportation LP" if uniform else "mixed-integer programme"
    if uniform and answer is not None and not answer.is_whole:
        answer, method = programme.solve(whole=True, time_limit=time_limit), "mixed-integer programme"
    if answer is None:
        return Plan([None] * len(problem.efforts), programme.loosest_bound, "cut short")
    chosen: list[Pair | None] = [None] * len(problem.efforts)
    for number in np.flatnonzero(answer.values > 0.5):  # noqa: PLR2004 - 0 or 1, up to the solver's tolerance
        chosen[pairs[number].item] = pairs[number]
    bound = min(programme.bound(chosen, answer.least), programme.loosest_bound)
    return Plan(_earlier_first(problem, pairs, chosen), bound, method)


def _fits(problem: BatchProblem, pair: Pair) -> bool:
    room = problem.carriers[pair.carrier].room
    return problem.efforts[pair.item] <= room * (1 + _SLACK) and all(problem.limits[one] >= 1 for one in pair.limits)


def _earlier_first(
    problem: BatchProblem, pairs: Sequence[Pair], chosen: Sequence[Pair | None]
) -> Sequence[Pair | None]:
    """Return the same plan in which, of items that are all alike, the earlier ones have somebody."""
    if None not in chosen:
        return chosen
    options: list[dict[int, Pair]] = [{} for _ in chosen]
    for pair in pairs:
        options[pair.item][pair.carrier] = pair
    alike: dict[tuple[object, ...], list[int]] = {}
    for item, of in enumerate(options):
        told = tuple((pair.carrier, pair.preference, pair.rank, pair.limits) for pair in of.values())
        alike.setdefault((problem.efforts[item], *told), []).append(item)
    found: list[Pair | None] = [None] * len(chosen)
    for items in alike.values():
        given = [one.carrier for item in items if (one := chosen[item]) is not None]
        for item, carrier in zip(items, given, strict=False):
            found[item] = options[item][carrier]
    return found


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the solver said: how much of each pair is chosen, and that nothing costs less than `least`."""

    values: Floats
    least: float

    @property
    def is_whole(self) -> bool:
        return bool((np.minimum(self.values, 1 - self.values) < _WHOLE).all())


@dataclass(frozen=True, slots=True)
class _Programme:
    """The problem with its pairs that fit; being late, and waiting, cost more than all matches could make up for."""

    problem: BatchProblem
    pairs: Sequence[Pair]
    segments: Sequence[tuple[int, float, float]]
    late: float
    waiting: float

    @classmethod
    def of(cls, problem: BatchProblem, pairs: Sequence[Pair]) -> _Programme:
        segments = [(number, *one) for number in range(len(problem.carriers)) for one in _segments(problem, number)]
        gains = [pair.preference for pair in pairs]
        most = max(problem.efforts) * max((slope for _, _, slope in segments), default=0.0)
        spread = max(gains) - min(gains) + abs(min(gains)) + problem.fairness * most
        items, ranks = len(problem.efforts), max(pair.rank for pair in pairs)
        late = 1.0 + items * spread if ranks else 0.0
        return cls(problem, pairs, segments, late, 1.0 + items * (spread + late * ranks))

    @property
    def loosest_bound(self) -> float:
        """No score is above the sum of each item's best match."""
        best: dict[int, float] = {}
        for pair in self.pairs:
            best[pair.item] = max(best.get(pair.item, 0.0), pair.preference)
        return math.fsum(best.values())

    def bound(self, chosen: Sequence[Pair | None], least: float) -> float:
        """Return the highest score of plans that place as many items as `chosen`, by steps as early."""
        placed = [pair for pair in chosen if pair is not None]
        waits = len(chosen) - len(placed)
        return self.waiting * waits + self.late * sum(pair.rank for pair in placed) - least

    def solve(self, *, whole: bool, time_limit: float | None) -> _Answer | None:
        problem, pairs, items = self.problem, self.pairs, len(self.problem.efforts)
        gain = np.array([pair.preference - self.late * pair.rank for pair in pairs])
        slope = np.array([one[2] for one in self.segments])
        width = np.array([one[1] for one in self.segments])
        answer = milp(
            np.concatenate([-gain, problem.fairness * slope, np.full(items, self.waiting)]),
            integrality=np.concatenate([np.full(len(pairs), int(whole)), np.zeros(len(slope) + items)]),
            bounds=Bounds(0, np.concatenate([np.ones(len(pairs)), width, np.ones(items)])),
            constraints=self._constraints(),
            options={"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit}),
        )
        if answer.x is None:
            return None
        least = answer.fun if not whole or answer.mip_dual_bound is None else answer.mip_dual_bound
        return _Answer(np.asarray(answer.x[: len(pairs)]), float(least))

    def _constraints(self) -> list[LinearConstraint]:
        problem, pairs, segments = self.problem, self.pairs, self.segments
        items, carriers, numbers = len(problem.efforts), len(problem.carriers), np.arange(len(pairs))
        item = np.array([pair.item for pair in pairs])
        carrier = np.array([pair.carrier for pair in pairs])
        owner = np.array([one[0] for one in segments], dtype=np.int64)
        efforts = np.asarray(problem.efforts)[item]
        placed = _sparse(np.ones(len(pairs)), item, numbers, (items, len(pairs)))
        carried = _sparse(efforts, carrier, numbers, (carriers, len(pairs)))
        filled = _sparse(np.ones(len(owner)), owner, np.arange(len(owner)), (carriers, len(owner)))
        found = [
            LinearConstraint(hstack([placed, csr_matrix((items, len(owner))), identity(items)]).tocsr(), 1, 1),
            LinearConstraint(hstack([carried, -filled, csr_matrix((carriers, items))]).tocsr(), 0, 0),
        ]
        if problem.limits:
            limit = np.array([one for pair in pairs for one in pair.limits], dtype=np.int64)
            of = np.array([number for number, pair in enumerate(pairs) for _ in pair.limits], dtype=np.int64)
            counted = _sparse(np.ones(len(of)), limit, of, (len(problem.limits), len(pairs)))
            rest = csr_matrix((len(problem.limits), len(owner) + items))
            found.append(LinearConstraint(hstack([counted, rest]).tocsr(), 0, np.asarray(problem.limits)))
        return found


def _segments(problem: BatchProblem, number: int) -> list[tuple[float, float]]:
    """Return a carrier's room as (width, cost per unit of effort), the cheapest first."""
    unit, carrier = problem.unit, problem.carriers[number]
    left = min(carrier.room, math.fsum(problem.efforts))
    if len(set(problem.efforts)) == 1:  # what is left over of the room holds nothing
        left = math.floor(left / unit * (1 + _SLACK)) * unit
    found: list[tuple[float, float]] = []
    while left > _SLACK and len(found) < _MOST_SEGMENTS:
        is_last = len(found) == _MOST_SEGMENTS - 1 or not problem.fairness
        width = left if is_last else min(unit, left)
        found.append((width, problem.slope(number, len(found))))
        left -= width
    return found


def _sparse(values: Floats, rows: Indices, columns: Indices, shape: tuple[int, int]) -> csr_matrix:
    return coo_matrix((values, (rows, columns)), shape=shape).tocsr()
