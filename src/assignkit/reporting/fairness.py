"""How evenly something is spread: Jain's index, the Gini coefficient, and shares against what was due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import fsum

from assignkit.errors import ConfigurationError
from assignkit.reporting.quotas import largest_remainder

Amount = int | float | Fraction


def jain(values: Iterable[Amount]) -> float:
    """Return Jain's fairness index (Σx)² / (n Σx²): 1 for equal parts, 1/n where one has everything.

    Idle agents count: give them as 0. Nobody, and nothing to share, count as fair: 1.
    R. Jain, D. Chiu, W. Hawe: "A quantitative measure of fairness and discrimination", DEC TR-301, 1984.

    >>> round(jain([1, 3, 5]), 4), jain([]), jain([0, 0]), jain([7])
    (0.7714, 1.0, 1.0, 1.0)
    """
    parts = _checked(values)
    largest = max(parts, default=0.0)
    if not largest:
        return 1.0
    scaled = [part / largest for part in parts]  # so that no square overflows or vanishes
    return fsum(scaled) ** 2 / (len(scaled) * fsum(part * part for part in scaled))


def gini(values: Iterable[Amount], *, corrected: bool = False) -> float:
    """Return the Gini coefficient Σ|xᵢ − xⱼ| / (2 n² mean): 0 for equal parts, (n − 1)/n where one has everything.

    This is the variant for a whole population. With `corrected` it is multiplied by n/(n − 1), so that 1 is reached
    (Deltas 2003). Idle agents count: give them as 0. Nobody, one alone, and nothing to share: 0.

    >>> round(gini([1, 3, 5]), 4), gini([0, 0, 9], corrected=True), gini([]), gini([5]), gini([0, 0])
    (0.2963, 1.0, 0.0, 0.0, 0.0)
    """
    parts = sorted(_checked(values))
    count, largest = len(parts), max(parts, default=0.0)
    if not largest or count == 1:
        return 0.0
    scaled = [part / largest for part in parts]
    weighted = fsum((2 * rank - count - 1) * part for rank, part in enumerate(scaled, start=1))
    index = max(weighted / (count * fsum(scaled)), 0.0)
    return index * count / (count - 1) if corrected else index


def _checked(values: Iterable[Amount]) -> list[float]:
    parts = [float(value) for value in values]
    if not all(0 <= part < float("inf") for part in parts):
        msg = "what is shared must be finite, and not below 0"
        raise ConfigurationError(msg)
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one agent got of a whole, against what was due: `quota` is the nearest fair number of whole items."""

    agent_id: str
    received: int
    share: float
    entitlement: float
    quota: int

    @property
    def surplus(self) -> int:
        """How many items more than its quota; negative for fewer."""
        return self.received - self.quota


def shares(counts: Mapping[str, int], *, entitlement: Mapping[str, Amount] | None = None) -> list[Share]:
    """Return each agent's share against its entitlement, by id; agents only in one of the two count with 0.

    `entitlement` are weights in any unit, all equal if not given; quotas are by `largest_remainder`. Raises
    `ConfigurationError` for weights that are negative, or all 0.
    """
    due = dict.fromkeys(counts, 1) if entitlement is None else entitlement
    agents = sorted({*counts, *due})
    total = sum(counts.values())
    weights = {agent: Fraction(due.get(agent, 0)) for agent in agents}
    if not agents:
        return []
    quotas = largest_remainder(weights, total)
    whole = sum(weights.values())
    return [
        Share(
            agent_id=agent,
            received=counts.get(agent, 0),
            share=counts.get(agent, 0) / total if total else 0.0,
            entitlement=float(weights[agent] / whole),
            quota=quotas[agent],
        )
        for agent in agents
    ]
