"""`weighted round robin`: shares by weight, as even as they can be, by earliest eligible virtual deadline first.

I. Stoica, H. Abdel-Wahab: "Earliest eligible virtual deadline first: a flexible and accurate mechanism for
proportional share resource allocation", Old Dominion University TR-95-22, 1995.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from assignkit.errors import ConfigurationError
from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.base import BaseOrder, Candidate, Question, Turn
from assignkit.strategies.exact import ceiling, simplest, spell

LEVEL_BITS = 40

Key = tuple[bool, int, int]


class WeightedRoundRobin(BaseOrder):
    """Among the agents whose virtual start `s` is not after the virtual time `V`, the smallest deadline `s + 1/w`.

    `V = Σ w·s / Σ w` over the eligible; at equal deadlines the larger lag `w·(V − s)` comes first. Choosing adds `1/w`
    to the winner's `s`. A newcomer starts at `F`, the largest `V` at which the rotation chose; everybody else at its
    own `s`, but within `F − 1/w` and `F + 1/w`. Among who stands, nobody ever gets there; it keeps who returns from
    catching up, and who has a new weight from being paid, or charged, for old turns at the new rate. `F` is kept
    rounded up to a multiple of 2**-40: all else is exact, and without the rounding its digits would grow with every
    newcomer.

    A standing set stays within 1 of its ideal shares at every prefix; after churn, and after changes of weights, it
    stays within a small constant.
    """

    name = "weighted round robin"
    rotating = True

    def key(self, candidate: Candidate, question: Question) -> Key:
        """Return the key of a candidate who is alone."""
        return self.keys([candidate], question)[0]

    def keys(self, eligible: Sequence[Candidate], question: Question) -> list[Key]:
        """Return (starts in the future, deadline, −lag) per candidate, in units that hold for this call only."""
        return _Race.of(eligible, question.rotation).keys() if eligible else []

    def turn(self, winner: Candidate, eligible: Sequence[Candidate], question: Question) -> Turn:
        """Return the rotation with the eligible as present, the winner's new seat, and those of who entered."""
        if all(candidate.agent_id != winner.agent_id for candidate in eligible):
            msg = f"`{winner.agent_id}` was chosen, but is not among the eligible"
            raise ConfigurationError(msg)
        rotation = question.rotation
        decisions = rotation.decisions + 1
        seats = [
            _moved(candidate, rotation, decisions if candidate.agent_id == winner.agent_id else None)
            for candidate in eligible
        ]
        virtual_time = ceiling(_Race.of(eligible, rotation).virtual_time(), bits=LEVEL_BITS)
        after = Rotation(
            name=rotation.name,
            level=max(rotation.level, virtual_time),
            decisions=decisions,
            present=frozenset(candidate.agent_id for candidate in eligible),
        )
        return Turn(after, tuple(seat for seat in seats if seat is not None))

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the weight, the virtual start and the deadline."""
        start = virtual_start(candidate, question.rotation)
        deadline = start + 1 / Fraction(candidate.agent.weight)
        return f"weight {spell(candidate.agent.weight)}, start {spell(start)}, deadline {spell(deadline)}"


def virtual_start(candidate: Candidate, rotation: Rotation) -> int | Fraction:
    """Return the agent's `s` at this decision: its own, held within one step of `F`; `F` for a newcomer."""
    seat = candidate.seat
    if seat is None:
        return rotation.level
    ahead, unit = (seat.turn - rotation.level).as_integer_ratio()
    weight, parts = candidate.agent.weight.as_integer_ratio()
    if abs(ahead) * weight <= unit * parts:
        return seat.turn
    step = Fraction(parts, weight)
    return simplest(rotation.level + (step if ahead > 0 else -step))


def _moved(candidate: Candidate, rotation: Rotation, chosen_at: int | None) -> Seat | None:
    """Return the agent's seat after the decision (`chosen_at` is its number for the winner), or None if unchanged."""
    start = virtual_start(candidate, rotation)
    last = candidate.seat.last if candidate.seat else 0
    if chosen_at is not None:
        after = simplest(start + 1 / Fraction(candidate.agent.weight))
        return Seat(agent_id=candidate.agent_id, turn=after, last=chosen_at)
    if candidate.seat is not None and candidate.seat.turn == start:
        return None
    return Seat(agent_id=candidate.agent_id, turn=start, last=last)


@dataclass(frozen=True, slots=True)
class _Race:
    """The eligible of one decision, with starts, steps (1/w) and weights brought to whole numbers.

    Starts and steps are in units of 1/`unit`; `travelled` is Σ w·s, so that `V` is travelled / total.
    """

    unit: int
    starts: list[int]
    steps: list[int]
    weights: list[int]
    total: int
    travelled: int

    @classmethod
    def of(cls, eligible: Sequence[Candidate], rotation: Rotation) -> _Race:
        starts = [virtual_start(candidate, rotation).as_integer_ratio() for candidate in eligible]
        ratios = [candidate.agent.weight.as_integer_ratio() for candidate in eligible]
        unit = math.lcm(*{bottom for _, bottom in starts}, *{top for top, _ in ratios})
        common = math.lcm(*{bottom for _, bottom in ratios})
        scaled = [top * (unit // bottom) for top, bottom in starts]
        weights = [top * (common // bottom) for top, bottom in ratios]
        steps = [unit // top * bottom for top, bottom in ratios]
        travelled = sum(map(int.__mul__, weights, scaled))
        return cls(unit, scaled, steps, weights, sum(weights), travelled)

    def keys(self) -> list[Key]:
        keys = []
        for start, step, weight in zip(self.starts, self.steps, self.weights, strict=True):
            ahead = self.travelled - start * self.total  # (V − s), in units of 1/(unit × total)
            keys.append((ahead < 0, start + step, -weight * ahead))
        return keys

    def virtual_time(self) -> Fraction:
        return Fraction(self.travelled, self.total * self.unit)
