"""A host's own order, dressed as one of ours: a host needs to write nothing but `key`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.strategies.base import BaseOrder, Candidate, Order, Question
from assignkit.strategies.exact import spell


class HostedOrder(BaseOrder):
    """The host's order under its registered name. It never stands: nobody knows what its key reads.

    A host may add `describe(candidate, question) -> str` for explanations.
    """

    def __init__(self, order: Order, *, name: str) -> None:
        self.name = name
        self._order = order
        self._describe: Callable[[Candidate, Question], object] | None = getattr(order, "describe", None)

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401 - the host's own
        """Return what the host's order gives."""
        return self._order.key(candidate, question)

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the host's own words, or the key where it is a plain value, or just the order's name."""
        if self._describe is not None:
            return str(self._describe(candidate, question))
        return _plain(self.key(candidate, question)) or self.name


def _plain(key: object) -> str:
    """Return a plain value as text, and nothing for other objects: their text may hold memory addresses."""
    if isinstance(key, int | float | Decimal | Fraction):
        return spell(key)
    if isinstance(key, tuple):
        parts = [_plain(part) for part in key]
        return ", ".join(parts) if all(parts) else ""
    return str(key) if isinstance(key, str | date | timedelta) else ""
