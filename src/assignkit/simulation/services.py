"""How long the work on an item takes: fixed, exponential, log-normal, or as it was on record."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Literal

from assignkit.errors import ConfigurationError

Shape = Literal["exponential", "fixed", "lognormal", "recorded"]


@dataclass(frozen=True, slots=True)
class Service:
    """A distribution of service times in seconds; make one with `fixed`, `exponential`, `lognormal` or `recorded`."""

    shape: Shape
    mean: float
    cv: float = 1.0
    values: tuple[float, ...] = ()

    @classmethod
    def fixed(cls, mean: float) -> Service:
        """Return times that are always the same."""
        return cls("fixed", _positive(mean), 0.0)

    @classmethod
    def exponential(cls, mean: float) -> Service:
        """Return exponential times: short ones are many."""
        return cls("exponential", _positive(mean))

    @classmethod
    def lognormal(cls, mean: float, cv: float) -> Service:
        """Return log-normal times; `cv` is the standard deviation as a part of the mean. Calls often have about 1."""
        return cls("lognormal", _positive(mean), _positive(cv))

    @classmethod
    def recorded(cls, values: Sequence[float]) -> Service:
        """Return times drawn from those on record, each with the same chance."""
        if not values:
            msg = "recorded service times need at least one value"
            raise ConfigurationError(msg)
        kept = tuple(_positive(value) for value in values)
        mean = math.fsum(kept) / len(kept)
        variance = math.fsum((value - mean) ** 2 for value in kept) / len(kept)
        return cls("recorded", mean, math.sqrt(variance) / mean, kept)

    @classmethod
    def named(cls, shape: str, mean: float, *, cv: float = 1.0) -> Service:
        """Return the distribution of this name; raises `ConfigurationError` for another."""
        if shape == "fixed":
            return cls.fixed(mean)
        if shape == "exponential":
            return cls.exponential(mean)
        if shape == "lognormal":
            return cls.lognormal(mean, cv)
        msg = f"there is no service time `{shape}`: say fixed, exponential or lognormal, or give a Service"
        raise ConfigurationError(msg)

    def scaled(self, factor: float) -> Service:
        """Return the same shape with all times multiplied."""
        values = tuple(value * factor for value in self.values)
        return Service(self.shape, self.mean * _positive(factor), self.cv, values)

    def draw(self, dice: random.Random, count: int) -> list[float]:
        """Return so many independent times."""
        if self.shape == "fixed":
            return [self.mean] * count
        if self.shape == "exponential":
            mean, rnd, log = -self.mean, dice.random, math.log
            return [mean * log(1.0 - rnd()) for _ in range(count)]
        if self.shape == "recorded":
            return dice.choices(self.values, k=count)
        spread = math.sqrt(math.log1p(self.cv**2))
        middle = math.log(self.mean) - spread**2 / 2
        return [dice.lognormvariate(middle, spread) for _ in range(count)]


def _positive(value: object) -> float:
    try:
        number = float(value) if isinstance(value, Real | Decimal) else math.nan
    except (ValueError, OverflowError):  # a NaN that signals, or more than a float holds
        number = math.nan
    if not 0 < number < math.inf:
        msg = f"service times, and their spread, are above 0 and finite, not {value!r}"
        raise ConfigurationError(msg)
    return number
