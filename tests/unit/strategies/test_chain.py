"""Chains: orders one after the other, ties, turns among ties, and hosts' orders that fail."""

from __future__ import annotations

from typing import Any

import pytest

from assignkit.errors import ConfigurationError
from assignkit.model.placement import Seat
from assignkit.strategies.base import BaseOrder, Candidate, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.least_loaded import LeastLoaded
from assignkit.strategies.longest_idle import LongestIdle
from assignkit.strategies.random_order import RandomOrder
from assignkit.strategies.registry import build_chain
from assignkit.strategies.round_robin import RoundRobin
from assignkit.strategies.weighted_round_robin import WeightedRoundRobin
from tests.unit.strategies.making import candidate, ids, question


class ByLevel:
    """An order as a host writes it."""

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401, ARG002
        return candidate.agent.level


class Everybody(BaseOrder):
    """Nobody is before anybody."""

    name = "everybody"

    def key(self, candidate: Candidate, question: Question) -> int:  # noqa: ARG002
        return 0


def test_later_orders_part_the_ties_of_earlier_ones() -> None:
    agents = [
        candidate("b", values={0: 1}, load=2),
        candidate("a", values={0: 1}, load=1),
        candidate("c", values={0: 0}, load=9),
    ]

    assert ids(build_chain(["lowest", "least loaded"]).rank(agents, question())) == ["c", "a", "b"]


def test_the_last_words_are_the_tie_and_the_id() -> None:
    agents = [
        candidate("𠮷", tie=1),
        candidate("ｚ", tie=1),  # U+FF5A is before U+20BB7 in UTF-8, but not in UTF-16
        candidate("é", tie=1),
        candidate("z", tie=1),
        candidate("last by id, first by tie", tie=0, position=9),
    ]

    ranked = ids(OrderChain([Everybody()]).rank(agents, question()))

    assert ranked == ["last by id, first by tie", "z", "é", "ｚ", "𠮷"]
    assert ranked[1:] == sorted(ranked[1:], key=str.encode)


def test_the_position_counts_only_where_turns_are_taken() -> None:
    agents = [candidate("a", tie=1, position=2), candidate("b", tie=2, position=1)]

    assert ids(OrderChain([Everybody()]).rank(agents, question())) == ["a", "b"]
    assert ids(OrderChain([Everybody(), RoundRobin()]).rank(agents, question())) == ["b", "a"]


def test_nobody_is_ranked_among_nobody() -> None:
    for order in (RoundRobin(), WeightedRoundRobin(), LeastLoaded(), ByLevel()):
        assert OrderChain([order]).rank([], question()) == []


def test_a_chain_is_called_after_its_orders() -> None:
    assert OrderChain([LeastLoaded(), ByLevel()]).name == "least loaded then ByLevel"
    assert OrderChain([LeastLoaded()], "mine").name == "mine"


@pytest.mark.parametrize(
    ("orders", "standing", "rotating"),
    [
        ([LeastLoaded()], True, False),
        ([LeastLoaded(), LongestIdle()], True, False),
        ([RoundRobin()], True, True),
        ([RoundRobin(), LongestIdle()], True, True),
        ([LeastLoaded(), RoundRobin()], False, True),
        ([RoundRobin(), RandomOrder()], False, True),
        ([RandomOrder()], False, False),
        ([WeightedRoundRobin()], False, True),
        ([ByLevel()], False, False),
    ],
)
def test_what_can_be_kept_sorted(orders: list[Any], standing: bool, rotating: bool) -> None:
    chain = OrderChain(orders)

    assert (chain.standing, chain.rotating) == (standing, rotating)
    if not standing:
        with pytest.raises(ConfigurationError, match="cannot be kept sorted"):
            chain.stand()


def test_a_chain_has_at_least_one_order_and_takes_turns_at_most_once() -> None:
    with pytest.raises(ConfigurationError, match="at least one"):
        OrderChain([])
    with pytest.raises(ConfigurationError, match="take turns"):
        OrderChain([RoundRobin(), WeightedRoundRobin()])


def test_a_chain_without_turns_changes_no_rotation() -> None:
    li = candidate("li")

    assert OrderChain([LeastLoaded(), ByLevel()]).turn(li, [li], question()) is None


def test_turns_are_taken_among_those_who_tie_before() -> None:
    seniors = [candidate("senior", values={0: 9}), candidate("other senior", values={0: 9})]
    juniors = [candidate("junior", values={0: 1}, seat=Seat(agent_id="junior", turn=-50))]
    chain = build_chain(["highest", "weighted round robin"])
    asked = question(present=["senior", "other senior", "junior"])

    winner = chain.rank(seniors + juniors, asked)[0]
    turn = chain.turn(winner, seniors + juniors, asked)

    assert turn is not None
    assert turn.rotation.present == {"senior", "other senior"}
    assert turn.rotation.level == 0


class Failing:
    """A host's order with a bug."""

    name = "my order"

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401, ARG002
        return 1 / candidate.load


class Incomparable:
    """A host's order whose keys do not compare."""

    name = "my order"

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401, ARG002
        return {} if candidate.load else 1


@pytest.mark.parametrize("order", [Failing(), Incomparable()])
@pytest.mark.parametrize("before", [[], [Everybody()]])
def test_a_hosts_failing_order_is_named(order: Any, before: list[Any]) -> None:  # noqa: ANN401
    agents = [candidate("a", load=1), candidate("b", load=0)]

    with pytest.raises(ConfigurationError, match=r"the order `my order` failed: (ZeroDivision|Type)Error: ") as caught:
        OrderChain([*before, order]).rank(agents, question())
    assert caught.value.__cause__ is not None


def test_a_failing_order_is_seen_with_a_single_candidate_too() -> None:
    with pytest.raises(ConfigurationError, match="`my order`"):
        OrderChain([Failing()]).rank([candidate("a", load=0)], question())
    with pytest.raises(ConfigurationError, match="`my order`"):
        OrderChain([Failing()]).describe(candidate("a", load=0), question())


class Whatever:
    """A host's order whose keys say nothing."""

    def key(self, candidate: Candidate, question: Question) -> float:  # noqa: ARG002
        return float("nan")


def test_keys_that_compare_oddly_still_give_the_same_ranking_for_any_order_of_arrival() -> None:
    agents = [candidate(name) for name in "abcdefgh"]

    ranked = ids(OrderChain([Whatever()]).rank(agents, question()))

    assert ranked == ids(OrderChain([Whatever()]).rank(agents[::-1], question()))


class Speaking(ByLevel):
    """A host's order that explains itself."""

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        return f"level {candidate.agent.level}"


class Opaque:
    """A host's order with keys that are not plain values."""

    def __init__(self, key: object) -> None:
        self._key = key

    def key(self, candidate: Candidate, question: Question) -> object:  # noqa: ARG002
        return self._key


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Speaking(), "level None"),
        (Opaque(0.25), "0.25"),
        (Opaque(("A", 2)), "A, 2"),
        (Opaque(object()), "Opaque"),
        (Opaque((1, object())), "Opaque"),
    ],
)
def test_hosts_keys_are_told_in_words_without_memory_addresses(order: Any, words: str) -> None:  # noqa: ANN401
    told = OrderChain([LeastLoaded(), order]).describe(candidate("li", load=3, capacity=10), question())

    assert told == ("3 of 10 units", words)
