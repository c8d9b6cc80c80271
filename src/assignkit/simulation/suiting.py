"""Pickers for the orders by what agents are: skills, ratings, places, targets, weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from assignkit.desk.deciding.periods import period_end
from assignkit.model.placement import Rotation
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.picking import NOBODY, KeyedPicker, LeastLoadedPicker, OpenPicker
from assignkit.simulation.staffing import Server
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.best_rated import PRIOR_RATINGS, ratings_of
from assignkit.strategies.exact import exact
from assignkit.strategies.least_loaded import DEFAULT_CAPACITY
from assignkit.strategies.nearest import squared_chord


class WeightedBalancePicker(LeastLoadedPicker):
    """`weighted balance`: as `least loaded`, of weight × capacity."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        self._weighted = [
            Fraction(server.agent.weight)
            * Fraction(DEFAULT_CAPACITY if server.capacity == math.inf else repr(server.capacity))
            for server in servers
        ]
        self._ratios: list[dict[int, float]] = [{} for _ in servers]
        super().__init__(servers, seed=seed, start=start)

    def ratio(self, agent: int) -> float:
        """Return (load + 1) / (weight × capacity), rounded once, so that equal ones are equal."""
        load, known = self.load[agent], self._ratios[agent]
        found = known.get(load)
        if found is None:
            found = known[load] = float((load + 1) / self._weighted[agent])
        return found


class SkillMatchPicker(LeastLoadedPicker):
    """`skill match`: the highest level in the skill that is needed, then least loaded.

    Items want a skill here, not a level of it that could be exceeded: so `closest skill match` is the same.
    """

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._levels: dict[str, list[tuple[int | Fraction, int]]] = {}
        for agent, server in enumerate(servers):
            for skill, level in server.agent.skills.items():
                self._levels.setdefault(skill, []).append((-(exact(level) or 0), agent))

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return the most skilled who has room; without a skill that is needed, the least loaded."""
        if skill is None:
            return super().pick(item, now, skill)
        free = ((level, agent) for level, agent in self._levels.get(skill, ()) if self.has_room(agent))
        found = min(((level, *self.key(agent), self.tie[agent], agent) for level, agent in free), default=None)
        return NOBODY if found is None else int(found[-1])


class QuotaPicker(KeyedPicker):
    """`quota`: received / target in the agent's current period; who has no target comes last."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        self._received_now = [0] * len(servers)
        self._ends = [0.0] * len(servers)
        self._next_end = 0.0
        super().__init__(servers, seed=seed, start=start)
        self._begin_periods(0.0)

    def key(self, agent: int) -> tuple[float, ...]:
        """Return (0, received / target), (1, received) for a target of 0, (2, 0) without one."""
        quota = self.servers[agent].agent.quota
        target = None if quota is None else exact(quota)
        if target is None:
            return 2, 0
        received = self._received_now[agent]
        return (0, float(Fraction(received) / target)) if target else (1, received)

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return who has the smallest part of the target."""
        if now >= self._next_end:
            self._begin_periods(now)
        return super().pick(item, now, skill)

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item."""
        self._received_now[agent] += 1
        super().took(agent, now)

    def swapped(self, item: int, agent: int, now: float) -> None:
        """Note that the agent has finished an item and got another: it is as full as before, and stays out."""
        if now >= self._next_end:
            self._begin_periods(now)
        self._received_now[agent] += 1
        super().swapped(item, agent, now)

    def _begin_periods(self, now: float) -> None:
        """Count anew for whom a period has ended."""
        at = self.instant(now)
        for agent, server in enumerate(self.servers):
            if now >= self._ends[agent]:
                end = period_end(at, server.agent.quota_period, ZoneInfo(server.agent.zone or "UTC"))
                self._ends[agent] = now + (end - at) / timedelta(seconds=1)
                self._received_now[agent] = 0
                self.push(agent)
        self._next_end = min(self._ends)


class BestRatedPicker(OpenPicker):
    """`best rated`: the highest mean rating, drawn towards everybody's who has room and the skill."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime, arrivals: Arrivals | None) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._arrivals = arrivals if arrivals is not None and arrivals.described else None
        self._ratings: dict[str | None, list[tuple[int, Fraction]]] = {}
        self._rated = any(server.agent.rating is not None or server.agent.ratings for server in servers)

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return the best rated in the item's category."""
        eligible = self.among(skill)
        if len(eligible) < 2:  # noqa: PLR2004 - there is no choice
            return eligible[0] if eligible else NOBODY
        if not self._rated:
            return min(eligible, key=self.tie.__getitem__)
        ratings = self._of(self._arrivals.fields_at(item).get("category") if self._arrivals is not None else None)
        count = sum(ratings[agent][0] for agent in eligible)
        total = sum((ratings[agent][1] for agent in eligible), Fraction(0))
        borrowed = PRIOR_RATINGS * total / count if count else Fraction(0)

        def key(agent: int) -> tuple[Fraction, int]:
            rated, points = ratings[agent]
            return -(points + borrowed) / (rated + PRIOR_RATINGS), self.tie[agent]

        return min(eligible, key=key) if count else min(eligible, key=self.tie.__getitem__)

    def _of(self, category: str | None) -> list[tuple[int, Fraction]]:
        found = self._ratings.get(category)
        if found is None:
            question = Question("", self.instant(0.0), "", Rotation(name=""), category=category)
            candidates = (Candidate(server.id, server.agent, 0) for server in self.servers)
            found = self._ratings[category] = [ratings_of(candidate, question) for candidate in candidates]
        return found


class NearestPicker(OpenPicker):
    """`nearest`: the shortest way to the item's place; who has none comes last."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime, arrivals: Arrivals | None) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._arrivals = arrivals if arrivals is not None and arrivals.described else None

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return the nearest."""
        eligible = self.among(skill)
        if len(eligible) < 2:  # noqa: PLR2004 - there is no choice
            return eligible[0] if eligible else NOBODY
        place = self._arrivals.fields_at(item).get("location") if self._arrivals is not None else None
        if place is None:
            return min(eligible, key=self.tie.__getitem__)

        def key(agent: int) -> tuple[bool, int, int]:
            there = self.servers[agent].agent.location
            return there is None, 0 if there is None else squared_chord(place, there), self.tie[agent]

        return min(eligible, key=key)
