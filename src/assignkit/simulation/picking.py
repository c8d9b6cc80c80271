"""Who is next: the orders at simulation speed. Agents are numbered; each picker keeps those who have room.

The named orders that most comparisons are about have pickers of their own, which are tested against the library's
orders; every other order is asked itself.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from assignkit.hashing import stable_hash
from assignkit.simulation.staffing import Server
from assignkit.strategies.least_loaded import DEFAULT_CAPACITY

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

    def instant(self, now: float) -> datetime:
        """Return the instant at so many seconds from the start."""
        return self._start + timedelta(seconds=now)


class HeapPicker(Picker):
    """Agents in a heap by place; entries that are no longer true are thrown away when they come up."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        """Begin with an empty heap: who inherits lets all agents stand in it, once it knows their places."""
        super().__init__(servers, seed=seed, start=start)
        self._version = [0] * len(servers)
        self._heap: list[tuple[Any, ...]] = []

    def place(self, agent: int) -> tuple[float, ...]:
        """Return what the agent is sorted by now."""
        raise NotImplementedError

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002 - not every order asks
        """Return the agent with the smallest place who has room and the skill."""
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

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        super().came(agent)
        self.push(agent)

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        super().left(agent)
        self._version[agent] += 1

    def push(self, agent: int) -> None:
        """Let the agent stand at its place, if it has room."""
        version = self._version[agent] = self._version[agent] + 1
        if self.there[agent] and self.load[agent] < self.capacity[agent]:
            heapq.heappush(self._heap, (*self.place(agent), version, agent))

    def push_all(self) -> None:
        """Let every agent stand at its place."""
        for agent in range(len(self.servers)):
            self.push(agent)


class KeyedPicker(HeapPicker):
    """Agents by a key that says how busy they are; equal ones in an order that the seed decides."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self.idle_since = [_idle_since(server, start) for server in servers]
        self._divisor = [DEFAULT_CAPACITY if cap == float("inf") else cap for cap in self.capacity]
        self.push_all()

    def key(self, agent: int) -> tuple[float, ...]:
        """Return what the agent is sorted by now, save for ties."""
        raise NotImplementedError

    def place(self, agent: int) -> tuple[float, ...]:
        """Return the key, and what decides between equal ones."""
        return (*self.key(agent), self.tie[agent])

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item."""
        self.load[agent] += 1
        self.received[agent] += 1
        self.idle_since[agent] = now
        self.push(agent)

    def freed(self, agent: int, now: float) -> None:
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self.idle_since[agent] = now
        self.push(agent)

    def swapped(self, item: int, agent: int, now: float) -> None:  # noqa: ARG002
        """Note that the agent has finished an item and got another: it is as full as before, and stays out."""
        self.received[agent] += 1
        self.idle_since[agent] = now


class LeastLoadedPicker(KeyedPicker):
    """`least loaded`, and `priority queue`, whose agents are the least loaded."""

    def key(self, agent: int) -> tuple[float, ...]:
        """Return (load ratio, idle since, received)."""
        return self.ratio(agent), self.idle_since[agent], self.received[agent]

    def ratio(self, agent: int) -> float:
        """Return (load + 1) / capacity."""
        return (self.load[agent] + 1) / self._divisor[agent]


class LongestIdlePicker(KeyedPicker):
    """`longest idle`."""

    def key(self, agent: int) -> tuple[float, ...]:
        """Return (idle since, received)."""
        return self.idle_since[agent], self.received[agent]


class OpenPicker(Picker):
    """Those who have room, in a list without an order."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._open = list(range(len(servers)))
        self._place = list(range(len(servers)))

    def among(self, skill: str | None) -> Sequence[int]:
        """Return who has room and the skill; not to be changed, nor kept."""
        if skill is None:
            return self._open
        return [agent for agent in self._open if self.servers[agent].can_serve(skill)]

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


class RandomPicker(OpenPicker):
    """`random`: everybody with room has the same chance; the draws are the simulation's own."""

    def __init__(self, servers: Sequence[Server], *, seed: str, start: datetime) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._dice = random.Random(f"{seed}/choice")  # noqa: S311 - no secret

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return somebody with room and the skill."""
        among = self.among(skill)
        if len(among) < 2:  # noqa: PLR2004 - there is no choice, and nothing to draw
            return among[0] if among else NOBODY
        return among[int(self._dice.random() * len(among))]


class TwoChoicesPicker(RandomPicker):
    """`two choices`: two are drawn, the less loaded of them gets it."""

    def pick(self, item: int, now: float, skill: str | None) -> int:  # noqa: ARG002
        """Return the less loaded of two who were drawn."""
        among = self.among(skill)
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


def _idle_since(server: Server, start: datetime) -> float:
    """Return when the agent signed on, in seconds from the start; an agent who never did is idle for ever."""
    signed_on = server.agent.signed_on_at
    return float("-inf") if signed_on is None else (signed_on - start).total_seconds()
