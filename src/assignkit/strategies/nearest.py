"""`nearest`: who is closest to the item, as the crow flies."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

from assignkit.model.customer import Location
from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.exact import exact

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG

POINT_BITS = 64  # places are points on a sphere of radius 2**POINT_BITS
_GUARD = 32  # more bits while summing up, so that the last of POINT_BITS is right
_WORKING = POINT_BITS + _GUARD
_PI = 0x3243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C8  # π · 2**252
_PI_BITS = 252

_MISSING = (1, 0)

Point = tuple[int, int, int]


class Nearest(BaseOrder):
    """The great-circle distance between the item and the agent, the smallest first; a missing location last.

    What is compared is the straight line through the earth, squared: it grows as the way over ground does. It is
    computed in whole numbers, to less than a micrometre, so that every machine finds the same agent; the mathematical
    libraries that floats come from differ in their last digits. `PlaceIndex` finds the same agents in the same order
    without looking at everybody.
    """

    name = "nearest"

    def key(self, candidate: Candidate, question: Question) -> tuple[int, int]:
        """Return (0, squared chord), or (1, 0) if a location is missing."""
        here, there = question.location, candidate.agent.location
        return _MISSING if here is None or there is None else (0, squared_chord(here, there))

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the distance in kilometres."""
        here, there = question.location, candidate.agent.location
        if here is None or there is None:
            return "the item has no location" if here is None else "no location"
        return f"{distance_km(here, there):.1f} km away"


def distance_km(a: Location, b: Location) -> float:
    """Return the great-circle distance on a sphere of the earth's mean radius.

    >>> round(distance_km((31.23, 121.47), (39.9, 116.4)))
    1067
    """
    half = math.sqrt(squared_chord(a, b)) / 2 ** (POINT_BITS + 1)
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, half))


def squared_chord(a: Location, b: Location) -> int:
    """Return the square of the straight line between two places, in units of (earth's radius / 2**64)²."""
    return sum((one - other) ** 2 for one, other in zip(point_at(*a), point_at(*b), strict=True))


@lru_cache(maxsize=2**17)
def point_at(latitude: float, longitude: float) -> Point:
    """Return the place on a sphere of radius 2**64, in whole numbers."""
    up, out = _sine_and_cosine(latitude)
    east, front = _sine_and_cosine(longitude)
    return _shorter(out * front, 2), _shorter(out * east, 2), _shorter(up, 1)


def _shorter(value: int, factors: int) -> int:
    """Return a product of `factors` working numbers, rounded to POINT_BITS."""
    spare = factors * _WORKING - POINT_BITS
    return (value + (1 << spare - 1)) >> spare


def _sine_and_cosine(degrees: float) -> tuple[int, int]:
    """Return sine and cosine of an angle within ±180°, in units of 2**-96, by their power series."""
    turned = Fraction(exact(degrees) or 0) / 180
    angle = (turned.numerator * _PI >> (_PI_BITS - _WORKING)) // turned.denominator
    square = angle * angle >> _WORKING
    return _series(angle, square, first=2), _series(1 << _WORKING, square, first=1)


def _series(term: int, square: int, *, first: int) -> int:
    """Return term − term·x²/(k(k+1)) + …, where k begins at `first` and grows by two."""
    total, step = 0, first
    while term:
        total += term
        # Towards zero, so that the terms die out on both sides of it.
        size = (abs(term) * square >> _WORKING) // (step * (step + 1))
        term = -size if term > 0 else size
        step += 2
    return total
