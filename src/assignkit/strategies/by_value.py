"""`lowest EXPR` and `highest EXPR`: by a value that the rule names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.exact import exact, spell
from assignkit.strategies.longest_idle import instant_key

_MISSING = (1,)


@dataclass(frozen=True, slots=True)
class _Descending:
    """A value that cannot be negated, sorted downwards."""

    value: Any

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)


class Lowest(BaseOrder):
    """The smallest value first, missing last.

    The value stands in `candidate.values[place]`. Numbers compare exactly, whatever their types; dates, instants
    and durations by time; text by code point. NaN, infinities and instants without a zone are missing.
    `reads_agent_only` says that the expression reads nothing but the agent, so that the order can stand.
    """

    name = "lowest"

    def __init__(self, place: int, *, reads_agent_only: bool = False) -> None:
        self.place = place
        self.standing = reads_agent_only

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:  # noqa: ARG002
        """Return (0, value), or (1,) for a missing one."""
        value = _sortable(candidate.values.get(self.place))
        return _MISSING if value is None else (0, value)

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        """Return the value."""
        value = candidate.values.get(self.place)
        if value is None:
            return "missing"
        return spell(value) if isinstance(value, int | float | Decimal | Fraction) else str(value)


class Highest(Lowest):
    """The largest value first, missing last; otherwise as `Lowest`."""

    name = "highest"

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:  # noqa: ARG002
        """Return (0, value turned round), or (1,) for a missing one."""
        value = _sortable(candidate.values.get(self.place))
        if value is None:
            return _MISSING
        return (0, -value if isinstance(value, int | Fraction) else _Descending(value))


def _sortable(value: Any) -> Any:  # noqa: ANN401 - whatever a host's field holds
    """Return the value as an exact number where it is a number or a time, as it is otherwise, None if missing."""
    if isinstance(value, int | float | Decimal | Fraction):
        return exact(value)
    if isinstance(value, datetime):
        return None if value.utcoffset() is None else instant_key(value)
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    return value
