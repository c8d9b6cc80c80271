"""What causes a skew: which rules brought an agent more, or less, than its share, and whether it was there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assignkit.errors import ConfigurationError
from assignkit.reporting.fairness import Amount


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: who got the item, by which rule, and who was there to be chosen (None: everybody)."""

    agent_id: str
    rule: str | None = None
    available: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one rule adds to an agent's surplus (negative: shortfall), while the agent was `there` or not.

    `part` is its part of the whole surplus; parts of causes that pull the other way are negative.
    """

    agent_id: str
    rule: str | None
    there: bool
    decisions: int
    surplus: float
    part: float

    def __str__(self) -> str:
        whole = "surplus" if self.surplus > 0 else "shortfall"
        rule = f"rule “{self.rule}”" if self.rule else "decisions without a rule"
        when = "" if self.there else ", outside this agent's hours"
        return f"{self.part:.0%} of {self.agent_id}'s {whole} comes from {rule}{when}"


def causes(decisions: Iterable[Decided], agent_id: str, *, entitlement: Mapping[str, Amount]) -> list[Cause]:
    """Return what adds up to the difference between what an agent received and its share of all decisions.

    The largest causes come first, those that pull the other way last. The share is by `entitlement`, of everything
    that was decided, whoever was there: so absence is named as a cause, not excused. Raises `ConfigurationError` for
    entitlements that share nothing. Without decisions there are no causes.
    """
    due = sum(map(float, entitlement.values()))
    if not due > 0 or any(weight < 0 for weight in entitlement.values()):
        msg = "entitlements are weights that are not below 0, and at least one is above it"
        raise ConfigurationError(msg)
    share = float(entitlement.get(agent_id, 0)) / due
    groups: dict[tuple[str | None, bool], tuple[int, float]] = {}
    for decision in decisions:
        there = decision.available is None or agent_id in decision.available
        count, surplus = groups.get((decision.rule, there), (0, 0.0))
        got = decision.agent_id == agent_id
        groups[decision.rule, there] = (count + 1, surplus + got - share)
    whole = sum(surplus for _, surplus in groups.values())
    found = [
        Cause(
            agent_id=agent_id,
            rule=rule,
            there=there,
            decisions=count,
            surplus=surplus,
            part=surplus / whole if abs(whole) > 1e-9 else 0.0,  # noqa: PLR2004 - sums of thirds
        )
        for (rule, there), (count, surplus) in groups.items()
    ]
    return sorted(found, key=lambda cause: (-cause.part, cause.rule or "", cause.there))
