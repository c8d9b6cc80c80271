"""`priority queue`: which waiting item is next; the agent is then the least loaded."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from assignkit.strategies.exact import exact
from assignkit.strategies.least_loaded import LeastLoaded

HALF_STEP_SECONDS = 3600
MAX_BOOST = 10


def waiting_key(
    urgency: float | Decimal | Fraction,
    *,
    age_seconds: float | Decimal | Fraction,
    half_step: float | Decimal | Fraction = HALF_STEP_SECONDS,
    max_boost: float | Decimal | Fraction = MAX_BOOST,
    credit_seconds: float | Decimal | Fraction = 0,
) -> tuple[int | Fraction, int | Fraction]:
    """Return what waiting items are sorted by, smallest first: −urgency − min(age / half_step, max_boost), then −age.

    `age_seconds` is the time since the item was received: one point of urgency for every `half_step` seconds, up to
    `max_boost` points. `credit_seconds` is what an item of its class counts as having waited already; it does not
    change who was first among equals. Numbers that are not finite count as 0. The caller appends the item's id.

    >>> waiting_key(5, age_seconds=1800), waiting_key(0, age_seconds=10**6)
    ((Fraction(-11, 2), -1800), (-10, -1000000))
    """
    age = exact(age_seconds) or 0
    boost = Fraction(age + (exact(credit_seconds) or 0)) / Fraction(half_step)
    return -(exact(urgency) or 0) - min(boost, exact(max_boost) or 0), -age


class PriorityQueue(LeastLoaded):
    """The agent's part of `priority queue`: least loaded. The items' part is `waiting_key`."""

    name = "priority queue"
