"""The place index and its naive twin: walking it from a place gives what ranking everybody by distance gives."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assignkit.errors import ConfigurationError
from assignkit.model.customer import Location
from assignkit.strategies import place_index
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.registry import build_chain
from tests.searching import examples
from tests.unit.strategies.making import candidate, dice, ids, question

NAMES = [f"agent {number}" for number in range(14)]

spots = st.sampled_from(
    [(31.2304, 121.4737), (31.2304, 121.4738), (31.2, 121.5), (0.0, 180.0), (0.0, -180.0), (90.0, 7.0)]
)
places = spots | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
people = st.builds(
    candidate,
    st.sampled_from(NAMES),
    tie=st.integers(0, 2),
    load=st.integers(0, 2),
    agent=st.fixed_dictionaries({"location": st.none() | places}),
)


class MapAndRanking(RuleBasedStateMachine):
    """Agents come, move, get loads and go; items come from anywhere."""

    @initialize(longer=st.booleans())
    def open(self, longer: bool) -> None:
        self.chain: OrderChain = build_chain(["nearest", "least loaded"] if longer else ["nearest"])
        self.map: PlaceIndex = self.chain.map()
        self.members: dict[str, Candidate] = {}

    @rule(one=people)
    def put(self, one: Candidate) -> None:
        self.map.put(one)
        self.members[one.agent_id] = one

    @rule(agent_id=st.sampled_from(NAMES))
    def discard(self, agent_id: str) -> None:
        self.map.discard(agent_id)
        self.members.pop(agent_id, None)

    @rule(place=st.none() | places)
    def choose(self, place: Location | None) -> None:
        asked = replace(question(), location=place)
        walked = list(self.map.walk(place))

        assert ids(walked) == ids(self.chain.rank(list(self.members.values()), asked))
        for winner in walked[:1]:
            self.put(replace(self.members[winner.agent_id], load=winner.load + 1))

    @invariant()
    def is_in_order(self) -> None:
        if hasattr(self, "map"):
            self.map._check()
            assert len(self.map) == len(self.members)
            assert all((name in self.map) == (name in self.members) for name in NAMES)


TestMapAndRanking = MapAndRanking.TestCase
TestMapAndRanking.settings = examples(60, steps=30)


@examples(80)
@given(st.lists(people, max_size=14, unique_by=lambda one: one.agent_id), places)
def test_a_walk_is_the_ranking_of_everybody(crowd: list[Candidate], place: Location) -> None:
    chain = build_chain(["nearest"])
    index = chain.map()
    for one in crowd:
        index.put(one)

    assert ids(index.walk(place)) == ids(chain.rank(crowd, replace(question(), location=place)))


def test_the_closest_are_found_without_looking_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = dice(3)
    index = build_chain(["nearest"]).map()
    for number in range(3000):
        place = (rng.uniform(20, 50), rng.uniform(80, 130))
        index.put(candidate(f"agent {number}", agent={"location": place}))
    measured, cells = [], []
    chord, distance = place_index.squared_chord, place_index._squared_distance
    monkeypatch.setattr(place_index, "squared_chord", lambda a, b: measured.append(b) or chord(a, b))
    monkeypatch.setattr(place_index, "_squared_distance", lambda a, b: cells.append(b) or distance(a, b))

    assert len(list(islice(index.walk((31.2, 121.5)), 3))) == 3
    assert len(measured) < 20
    assert len(cells) < 400


def test_of_a_crowd_at_one_spot_only_the_first_are_looked_at() -> None:
    index = build_chain(["nearest", "least loaded"]).map()
    for number in range(500):
        index.put(candidate(f"agent {number}", load=number, agent={"location": (31.2, 121.5)}))

    assert ids(islice(index.walk((31.0, 121.0)), 3)) == ["agent 0", "agent 1", "agent 2"]


@pytest.mark.parametrize("orders", [["nearest", "round robin"], ["nearest", "random"], ["least loaded", "nearest"]])
def test_other_chains_cannot_be_mapped(orders: list[str]) -> None:
    chain = build_chain(orders)

    assert not chain.mappable
    with pytest.raises(ConfigurationError, match="does not begin with `nearest`"):
        chain.map()
