"""Fair share: the ledger of opportunities, on cases worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assignkit.errors import ConfigurationError
from assignkit.model.placement import Seat
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import Floor, candidate, ids, question

UNIT = 10**9


def floor(**weights: int | Decimal) -> Floor:
    return Floor(build_chain(["fair share"]), weights)


def ledger(desk: Floor) -> dict[str, int]:
    return {name: int(seat.turn) for name, seat in desk.seats.items()}


def test_everybody_who_is_there_earns_a_part_and_the_winner_pays_the_item() -> None:
    desk = floor()
    winner = desk.choose(["a", "b", "c"])

    # a third of an item, rounded down; the winner has the remainder and one item less
    assert ledger(desk) == dict.fromkeys("abc", -333_333_333) | {winner: 666_666_666}
    assert desk.seats[winner].last == 1
    assert sum(ledger(desk).values()) == 0


def test_the_one_who_is_owed_most_is_chosen() -> None:
    desk = floor()
    assert desk.run([["a"], ["a"], ["b"]]) == ["a", "a", "b"]  # alone: nothing is owed by anybody
    assert set(ledger(desk).values()) == {0}

    first = desk.choose(["a", "b"])
    second = "b" if first == "a" else "a"
    assert ledger(desk) == {first: UNIT // 2, second: -UNIT // 2}
    assert desk.choose([first, "c", "d"]) != first
    assert desk.choose(["a", "b"]) == second


def test_credit_is_neither_earned_nor_lost_while_away() -> None:
    desk = floor()
    winner = desk.choose(["a", "b"])
    other = "b" if winner == "a" else "a"
    before = ledger(desk)
    desk.run([["c", "d", winner]] * 30)

    assert ledger(desk)[other] == before[other]
    assert desk.choose([other, winner]) == other


def test_parts_are_by_weight() -> None:
    desk = floor(a=3, b=1)

    assert desk.run([["a", "b"]] * 8).count("a") == 6
    assert ledger(desk) == {"a": 0, "b": 0}


def test_weights_need_not_be_whole() -> None:
    desk = floor(a=Decimal("0.75"), b=Decimal("0.5"), c=Decimal("1.25"))

    chosen = desk.run([["a", "b", "c"]] * 10)
    assert (chosen.count("a"), chosen.count("b"), chosen.count("c")) == (3, 2, 5)
    assert ledger(desk) == {"a": 0, "b": 0, "c": 0}


def test_an_agent_of_no_consequence_is_not_written_down() -> None:
    desk = floor(giant=10**12, b=1)
    desk.choose(["giant", "b"])

    assert set(desk.seats) == {"giant"}


def test_the_state_is_one_whole_number() -> None:
    desk = floor(a=7, b=3, c=11)
    desk.run([["a", "b", "c"], ["a", "c"], ["b", "c"]] * 50)

    assert all(type(seat.turn) is int for seat in desk.seats.values())
    assert desk.rotation.level == 0
    assert desk.rotation.decisions == 150


def test_newcomers_start_with_nothing() -> None:
    agents = [candidate("new"), candidate("owed", seat=Seat(agent_id="owed", turn=-1)), candidate("zero", seat=None)]

    assert ids(build_chain(["fair share"]).rank(agents, question()))[0] == "owed"


def test_only_who_was_eligible_can_be_chosen() -> None:
    chain = build_chain(["fair share"])

    with pytest.raises(ConfigurationError, match="`li` was chosen"):
        chain.turn(candidate("li"), [candidate("wang")], question())


@pytest.mark.parametrize(
    ("turn", "words"),
    [(0, "neither owed nor ahead"), (UNIT // 2, "ahead by 0.5 items"), (-666_666_667, "owed 0.667 items")],
)
def test_the_balance_is_told(turn: int, words: str) -> None:
    li = candidate("li", seat=Seat(agent_id="li", turn=turn))

    assert find_order("fair share").describe(li, question()) == words
