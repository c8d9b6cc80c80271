"""What one simulation found."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any

from assignkit.reporting.fairness import gini, jain
from assignkit.reporting.waits import WaitSummary, percentile, service_level
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.tracing import ABANDONED, SERVED, Trace


@dataclass(frozen=True)
class Run:
    """One simulation, item by item. Times are in seconds from its start.

    Items that arrive in the first `warm_up` seconds are served, but do not count. Everything that came before the end
    is followed until it is done, so that no wait is cut short; utilisation is measured up to `horizon`, when arrivals
    ended.
    """

    arrivals: Arrivals
    agents: tuple[str, ...]
    trace: Trace
    warm_up: float = 0.0
    horizon: float = 0.0

    @cached_property
    def counted(self) -> Sequence[int]:
        """The numbers of the items that count."""
        times = self.arrivals.times
        first = next((place for place, at in enumerate(times) if at >= self.warm_up), len(times))
        return range(first, len(times))

    @cached_property
    def served(self) -> Sequence[int]:
        """The numbers of the items that count and were served."""
        if self.trace.outcomes is None:
            return self.counted
        return [item for item in self.counted if self.trace.outcomes[item] == SERVED]

    @cached_property
    def waits(self) -> list[float]:
        """How long each served item waited until work on it began, in order of arrival."""
        times, starts = self.arrivals.times, self.trace.starts
        return [starts[item] - times[item] for item in self.served]

    @cached_property
    def summary(self) -> WaitSummary:
        """Mean, percentiles and longest of the waits."""
        return WaitSummary.of(self.waits)

    @property
    def mean_wait(self) -> float:
        """The mean wait of those who were served; NaN if nobody was."""
        return self.summary.mean

    @property
    def probability_of_wait(self) -> float:
        """The part of all items, served or not, that nobody could begin with at once; NaN without items."""
        return 1 - sum(wait <= 0 for wait in self.waits) / len(self.counted) if self.counted else math.nan

    def service_level(self, seconds: float) -> float:
        """Return the part of all items, lost ones included, whose service began within `seconds`."""
        return service_level(self.waits, seconds, lost=len(self.counted) - len(self.waits))

    def percentile(self, percent: float) -> float:
        """Return the wait that so many per cent of the served did not exceed."""
        return percentile(self.waits, percent)

    def waits_of(self, name: str | float) -> list[float]:
        """Return the waits of the class with this name, or with this priority."""
        chosen = {number for number, one in enumerate(self.arrivals.classes) if name in (one.name, one.priority)}
        of = self.arrivals.class_of
        wanted = (item for item in self.served if (0 if of is None else of[item]) in chosen)
        return [self.trace.starts[item] - self.arrivals.times[item] for item in wanted]

    @cached_property
    def outcomes(self) -> Mapping[str, int]:
        """How many items were served, abandoned, …."""
        return dict(sorted(Counter(self.trace.outcome(item) for item in self.counted).items()))

    @property
    def abandonment(self) -> float:
        """The part of all items that left before their service began."""
        return self.outcomes.get(ABANDONED, 0) / len(self.counted) if self.counted else math.nan

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many items each agent served; idle agents with 0, in the order of the agents."""
        found = [0] * len(self.agents)
        for item in self.served:
            found[self.trace.agent_of[item]] += 1
        return dict(zip(self.agents, found, strict=True))

    @property
    def rules(self) -> dict[str | None, int]:
        """How many items each rule decided; empty for bare orders."""
        return dict(Counter(self.trace.rules[item] for item in self.counted)) if self.trace.rules else {}

    @cached_property
    def busy_seconds(self) -> dict[str, float]:
        """How long each agent worked between the warm-up and the horizon."""
        found = [0.0] * len(self.agents)
        low, high = self.warm_up, self.horizon
        for agent, start, end in zip(self.trace.agent_of, self.trace.starts, self.trace.ends, strict=True):
            if start < high and end > low:
                found[agent] += min(end, high) - max(start, low)
        return dict(zip(self.agents, found, strict=True))

    @property
    def utilisation(self) -> float:
        """The part of their time that all agents together worked, breaks and time off shift included."""
        span = (self.horizon - self.warm_up) * len(self.agents)
        return math.fsum(self.busy_seconds.values()) / span if span > 0 else math.nan

    @property
    def utilisation_by_agent(self) -> dict[str, float]:
        """The part of the time that each agent worked."""
        span = self.horizon - self.warm_up
        return {agent: busy / span if span > 0 else math.nan for agent, busy in self.busy_seconds.items()}

    @property
    def jain(self) -> float:
        """Jain's index of the counts: 1 is even."""
        return jain(self.counts.values())

    @property
    def gini(self) -> float:
        """The Gini coefficient of the counts, for a whole population: 0 is even."""
        return gini(self.counts.values())

    @property
    def match_quality(self) -> float:
        """The mean level that the agents had in the skill that their items needed; NaN where none was needed."""
        quality = self.trace.quality
        found = [quality[item] for item in self.served if item in quality]
        return fmean(found) if found else math.nan

    # --- Little's law ------------------------------------------------------------------------------------------------

    @cached_property
    def mean_in_system(self) -> float:
        """The mean number of items present, over all items and until the last of them left: counted event by event."""
        departures: list[float] = []
        area = last = 0.0
        present = 0
        for item in range(len(self.arrivals)):
            now = self.arrivals.times[item]
            while departures and departures[0] <= now:
                gone = heapq.heappop(departures)
                area, last, present = area + present * (gone - last), gone, present - 1
            area, last, present = area + present * (now - last), now, present + 1
            heapq.heappush(departures, self.left_at(item))
        while departures:
            gone = heapq.heappop(departures)
            area, last, present = area + present * (gone - last), gone, present - 1
        return area / last if last else 0.0

    def left_at(self, item: int) -> float:
        """Return when an item left: done, out of patience, or at once where it was lost otherwise."""
        if self.trace.outcome(item) == SERVED:
            return self.trace.ends[item]
        patience = self.arrivals.patience
        gave_up = self.trace.outcome(item) == ABANDONED and patience is not None
        return self.arrivals.times[item] + (patience[item] if gave_up and patience is not None else 0.0)

    @property
    def mean_in_system_by_law(self) -> float:
        """The same by Little's law: arrivals per second × mean time in the system."""
        ends = [self.left_at(item) for item in range(len(self.arrivals))]
        last = max(ends, default=0.0)
        return math.fsum(end - at for end, at in zip(ends, self.arrivals.times, strict=True)) / last if last else 0.0

    # --- as data -----------------------------------------------------------------------------------------------------

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per item that counts: when it came, who served it, how long it waited, what became of it."""
        rows = []
        for item in self.counted:
            agent, start = self.trace.agent_of[item], self.trace.starts[item]
            rows.append(
                {
                    "item_id": self.arrivals.id_at(item),
                    "arrival": self.arrivals.times[item],
                    "agent_id": self.agents[agent] if agent >= 0 else None,
                    "wait": None if math.isnan(start) else start - self.arrivals.times[item],
                    "service": self.arrivals.services[item],
                    "outcome": self.trace.outcome(item),
                    "rule": self.trace.rules[item] if self.trace.rules else None,
                }
            )
        return rows

    def __repr__(self) -> str:
        return (
            f"Run({len(self.counted):,} items, {len(self.agents)} agents, mean wait {self.mean_wait:.4g} s, "
            f"P(wait) {self.probability_of_wait:.3f}, utilisation {self.utilisation:.3f}, Jain {self.jain:.3f})"
        )
