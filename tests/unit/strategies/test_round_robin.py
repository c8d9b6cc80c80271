"""Round robin and weighted round robin, turn by turn."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest

from assignkit.errors import ConfigurationError
from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import Floor, candidate, ids, question


def seat(turn: int | Fraction, last: int = 0) -> Seat:
    return Seat(agent_id="", turn=turn, last=last)


def test_a_listed_team_begins_in_the_order_of_the_list() -> None:
    listed = ["li", "wang", "chen", "zhao"]
    agents = [candidate(name, position=place) for place, name in enumerate(listed)]

    for order in ["round robin", "weighted round robin"]:
        assert ids(build_chain([order]).rank(agents, question())) == listed


def test_turns_below_the_floor_count_as_the_floor() -> None:
    agents = [
        candidate("absentee", seat=seat(1, last=5)),
        candidate("newcomer"),
        candidate("at the floor", seat=seat(4, last=3)),
        candidate("above", seat=seat(5, last=1)),
    ]

    ranked = ids(build_chain(["round robin"]).rank(agents, question(level=4)))

    assert ranked == ["newcomer", "at the floor", "absentee", "above"]


@pytest.mark.parametrize(
    ("own", "level"), [(Seat(agent_id="old", turn=0, last=1), 0), (Seat(agent_id="old", turn=1, last=1), 1)]
)
def test_a_newcomer_comes_before_all_who_were_chosen_at_the_same_level(own: Seat, level: int) -> None:
    agents = [candidate("old", seat=own, position=0), candidate("newcomer", position=1)]

    assert ids(build_chain(["round robin"]).rank(agents, question(level=level))) == ["newcomer", "old"]


def test_choosing_raises_the_floor_to_the_level_of_the_winner() -> None:
    chain = build_chain(["round robin"])
    winner = candidate("li", seat=seat(5, last=1))

    turn = chain.turn(winner, [winner], question(level=4))

    assert turn is not None
    assert turn.rotation == Rotation(name="r", level=5, decisions=1)
    assert turn.seats == (Seat(agent_id="li", turn=6, last=1),)


def test_choosing_an_absentee_leaves_the_floor() -> None:
    winner = candidate("li", seat=seat(1, last=1))

    turn = build_chain(["round robin"]).turn(winner, [winner], question(level=4))

    assert turn is not None
    assert turn.rotation.level == 4
    assert turn.seats[0].turn == 5


def test_five_one_one() -> None:
    chain = build_chain(["weighted round robin"])
    seats: dict[str, Seat] = {}
    rotation = Rotation(name="r")
    chosen = ""
    for _ in range(14):
        agents = [
            candidate(name, weight=weight, position=place, seat=seats.get(name))
            for place, (name, weight) in enumerate([("a", 5), ("b", 1), ("c", 1)])
        ]
        asked = question(level=rotation.level, present=rotation.present)
        winner = chain.rank(agents, asked)[0]
        turn = chain.turn(winner, agents, asked)
        assert turn is not None
        rotation = turn.rotation
        seats |= {one.agent_id: one for one in turn.seats}
        chosen += winner.agent_id

    assert chosen == "abaacaa" * 2


def test_of_equal_deadlines_the_larger_lag_comes_first() -> None:
    # V = (1×0 + 1×1 + 2×½) / 4 = ½; deadlines 1, 2, 1; lags ½, −½, 0
    agents = [
        candidate("light", seat=seat(0)),
        candidate("late", seat=seat(1)),
        candidate("heavy", weight=2, seat=seat(Fraction(1, 2))),
    ]

    chain = build_chain(["weighted round robin"])

    assert ids(chain.rank(agents, question(present=["light", "late", "heavy"]))) == ["light", "heavy", "late"]


def test_an_early_deadline_waits_for_its_start() -> None:
    # V = (10×1 + ½×0 + 1×1) / 11.5 < 1: only `slow` has started, though its deadline, 2, is the last with that of `x`
    agents = [
        candidate("fast", weight=10, seat=seat(1)),
        candidate("slow", weight=0.5, seat=seat(0)),
        candidate("x", weight=1, seat=seat(1)),
    ]

    chain = build_chain(["weighted round robin"])

    assert ids(chain.rank(agents, question(level=1, present=["fast", "slow", "x"]))) == ["slow", "fast", "x"]


def test_who_starts_just_now_has_started() -> None:
    agents = [
        candidate("behind", weight=0.5, seat=seat(0)),
        candidate("now", weight=4, seat=seat(1)),
        candidate("ahead", weight=0.5, seat=seat(2)),
    ]

    chain = build_chain(["weighted round robin"])

    assert ids(chain.rank(agents, question(level=1))) == ["now", "behind", "ahead"]


@pytest.mark.parametrize(
    ("own", "present", "start"),
    [
        (None, [], 7),  # a newcomer starts at F
        (seat(Fraction(27, 4)), ["li"], Fraction(27, 4)),  # who was there keeps its own,
        (seat(Fraction(27, 4)), [], Fraction(27, 4)),  # and who was skipped,
        (seat(Fraction(29, 4)), [], Fraction(29, 4)),  # also when that is ahead
        (seat(3), [], Fraction(13, 2)),  # who comes back from long ago starts at F − 1/w,
        (seat(3), ["li"], Fraction(13, 2)),  # as who was owed a turn when its weight was less,
        (seat(9), ["li"], Fraction(15, 2)),  # and who had one then, at F + 1/w,
        (seat(8), ["li"], Fraction(15, 2)),  # however little more than a step that is
    ],
)
def test_where_an_agent_enters(own: Seat | None, present: list[str], start: Fraction | int) -> None:
    li = candidate("li", weight=2, seat=own)

    turn = build_chain(["weighted round robin"]).turn(li, [li], question(level=7, present=present))

    assert turn is not None
    assert turn.seats == (Seat(agent_id="li", turn=start + Fraction(1, 2), last=1),)
    assert turn.rotation.level == max(7, start)
    assert turn.rotation.present == {"li"}


@pytest.mark.parametrize("name", ["weighted round robin", "fair share", "best rated"])
def test_the_key_of_one_is_the_key_of_one_among_one(name: str) -> None:
    order, li = find_order(name), candidate("li", weight=2, seat=seat(3), agent={"rating": 4})
    (chain,) = build_chain([name]).orders

    assert [order.key(li, question(level=1))] == chain.keys([li], question(level=1))


def test_those_who_enter_take_their_seats_without_winning() -> None:
    agents = [
        candidate("winner", seat=seat(4)),
        candidate("newcomer"),
        candidate("back", seat=seat(1, last=1)),
        candidate("there", seat=seat(5)),
    ]
    asked = question(level=4, present=["winner", "there"])
    chain = build_chain(["weighted round robin"])

    turn = chain.turn(agents[0], agents, asked)

    assert turn is not None
    assert {one.agent_id: (one.turn, one.last) for one in turn.seats} == {
        "winner": (5, 1),
        "newcomer": (4, 0),
        "back": (3, 1),
    }


def test_the_level_is_rounded_up_to_a_multiple_of_two_to_the_minus_forty() -> None:
    agents = [candidate("a", seat=seat(0)), candidate("b", seat=seat(1)), candidate("c", seat=seat(0))]

    turn = build_chain(["weighted round robin"]).turn(agents[0], agents, question(present="abc"))

    assert turn is not None
    assert 0 <= turn.rotation.level - Fraction(1, 3) < Fraction(1, 2**40)
    assert (turn.rotation.level * 2**40).denominator == 1


def test_weights_need_not_be_whole() -> None:
    weights = {"a": Decimal("0.5"), "b": Decimal("1.25"), "c": 3}
    chosen = Floor(build_chain(["weighted round robin"]), weights).run([weights] * 190)

    assert Counter(chosen) == {"a": 20, "b": 50, "c": 120}


def test_who_is_not_eligible_cannot_win() -> None:
    chain = build_chain(["weighted round robin"])

    with pytest.raises(ConfigurationError, match="`li` was chosen"):
        chain.turn(candidate("li"), [candidate("wang")], question())


@pytest.mark.parametrize(
    ("name", "own", "words"),
    [
        ("round robin", None, "turn 4, not chosen yet"),
        ("round robin", seat(5, last=17), "turn 5, last chosen at decision 17"),
        ("weighted round robin", seat(Fraction(25, 6)), "weight 3, start 4.167, deadline 4.5"),
        ("weighted round robin", None, "weight 3, start 4, deadline 4.333"),
    ],
)
def test_turns_are_told_in_words(name: str, own: Seat | None, words: str) -> None:
    assert find_order(name).describe(candidate("li", weight=3, seat=own), question(level=4)) == words
