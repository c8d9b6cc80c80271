"""A batch of items for agents who carry something already: as many as possible, well matched, evenly spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assignkit.errors import ConfigurationError
from assignkit.optimise.extras import optimize_extra

Amount = int | float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """Who gets which item of a batch, and what was gained by deciding them together.

    `agent_of[i]` is an agent's index, or None for an item that has to wait. `preference` is the sum over the items that
    found somebody; `crowding` measures how loaded their agents are. `score` is preference − fairness × crowding, and no
    plan with as many items has more than `bound`. The fields that begin with `greedy_` say what comes of deciding the
    items one after the other.
    """

    agent_of: tuple[int | None, ...]
    preference: float
    crowding: float
    score: float
    bound: float
    optimal: bool
    greedy_agent_of: tuple[int | None, ...]
    greedy_preference: float
    greedy_score: float

    @property
    def gained_items(self) -> int:
        """How many more items found somebody than one after the other."""
        return self.greedy_agent_of.count(None) - self.agent_of.count(None)

    @property
    def gained_score(self) -> float:
        """How much larger the score is; it may be negative only where more items found somebody."""
        return self.score - self.greedy_score


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What the agents can still take: each a sequence with one entry per agent, None for unlimited.

    `load` and `capacity` are in units of effort; `places` is how many items, for limits that count items.
    """

    load: Sequence[Amount] | None = None
    capacity: Sequence[Amount | None] | None = None
    places: Sequence[int | None] | None = None


def plan_batch(
    preference: Sequence[Sequence[Amount | None]],
    *,
    effort: Amount | Sequence[Amount] = 1,
    staff: Staff | None = None,
    fairness: float = 1.0,
    time_limit: float | None = None,
) -> BatchPlan:
    """Return the best plan for a batch: first as many items as possible, then the highest score.

    `preference[i][j]` is how well item `i` suits agent `j`, higher being better, None where `j` may not have it.
    `effort` is one number or one per item. Each item adds (load after it) / capacity to the crowding, in units of the
    mean effort, as `least loaded` would count; `fairness` says how much preference one such unit is worth, from 0.

    Equal efforts make a min-cost flow with convex costs, solved as an LP; others a mixed-integer programme, which stops
    after `time_limit` seconds. Never worse than deciding one after the other. Raises `ConfigurationError` for numbers
    that do not fit together, and `MissingExtraError`.
    """
    if not fairness >= 0:
        msg = f"fairness is a number from 0, not {fairness!r}"
        raise ConfigurationError(msg)
    with optimize_extra():
        from assignkit.optimise.spreading import read_batch, solve_batch  # noqa: PLC0415 - the extra may be missing
    batch = read_batch(preference, effort=effort, staff=staff or Staff(), fairness=fairness)
    return solve_batch(batch, time_limit=time_limit)
