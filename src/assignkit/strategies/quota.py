"""`quota`: who has the smallest part of the target for the current period."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.exact import exact, spell

_SAID: Mapping[str, str] = MappingProxyType(
    {"hour": "this hour", "day": "today", "week": "this week", "month": "this month"}
)


class Quota(BaseOrder):
    """`received / target` in the agent's current quota period, the smallest first.

    The target is the agent's `quota`; the period is the calendar hour, day, week (from Monday) or month of the desk's
    zone, as the agent's `quota_period` says, the month unless it says otherwise. `candidate.received_in_period` counts
    the items that came to the agent in that period through the target at hand, as the `limit`s of rules do: of two
    teams each has its own count. Nothing stops at the target: beyond it, too,
    the smallest ratio is first. A target of 0 comes after all others, the fewest received first; without a target,
    last.
    """

    name = "quota"

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:  # noqa: ARG002
        """Return (0, received / target), (1, received) for a target of 0, (2,) without one."""
        quota = candidate.agent.quota
        target = None if quota is None else exact(quota)
        if target is None:
            return (2,)
        received = candidate.received_in_period
        return (0, Fraction(received) / target) if target else (1, received)

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        """Return what was received of what was to be received, and when."""
        when = _SAID[candidate.agent.quota_period]
        quota = candidate.agent.quota
        return f"{candidate.received_in_period} of {'no quota' if quota is None else spell(quota)} {when}"
