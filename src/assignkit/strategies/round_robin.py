"""`round robin`: the least recent first, without a pointer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from assignkit.model.placement import Rotation, Seat, new_rotation, new_seat
from assignkit.strategies.base import BaseOrder, Candidate, Question, Turn, new_turn
from assignkit.strategies.exact import spell


def seat_state(candidate: Candidate) -> tuple[int | Fraction, int]:
    """Return (turn, last) of the agent's seat; a newcomer has neither taken a turn nor been chosen."""
    seat = candidate.seat
    return (0, 0) if seat is None else (seat.turn, seat.last)


class RoundRobin(BaseOrder):
    """(max(turn, floor), last chosen); the floor is the level at which the rotation last chose.

    Choosing sets the winner's turn to one above that level. Counts of two agents differ by at most 1 in every window
    in which both were eligible throughout: no turn is ever more than one above the floor, and between two turns of one
    the other comes first. A skip changes nothing; who returns, or is new, starts at the floor and does not catch up.
    """

    name = "round robin"
    standing = True
    rotating = True

    def key(self, candidate: Candidate, question: Question) -> tuple[int | Fraction, int]:
        """Return (level, number of the decision that chose the agent last)."""
        seat = candidate.seat
        return _level(seat, question.rotation), 0 if seat is None else seat.last

    def turn(self, winner: Candidate, eligible: Sequence[Candidate], question: Question) -> Turn:  # noqa: ARG002
        """Return the rotation with its floor at the winner's level, and the winner's seat one above."""
        after, seat = self.step(winner, question.rotation)
        return new_turn(rotation=after, seats=(seat,))

    def step(self, winner: Candidate, rotation: Rotation) -> tuple[Rotation, Seat]:
        """Return what `turn` does to the rotation, and the seat that changed."""
        seat, decisions = winner.seat, rotation.decisions + 1
        level = _level(seat, rotation)
        return (
            new_rotation(name=rotation.name, level=level, decisions=decisions),
            new_seat(agent_id=winner.agent_id, turn=level + 1, last=decisions),
        )

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the level and the last turn."""
        level, last = self.key(candidate, question)
        return f"turn {spell(level)}, {f'last chosen at decision {last}' if last else 'not chosen yet'}"


def _level(seat: Seat | None, rotation: Rotation) -> int | Fraction:
    """Return at which level an agent stands; a newcomer has neither taken a turn nor been chosen."""
    return max(0 if seat is None else seat.turn, rotation.level)
