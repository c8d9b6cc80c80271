"""Alarms that mean something: a share may be looked at after every decision, and chance alone rarely raises one.

For each agent, the decisions so far are weighed against "the chances are what they should be" by likelihood ratios in
which the agent's odds are multiplied by a factor, averaged over several factors. If the chances are right, the average
stays below 1/a for ever with probability 1 − a, however often one looks (Ville 1939; Robbins 1970; Ramdas, Grünwald,
Vovk & Shafer: "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38, 2023).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assignkit.errors import ConfigurationError
from assignkit.reporting.fairness import Amount

# Odds multiplied by 1.01 … 8 and divided by the same: small, lasting skews and large, sudden ones.
_SHIFTS = tuple(sign * math.log(factor) for factor in (1.01, 1.03, 1.1, 1.25, 1.6, 2.5, 8.0) for sign in (1, -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An agent whose share is not what it should be: how much it received and was due, and how strong the evidence is.

    `evidence` is how many times likelier the decisions are with other odds than with the right ones.
    """

    agent_id: str
    received: int
    expected: float
    decisions: int
    evidence: float


class FairnessWatch:
    """Watches who gets what, decision by decision. `alpha` is the chance that it ever raises a false alarm.

    `entitlement` are the agents' weights. A decision in which not everybody could be chosen is told with its `chances`
    or with who was `available`: then absence alone raises no alarm. Orders that take turns are more even than chance,
    so that for them a false alarm is rarer still.
    """

    def __init__(self, entitlement: Mapping[str, Amount], *, alpha: float = 0.05) -> None:
        if not 0 < alpha < 1 or not entitlement or not all(weight > 0 for weight in entitlement.values()):
            msg = "a watch needs agents with weights above 0, and an alpha between 0 and 1"
            raise ConfigurationError(msg)
        self._weights = {agent: float(weight) for agent, weight in entitlement.items()}
        self._threshold = math.log(len(self._weights) / alpha)
        self._received = dict.fromkeys(self._weights, 0)
        self._expected = dict.fromkeys(self._weights, 0.0)
        self._decisions = 0
        self._log_ratios = {agent: [0.0] * len(_SHIFTS) for agent in self._weights}

    def note(self, agent_id: str, *, available: frozenset[str] | set[str] | None = None) -> None:
        """Count one decision; `available` are those who could have been chosen, everybody if not given."""
        among = self._weights if available is None else {a: w for a, w in self._weights.items() if a in available}
        if agent_id not in among:
            msg = f"`{agent_id}` is not among those who could be chosen"
            raise ConfigurationError(msg)
        whole = math.fsum(among.values())
        self._decisions += 1
        self._received[agent_id] += 1
        for agent, weight in among.items():
            chance = weight / whole
            self._expected[agent] += chance
            ratios, chosen = self._log_ratios[agent], agent == agent_id
            for place, shift in enumerate(_SHIFTS):
                ratios[place] += _log_ratio(shift, chance, chosen=chosen)

    def evidence(self, agent_id: str) -> float:
        """Return how many times likelier other odds make what was seen; below 1 speaks for the right ones."""
        return math.exp(min(_log_mean(self._log_ratios[agent_id]), 700.0))

    @property
    def alarms(self) -> list[Alarm]:
        """The agents of whom chance alone does not explain the share, the strongest evidence first."""
        found = [agent for agent, ratios in self._log_ratios.items() if _log_mean(ratios) >= self._threshold]
        told = [
            Alarm(
                agent_id=agent,
                received=self._received[agent],
                expected=self._expected[agent],
                decisions=self._decisions,
                evidence=self.evidence(agent),
            )
            for agent in found
        ]
        return sorted(told, key=lambda alarm: (-alarm.evidence, alarm.agent_id))


def noise_bounds(decisions: int, share: float, *, alpha: float = 0.05, agents: int = 1) -> tuple[int, int]:
    """Return between which counts, both included, an agent due `share` of `decisions` raises no alarm.

    `agents` is how many are watched together, who share the `alpha`.
    """
    if not 0 < share < 1 or decisions < 0:
        msg = "a share is between 0 and 1, and decisions are counted from 0"
        raise ConfigurationError(msg)
    threshold = math.log(agents / alpha)
    quiet = [count for count in range(decisions + 1) if _evidence_of(count, decisions, share) < threshold]
    return min(quiet), max(quiet)


def _evidence_of(count: int, decisions: int, share: float) -> float:
    return _log_mean(
        [
            count * _log_ratio(shift, share, chosen=True) + (decisions - count) * _log_ratio(shift, share, chosen=False)
            for shift in _SHIFTS
        ]
    )


def _log_ratio(shift: float, chance: float, *, chosen: bool) -> float:
    return (shift if chosen else 0.0) - math.log1p(chance * math.expm1(shift))


def _log_mean(logs: list[float]) -> float:
    largest = max(logs)
    return largest + math.log(math.fsum(math.exp(one - largest) for one in logs) / len(logs))
