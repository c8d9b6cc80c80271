"""`random`: a draw that can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from assignkit.hashing import stable_hash
from assignkit.strategies.base import BaseOrder, Candidate, Question


class RandomOrder(BaseOrder):
    """The stable hash of (seed, item, agent): every agent has the same chance, and a replay draws the same."""

    name = "random"
    draws = True

    def key(self, candidate: Candidate, question: Question) -> int:
        """Return the agent's number in the draw for this item."""
        return stable_hash(question.seed, question.item_id, candidate.agent_id)

    def chances(self, ranked: Sequence[Candidate], question: Question) -> list[Fraction]:  # noqa: ARG002
        """Return the same chance for everybody."""
        return [Fraction(1, len(ranked))] * len(ranked)

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the number drawn, in hexadecimal."""
        return f"drew {self.key(candidate, question):015x}"
