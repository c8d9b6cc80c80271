"""The standing and its naive twin: after any changes, walking it gives what ranking everybody gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assignkit.model.placement import Seat
from assignkit.strategies import standing
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.registry import build_chain
from assignkit.strategies.standing import SHORT, Standing
from tests.searching import examples
from tests.unit.strategies.making import candidate, ids, question

CHAINS = [
    (["least loaded"], ()),
    (["weighted balance"], ()),
    (["longest idle"], ()),
    (["priority queue"], ()),
    (["lowest", "least loaded"], (0,)),
    (["highest", "lowest"], (0, 1)),
    (["round robin"], ()),
    (["round robin", "least loaded"], ()),
    (["round robin", "highest", "longest idle"], (1,)),
]

NAMES = [f"agent {number}" for number in range(12)] + ["é", "李", "𠮷", "Z"]

candidates = st.builds(
    candidate,
    st.sampled_from(NAMES),
    weight=st.sampled_from([1, 2, 3, Decimal("0.7")]),
    idle_minutes=st.none() | st.integers(0, 3),
    tie=st.integers(0, 2),
    load=st.integers(0, 4) | st.sampled_from([Decimal("0.1"), Decimal("2.5")]),
    capacity=st.sampled_from([None, 1, 3, 10, 30, Decimal("0.3")]),
    received=st.integers(0, 2),
    position=st.integers(0, 2),
    received_in_period=st.integers(0, 3),
    agent=st.fixed_dictionaries(
        {
            "quota": st.sampled_from([None, 0, 1, 3]),
            "rating": st.sampled_from([None, 1, 4.5]),
            "location": st.sampled_from([None, (0.0, 1.0), (31.2, 121.5)]),
        }
    ),
    values=st.fixed_dictionaries({place: st.none() | st.integers(0, 2) for place in range(2)}),
    seat=st.none() | st.builds(Seat, agent_id=st.just(""), turn=st.integers(0, 5), last=st.integers(0, 9)),
)


class StandingAndRanking(RuleBasedStateMachine):
    """Agents come, change, take turns and go, while the floor rises, and now and then is put back by hand."""

    @initialize(terms=st.sampled_from(CHAINS), short=st.sampled_from([2, 5, SHORT]))
    def open(self, terms: tuple[list[str], tuple[int, ...]], short: int) -> None:
        standing.SHORT = short  # beyond which a line is kept in another way
        names, agent_only = terms
        self.chain: OrderChain = build_chain(names, agent_only=agent_only)
        self.standing: Standing = self.chain.stand()
        self.members: dict[str, Candidate] = {}
        self.asked = question()

    @rule(one=candidates)
    def put(self, one: Candidate) -> None:
        self.standing.put(one)
        self.members[one.agent_id] = one

    @rule(agent_id=st.sampled_from(NAMES))
    def discard(self, agent_id: str) -> None:
        self.standing.discard(agent_id)
        self.members.pop(agent_id, None)

    @rule(level=st.integers(0, 6))
    def set_floor(self, level: int) -> None:
        self.asked = question(level=level)
        self.standing.raise_floor(level)

    @rule()
    def choose_the_first(self) -> None:
        for winner in self.standing:
            turn = self.chain.turn(winner, list(self.members.values()), self.asked)
            seat = turn.seats[0] if turn else winner.seat
            self.put(replace(winner, load=winner.load + 1, seat=seat))
            if turn:
                self.asked = replace(self.asked, rotation=turn.rotation)
                self.standing.raise_floor(turn.rotation.level)
            break

    def teardown(self) -> None:
        standing.SHORT = SHORT

    @invariant()
    def walks_as_it_ranks(self) -> None:
        if hasattr(self, "chain"):
            self.standing._check()
            assert ids(self.standing) == ids(self.chain.rank(list(self.members.values()), self.asked))
            assert len(self.standing) == len(self.members)
            assert all((name in self.standing) == (name in self.members) for name in NAMES)


TestStandingAndRanking = StandingAndRanking.TestCase
TestStandingAndRanking.settings = examples(70, steps=40)

ALL_CHAINS = [
    *[names for names, _ in CHAINS],
    ["weighted round robin"],
    ["skill match", "longest idle"],
    ["random"],
    ["highest", "weighted round robin"],
    ["least loaded", "round robin"],
    ["fair share"],
    ["quota", "longest idle"],
    ["best rated"],
    ["nearest"],
    ["two choices"],
    ["lowest", "fair share"],
]


def distinct(one: Candidate) -> str:
    return one.agent_id


@pytest.mark.parametrize("names", ALL_CHAINS, ids=" then ".join)
@examples(30)
@given(data=st.data(), crowd=st.lists(candidates, max_size=12, unique_by=distinct))
def test_the_order_in_which_candidates_come_makes_no_difference(
    names: list[str], data: st.DataObject, crowd: list[Candidate]
) -> None:
    chain = build_chain(names)
    asked = replace(question(level=2, present=NAMES[:6]), location=(31.0, 121.0))
    shuffled = data.draw(st.permutations(crowd))

    assert ids(chain.rank(shuffled, asked)) == ids(chain.rank(crowd, asked))
    if crowd:
        winner = chain.rank(crowd, asked)[0]
        assert _turn(chain, winner, shuffled, asked) == _turn(chain, winner, crowd, asked)


def _turn(chain: OrderChain, winner: Candidate, crowd: list[Candidate], asked: Any) -> object:  # noqa: ANN401
    turn = chain.turn(winner, crowd, asked)
    by_agent: Callable[[Seat], str] = lambda seat: seat.agent_id  # noqa: E731
    return turn and (turn.rotation, sorted(turn.seats, key=by_agent))
