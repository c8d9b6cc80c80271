"""`fair share`: at every opportunity each agent earns a part of an item, and whoever is owed most gets it.

The carpool problem: R. Fagin, J. H. Williams: "A fair carpool scheduling algorithm", IBM Journal of Research and
Development 27 (2), 1983; M. Ajtai, J. Aspnes, M. Naor, Y. Rabani, L. J. Schulman, O. Waarts: "Fairness in scheduling",
Journal of Algorithms 29 (2), 1998.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from assignkit.errors import ConfigurationError
from assignkit.model.placement import Seat
from assignkit.strategies.base import BaseOrder, Candidate, Question, Turn
from assignkit.strategies.exact import spell
from assignkit.strategies.round_robin import seat_state

UNIT = 10**9


class FairShare(BaseOrder):
    """`received − credit`: at each decision every eligible agent's credit grows by its part w/Σw of one item.

    A seat's `turn` holds received − credit in units of 10⁻⁹ item, after the credit of its last opportunity; a newcomer
    starts at 0. Credits are rounded down and the remainder goes to the chosen one, so that the ledger sums up to 0 for
    good. Leaving and returning changes nothing: nobody earns while away, and nobody's credit is forgotten. For equal
    weights the debt stays within (n − 1)/2 items. Each decision writes the seats of all who were eligible.
    """

    name = "fair share"
    rotating = True

    def key(self, candidate: Candidate, question: Question) -> int | Fraction:
        """Return the key of a candidate who is alone."""
        return self.keys([candidate], question)[0]

    def keys(self, eligible: Sequence[Candidate], question: Question) -> list[int | Fraction]:  # noqa: ARG002
        """Return received − credit per candidate, in 10⁻⁹ item, with the credit of this opportunity."""
        return [seat_state(c)[0] - part for c, part in zip(eligible, _parts(eligible), strict=True)]

    def turn(self, winner: Candidate, eligible: Sequence[Candidate], question: Question) -> Turn:
        """Return the rotation with one more decision, and the seats of all whose account changed."""
        if all(candidate.agent_id != winner.agent_id for candidate in eligible):
            msg = f"`{winner.agent_id}` was chosen, but is not among the eligible"
            raise ConfigurationError(msg)
        decisions = question.rotation.decisions + 1
        parts = _parts(eligible)
        price = sum(parts)  # what the others pay together with the winner: one item less the remainder
        seats = []
        for candidate, part in zip(eligible, parts, strict=True):
            turn, last = seat_state(candidate)
            if candidate.agent_id == winner.agent_id:
                seats.append(Seat(agent_id=candidate.agent_id, turn=turn - part + price, last=decisions))
            elif part:
                seats.append(Seat(agent_id=candidate.agent_id, turn=turn - part, last=last))
        return Turn(replace(question.rotation, decisions=decisions), tuple(seats))

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        """Return what the agent is owed, or had too much, before this decision."""
        balance = Fraction(seat_state(candidate)[0], UNIT)
        if not balance:
            return "neither owed nor ahead"
        return f"ahead by {spell(balance)} items" if balance > 0 else f"owed {spell(-balance)} items"


def _parts(eligible: Sequence[Candidate]) -> list[int]:
    """Return each agent's part of one item, in units of 10⁻⁹, rounded down."""
    ratios = [candidate.agent.weight.as_integer_ratio() for candidate in eligible]
    common = math.lcm(*{bottom for _, bottom in ratios}) if ratios else 1
    weights = [top * (common // bottom) for top, bottom in ratios]
    total = sum(weights)
    return [UNIT * weight // total for weight in weights]
