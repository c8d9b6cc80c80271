"""The programme behind batches against every way of choosing, tried out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from assignkit.desk.together.posing import BatchProblem, Carrier, Pair, Worth
from assignkit.optimise.programme import solve_together


@st.composite
def problems(draw: st.DrawFn) -> BatchProblem:
    items, agents, limits = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    uniform = draw(st.booleans())
    efforts = [1.0] * items if uniform else [draw(st.sampled_from([0.5, 1.0, 2.0])) for _ in range(items)]
    carriers = [
        Carrier(draw(st.sampled_from([0.0, 1.0, 2.5])), draw(st.sampled_from([None, 2.0, 3.5, 4.0])))
        for _ in range(agents)
    ]
    pairs = [
        Pair(
            item,
            str(agent),
            agent,
            float(draw(st.integers(0, 4))),
            draw(st.integers(0, 2)),
            tuple(sorted(draw(st.sets(st.integers(0, limits - 1), max_size=2)))) if limits else (),
        )
        for item in range(items)
        for agent in range(agents)
        if draw(st.integers(0, 4))
    ]
    left = [draw(st.integers(0, 2)) for _ in range(limits)]
    return BatchProblem(efforts, pairs, carriers, left, draw(st.sampled_from([0.0, 0.5, 3.0])))


def allowed(problem: BatchProblem, chosen: Sequence[Pair]) -> bool:
    for number, carrier in enumerate(problem.carriers):
        if sum(problem.efforts[pair.item] for pair in chosen if pair.carrier == number) > carrier.room + 1e-9:
            return False
    return all(sum(number in pair.limits for pair in chosen) <= left for number, left in enumerate(problem.limits))


def best_of_all(problem: BatchProblem) -> Worth:
    options = [[None, *(p for p in problem.pairs if p.item == item)] for item in range(len(problem.efforts))]
    every = ([pair for pair in way if pair is not None] for way in itertools.product(*options))
    return max(problem.worth(way) for way in every if allowed(problem, way))


# Limits that cross make the LP's best vertex a half: 0 and 1 share a limit, 1 and 2, 2 and 0.
CROSSED = BatchProblem(
    [1.0] * 3,
    [Pair(item, "a", 0, 1.0, limits=limits) for item, limits in enumerate([(0, 1), (1, 2), (2, 0)])],
    [Carrier()],
    [1, 1, 1],
    0.0,
)


@given(problems())
@example(CROSSED)
@settings(max_examples=80)
def test_the_plan_is_the_best_of_all(problem: BatchProblem) -> None:
    plan = solve_together(problem)
    chosen = [pair for pair in plan.chosen if pair is not None]
    assert allowed(problem, chosen)
    assert all(pair is None or pair.item == item for item, pair in enumerate(plan.chosen))
    worth, best = problem.worth(chosen), best_of_all(problem)
    assert worth[:2] == best[:2]
    assert abs(worth.score - best.score) < 1e-6
    assert plan.bound >= best.score - 1e-6


def test_crowding_is_counted_as_items_come_one_after_the_other() -> None:
    carriers = [Carrier(2.0, 10.0), Carrier(0.0, None)]
    pairs = [Pair(0, "a", 0), Pair(1, "a", 0), Pair(2, "b", 1)]
    problem = BatchProblem([1.0] * 3, pairs, carriers, fairness=1.0)
    assert abs(problem.crowding(pairs) - (0.3 + 0.4 + 0.01)) < 1e-12
    assert abs(problem.worth(pairs).score + 0.71) < 1e-12


def test_of_items_that_are_alike_the_earlier_ones_are_placed() -> None:
    pairs = [Pair(item, "a", 0, 1.0) for item in range(5)]
    plan = solve_together(BatchProblem([1.0] * 5, pairs, [Carrier(0.0, 2.0)]))
    assert [pair is not None for pair in plan.chosen] == [True, True, False, False, False]


def test_a_search_that_is_cut_short_says_how_far_it_may_be_off() -> None:
    efforts = [float(5 + (7 * item) % 19) for item in range(60)]
    pairs = [
        Pair(item, str(agent), agent, float((item * 31 + agent * 17) % 23)) for item in range(60) for agent in range(8)
    ]
    problem = BatchProblem(efforts, pairs, [Carrier(0.0, 90.0)] * 8, fairness=0.3)
    plan = solve_together(problem, time_limit=0.05)
    worth = problem.worth([pair for pair in plan.chosen if pair is not None])
    assert plan.bound >= worth.score - 1e-6
    assert plan.bound <= sum(max(pair.preference for pair in pairs if pair.item == item) for item in range(60))
