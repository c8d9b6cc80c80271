"""Whole items for fractional claims: who is due how many of a number of seats."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from assignkit.errors import ConfigurationError

Weight = int | float | Decimal | Fraction


def largest_remainder(weights: Mapping[str, Weight], seats: int) -> dict[str, int]:
    """Return seats by Hamilton's method: the whole part of each claim, then one more for the largest remainders.

    No result is a whole seat away from its claim. Equal remainders go to the larger weight, then by name.

    >>> largest_remainder({"a": 6100, "b": 5000, "c": 900}, 10)
    {'a': 5, 'b': 4, 'c': 1}
    """
    exact = _checked(weights, seats)
    whole = sum(exact.values())
    claims = {name: weight * seats / whole for name, weight in exact.items()}
    found = {name: int(claim) for name, claim in claims.items()}
    ranked = sorted(claims, key=lambda name: (found[name] - claims[name], -exact[name], name))
    for name in ranked[: seats - sum(found.values())]:
        found[name] += 1
    return found


def sainte_lague(weights: Mapping[str, Weight], seats: int) -> dict[str, int]:
    """Return seats by the method of Webster and Sainte-Laguë: one after the other to the largest weight / (2 got + 1).

    Never takes a seat away when there are more to give. Equal quotients go to the larger weight, then by name.
    M. L. Balinski, H. P. Young: "Fair Representation", Yale 1982.

    >>> sainte_lague({"a": 5117, "b": 4400, "c": 162, "d": 161, "e": 160}, 100)
    {'a': 51, 'b': 43, 'c': 2, 'd': 2, 'e': 2}
    """
    exact = _checked(weights, seats)
    found = dict.fromkeys(exact, 0)
    line = [(-weight, -weight, name) for name, weight in exact.items() if weight]
    heapq.heapify(line)
    for _ in range(seats):
        _, weight, name = line[0]
        found[name] += 1
        heapq.heapreplace(line, (weight / (2 * found[name] + 1), weight, name))
    return found


def _checked(weights: Mapping[str, Weight], seats: int) -> dict[str, Fraction]:
    exact = {name: Fraction(weight) for name, weight in weights.items()}
    if seats < 0 or any(weight < 0 for weight in exact.values()) or not any(exact.values()):
        msg = "seats and weights are not below 0, and at least one weight is above it"
        raise ConfigurationError(msg)
    return exact
