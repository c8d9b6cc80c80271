"""The chance that a draw says each agent had is how often it chooses that agent."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import pytest

from assignkit.strategies.registry import BUILT_IN, build_chain, find_order
from tests.unit.strategies.making import candidate, question

CROWD = [
    candidate("a", load=0, capacity=4, preference=1),
    candidate("b", load=2, capacity=4, preference=1, idle_minutes=9),
    candidate("c", load=2, capacity=4, preference=1, idle_minutes=5),
    candidate("d", load=0, capacity=4, preference=1),
    candidate("e", load=3, capacity=4, preference=0),
]
DRAWS = 4_000


@pytest.mark.parametrize(
    "orders",
    [
        ["random"],
        ["two choices"],
        ["two choices", "longest idle"],
        ["skill match", "random"],
        ["best rated", "two choices"],
        ["longest idle", "random"],
    ],
)
def test_chances_are_how_often_each_is_chosen(orders: list[str]) -> None:
    chain = build_chain(orders)
    asked = [question(item_id=f"c{number}") for number in range(DRAWS)]
    chances = chain.chances(CROWD, asked[0])
    assert chain.draws
    assert sum(chances.values()) == 1
    assert chances == chain.chances(CROWD[::-1], asked[-1])
    chosen = Counter(chain.rank(CROWD, one)[0].agent_id for one in asked)
    for agent_id, chance in chances.items():
        error = math.sqrt(chance * (1 - chance) / DRAWS)
        assert abs(chosen[agent_id] / DRAWS - chance) <= 4 * error, agent_id


def test_of_two_the_less_loaded_is_certain_and_of_many_the_most_loaded_is_hopeless() -> None:
    chain = build_chain(["two choices"])
    assert chain.chances(CROWD[:2], question()) == {"a": 1, "b": 0}
    assert chain.chances(CROWD[:1], question()) == {"a": 1}
    assert chain.chances([], question()) == {}
    assert chain.chances(CROWD, question())["e"] == 0
    assert max(chain.chances(CROWD, question()).values()) == Fraction(2, 5)


def test_only_draws_have_chances() -> None:
    plain = [name for name in BUILT_IN if name not in ("random", "two choices")]
    assert not any(build_chain([name]).draws for name in plain)
    assert build_chain(["least loaded"]).chances(CROWD, question()) == {}
    assert {name for name in BUILT_IN if find_order(name).draws} == {"random", "two choices"}
