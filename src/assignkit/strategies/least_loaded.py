"""`least loaded`: who has the smallest part of the capacity in use."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.exact import spell
from assignkit.strategies.longest_idle import idle_key

DEFAULT_CAPACITY = 100
_SCALE = 2**64


@lru_cache(maxsize=2**14)
def load_ratio(load: int | Decimal, *divisors: int | Decimal) -> tuple[int, int | Fraction]:
    """Return (load + 1) / (product of divisors) as (whole, rest) in units of 2**-64.

    Pairs compare exactly as the fractions do, but mostly by one integer; they are cached, because
    agents pass through the same few loads again and again.

    >>> load_ratio(1, 4) == load_ratio(3, 2, 4) < load_ratio(2, 4)
    True
    """
    ratio = Fraction(load) + 1
    for divisor in divisors:
        ratio /= Fraction(divisor)
    whole, rest = divmod(ratio.numerator * _SCALE, ratio.denominator)
    return whole, Fraction(rest, ratio.denominator) if rest else 0


class LeastLoaded(BaseOrder):
    """(load + 1) / capacity, then longest idle; an unlimited capacity counts as `default_capacity`."""

    name = "least loaded"
    standing = True

    def __init__(self, *, default_capacity: int | Decimal = DEFAULT_CAPACITY) -> None:
        self.default_capacity = default_capacity

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:  # noqa: ARG002
        """Return (load ratio, idle since, items received)."""
        return (*load_ratio(candidate.load, self.capacity_of(candidate)), *idle_key(candidate))

    def capacity_of(self, candidate: Candidate) -> int | Decimal:
        """Return the agent's capacity in units of effort, or the default."""
        return self.default_capacity if candidate.capacity is None else candidate.capacity

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        """Return the load against the capacity."""
        assumed = " (no capacity set)" if candidate.capacity is None else ""
        return f"{spell(candidate.load)} of {spell(self.capacity_of(candidate))} units{assumed}"
