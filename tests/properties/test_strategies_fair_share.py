"""Fair share: nobody's account is ever beyond (n − 1)/2 items, whoever comes and goes, even with ill will."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.strategies.fair_share import UNIT
from assignkit.strategies.registry import build_chain
from tests.searching import examples
from tests.unit.strategies.making import Floor, dice

NAMES = [f"agent {number}" for number in range(8)]
ROUNDING = 1000  # 10⁻⁹ items by which roundings may carry an account further


def fair_share(weights: dict[str, int] | None = None) -> Floor:
    return Floor(build_chain(["fair share"]), weights or {})


def account(floor: Floor, name: str) -> int | Fraction:
    return floor.seats[name].turn if name in floor.seats else 0


def largest_debt(floor: Floor) -> int | Fraction:
    return max(abs(seat.turn) for seat in floor.seats.values())


@examples(80)
@given(st.integers(2, 8), st.data())
def test_debts_stay_within_half_of_the_others(count: int, data: st.DataObject) -> None:
    names = NAMES[:count]
    floor = fair_share()
    for here in data.draw(st.lists(st.sets(st.sampled_from(names), min_size=1), min_size=1, max_size=60)):
        floor.choose(here)

        assert largest_debt(floor) <= (count - 1) * UNIT // 2 + ROUNDING
        assert sum(seat.turn for seat in floor.seats.values()) == 0


def two_by_chance(floor: Floor, names: list[str], rng: random.Random) -> set[str]:  # noqa: ARG001
    return set(rng.sample(names, 2))


def the_closest_two(floor: Floor, names: list[str], rng: random.Random) -> set[str]:
    """Return two whose accounts are next to each other: the worst that can be done to them."""
    ranked = sorted(names, key=lambda name: (account(floor, name), rng.random()))
    gaps = [account(floor, b) - account(floor, a) for a, b in pairwise(ranked)]
    place = rng.choice([number for number, gap in enumerate(gaps) if gap <= min(gaps) + ROUNDING])
    return {ranked[place], ranked[place + 1]}


def the_one_in_front_with_others(floor: Floor, names: list[str], rng: random.Random) -> set[str]:
    """Return whoever is owed least, with some others: the one who is owed most is kept away."""
    ranked = sorted(names, key=lambda name: account(floor, name))
    return {ranked[-1], *rng.sample(ranked[1:], rng.randint(1, len(names) - 2))}


@pytest.mark.parametrize("pick", [two_by_chance, the_closest_two, the_one_in_front_with_others])
@pytest.mark.parametrize("count", [3, 8])
def test_debts_stay_within_half_of_the_others_in_the_long_run(
    count: int, pick: Callable[[Floor, list[str], random.Random], set[str]]
) -> None:
    rng, floor, names = dice(count), fair_share(), NAMES[:count]
    for _ in range(1500):
        floor.choose(pick(floor, names, rng))
        assert largest_debt(floor) <= (count - 1) * UNIT // 2 + ROUNDING


def test_who_is_always_there_gets_the_chance_of_each_opportunity() -> None:
    # With three others there half of the time: the mean of 1, 1/2, 1/3 and 1/4, by 1, 3, 3 and 1 in 8.
    rng, floor = dice(9), fair_share()
    shifts = [{"always", *(name for name in NAMES[:3] if rng.random() < 0.5)} for _ in range(6000)]

    share = floor.run(shifts).count("always") / len(shifts)
    expected = (1 + 3 / 2 + 3 / 3 + 1 / 4) / 8
    assert share == pytest.approx(expected, abs=0.01)


@examples(40)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_a_standing_set_gets_its_shares_by_weight(shares: list[int]) -> None:
    weights = {f"agent {number}": share for number, share in enumerate(shares)}
    rounds = 5
    chosen = fair_share(weights).run([list(weights)] * (sum(shares) * rounds))

    assert all(abs(chosen.count(name) - weight * rounds) <= 1 for name, weight in weights.items())


def test_a_whole_shift_that_returns_does_not_burst() -> None:
    floor = fair_share()
    day, night = NAMES[:4], NAMES[4:]
    floor.run([NAMES] * 40 + [day] * 999)

    for start in range(5):
        assert sorted(floor.run([NAMES] * len(NAMES))) == sorted([*day, *night]), start
