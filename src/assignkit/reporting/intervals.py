"""Confidence intervals for means of a few independent measurements, as replications of a simulation are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from assignkit.errors import ConfigurationError

_TINY = 1e-300
_STEPS = 500
_PRECISE = 1e-15


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and between which values it lies with the stated confidence; NaN where that cannot be told."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """How far the ends are from the middle."""
        return (self.high - self.low) / 2

    def excludes(self, value: float) -> bool:
        """Return whether `value` lies outside."""
        return value < self.low or value > self.high


def mean_interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the mean with its interval by Student's t; one value has no interval, none has no mean.

    Where a value is no finite number (a wait of nobody who was served is NaN) there is no interval either.

    >>> interval = mean_interval([1, 2, 3, 4])
    >>> round(interval.mean, 3), round(interval.low, 3), round(interval.high, 3)
    (2.5, 0.446, 4.554)
    """
    if not 0 < confidence < 1:
        msg = f"confidence is between 0 and 1, not {confidence}"
        raise ConfigurationError(msg)
    if not values:
        return Interval(math.nan, math.nan, math.nan)
    if not all(map(math.isfinite, values)):
        return Interval(sum(values) / len(values), math.nan, math.nan)
    mean = fmean(values)
    if len(values) == 1:
        return Interval(mean, math.nan, math.nan)
    half = student_quantile((1 + confidence) / 2, len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def difference_interval(one: Sequence[float], other: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the mean of `one[i] − other[i]` with its interval: for pairs that share their random numbers."""
    return mean_interval([a - b for a, b in zip(one, other, strict=True)], confidence=confidence)


def student_quantile(probability: float, degrees: int) -> float:
    """Return the value that Student's t with so many degrees of freedom does not exceed with this probability.

    >>> round(student_quantile(0.975, 9), 4)
    2.2622
    """
    if probability < 0.5:  # noqa: PLR2004 - the middle
        return -student_quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while _student_below(high, degrees) < probability:
        high *= 2
    while high - low > _PRECISE * max(high, 1.0) * 10:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _student_below(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _student_below(value: float, degrees: int) -> float:
    return 1 - _incomplete_beta(degrees / (degrees + value * value), degrees / 2, 0.5) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (NIST DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    scale = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    fraction, c, d = 1.0, 1.0, 0.0
    for step in range(_STEPS):  # Lentz's algorithm
        half = step // 2
        if step == 0:
            term = 1.0
        elif step % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        d = 1 / ((1 + term * d) or _TINY)
        c = (1 + term / c) or _TINY
        fraction *= c * d
        if abs(1 - c * d) < _PRECISE:
            break
    return scale * (fraction - 1)
