"""What a policy would have been worth, from what was recorded under another one: IPS, SNIPS, DR; and when not to ask.

IPS weighs each recorded outcome by how much likelier the new policy is to choose as was chosen (Horvitz & Thompson
1952); SNIPS divides by the sum of the weights (Swaminathan & Joachims 2015); DR adds a model of outcomes, and is right
if either the chances or the model are (Dudík, Langford & Li 2011).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from assignkit.errors import ConfigurationError
from assignkit.messages.text import Text, say

FEWEST_EFFECTIVE = 100
LARGEST_PART = 0.05
LEAST_SUPPORT = 0.95
_PRIOR = 10.0  # how many average outcomes an agent's mean is shrunk by


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One recorded decision: who was chosen, with which chance, what came of it; and the new policy's chances."""

    agent_id: str
    reward: float
    propensity: float | None
    chances: Mapping[str, float]
    group: str | None = None  # what the outcome model tells apart beside agents, such as the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean outcome with its interval; NaN where it cannot be told."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OffPolicy:
    """What was recorded, what the new policy would have been worth by each method, and what to be wary of.

    `effective` is how many of the decisions carry the estimate; `support` is the part of the new policy's choices that
    could have been seen in the record at all.
    """

    recorded: Estimate
    estimates: tuple[Estimate, ...]
    decisions: int
    effective: float
    support: float
    warnings: tuple[str, ...]

    @property
    def trustworthy(self) -> bool:
        """Whether nothing was found that speaks against the estimates."""
        return not self.warnings


def off_policy(logged: Sequence[Logged], *, confidence: float = 0.95) -> OffPolicy:
    """Return the estimates. Without propensities there are none but the model's, and a warning says why.

    Intervals are normal, from the estimates' influence functions, for decisions that are independent of each other.
    """
    if not 0 < confidence < 1:
        msg = f"confidence is between 0 and 1, not {confidence}"
        raise ConfigurationError(msg)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rewards = [one.reward for one in logged]
    recorded = _mean("recorded", rewards, z)
    if not logged:
        return _nothing(recorded, "no decision on record has an outcome yet")
    model = _OutcomeModel(logged)
    direct = [model.expected(one) for one in logged]
    warning = _no_chances(logged)
    if warning is not None:
        guess = Estimate(name="model", value=fmean(direct), low=math.nan, high=math.nan)
        return _told(recorded, (guess,), logged, effective=math.nan, support=math.nan, warnings=[warning])
    weights = [one.chances.get(one.agent_id, 0.0) / (one.propensity or 1.0) for one in logged]
    ips = [weight * reward for weight, reward in zip(weights, rewards, strict=True)]
    robust = [
        base + weight * (one.reward - model.of(one.agent_id, one.group))
        for base, weight, one in zip(direct, weights, logged, strict=True)
    ]
    total = math.fsum(weights)
    effective = total**2 / math.fsum(weight * weight for weight in weights) if total else 0.0
    estimates = (_mean("IPS", ips, z), _self_normalised(ips, weights, z), _mean("DR", robust, z))
    support = _support(logged)
    return _told(
        recorded,
        estimates,
        logged,
        effective=effective,
        support=support,
        warnings=_warnings(weights, effective, support),
    )


def _no_chances(logged: Sequence[Logged]) -> Text | None:
    """Return why outcomes cannot be weighed at all, or None if they can."""
    missing = sum(one.propensity is None for one in logged)
    if missing:
        some = "report.some_chances" if missing < len(logged) else "report.no_chances"
        reason = say(some, known=len(logged) - missing, decisions=len(logged))
    elif all(one.propensity == 1 for one in logged):
        reason = say("report.never_drawn", decisions=len(logged))
    else:
        return None
    return say("report.not_weighed", reason=reason)


