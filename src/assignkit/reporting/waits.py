"""Waiting times as people ask for them: percentiles, and the part served in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from assignkit.errors import ConfigurationError

_WHOLE = 100.0


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` per cent of all do not exceed (the nearest rank); NaN for none.

    The result is always one of the values, so that "90 % waited no longer" is true as it stands.

    >>> percentile([15, 20, 35, 40, 50], 40), percentile([15, 20, 35, 40, 50], 100)
    (20, 50)
    """
    if not 0 <= percent <= _WHOLE:
        msg = f"a percentile is between 0 and 100, not {percent}"
        raise ConfigurationError(msg)
    ordered = sorted(values)
    if not ordered:
        return math.nan
    # First times, then by: 0.07 * 100 is more than 7, and would skip a rank.
    return ordered[max(math.ceil(percent * len(ordered) / _WHOLE) - 1, 0)]


def service_level(waits: Sequence[float], seconds: float, *, lost: int = 0) -> float:
    """Return the part of all items that waited `seconds` at most; `lost` ones count as not served. NaN for none.

    >>> service_level([0, 10, 30], 20, lost=1)
    0.5
    """
    offered = len(waits) + lost
    return sum(wait <= seconds for wait in waits) / offered if offered else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitSummary:
    """What a list of waits says, in seconds; all but `count` are NaN where there are none."""

    count: int
    mean: float
    median: float
    p90: float
    p95: float
    p99: float
    longest: float
    probability: float

    @classmethod
    def of(cls, waits: Sequence[float]) -> WaitSummary:
        """Return the summary of the waits; `probability` is the part that waited at all."""
        ordered = sorted(waits)
        return cls(
            count=len(ordered),
            mean=fmean(ordered) if ordered else math.nan,
            median=percentile(ordered, 50),
            p90=percentile(ordered, 90),
            p95=percentile(ordered, 95),
            p99=percentile(ordered, 99),
            longest=ordered[-1] if ordered else math.nan,
            probability=sum(wait > 0 for wait in ordered) / len(ordered) if ordered else math.nan,
        )
