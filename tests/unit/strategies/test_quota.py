"""Quota: the smallest part of the target first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from assignkit.model.agent import Agent
from assignkit.strategies.base import Candidate
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import candidate, ids, question


def seller(name: str, received: int, quota: object, **facts: Any) -> Candidate:  # noqa: ANN401 - an agent's facts
    return candidate(name, received_in_period=received, agent={"quota": quota, **facts})


def ranked(*agents: Candidate) -> list[str]:
    return ids(build_chain(["quota"]).rank(agents, question()))


def test_the_smallest_part_of_the_target_comes_first() -> None:
    agents = [
        seller("half", 5, 10),
        seller("a third", 10, 30),
        seller("nothing yet", 0, 1),
        seller("reached", 10, 10),
        seller("beyond", 12, 10),
        seller("few of none", 1, 0),
        seller("many of none", 9, 0),
        seller("without", 0, None),
    ]

    assert ranked(*reversed(agents)) == [
        "nothing yet",
        "a third",
        "half",
        "reached",
        "beyond",
        "few of none",
        "many of none",
        "without",
    ]


def test_parts_are_exact() -> None:
    # 1/3 against 0.333…: one digit beyond any float
    agents = [seller("third", 1, 3), seller("less", 10**20 - 1, Decimal(3 * 10**20)), seller("float", 1, 0.1)]

    assert ranked(*agents) == ["less", "third", "float"]
    tied = [seller("a", 1, 0.1, tie=0), seller("b", 10, Decimal("1.0"))]
    assert find_order("quota").key(tied[0], question()) == find_order("quota").key(tied[1], question())


def test_targets_are_approached_in_proportion() -> None:
    received = dict.fromkeys("abc", 0)
    targets = {"a": 60, "b": 30, "c": 10}
    for _ in range(50):
        received[ranked(*(seller(name, received[name], targets[name]) for name in targets))[0]] += 1

    assert received == {"a": 30, "b": 15, "c": 5}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"quota": 30}, "12 of 30 this month"),
        ({"quota": 7.5, "quota_period": "week"}, "12 of 7.5 this week"),
        ({"quota": 5, "quota_period": "day"}, "12 of 5 today"),
        ({"quota": 5, "quota_period": "hour"}, "12 of 5 this hour"),
        ({}, "12 of no quota this month"),
    ],
)
def test_the_part_is_told(facts: dict[str, Any], words: str) -> None:
    one = candidate("li", received_in_period=12, agent=facts)

    assert find_order("quota").describe(one, question()) == words


@pytest.mark.parametrize("facts", [{"quota": -1}, {"quota": 1, "quota_period": "fortnight"}])
def test_a_quota_is_not_negative_and_its_period_is_known(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="quota"):
        Agent.model_validate({"id": "li", **facts})
