"""Weighted round robin: near the ideal shares at every moment, however agents come and go."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assignkit.strategies.registry import build_chain
from assignkit.strategies.weighted_round_robin import LEVEL_BITS
from tests.searching import examples
from tests.unit.strategies.making import Floor, dice

TWENTY_AND_TWENTY_ONES = {"big": 20, **{f"small {number}": 1 for number in range(20)}}


def weighted(weights: Mapping[str, int | Decimal]) -> Floor:
    return Floor(build_chain(["weighted round robin"]), weights)


def windows(shifts: Sequence[Collection[str]]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each longest window in which the same agents were eligible."""
    changes = [i for i in range(1, len(shifts)) if set(shifts[i]) != set(shifts[i - 1])]
    yield from pairwise([0, *changes, len(shifts)])


def largest_error(
    weights: Mapping[str, int | Decimal], eligible: Collection[str], chosen: Sequence[str], *, prefixes_only: bool
) -> Fraction:
    """Return how far a count was from its ideal share, at most, over all prefixes, or over all windows."""
    total = sum(Fraction(weights[name]) for name in eligible)
    worst = Fraction(0)
    for name in eligible:
        share = Fraction(weights[name]) / total
        error = lowest = highest = Fraction(0)
        for winner in chosen:
            error += (winner == name) - share
            lowest, highest = min(lowest, error), max(highest, error)
        worst = max(worst, highest, -lowest) if prefixes_only else max(worst, highest - lowest)
    return worst


def worst_window(
    weights: Mapping[str, int | Decimal], shifts: Sequence[Collection[str]], chosen: Sequence[str]
) -> Fraction:
    return max(
        largest_error(weights, shifts[start], chosen[start:end], prefixes_only=False) for start, end in windows(shifts)
    )


@examples(60)
@given(st.lists(st.integers(1, 40) | st.decimals("0.1", 9, places=1), min_size=1, max_size=12))
@example(list(TWENTY_AND_TWENTY_ONES.values()))
@example([5, 1, 1])
@example([1, 1, 1, 1])
@example([40, 39, 1])
def test_a_standing_set_is_within_one_of_ideal_at_every_prefix(shares: list[int | Decimal]) -> None:
    weights = {f"agent {number}": share for number, share in enumerate(shares)}
    chosen = weighted(weights).run([list(weights)] * 120)

    assert largest_error(weights, weights, chosen, prefixes_only=True) <= 1


def test_twenty_against_twenty_ones_is_within_one_for_many_rounds() -> None:
    chosen = weighted(TWENTY_AND_TWENTY_ONES).run([TWENTY_AND_TWENTY_ONES] * 400)

    assert largest_error(TWENTY_AND_TWENTY_ONES, TWENTY_AND_TWENTY_ONES, chosen, prefixes_only=True) <= 1


def churning(rng: random.Random, names: Sequence[str], decisions: int) -> list[set[str]]:
    """Return who is eligible at each decision: a set that stands for a while, then loses or gains a few."""
    present = set(names[: len(names) // 2])
    shifts = []
    while len(shifts) < decisions:
        present ^= set(rng.sample(names, rng.randint(1, 3)))
        shifts += [set(present) or {names[0]}] * rng.choice([1, 2, 5, 30])
    return shifts[:decisions]


@pytest.mark.parametrize("seed", range(12))
def test_after_churn_every_window_of_constant_eligibility_is_within_five(seed: int) -> None:
    rng = dice(seed)
    weights = {f"agent {number}": rng.randint(1, 40) for number in range(rng.randint(3, 12))}
    shifts = churning(rng, list(weights), 800)

    assert worst_window(weights, shifts, weighted(weights).run(shifts)) <= 5


@pytest.mark.parametrize("seed", range(4))
def test_disjoint_shifts_do_not_pile_up_a_debt(seed: int) -> None:
    rng = dice(seed)
    weights = {f"agent {number}": rng.randint(1, 40) for number in range(10)}
    day, night = set(list(weights)[:5]), set(list(weights)[5:])
    shifts = ([day] * 150 + [night] * 30) * 4 + [day | night] * 200

    assert worst_window(weights, shifts, weighted(weights).run(shifts)) <= 5


def test_a_single_agent_on_many_nights_is_not_punished_by_day() -> None:
    weights = {"night owl": 1, "a": 1, "b": 1}
    floor = weighted(weights)
    floor.run([["night owl"]] * 500 + [list(weights)])

    assert abs(floor.run([list(weights)] * 30).count("night owl") - 10) <= 2


def test_the_state_does_not_grow_without_bound() -> None:
    rng = dice(3)
    weights = {f"agent {number}": rng.choice([3, 7, 11, 13]) for number in range(12)}
    floor = weighted(weights)
    floor.run(churning(rng, list(weights), 2000))

    numbers = [floor.rotation.level, *(seat.turn for seat in floor.seats.values())]
    assert all((3 * 7 * 11 * 13 * 2**LEVEL_BITS) % Fraction(number).denominator == 0 for number in numbers)
