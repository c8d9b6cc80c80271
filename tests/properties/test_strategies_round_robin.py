"""Round robin: in every window in which two agents were eligible throughout, their counts differ by at most 1."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.strategies.registry import build_chain
from tests.searching import examples
from tests.unit.strategies.making import Floor, dice

NAMES = [f"agent {number}" for number in range(9)]


def round_robin() -> Floor:
    return Floor(build_chain(["round robin"]))


def widest_gap(shifts: Sequence[Iterable[str]], chosen: Sequence[str]) -> int:
    """Return the largest difference of two agents' counts over all windows in which both were eligible throughout."""
    names = {name for eligible in shifts for name in eligible}
    widest = 0
    for one, other in combinations(sorted(names), 2):
        balance = lowest = highest = 0
        for eligible, winner in zip(shifts, chosen, strict=True):
            if one in eligible and other in eligible:
                balance += (winner == one) - (winner == other)
                lowest, highest = min(lowest, balance), max(highest, balance)
                widest = max(widest, highest - lowest)
            else:
                balance = lowest = highest = 0
    return widest


def churning(rng: random.Random, decisions: int) -> Iterator[set[str]]:
    """Yield who is eligible: each agent comes or goes for a while, is skipped now and then, and never all at once."""
    present = set(NAMES[:4])
    for _ in range(decisions):
        if rng.random() < 0.3:
            present ^= {rng.choice(NAMES)}
        eligible = {name for name in present if rng.random() > 0.1}
        yield eligible or {rng.choice(NAMES)}


@given(st.lists(st.sets(st.sampled_from(NAMES[:5]), min_size=1), min_size=1, max_size=60))
def test_counts_differ_by_at_most_one_whoever_comes_and_goes(shifts: list[set[str]]) -> None:
    assert widest_gap(shifts, round_robin().run(shifts)) <= 1


@pytest.mark.parametrize("seed", range(8))
def test_counts_differ_by_at_most_one_over_thousands_of_decisions_with_churn(seed: int) -> None:
    shifts = list(churning(dice(seed), 3000))

    assert widest_gap(shifts, round_robin().run(shifts)) <= 1


def test_the_gap_is_seen_where_there_is_one() -> None:
    assert widest_gap([{"a", "b"}] * 3, ["a", "a", "b"]) == 2
    assert widest_gap([{"a", "b"}, {"a"}, {"a", "b"}], ["a", "a", "a"]) == 1


@pytest.mark.parametrize("away", [1, 7, 100, 1001])
def test_a_whole_shift_that_returns_does_not_burst(away: int) -> None:
    day, night = set(NAMES[:4]), set(NAMES[4:])
    shifts = [day | night] * 10 + [day] * away + [day | night] * 40
    chosen = round_robin().run(shifts)

    assert widest_gap(shifts, chosen) <= 1
    for cycle in range(10 + away, len(shifts) - len(NAMES), len(NAMES)):
        assert Counter(chosen[cycle : cycle + len(NAMES)]) == dict.fromkeys(NAMES, 1)


@examples(30)
@given(history=st.lists(st.sets(st.sampled_from(NAMES[:4]), min_size=1), max_size=80))
def test_a_newcomer_with_no_history_gets_one_turn_like_everybody_else(history: list[set[str]]) -> None:
    floor = round_robin()
    floor.run(history)
    everybody = [*NAMES[:4], "newcomer"]

    assert Counter(floor.run([everybody] * 10))["newcomer"] == 2


def test_a_skip_costs_no_turn() -> None:
    floor = round_robin()
    first, *others = floor.run([NAMES] * len(NAMES))

    assert floor.choose(set(NAMES) - {first}) == others[0]
    assert floor.choose(NAMES) == first
    assert floor.choose(NAMES) == others[1]


def test_four_identical_agents_who_are_there_half_of_the_time_get_a_quarter_each() -> None:
    rng = dice(7)
    shifts = [s for s in ({n for n in NAMES[:4] if rng.random() < 0.5} for _ in range(8000)) if s]

    counts = Counter(round_robin().run(shifts))

    assert all(abs(count / len(shifts) - 0.25) < 0.01 for count in counts.values())


def test_four_identical_agents_who_work_every_other_shift_get_a_quarter_each() -> None:
    shifts = [set(NAMES[:2]) if hour // 25 % 2 else set(NAMES[2:4]) for hour in range(2000)]

    assert set(Counter(round_robin().run(shifts)).values()) <= set(range(490, 511))
