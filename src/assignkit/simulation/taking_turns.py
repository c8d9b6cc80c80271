"""Pickers for the orders that take turns: the library's arithmetic in whole numbers, without its records.

Where nobody else has room, as is usual in a busy queue, a turn costs the same however many agents there are.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from datetime import datetime

from assignkit.simulation.picking import NOBODY, HeapPicker, OpenPicker
from assignkit.simulation.staffing import Server
from assignkit.strategies.fair_share import UNIT
from assignkit.strategies.weighted_round_robin import LEVEL_BITS


class RoundRobinPicker(HeapPicker):
    """`round robin`: agents by (max(turn, floor), last chosen, number); what stands below a risen floor is lifted."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._floor = self._decisions = 0
        self._turn = [0] * len(servers)
        self._last = [0] * len(servers)
        self.push_all()

    def place(self, agent: int) -> tuple[float, ...]:
        """Return (max(turn, floor), last chosen, number)."""
        turn, floor = self._turn[agent], self._floor
        return (turn if turn > floor else floor), self._last[agent], agent  # noqa: FURB136 - `max` takes three times as long

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return whose turn it is of those who have room and the skill."""
        heap, floor = self._heap, self._floor
        while heap and heap[0][0] < floor:
            _, *rest = heap[0]
            heapq.heapreplace(heap, (floor, *rest))
        return super().pick(item, now, skill)

    def took(self, agent: int, now: float) -> None:  # noqa: ARG002 - not every order asks
        """Note that the agent got an item, and that the turn passes on."""
        self.load[agent] += 1
        self._take_turn(agent)
        self.push(agent)

    def freed(self, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self.push(agent)

    def swapped(self, item: int, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished an item and got another: nobody else could have had the turn."""
        self._take_turn(agent)

    def _take_turn(self, agent: int) -> None:
        self.received[agent] += 1
        self._floor = max(self._turn[agent], self._floor)
        self._turn[agent] = self._floor + 1
        self._decisions += 1
        self._last[agent] = self._decisions


class WeightedRoundRobinPicker(OpenPicker):
    """`weighted round robin`: virtual starts in whole units, of which steps 1/w and roundings are multiples."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        ratios = [server.agent.weight.as_integer_ratio() for server in servers]
        self._round = math.lcm(*(top for top, _ in ratios))  # units in 2**-LEVEL_BITS
        unit = self._round << LEVEL_BITS
        common = math.lcm(*(bottom for _, bottom in ratios))
        self._step = [unit // top * bottom for top, bottom in ratios]
        self._weight = [top * (common // bottom) for top, bottom in ratios]
        self._even = len(set(ratios)) == 1
        self._level = 0
        self._start_of: list[int | None] = [None] * len(servers)
        self._eligible: list[int] = []
        self._starts: list[int] = []

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return the earliest deadline among those whose start is not ahead of the virtual time."""
        eligible = self._eligible = list(self.among(skill))
        if len(eligible) < 2:  # noqa: PLR2004 - there is no choice
            return eligible[0] if eligible else NOBODY
        weight, step = self._weight, self._step
        if self._even:
            starts = self._starts = self._even_starts(eligible)
        else:
            starts = self._starts = [self._virtual_start(agent) for agent in eligible]
        if self._even:  # the smallest start is never ahead of their mean, and has the earliest deadline
            return min(zip(starts, eligible, strict=True))[1]
        total = sum(weight[agent] for agent in eligible)
        travelled = sum(weight[agent] * start for agent, start in zip(eligible, starts, strict=True))
        return min(
            (start * total > travelled, start + step[agent], weight[agent] * (start * total - travelled), agent)
            for agent, start in zip(eligible, starts, strict=True)
        )[-1]

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item, and that the turn passes on."""
        if len(self._eligible) < 2:  # noqa: PLR2004 - alone
            self._take_turn(agent)
        else:
            self._take_turn_among(agent, self._eligible, self._starts)
        super().took(agent, now)

    def swapped(self, item: int, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished an item and got another: nobody else could have had the turn."""
        self._take_turn(agent)
        self.received[agent] += 1

    def _take_turn(self, agent: int) -> None:
        own, level, step, unit = self._start_of[agent], self._level, self._step[agent], self._round
        start = level if own is None else min(max(own, level - step), level + step)
        self._start_of[agent] = start + step
        virtual_time = -(-start // unit) * unit
        if virtual_time > level:
            self._level = virtual_time

    def _take_turn_among(self, agent: int, eligible: Sequence[int], starts: Sequence[int]) -> None:
        weight, start_of = self._weight, self._start_of
        for one, start in zip(eligible, starts, strict=True):
            start_of[one] = start
        if self._even:
            total, travelled = len(starts), sum(starts)
        else:
            total = sum(weight[one] for one in eligible)
            travelled = sum(weight[one] * start for one, start in zip(eligible, starts, strict=True))
        start_of[agent] = (start_of[agent] or 0) + self._step[agent]
        virtual_time = -(-travelled // (total * self._round)) * self._round
        self._level = max(self._level, virtual_time)

    def _even_starts(self, eligible: Sequence[int]) -> list[int]:
        level, step, start_of = self._level, self._step[0], self._start_of
        low, high = level - step, level + step
        owns = [start_of[agent] for agent in eligible]
        return [level if own is None else low if own < low else min(own, high) for own in owns]

    def _virtual_start(self, agent: int) -> int:
        own, level, step = self._start_of[agent], self._level, self._step[agent]
        if own is None:
            return level
        return min(max(own, level - step), level + step)


class FairSharePicker(OpenPicker):
    """`fair share`: what each agent got and is credited with, in 10⁻⁹ item."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        ratios = [server.agent.weight.as_integer_ratio() for server in servers]
        common = math.lcm(*(bottom for _, bottom in ratios))
        self._weight = [top * (common // bottom) for top, bottom in ratios]
        self._even = len(set(ratios)) == 1
        self._balance = [0] * len(servers)
        self._eligible: list[int] = []

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return who is owed most."""
        eligible = self._eligible = list(self.among(skill))
        if len(eligible) < 2:  # noqa: PLR2004 - there is no choice
            return eligible[0] if eligible else NOBODY
        balance = self._balance
        if self._even:
            return min((balance[agent], agent) for agent in eligible)[1]
        parts = self._parts(eligible)
        return min((balance[agent] - part, agent) for agent, part in zip(eligible, parts, strict=True))[1]

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item, for which the others are credited."""
        eligible, balance = self._eligible, self._balance
        if len(eligible) > 1:  # alone, one pays what one is credited with
            parts = self._parts(eligible)
            for one, part in zip(eligible, parts, strict=True):
                balance[one] -= part
            balance[agent] += sum(parts)
        super().took(agent, now)

    def _parts(self, eligible: Sequence[int]) -> list[int]:
        if self._even:
            return [UNIT // len(eligible)] * len(eligible)
        weight = self._weight
        total = sum(weight[agent] for agent in eligible)
        return [UNIT * weight[agent] // total for agent in eligible]