def _told(
    recorded: Estimate,
    estimates: tuple[Estimate, ...],
    logged: Sequence[Logged],
    *,
    effective: float,
    support: float,
    warnings: Sequence[str],
) -> OffPolicy:
    return OffPolicy(
        recorded=recorded,
        estimates=estimates,
        decisions=len(logged),
        effective=effective,
        support=support,
        warnings=tuple(warnings),
    )


def _nothing(recorded: Estimate, warning: str) -> OffPolicy:
    return _told(recorded, (), (), effective=0.0, support=math.nan, warnings=[warning])


def _mean(name: str, values: Sequence[float], z: float) -> Estimate:
    if not values:
        return Estimate(name=name, value=math.nan, low=math.nan, high=math.nan)
    mean = fmean(values)
    if len(values) == 1:
        return Estimate(name=name, value=mean, low=math.nan, high=math.nan)
    spread = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    half = z * math.sqrt(spread / len(values))
    return Estimate(name=name, value=mean, low=mean - half, high=mean + half)


def _self_normalised(weighted: Sequence[float], weights: Sequence[float], z: float) -> Estimate:
    total = math.fsum(weights)
    if not total:
        return Estimate(name="SNIPS", value=math.nan, low=math.nan, high=math.nan)
    value = math.fsum(weighted) / total
    spread = math.fsum((w * r - w * value) ** 2 for w, r in _weight_and_reward(weighted, weights))
    half = z * math.sqrt(spread) / total
    return Estimate(name="SNIPS", value=value, low=value - half, high=value + half)


def _weight_and_reward(weighted: Sequence[float], weights: Sequence[float]) -> list[tuple[float, float]]:
    return [(w, wr / w) for wr, w in zip(weighted, weights, strict=True) if w]


def _support(logged: Sequence[Logged]) -> float:
    """Return the part of the new policy's choices whose agents were ever chosen in the same group."""
    seen: dict[str | None, set[str]] = {}
    for one in logged:
        seen.setdefault(one.group, set()).add(one.agent_id)
    return fmean(
        math.fsum(chance for agent, chance in one.chances.items() if agent in seen[one.group]) for one in logged
    )


def _warnings(weights: Sequence[float], effective: float, support: float) -> list[Text]:
    found: list[Text] = []
    if effective < FEWEST_EFFECTIVE:
        found.append(say("report.few_effective", effective=effective, decisions=len(weights)))
    if weights and max(weights) > LARGEST_PART * math.fsum(weights) > 0:
        part = max(weights) / math.fsum(weights)
        found.append(say("report.one_makes", part=part))
    if support < LEAST_SUPPORT:
        found.append(say("report.never_made", part=1 - support))
    mean = fmean(weights)
    error = math.sqrt(math.fsum((w - mean) ** 2 for w in weights) / max(len(weights) - 1, 1) / len(weights))
    if error and abs(mean - 1) > 4 * error:
        found.append(say("report.weights_average", mean=mean))
    return found


class _OutcomeModel:
    """Each agent's mean outcome in each group, drawn towards the agent's, and that towards everybody's."""

    def __init__(self, logged: Sequence[Logged]) -> None:
        self._all = fmean(one.reward for one in logged)
        by_group: dict[tuple[str, str | None], list[float]] = {}
        by_agent: dict[str, list[float]] = {}
        for one in logged:
            by_group.setdefault((one.agent_id, one.group), []).append(one.reward)
            by_agent.setdefault(one.agent_id, []).append(one.reward)
        self._agents = {agent: _shrunk(found, self._all) for agent, found in by_agent.items()}
        self._groups = {key: _shrunk(found, self._agents[key[0]]) for key, found in by_group.items()}

    def of(self, agent_id: str, group: str | None) -> float:
        known = self._groups.get((agent_id, group))
        return known if known is not None else self._agents.get(agent_id, self._all)

    def expected(self, one: Logged) -> float:
        return math.fsum(chance * self.of(agent, one.group) for agent, chance in one.chances.items())


def _shrunk(rewards: Sequence[float], towards: float) -> float:
    return (math.fsum(rewards) + _PRIOR * towards) / (len(rewards) + _PRIOR)
