# What the desk counts in is exact numbers of any kind: Any.
# ruff: noqa: ANN401
"""Orders in the plainest way: sort everybody anew, in exact fractions."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Protocol

UNIT = 10**9
FAR_PAST = datetime(1, 1, 1, tzinfo=UTC)


class Staff(Protocol):
    """What orders ask about agents."""

    agents: dict[str, dict[str, Any]]
    seed: str

    def load(self, agent: str) -> Any: ...
    def received(self, agent: str) -> int: ...
    def idle_since(self, agent: str) -> datetime | None: ...


@dataclass
class Rotation:
    """Whose turn it is: (turn, number of the decision that chose the agent last) by agent, and a floor for all."""

    name: str
    floor: Fraction = Fraction(0)
    decisions: int = 0
    seats: dict[str, tuple[Fraction, int]] = field(default_factory=dict)

    def seat(self, agent: str) -> tuple[Fraction, int]:
        return self.seats.get(agent, (Fraction(0), 0))

    def turn(
        self, staff: Staff, order: str, winner: str, eligible: Sequence[str]
    ) -> Callable[[], Callable[[], None]] | None:
        """Return what writes the turn, and itself returns what gives it back; None for orders that take no turns."""
        first = order.partition(" then ")[0]
        if first == "round robin":
            floor = max(self.seat(winner)[0], self.floor)
            return self._writer(floor, {winner: floor + 1}, winner, {winner})
        if first == "weighted round robin":
            starts = {agent: start_of(staff, self, agent) for agent in eligible}
            step = 1 / weight_of(staff, winner)
            floor = max(self.floor, rounded_up(virtual_time(staff, self, eligible)))
            return self._writer(floor, {**starts, winner: starts[winner] + step}, winner, {winner}, price=step)
        if first == "fair share":
            parts = parts_of(staff, eligible)
            after = {agent: self.seat(agent)[0] - parts[agent] for agent in eligible}
            after[winner] += sum(parts.values())
            return self._writer(self.floor, after, winner, set(eligible))
        return None

    def _writer(
        self,
        floor: Fraction,
        turns: dict[str, Fraction],
        winner: str,
        paying: set[str],
        *,
        price: Fraction | None = None,
    ) -> Callable[[], Callable[[], None]]:
        def write() -> Callable[[], None]:
            self.decisions += 1
            self.floor = floor
            before = {agent: self.seat(agent) for agent in paying}
            for agent, turn in turns.items():
                self.seats[agent] = (turn, self.decisions if agent == winner else self.seat(agent)[1])
            after = {agent: self.seat(agent) for agent in paying}

            def give_back() -> None:
                for agent in paying:
                    turn, last = self.seat(agent)
                    cost = price if price is not None else after[agent][0] - before[agent][0]
                    self.seats[agent] = (turn - cost, before[agent][1] if last == after[agent][1] else last)

            return give_back

        return write


def ranked(staff: Staff, order: str, rotation: Rotation, eligible: Sequence[str]) -> list[str]:
    """Return who is first, second, …: by each order in turn, then by the stable hash, then by id."""
    orders = order.split(" then ")
    keys = [keys_of(staff, one, rotation, eligible) for one in orders]

    def place(agent: str) -> tuple[Any, ...]:
        text = f"{staff.seed}\x1f{rotation.name}\x1f{agent}"
        tie = hashlib.sha256(text.encode()).hexdigest()[:15]
        return (*(key[agent] for key in keys), int(tie, 16), agent.encode())

    return sorted(eligible, key=place)


def keys_of(staff: Staff, order: str, rotation: Rotation, eligible: Sequence[str]) -> dict[str, Any]:
    if order == "weighted round robin":
        now = virtual_time(staff, rotation, eligible)
        return {agent: _deadline(staff, rotation, agent, now) for agent in eligible}
    if order == "fair share":
        parts = parts_of(staff, eligible)
        return {agent: rotation.seat(agent)[0] - parts[agent] for agent in eligible}
    return {agent: _key(staff, order, rotation, agent) for agent in eligible}


def _key(staff: Staff, order: str, rotation: Rotation, agent: str) -> Any:
    idle = (staff.idle_since(agent) or FAR_PAST, staff.received(agent))
    if order == "round robin":
        turn, last = rotation.seat(agent)
        return max(turn, rotation.floor), last
    if order == "least loaded":
        capacity = staff.agents[agent]["capacity"]
        return (Fraction(staff.load(agent)) + 1) / Fraction(100 if capacity is None else capacity), idle
    if order == "longest idle":
        return idle
    if order == "lowest agent.received":
        return staff.received(agent)
    raise ValueError(order)


def _deadline(staff: Staff, rotation: Rotation, agent: str, now: Fraction) -> Any:
    start, weight = start_of(staff, rotation, agent), weight_of(staff, agent)
    return start > now, start + 1 / weight, -weight * (now - start)


def start_of(staff: Staff, rotation: Rotation, agent: str) -> Fraction:
    """Return where the agent stands: a newcomer at the floor, the others at most one step away from it."""
    if agent not in rotation.seats:
        return rotation.floor
    step = 1 / weight_of(staff, agent)
    return min(max(rotation.seat(agent)[0], rotation.floor - step), rotation.floor + step)


def virtual_time(staff: Staff, rotation: Rotation, eligible: Sequence[str]) -> Fraction:
    weights = {agent: weight_of(staff, agent) for agent in eligible}
    return sum(w * start_of(staff, rotation, agent) for agent, w in weights.items()) / sum(weights.values())


def rounded_up(value: Fraction) -> Fraction:
    return Fraction(math.ceil(value * 2**40), 2**40)


def parts_of(staff: Staff, eligible: Sequence[str]) -> dict[str, int]:
    total = sum(weight_of(staff, agent) for agent in eligible)
    return {agent: int(UNIT * weight_of(staff, agent) / total) for agent in eligible}


def weight_of(staff: Staff, agent: str) -> Fraction:
    return Fraction(staff.agents[agent]["weight"])
