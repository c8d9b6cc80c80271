"""A batch that is decided together: who may have what, as plain numbers for a solver, and what an answer is worth.

The desk knows no solver. One is registered by whoever brings it, or handed in with the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from assignkit.errors import ConfigurationError

DEFAULT_CAPACITY = 100.0  # what an unlimited capacity counts as when loads are compared


@dataclass(frozen=True, slots=True)
class Pair:
    """An item, by its number, with an agent who may have it.

    `rank` is how many other steps of its rule come before the one that finds the agent; `carrier` whose load the item
    adds to (below 0: nobody's that is compared), and `limits` what else it counts against, as numbers of the batch.
    """

    item: int
    agent_id: str
    carrier: int
    preference: float = 0.0
    rank: int = 0
    limits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Carrier:
    """What an agent carries of one kind of item, in units of effort; a `capacity` of None is unlimited."""

    load: float = 0.0
    capacity: float | None = None

    @property
    def room(self) -> float:
        """How much more fits."""
        return math.inf if self.capacity is None else max(self.capacity - self.load, 0.0)

    @property
    def divisor(self) -> float:
        """What a load is divided by to be compared with those of others."""
        return DEFAULT_CAPACITY if self.capacity is None else self.capacity


class Worth(NamedTuple):
    """What an answer is worth, the most important first: more items, by earlier steps, with a higher score.

    `late` is minus the ranks of all that is placed; `score` is preference − fairness × crowding.
    """

    placed: int
    late: int
    score: float

    def is_below(self, other: Worth) -> bool:
        """Return whether the other one is better by more than rounding."""
        if self[:2] != other[:2]:
            return self[:2] < other[:2]
        return self.score < other.score - 1e-9 * max(1.0, abs(other.score))


@dataclass(frozen=True)
class BatchProblem:
    """Who of a batch may have which item: `efforts` one for each item, the `limits` as how many more each lets through.

    A load's crowding is what `least loaded` would count: each item adds (load after it) / capacity, in units of the
    mean effort. `fairness` says how much preference one such unit is worth.
    """

    efforts: Sequence[float]
    pairs: Sequence[Pair]
    carriers: Sequence[Carrier]
    limits: Sequence[int] = ()
    fairness: float = 1.0

    @cached_property
    def unit(self) -> float:
        """The mean effort: what load is measured in."""
        return math.fsum(self.efforts) / len(self.efforts) if self.efforts else 1.0

    def slope(self, carrier: int, number: int) -> float:
        """Return what a unit of effort costs in the carrier's segment of this number, each as wide as `unit`."""
        one = self.carriers[carrier]
        return (one.load + (number + 1) * self.unit) / max(one.divisor, 1e-12) / self.unit

    def crowding(self, chosen: Iterable[Pair]) -> float:
        """Return what these pairs add to the crowding, in whatever order they come."""
        carried: dict[int, float] = {}
        for pair in (one for one in chosen if one.carrier >= 0):
            carried[pair.carrier] = carried.get(pair.carrier, 0.0) + self.efforts[pair.item]
        return math.fsum(self._filled(carrier, effort) for carrier, effort in sorted(carried.items()))

    def worth(self, chosen: Sequence[Pair]) -> Worth:
        """Return what these pairs, one for an item at most, are worth."""
        preference = math.fsum(pair.preference for pair in chosen)
        score = preference - (self.fairness * self.crowding(chosen) if self.fairness else 0.0)
        return Worth(len(chosen), -sum(pair.rank for pair in chosen), score)

    def _filled(self, carrier: int, effort: float) -> float:
        whole = int(effort / self.unit + 1e-9)
        first, last = self.slope(carrier, 0), self.slope(carrier, whole)
        rising = whole * first + (whole * (whole - 1) // 2) * (self.slope(carrier, 1) - first)
        return rising * self.unit + max(effort - whole * self.unit, 0.0) * last


@dataclass(frozen=True, slots=True)
class Plan:
    """A solver's answer: for each item its pair, or None; `bound` is the highest score that as many items can have.

    As many, and by steps as early: more items, or earlier steps, are always better.
    """

    chosen: Sequence[Pair | None]
    bound: float
    method: str = ""


class BatchSolver(Protocol):
    """Chooses for a whole batch; `fairness` as in `BatchProblem`. The same problem has the same answer."""

    @property
    def fairness(self) -> float:
        """How much preference one unit of crowding is worth, from 0."""
        ...

    def plan(self, problem: BatchProblem) -> Plan:
        """Return a pair for as many items as possible, no carrier or limit being exceeded."""
        ...


_registered: list[Callable[[], BatchSolver]] = []


def register_solver(make: Callable[[], BatchSolver]) -> None:
    """Let `make()` solve batches that name no solver of their own; the last one registered does."""
    _registered.append(make)


def solver_of(optimise: bool | BatchSolver) -> BatchSolver:  # noqa: FBT001 - what the caller gave, as it is
    """Return the solver that was handed in, or the one that is registered; `ConfigurationError` if there is none."""
    if not isinstance(optimise, bool):
        if not callable(getattr(optimise, "plan", None)):
            msg = f"optimise is True, or a solver such as Optimiser(fairness=2), not {optimise!r}"
            raise ConfigurationError(msg)
        return optimise
    if not _registered:
        msg = "nobody registered a solver for batches: hand one in, as `optimise=Optimiser()`"
        raise ConfigurationError(msg)
    return _registered[-1]()
