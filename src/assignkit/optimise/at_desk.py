"""The solver that a desk asks for `assign_many(items, optimise=True)`; needs the extra `optimize` when it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from assignkit.desk.together.posing import BatchProblem, Plan, register_solver
from assignkit.errors import ConfigurationError
from assignkit.optimise.extras import optimize_extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """How a batch is to be decided together: `desk.assign_many(items, optimise=Optimiser(fairness=2))`.

    `fairness` says how much preference one unit of crowding is worth, from 0: with 0 only preference counts. A unit is
    an item of average effort on top of an agent whose load it makes as large as the capacity. After `time_limit`
    seconds the best plan is taken that was found; None searches until it is proven to be the best.

    Raises `ConfigurationError` for numbers that mean nothing; `plan` raises `MissingExtraError`.
    """

    fairness: float = 1.0
    time_limit: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.fairness < float("inf"):
            msg = f"fairness is a number from 0, not {self.fairness!r}"
            raise ConfigurationError(msg)
        if self.time_limit is not None and not self.time_limit > 0:
            msg = f"time_limit is a number of seconds above 0, not {self.time_limit!r}"
            raise ConfigurationError(msg)

    def plan(self, problem: BatchProblem) -> Plan:
        """Return the best plan: most items, then the earliest steps, then the highest score."""
        with optimize_extra():
            from assignkit.optimise.programme import solve_together  # noqa: PLC0415 - the extra may be missing
        return solve_together(problem, time_limit=self.time_limit)


register_solver(Optimiser)
