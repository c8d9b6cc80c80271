"""Who is next: the orders at simulation speed. Agents are numbered; each picker keeps those who have room.

The named orders that most comparisons are about have pickers of their own, which are tested against the library's
orders; every other order is asked itself.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.periods import period_start
from assignkit.errors import ConfigurationError
from assignkit.hashing import stable_hash
from assignkit.model.placement import Rotation
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.staffing import Server
from assignkit.strategies.base import Candidate, Order, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.least_loaded import DEFAULT_CAPACITY
from assignkit.strategies.registry import build_chain

NOBODY = -1
SCOPE = "simulation"


class Picker:
    """Keeps what every picker keeps: who has room and is there, what each holds, has received, and since when."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        self.servers = servers
        self.load = [0] * len(servers)
        self.received = [0] * len(servers)
        self.capacity = [server.capacity for server in servers]
        self.there = [True] * len(servers)
        self.tie = [stable_hash(seed, SCOPE, server.id) for server in servers]
        self._start = start

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return who gets the item, or NOBODY; nothing changes yet."""
        raise NotImplementedError

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item."""
        raise NotImplementedError

    def freed(self, agent: int, now: float) -> None:
        """Note that the agent has finished, or lost, an item."""
        raise NotImplementedError

    def swapped(self, item: int, agent: int, now: float) -> None:
        """Note that the agent has finished an item and, as nobody else has room, got this one for it."""
        self.freed(agent, now)
        self.took(self.pick(item, now, None), now)

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        self.there[agent] = True

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        self.there[agent] = False

    def has_room(self, agent: int) -> bool:
        """Return whether the agent may get another item."""
        return self.there[agent] and self.load[agent] < self.capacity[agent]


