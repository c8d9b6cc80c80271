"""Nearest: the great circle, in whole numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.model.customer import Location
from assignkit.rules.numbers import distance_km as distance_in_rules
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.nearest import distance_km, squared_chord
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import NOON, candidate, ids, question

SHANGHAI, HANGZHOU, BEIJING, SYDNEY = (
    (31.2304, 121.4737),
    (30.2741, 120.1551),
    (39.9042, 116.4074),
    (-33.8688, 151.2093),
)

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def at(name: str, place: Location | None) -> Candidate:
    return candidate(name, agent={"location": place})


def item(place: Location | None) -> Question:
    return Question("c1", NOON, "seed", question().rotation, location=place)


def test_the_closest_comes_first_and_a_missing_place_last() -> None:
    agents = [at("nowhere", None), at("sydney", SYDNEY), at("beijing", BEIJING), at("hangzhou", HANGZHOU)]

    assert ids(build_chain(["nearest"]).rank(agents, item(SHANGHAI))) == ["hangzhou", "beijing", "sydney", "nowhere"]


def test_an_item_without_a_place_is_equally_far_from_all() -> None:
    agents = [at("b", SYDNEY), at("a", BEIJING), at("c", None)]
    chain = build_chain(["nearest", "least loaded"])
    agents[0].load = 1

    assert ids(chain.rank(agents, item(None)))[-1] == "b"


def test_equal_places_tie_also_where_they_have_two_names() -> None:
    key = find_order("nearest").key

    assert key(at("east", (10.0, 180.0)), item(SHANGHAI)) == key(at("west", (10.0, -180.0)), item(SHANGHAI))
    assert key(at("pole", (90.0, 0.0)), item(SHANGHAI)) == key(at("pole", (90.0, 77.7)), item(SHANGHAI))
    assert key(at("here", SHANGHAI), item(SHANGHAI)) == (0, 0)


@pytest.mark.parametrize(
    ("place", "chord"),
    [((0.0, 90.0), 2 * 2**128), ((0.0, 180.0), 4 * 2**128), ((0.0, 60.0), 2**128), ((-90.0, 5.0), 2 * 2**128)],
)
def test_chords_are_those_of_geometry(place: Location, chord: int) -> None:
    assert abs(squared_chord((0.0, 0.0), place) - chord) < 2**68


def test_a_nanometre_is_seen() -> None:
    # one ten-billionth of a degree is a hundredth of a millimetre
    near, far = (31.2304, 121.4737000001), (31.2304, 121.4737000002)

    assert squared_chord(SHANGHAI, near) < squared_chord(SHANGHAI, far)
    assert squared_chord((31.2304, 121.4737), (31.2304, 121.473700000001)) > 0


@given(places, places)
def test_distances_are_those_of_the_rules(a: Location, b: Location) -> None:
    told = distance_in_rules(a, b)

    assert told is not None
    assert distance_km(a, b) == pytest.approx(float(told), abs=0.002)
    assert squared_chord(a, b) == squared_chord(b, a)


@given(places, places, places)
def test_chords_order_as_distances_do(here: Location, a: Location, b: Location) -> None:
    if not math.isclose(distance_km(here, a), distance_km(here, b), abs_tol=1e-6):
        nearer = distance_km(here, a) < distance_km(here, b)
        assert (squared_chord(here, a) < squared_chord(here, b)) is nearer


@pytest.mark.parametrize(
    ("agent", "place", "words"),
    [
        (BEIJING, SHANGHAI, "1067.3 km away"),
        (None, SHANGHAI, "no location"),
        (BEIJING, None, "the item has no location"),
    ],
)
def test_the_distance_is_told(agent: Location | None, place: Location | None, words: str) -> None:
    assert find_order("nearest").describe(at("li", agent), item(place)) == words
