"""Off-policy estimates: right where chances are on record, and silent, with a reason, where they are not."""

from __future__ import annotations

import math
import random

import pytest

from assignkit.errors import ConfigurationError
from assignkit.reporting.off_policy import Logged, off_policy

SKILL = {"a": 0.2, "b": 0.4, "c": 0.8}
CHANCE = {"a": 0.5, "b": 0.3, "c": 0.2}


def logged(seed: int, count: int, chances: dict[str, float], *, told: bool = True) -> list[Logged]:
    """Return decisions drawn by CHANCE, with outcomes by SKILL, to be judged for a policy with other chances."""
    dice = random.Random(seed)  # noqa: S311 - a workload, not a secret
    found = []
    for _ in range(count):
        agent = dice.choices(list(CHANCE), weights=list(CHANCE.values()))[0]
        found.append(
            Logged(
                agent_id=agent,
                reward=float(dice.random() < SKILL[agent]),
                propensity=CHANCE[agent] if told else None,
                chances=chances,
            )
        )
    return found


@pytest.mark.parametrize("chances", [{"c": 1.0}, {"a": 0.5, "c": 0.5}, CHANCE])
def test_intervals_hold_the_true_value_about_as_often_as_they_say(chances: dict[str, float]) -> None:
    truth = sum(SKILL[agent] * chance for agent, chance in chances.items())
    hits = {"IPS": 0, "SNIPS": 0, "DR": 0}
    for seed in range(60):
        for estimate in off_policy(logged(seed, 600, chances)).estimates:
            hits[estimate.name] += estimate.low <= truth <= estimate.high
    assert all(50 <= count <= 60 for count in hits.values()), hits


def test_the_recorded_mean_is_that_of_the_record() -> None:
    found = off_policy(logged(1, 2_000, {"c": 1.0}))
    assert found.recorded.value == pytest.approx(0.38, abs=0.04)
    assert found.estimates[0].value == pytest.approx(0.8, abs=0.1)
    assert found.effective == pytest.approx(400, rel=0.15)
    assert found.trustworthy


def test_without_chances_on_record_nothing_is_claimed() -> None:
    found = off_policy(logged(1, 500, {"c": 1.0}, told=False))
    assert [estimate.name for estimate in found.estimates] == ["model"]
    assert math.isnan(found.estimates[0].low)
    assert "none of 500 decisions" in found.warnings[0]
    some = [*logged(1, 3, {"c": 1.0}), *logged(1, 3, {"c": 1.0}, told=False)]
    assert "only 3 of 6" in off_policy(some).warnings[0]


def test_thin_evidence_is_called_thin() -> None:
    few = off_policy(logged(1, 60, {"c": 1.0}))
    assert any("carry the estimate" in warning for warning in few.warnings)
    assert any("one single decision" in warning for warning in few.warnings)
    unseen = off_policy(logged(1, 2_000, {"new": 1.0}))
    assert any("100% of the new choices were never made" in warning for warning in unseen.warnings)
    assert math.isnan(unseen.estimates[1].value)
    wrong = [
        Logged(agent_id=one.agent_id, reward=one.reward, propensity=0.9, chances={"a": 1.0})
        for one in logged(1, 2_000, {"a": 1.0})
    ]
    assert any("instead of 1" in warning for warning in off_policy(wrong).warnings)


def test_nothing_on_record() -> None:
    found = off_policy([])
    assert (found.decisions, found.estimates) == (0, ())
    assert "no decision" in found.warnings[0]
    with pytest.raises(ConfigurationError):
        off_policy([], confidence=1)
