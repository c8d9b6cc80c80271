"""The orders by load, idleness and fit, on cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

import pytest

from assignkit.strategies.base import Candidate
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import NOON, candidate, ids, question

DRAWN = sha256(b"seed\x1fc1\x1fli").hexdigest()[:15]


def ranked(order: str, *candidates: Candidate) -> list[str]:
    return ids(build_chain([order]).rank(candidates, question()))


def test_least_loaded_compares_the_next_load_with_the_capacity() -> None:
    # (3+1)/10 = 0.4, (0+1)/2 = 0.5, (30+1)/100 = 0.31, (1+1)/3 = 0.67
    agents = [
        candidate("ten", load=3, capacity=10),
        candidate("two", load=0, capacity=2),
        candidate("unlimited", load=30),
        candidate("three", load=1, capacity=3),
    ]

    assert ranked("least loaded", *agents) == ["unlimited", "ten", "two", "three"]


def test_least_loaded_takes_the_longest_idle_of_equal_ratios() -> None:
    agents = [
        candidate("half", load=1, capacity=4, idle_minutes=5),
        candidate("half too", load=Decimal("0.5"), capacity=3, idle_minutes=9),
        candidate("half as well", load=4, capacity=10, idle_minutes=7),
    ]

    assert ranked("least loaded", *agents) == ["half too", "half as well", "half"]


def test_load_ratios_are_exact() -> None:
    agents = [candidate("third", load=0, capacity=3), candidate("less", load=10**30 - 2, capacity=3 * 10**30 - 2)]
    difference = Fraction(1, 3) - Fraction(10**30 - 1, 3 * 10**30 - 2)
    assert 0 < difference < Fraction(1, 2**64)

    assert ranked("least loaded", *agents) == ["less", "third"]


def test_the_default_capacity_can_be_told() -> None:
    agents = [candidate("unlimited", load=3), candidate("ten", load=3, capacity=10)]
    chain = build_chain(["least loaded"], default_capacity=5)

    assert ids(chain.rank(agents, question())) == ["ten", "unlimited"]


def test_weighted_balance_divides_by_weight_and_capacity() -> None:
    # 4/(2×10) = 0.2, 2/(1×10) = 0.2 but idle for longer, 2/(0.5×10) = 0.4, 31/(4×100) = 0.0775
    agents = [
        candidate("strong", weight=2, load=3, capacity=10, idle_minutes=5),
        candidate("plain", weight=1, load=1, capacity=10, idle_minutes=6),
        candidate("apprentice", weight=0.5, load=1, capacity=10),
        candidate("unlimited", weight=4, load=30),
    ]

    assert ranked("weighted balance", *agents) == ["unlimited", "plain", "strong", "apprentice"]


def test_weighted_balance_fills_agents_in_proportion() -> None:
    agents = {one.agent_id: one for one in [candidate("a", weight=3, capacity=30), candidate("b", capacity=30)]}
    chain = build_chain(["weighted balance"])
    for _ in range(40):
        winner = chain.rank(list(agents.values()), question())[0]
        agents[winner.agent_id] = replace(winner, load=winner.load + 1)

    assert {name: one.load for name, one in agents.items()} == {"a": 30, "b": 10}


def test_longest_idle_takes_the_earliest_instant_whatever_the_zone() -> None:
    shanghai = timezone(timedelta(hours=8))
    late = datetime(2026, 11, 21, 19, 30, tzinfo=shanghai)  # 11:30 UTC
    agents = [candidate("noon", idle_since=NOON), candidate("earlier", idle_since=late), candidate("never")]

    assert ranked("longest idle", *agents) == ["never", "earlier", "noon"]


def test_longest_idle_takes_who_received_less_at_the_same_instant() -> None:
    agents = [
        candidate("three", idle_minutes=1, received=3),
        candidate("two", idle_minutes=1, received=2),
        candidate("new with one", received=1),
        candidate("new", received=0),
    ]

    assert ranked("longest idle", *agents) == ["new", "new with one", "two", "three"]


def test_longest_idle_sees_microseconds() -> None:
    agents = [candidate("b", idle_since=NOON), candidate("a", idle_since=NOON - timedelta(microseconds=1))]

    assert ranked("longest idle", *agents) == ["a", "b"]


def test_skill_match_takes_the_largest_preference_then_the_least_loaded() -> None:
    agents = [
        candidate("good", preference=5, load=9, capacity=10),
        candidate("good and free", preference=Fraction(5), load=0, capacity=10),
        candidate("better", preference=5.5, load=9, capacity=10),
        candidate("none"),
    ]

    assert ranked("skill match", *agents) == ["better", "good and free", "good", "none"]


def test_a_float_preference_stands_for_its_decimal_spelling() -> None:
    agents = [candidate("float", preference=0.1, load=1), candidate("exact", preference=Fraction(1, 10), load=0)]

    assert ranked("skill match", *agents) == ["exact", "float"]


def test_random_draws_by_seed_item_and_agent() -> None:
    agents = [candidate(name) for name in "abcdef"]
    chain = build_chain(["random"])
    firsts = [chain.rank(agents, question(item_id=f"c{n}"))[0].agent_id for n in range(600)]

    assert ids(chain.rank(agents, question(item_id="c1"))) == ids(chain.rank(agents, question(item_id="c1")))
    assert ids(chain.rank(agents, question(seed="other"))) != ids(chain.rank(agents, question()))
    assert all(70 <= firsts.count(name) <= 130 for name in "abcdef")


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("least loaded", {"load": 3, "capacity": 10}, "3 of 10 units"),
        ("least loaded", {"load": Decimal("2.5")}, "2.5 of 100 units (no capacity set)"),
        ("priority queue", {"load": 3, "capacity": 10}, "3 of 10 units"),
        ("weighted balance", {"load": 3, "capacity": 10, "weight": 2.5}, "3 of 10 units, weight 2.5"),
        ("longest idle", {"idle_minutes": 90}, "idle since 2026-11-21T10:30:00+00:00"),
        ("longest idle", {}, "never busy"),
        ("skill match", {"preference": Fraction(2, 3), "load": 1, "capacity": 4}, "preference 0.667, 1 of 4 units"),
        ("random", {}, f"drew {DRAWN}"),
    ],
)
def test_keys_are_told_in_words(name: str, facts: dict[str, object], words: str) -> None:
    assert find_order(name).describe(candidate("li", **facts), question()) == words