class KeyedPicker(Picker):
    """Agents in a heap by key; entries that are no longer true are thrown away when they come up."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self.idle_since = [_idle_since(server, start) for server in servers]
        self._version = [0] * len(servers)
        self._divisor = [DEFAULT_CAPACITY if cap == float("inf") else cap for cap in self.capacity]
        self._heap: list[tuple[Any, ...]] = []
        for agent in range(len(servers)):
            self._push(agent)

    def key(self, agent: int) -> tuple[float, ...]:
        """Return what the agent is sorted by now."""
        raise NotImplementedError

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002 - not every order asks
        """Return the agent with the smallest key who has room and the skill."""
        heap, version = self._heap, self._version
        passed: list[tuple[Any, ...]] = []
        found = NOBODY
        while heap:
            entry = heap[0]
            agent = entry[-1]
            if entry[-2] != version[agent]:
                heapq.heappop(heap)
            elif skill is not None and not self.servers[agent].can_serve(skill):
                passed.append(heapq.heappop(heap))
            else:
                found = agent
                break
        for entry in passed:
            heapq.heappush(heap, entry)
        return found

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item."""
        self.load[agent] += 1
        self.received[agent] += 1
        self.idle_since[agent] = now
        self._push(agent)

    def freed(self, agent: int, now: float) -> None:
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self.idle_since[agent] = now
        self._push(agent)

    def swapped(self, item: int, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished an item and got another: it is as full as before, and stays out."""
        self.received[agent] += 1
        self.idle_since[agent] = now

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        super().came(agent)
        self._push(agent)

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        super().left(agent)
        self._version[agent] += 1

    def _push(self, agent: int) -> None:
        version = self._version[agent] = self._version[agent] + 1
        if self.there[agent] and self.load[agent] < self.capacity[agent]:
            heapq.heappush(self._heap, (*self.key(agent), self.tie[agent], version, agent))


class LeastLoadedPicker(KeyedPicker):
    """`least loaded`, and `priority queue`, whose agents are the least loaded."""

    def key(self, agent: int) -> tuple[float, ...]:
        """Return (load ratio, idle since, received)."""
        ratio = (self.load[agent] + 1) / self._divisor[agent]
        return ratio, self.idle_since[agent], self.received[agent]


class LongestIdlePicker(KeyedPicker):
    """`longest idle`."""

    def key(self, agent: int) -> tuple[float, ...]:
        """Return (idle since, received)."""
        return self.idle_since[agent], self.received[agent]


class RandomPicker(Picker):
    """`random`: everybody with room has the same chance; the draws are the simulation's own."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._dice = random.Random(f"{seed}/choice")  # noqa: S311 - no secret
        self._open = list(range(len(servers)))
        self._place = list(range(len(servers)))

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return somebody with room and the skill."""
        among = self._among(skill)
        if len(among) < 2:  # noqa: PLR2004 - there is no choice, and nothing to draw
            return among[0] if among else NOBODY
        return among[int(self._dice.random() * len(among))]

    def took(self, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent got an item."""
        self.load[agent] += 1
        self.received[agent] += 1
        self._settle(agent)

    def freed(self, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self._settle(agent)

    def swapped(self, item: int, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished an item and got another: it is as full as before."""
        self.received[agent] += 1

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        super().came(agent)
        self._settle(agent)

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        super().left(agent)
        self._settle(agent)

    def _among(self, skill: str | None) -> list[int]:
        if skill is None:
            return self._open
        return [agent for agent in self._open if self.servers[agent].can_serve(skill)]

    def _settle(self, agent: int) -> None:
        """Keep the list of those with room; the last one fills the place of who leaves it."""
        has, place = self.has_room(agent), self._place[agent]
        if has and place == NOBODY:
            self._place[agent] = len(self._open)
            self._open.append(agent)
        elif not has and place != NOBODY:
            last = self._open.pop()
            if last != agent:
                self._open[place] = last
                self._place[last] = place
            self._place[agent] = NOBODY


class TwoChoicesPicker(RandomPicker):
    """`two choices`: two are drawn, the less loaded of them gets it."""

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return the less loaded of two who were drawn."""
        among = self._among(skill)
        count = len(among)
        if count < 2:  # noqa: PLR2004 - there is no choice
            return among[0] if among else NOBODY
        rnd = self._dice.random
        first = int(rnd() * count)
        second = int(rnd() * (count - 1))
        one, other = among[first], among[second + (second >= first)]
        return min(one, other, key=lambda agent: ((self.load[agent] + 1) / self._divided(agent), self.tie[agent]))

    def _divided(self, agent: int) -> float:
        return DEFAULT_CAPACITY if self.capacity[agent] == float("inf") else self.capacity[agent]


class ChainPicker(Picker):
    """Any other order: the library's own chain, asked about candidates that are kept up to date."""

    def __init__(
        self, servers: Sequence[Server], chain: OrderChain, *, seed: str, start: datetime, arrivals: Arrivals | None
    ) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._chain, self._seed = chain, seed
        self._rotation = Rotation(name=SCOPE)
        self._candidates = [
            Candidate(
                agent_id=server.id,
                agent=server.agent,
                tie=self.tie[number],
                idle_since=server.agent.signed_on_at,
                capacity=None if server.capacity == float("inf") else Decimal(repr(server.capacity)),
                position=number,
            )
            for number, server in enumerate(servers)
        ]
        self._number = {server.id: number for number, server in enumerate(servers)}
        self._standing = chain.stand() if chain.standing else None
        self._asked: tuple[list[Candidate], Question] | None = None
        self._arrivals = arrivals
        self._periods: dict[int, datetime] = {}
        for number in range(len(servers)):
            self._settle(number)

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return the first of the chain's ranking who has room and the skill."""
        question = self._question(item, now)
        if self._standing is not None:
            self._standing.raise_floor(self._rotation.level)
            for candidate in self._standing:
                if skill is None or skill in candidate.agent.skills:
                    self._asked = ([candidate], question)
                    return self._number[candidate.agent_id]
            return NOBODY
        eligible = [
            candidate
            for number, candidate in enumerate(self._candidates)
            if self.has_room(number) and (skill is None or skill in candidate.agent.skills)
        ]
        for candidate in eligible:
            candidate.preference = candidate.agent.skills.get(skill, 0) if skill is not None else 0
            self._begin_period(candidate, question.now)
        if not eligible:
            return NOBODY
        ranked = self._chain.rank(eligible, question)
        self._asked = (ranked, question)
        return self._number[ranked[0].agent_id]

    def _question(self, item: int, now: float) -> Question:
        known = self._arrivals.fields_at(item) if self._arrivals is not None else {}
        return Question(
            f"item {item + 1}",
            self._start + timedelta(seconds=now),
            self._seed,
            self._rotation,
            location=known.get("location"),
            category=known.get("category"),
        )

    def _begin_period(self, candidate: Candidate, now: datetime) -> None:
        """Count anew what came in the agent's quota period, if a new one has begun."""
        if candidate.agent.quota is None:
            return
        number = self._number[candidate.agent_id]
        began = period_start(now, candidate.agent.quota_period, ZoneInfo(candidate.agent.zone or "UTC"))
        if self._periods.get(number) != began:
            self._periods[number] = began
            candidate.received_in_period = 0

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item, and that the turn passes on."""
        self._candidates[agent].received_in_period += 1
        self.load[agent] += 1
        self.received[agent] += 1
        if self._chain.rotating and self._asked is not None:
            turn = self._chain.turn(self._candidates[agent], *self._asked)
            if turn is not None:
                self._rotation = turn.rotation
                for seat in turn.seats:
                    self._candidates[self._number[seat.agent_id]].seat = seat
        self._touch(agent, now)

    def freed(self, agent: int, now: float) -> None:
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self._touch(agent, now)

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        super().came(agent)
        self._settle(agent)

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        super().left(agent)
        self._settle(agent)

    def _touch(self, agent: int, now: float) -> None:
        candidate = self._candidates[agent]
        candidate.load, candidate.received = self.load[agent], self.received[agent]
        candidate.idle_since = self._start + timedelta(seconds=now)
        self._settle(agent)

    def _settle(self, agent: int) -> None:
        if self._standing is None:
            return
        if self.has_room(agent):
            self._standing.put(self._candidates[agent])
        else:
            self._standing.discard(self.servers[agent].id)


_FAST: dict[str, type[Picker]] = {
    "least loaded": LeastLoadedPicker,
    "longest idle": LongestIdlePicker,
    "priority queue": LeastLoadedPicker,
    "random": RandomPicker,
    "two choices": TwoChoicesPicker,
}


def build_picker(
    order: str | Order | Sequence[str],
    servers: Sequence[Server],
    *,
    seed: str,
    start: datetime,
    arrivals: Arrivals | None = None,
    fast: bool = True,
) -> Picker:
    """Return the picker of an order: a name (`round robin`, `skill match then least loaded`), names, or an object.

    `arrivals` is where orders find an item's `location` and `category`. Without `fast`, the library's own order is
    asked in any case. Raises `UnknownStrategyError`, `ConfigurationError`.
    """
    if fast and isinstance(order, str) and order in _FAST:
        return _FAST[order](servers, seed=seed, start=start)
    return ChainPicker(servers, _chain(order), seed=seed, start=start, arrivals=arrivals)


def _chain(order: object) -> OrderChain:
    if isinstance(order, str):
        return build_chain([name.strip() for name in order.split(" then ")])
    if isinstance(order, Sequence) and order and all(isinstance(name, str) for name in order):
        return build_chain(order)
    if isinstance(order, Order):
        return OrderChain([order])
    msg = f"{order!r} is neither a RuleSet nor an order: give a name like `least loaded`, or an object with `key`"
    raise ConfigurationError(msg)


def _idle_since(server: Server, start: datetime) -> float:
    """Return when the agent signed on, in seconds from the start; an agent who never did is idle for ever."""
    signed_on = server.agent.signed_on_at
    return float("-inf") if signed_on is None else (signed_on - start).total_seconds()
