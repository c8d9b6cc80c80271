"""What became of every item of a run, as columns that the engines fill."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SERVED, ABANDONED, UNSERVED = "served", "abandoned", "unserved"


@dataclass(slots=True)
class Trace:
    """Per item: who had it, when it was assigned, when work began and ended (NaN for never), and what became of it.

    `agent_of` holds numbers of agents, −1 for nobody. `outcomes` is None where all were served. `quality` is how well
    the agent suited each item, where that is known.
    """

    agent_of: list[int]
    starts: list[float]
    ends: list[float]
    outcomes: list[str] | None = None
    rules: list[str | None] | None = None
    quality: dict[int, float] = field(default_factory=dict)

    @classmethod
    def empty(cls, count: int) -> Trace:
        """Return a trace in which nobody has been served yet."""
        return cls([-1] * count, [math.nan] * count, [math.nan] * count, [UNSERVED] * count)

    def outcome(self, item: int) -> str:
        """Return what became of one item."""
        return SERVED if self.outcomes is None else self.outcomes[item]
