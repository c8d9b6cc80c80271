"""`two choices`: two agents are drawn, and the less loaded of them gets the item.

Y. Azar, A. Broder, A. Karlin, E. Upfal: "Balanced allocations", SIAM Journal on Computing 29 (1), 1999;
M. Mitzenmacher: "The power of two choices in randomized load balancing", IEEE Transactions on Parallel and Distributed
Systems 12 (10), 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from heapq import nsmallest
from typing import Any

from assignkit.hashing import stable_hash
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.least_loaded import LeastLoaded

CHOICES = 2


class TwoChoices(LeastLoaded):
    """The two agents with the smallest draws for this item, the least loaded first; then the others by their draws.

    A draw is the stable hash of (seed, item, agent), as for `random`: a replay draws the same. Loads stay nearly as
    even as by `least loaded`, yet several desks whose figures are a little old do not all fall upon the same agent. The
    language has no word of its own for it: rules say `by "two choices"`.
    """

    name = "two choices"
    standing = False
    draws = True

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:
        """Return the key of a candidate who is alone."""
        return self.keys([candidate], question)[0]

    def keys(self, eligible: Sequence[Candidate], question: Question) -> list[tuple[Any, ...]]:
        """Return (0, the key of `least loaded`) for the two who are drawn, (1, draw) for the others."""
        draws = [(stable_hash(question.seed, question.item_id, c.agent_id), c.agent_id) for c in eligible]
        drawn = set(nsmallest(CHOICES, draws))
        return [
            (0, *super(TwoChoices, self).key(candidate, question)) if draw in drawn else (1, *draw)
            for candidate, draw in zip(eligible, draws, strict=True)
        ]

    def rivalry(self) -> LeastLoaded:
        """Return the order between those who are drawn."""
        return LeastLoaded(default_capacity=self.default_capacity)

    def chances(self, ranked: Sequence[Candidate], question: Question) -> list[Fraction]:  # noqa: ARG002
        """Return how probably each is drawn together with somebody behind it; `ranked` are the least loaded first."""
        count = len(ranked)
        pairs = count * (count - 1) // 2
        return [Fraction(count - 1 - place, pairs) for place in range(count)] if pairs else [Fraction(1)] * count

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the number drawn, in hexadecimal, and the load."""
        draw = stable_hash(question.seed, question.item_id, candidate.agent_id)
        return f"drew {draw:015x}, {super().describe(candidate, question)}"
