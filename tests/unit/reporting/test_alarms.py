"""Alarms: rare by chance however often one looks, sure where the odds are wrong; and the causes of a skew."""

from __future__ import annotations

import random

import pytest

from assignkit.errors import ConfigurationError
from assignkit.reporting.alarms import FairnessWatch, noise_bounds
from assignkit.reporting.causes import Decided, causes

AGENTS = {"a": 2, "b": 1, "c": 1}


def watched(dice: random.Random, weights: list[float], decisions: int) -> bool:
    """Return whether a watch ever raises an alarm, looked at after every decision."""
    watch = FairnessWatch(AGENTS, alpha=0.1)
    for _ in range(decisions):
        watch.note(dice.choices("abc", weights=weights)[0])
        if watch.alarms:
            return True
    return False


def test_right_chances_seldom_raise_an_alarm_and_wrong_ones_do() -> None:
    dice = random.Random(4)  # noqa: S311 - a workload, not a secret
    false_alarms = sum(watched(dice, [2, 1, 1], 250) for _ in range(60))
    true_alarms = sum(watched(dice, [2, 2, 1], 1_500) for _ in range(6))
    assert false_alarms <= 6  # a tenth at most, over all times together
    assert true_alarms == 6


def test_absence_alone_raises_no_alarm() -> None:
    absent, ignorant = FairnessWatch({"a": 1, "b": 1}), FairnessWatch({"a": 1, "b": 1})
    for number in range(200):
        if number % 2:
            absent.note("a", available={"a"})
            ignorant.note("a")
        else:
            chosen = "ab"[number // 2 % 2]
            absent.note(chosen, available={"a", "b"})
            ignorant.note(chosen)
    assert absent.alarms == []
    alarm = ignorant.alarms[0]
    assert {alarm.agent_id for alarm in ignorant.alarms} == {"a", "b"}
    assert (alarm.received, alarm.expected, alarm.decisions) in ((150, 100, 200), (50, 100, 200))
    assert alarm.evidence >= 2 / 0.05
    assert absent.evidence("a") < 1


def test_bounds_close_in_as_decisions_grow() -> None:
    widths = []
    for decisions in (100, 1_000, 10_000):
        low, high = noise_bounds(decisions, 0.25, agents=4)
        assert low < decisions / 4 < high
        widths.append((high - low) / decisions)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.05
    watch = FairnessWatch({"a": 1, "b": 3})
    low, high = noise_bounds(200, 0.25, agents=2)
    for number in range(200):
        watch.note("a" if number < high else "b")
    assert watch.alarms == []
    assert noise_bounds(0, 0.5) == (0, 0)


def test_what_cannot_be_watched_is_refused() -> None:
    for arguments in ({"entitlement": {}}, {"entitlement": {"a": 0}}, {"entitlement": {"a": 1}, "alpha": 0}):
        with pytest.raises(ConfigurationError):
            FairnessWatch(**arguments)  # type: ignore[arg-type]
    watch = FairnessWatch({"a": 1, "b": 1})
    for agent, available in (("x", None), ("a", {"b"})):
        with pytest.raises(ConfigurationError, match="not among"):
            watch.note(agent, available=available)
    with pytest.raises(ConfigurationError):
        noise_bounds(10, 1)


def test_the_causes_of_a_skew_are_named_with_their_parts() -> None:
    everybody, others = frozenset("ab"), frozenset("b")
    decisions = [Decided("a", "East", everybody), Decided("b", "East", everybody)] * 10
    decisions += [Decided("b", "Night", others)] * 30 + [Decided("b", "East", others)] * 10
    found = causes(decisions, "a", entitlement={"a": 1, "b": 1})
    assert [(cause.rule, cause.there, cause.surplus) for cause in found] == [
        ("Night", False, -15.0),
        ("East", False, -5.0),
        ("East", True, 0.0),
    ]
    assert str(found[0]) == "75% of a's shortfall comes from rule “Night”, outside this agent's hours"
    assert sum(cause.part for cause in found) == pytest.approx(1)
    assert str(causes(decisions, "b", entitlement={"a": 1, "b": 1})[0]) == "75% of b's surplus comes from rule “Night”"


@pytest.mark.parametrize("entitlement", [{}, {"a": 0}, {"a": -1, "b": 2}])
def test_shares_of_nothing_have_no_causes(entitlement: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        causes([Decided("a")], "a", entitlement=entitlement)


def test_nothing_to_explain_explains_nothing() -> None:
    assert causes([], "a", entitlement={"a": 1}) == []
    even = causes([Decided("a"), Decided("b")], "a", entitlement={"a": 1, "b": 1})
    assert [(cause.surplus, cause.part) for cause in even] == [(0.0, 0.0)]
