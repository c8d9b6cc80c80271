"""`optimise.plan_batch`: as many as possible, then the best score; never worse than one after the other."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.errors import ConfigurationError
from assignkit.optimise import Staff, plan_batch


def test_waiting_for_the_batch_saves_the_specialist_for_who_needs_her() -> None:
    plan = plan_batch([[3, 2], [5, None]], staff=Staff(capacity=[1, 1]), fairness=0)
    assert plan.greedy_agent_of == (0, None)
    assert plan.agent_of == (1, 0)
    assert plan.gained_items == 1
    assert plan.preference == 7
    assert plan.optimal


def test_fairness_spreads_what_preference_would_pile_up() -> None:
    preference = [[1.0, 0.9]] * 6
    piled = plan_batch(preference, fairness=0, staff=Staff(capacity=[10, 10]))
    spread = plan_batch(preference, fairness=1, staff=Staff(capacity=[10, 10]))
    assert piled.agent_of == (0,) * 6
    assert spread.agent_of.count(0) == spread.agent_of.count(1) == 3
    assert spread.crowding < piled.crowding


def test_who_carries_more_already_gets_less() -> None:
    plan = plan_batch([[0, 0]] * 4, staff=Staff(load=[3, 0], capacity=[10, 10]))
    assert plan.agent_of.count(1) > plan.agent_of.count(0)


def test_limits_count_items_and_capacity_counts_effort() -> None:
    plan = plan_batch([[1, 0]] * 3, effort=[2, 2, 2], staff=Staff(capacity=[100, 4], places=[1, None]), fairness=0)
    assert plan.agent_of.count(0) == 1
    assert plan.agent_of.count(1) == 2
    full = plan_batch([[1, 0]] * 3, effort=[2, 2, 2], staff=Staff(capacity=[3, 3]))
    assert full.agent_of.count(None) == 1


def test_nobody_may_have_it() -> None:
    assert plan_batch([[None, None]]).agent_of == (None,)
    assert plan_batch([]).agent_of == ()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"preference": [[1, 2], [3]]}, "same length"),
        ({"preference": [[float("nan")]]}, "finite"),
        ({"preference": [[1]], "effort": 0}, "above 0"),
        ({"preference": [[1]], "effort": [1, 2]}, "each item"),
        ({"preference": [[1]], "fairness": -1}, "fairness"),
        ({"preference": [[1]], "staff": Staff(load=[1, 2])}, "2 numbers for 1 agents"),
        ({"preference": [[1]], "staff": Staff(places=[-1])}, "from 0"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        plan_batch(**arguments)


@st.composite
def batches(draw: st.DrawFn) -> dict[str, Any]:
    items, agents = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    one = st.one_of(st.integers(0, 5), st.none())
    staff = Staff(
        load=[draw(st.integers(0, 3)) for _ in range(agents)],
        capacity=[draw(st.one_of(st.none(), st.integers(3, 7))) for _ in range(agents)],
        places=[draw(st.one_of(st.none(), st.integers(0, 3))) for _ in range(agents)],
    )
    effort = draw(st.one_of(st.just(1), st.lists(st.integers(1, 3), min_size=items, max_size=items)))
    preference = [[draw(one) for _ in range(agents)] for _ in range(items)]
    return {"preference": preference, "effort": effort, "staff": staff, "fairness": draw(st.sampled_from([0, 0.5, 2]))}


@given(batches())
def test_as_many_as_possible_and_never_worse_than_greedy(case: dict[str, Any]) -> None:
    plan = plan_batch(**case)
    assert plan.gained_items > 0 or (plan.gained_items == 0 and plan.gained_score >= -1e-9)
    assert plan.agent_of.count(None) == fewest_waiting(case)
    assert plan.score <= plan.bound


def fewest_waiting(case: dict[str, Any]) -> int:
    """Return how many items must wait, tried out in every way."""
    staff, preference = case["staff"], case["preference"]
    effort = [case["effort"]] * len(preference) if case["effort"] == 1 else case["effort"]
    agents = range(len(staff.load))
    best = len(preference)
    for chosen in itertools.product([None, *agents], repeat=len(preference)):
        if chosen.count(None) >= best or any(j is not None and preference[i][j] is None for i, j in enumerate(chosen)):
            continue
        fits = all(
            (staff.capacity[j] is None or staff.load[j] + taken(chosen, effort, j) <= staff.capacity[j])
            and (staff.places[j] is None or chosen.count(j) <= staff.places[j])
            for j in agents
        )
        best = chosen.count(None) if fits else best
    return best


def taken(chosen: tuple[int | None, ...], effort: list[int], agent: int) -> int:
    return sum(effort[i] for i, j in enumerate(chosen) if j == agent)
