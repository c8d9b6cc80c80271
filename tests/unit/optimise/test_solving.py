"""`optimise.solve`: exact on small instances against brute force, typed errors, the same answer every time."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.errors import AssignmentError, ConfigurationError, InfeasibleError
from assignkit.optimise import greedy, solve
from assignkit.optimise.problem import read_problem
from assignkit.optimise.uniform import _transport, solve_uniform


def brute_force(
    cost: list[list[int | None]], effort: list[list[int]], capacity: list[int], *, maximise: bool = False
) -> int | None:
    """Return the best total of all assignments, or None if there is none."""
    best: int | None = None
    agents = range(len(capacity))
    for chosen in itertools.product(agents, repeat=len(cost)):
        pairs = list(enumerate(chosen))
        if any(cost[i][j] is None for i, j in pairs):
            continue
        if any(sum(effort[i][j] for i, j in pairs if j == agent) > capacity[agent] for agent in agents):
            continue
        total = sum(cost[i][j] or 0 for i, j in pairs)
        if best is None or (total > best if maximise else total < best):
            best = total
    return best


@st.composite
def instances(draw: st.DrawFn, *, uniform: bool) -> dict[str, Any]:
    items, agents = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    costs = st.one_of(st.integers(-9, 9), st.none()) if draw(st.booleans()) else st.integers(-9, 9)
    cost = [[draw(costs) for _ in range(agents)] for _ in range(items)]
    if uniform:
        effort = [[draw(st.just(2)) for _ in range(agents)]] * items
    else:
        effort = [[draw(st.integers(1, 5)) for _ in range(agents)] for _ in range(items)]
    capacity = [draw(st.integers(0, 10)) for _ in range(agents)]
    return {"cost": cost, "effort": effort, "capacity": capacity, "maximise": draw(st.booleans())}


@pytest.mark.parametrize("uniform", [True, False])
def test_the_total_is_that_of_brute_force(uniform: bool) -> None:
    @given(instances(uniform=uniform))
    def check(case: dict[str, Any]) -> None:
        best = brute_force(case["cost"], case["effort"], case["capacity"], maximise=case["maximise"])
        if best is None:
            with pytest.raises(InfeasibleError):
                solve(**case)
            return
        solution = solve(**case)
        assert solution.total == best
        assert solution.bound == best
        assert solution.optimal
        assert sum(case["cost"][i][j] for i, j in enumerate(solution.agent_of)) == best
        for agent, capacity in enumerate(case["capacity"]):
            taken = sum(case["effort"][i][j] for i, j in enumerate(solution.agent_of) if j == agent)
            assert taken <= capacity

    check()


@given(instances(uniform=False))
def test_greedy_is_never_better_than_the_optimum(case: dict[str, Any]) -> None:
    quick = greedy(**case)
    if quick is None:
        return
    best = solve(**case)
    assert quick.total <= best.total if case["maximise"] else quick.total >= best.total
    assert (quick.total <= quick.bound) if case["maximise"] else (quick.total >= quick.bound)


def test_without_capacity_each_agent_takes_one_item() -> None:
    assert solve([[1, 2], [1, 5]]).agent_of == (1, 0)
    with pytest.raises(InfeasibleError, match="take 2 of these 3"):
        solve([[1, 2], [1, 5], [1, 1]])


def test_efforts_come_as_one_number_one_per_item_or_one_per_pair() -> None:
    cost = [[1, 9], [1, 9], [1, 9]]
    by_number = solve(cost, effort=2, capacity=[5, 5])
    by_item = solve(cost, effort=[2, 2, 2], capacity=[5, 5])
    by_pair = solve(cost, effort=[[2, 2]] * 3, capacity=[5, 5])
    assert by_number.agent_of == by_item.agent_of == by_pair.agent_of
    assert by_number.total == 11
    assert solve(cost, effort=[3, 2, 2], capacity=[4, 5]).total == 11


def test_tenths_fill_a_capacity_exactly() -> None:
    assert solve([[1, 5]] * 3, effort=0.1, capacity=[0.3, 0.3]).total == 3
    assert solve([[1, 5]] * 4, effort=[0.1, 0.1, 0.1, 0.3], capacity=[0.3, 0.3]).total == 8


def test_none_is_forbidden_and_unlimited() -> None:
    assert solve([[None, 7], [1, 2]], capacity=[None, None]).agent_of == (1, 0)
    assert solve([[None, 7], [1, 2]], capacity=[None, None], maximise=True).total == 9
    assert solve([[math.inf, 7]], capacity=[1, 1]).total == 7


def test_costs_that_are_not_whole_are_summed_exactly() -> None:
    solution = solve([[0.1, 0.2], [0.2, 0.7]], capacity=[2, 2])
    assert solution.total == math.fsum([0.1, 0.2])
    assert isinstance(solve([[1, 2]], capacity=1).total, int)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"cost": [[None, None], [1, 1]]}, "item 0 is forbidden to every agent"),
        ({"cost": [[1, 1], [1, 1]], "effort": [9, 2], "capacity": [5, 5]}, "item 0 takes 9 .* more than 5"),
        ({"cost": [[1, 1]] * 3, "effort": [4, 4, 3], "capacity": [5, 5]}, "at least 11 of capacity.* have 10"),
        ({"cost": [[1, 1]] * 3, "effort": [[4, 4], [4, 4], [3, 4]], "capacity": [6, 6]}, "no way of filling"),
        (
            {"cost": [[1, None, 1], [1, None, None], [1, None, None], [1, 1, 1]], "capacity": [1, 3, 1]},
            "items 1, 2 can only go to agent 0, who can take 1 of these 2",
        ),
        ({"cost": [[], []]}, "there are no agents"),
    ],
)
def test_an_infeasible_problem_says_why(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(InfeasibleError, match=reason):
        solve(**arguments)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"cost": [1, 2]}, "must be a matrix"),
        ({"cost": [[1, 2], [3]]}, "must be a matrix"),
        ({"cost": [["a", 2]]}, "'a'"),
        ({"cost": [["5", 2]]}, "'5'"),
        ({"cost": [[float("nan"), 2]]}, r"cost\[0\]\[0\] is not a number"),
        ({"cost": [[-math.inf, 2]]}, "-inf"),
        ({"cost": [[math.inf, 2]], "maximise": True}, "inf"),
        ({"cost": [[2**60, 2]]}, "scale the costs down"),
        ({"cost": [[1, 2]], "effort": 0, "capacity": 1}, "above 0"),
        ({"cost": [[1, 2]], "effort": [1, 1], "capacity": 1}, "2 numbers for 1 item"),
        ({"cost": [[1, 2]], "effort": [[1]], "capacity": 1}, "effort is 1 × 1, but cost is 1 × 2"),
        ({"cost": [[1, 2]], "capacity": [1]}, "1 numbers for 2 agents"),
        ({"cost": [[1, 2]], "capacity": [1, -1]}, r"capacity\[1\] is below 0"),
        ({"cost": [[1, 2]], "capacity": ["x", 1]}, "'x'"),
        ({"cost": [[1, 2], [1, 2]], "effort": [1, 2]}, "capacity too"),
        ({"cost": [[1, 2]], "time_limit": 0}, "above 0"),
    ],
)
def test_bad_input_is_refused_by_name(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        solve(**arguments)


def test_no_items_cost_nothing() -> None:
    solution = solve([])
    assert (solution.agent_of, solution.total, solution.bound, solution.gap) == ((), 0, 0, 0.0)


def test_matching_flow_and_linear_programme_agree() -> None:
    dice = np.random.default_rng(5)
    cost = [[int(dice.integers(1, 51)) if dice.random() < 0.9 else None for _ in range(8)] for _ in range(60)]
    problem = read_problem(cost, effort=None, capacity=[8] * 8, maximise=False)
    slots = problem.slots()
    assert slots is not None
    by_matching, method = solve_uniform(problem, slots)
    by_programme = _transport(problem, slots)
    flow = pytest.importorskip("assignkit.optimise.flow", reason="OR-tools is not installed")
    by_flow = flow.min_cost_flow(
        np.where(np.isfinite(problem.cost), problem.cost, 0).astype(np.int64), np.isfinite(problem.cost), slots
    )
    assert method == "linear sum assignment"
    assert by_matching is not None
    assert by_programme is not None
    assert problem.total(by_matching) == problem.total(by_programme) == problem.total(by_flow)


def test_large_batches_go_by_flow_and_are_optimal() -> None:
    dice = np.random.default_rng(7)
    cost = dice.integers(1, 100, size=(3_000, 12))
    solution = solve(cost, capacity=[250] * 12)
    assert solution.method in ("min-cost flow", "transportation LP")
    assert np.bincount(solution.agent_of).max() <= 250
    assert solution.total <= greedy(cost, capacity=[250] * 12).total  # type: ignore[union-attr]
    tenths = solve(cost / 10, capacity=[250] * 12)
    assert math.isclose(tenths.total, solution.total / 10)


def test_the_same_input_gives_the_same_agents() -> None:
    dice = np.random.default_rng(11)
    cost = [[int(dice.integers(1, 5)) for _ in range(5)] for _ in range(15)]
    effort = [[int(dice.integers(1, 5)) for _ in range(5)] for _ in range(15)]
    assert len({solve(cost, capacity=[3] * 5).agent_of for _ in range(5)}) == 1
    assert len({solve(cost, effort=effort, capacity=[8] * 5).agent_of for _ in range(5)}) == 1


def hard_instance() -> dict[str, Any]:
    """Return a type-D instance (costs fall where efforts rise), which no solver proves in a moment."""
    dice = np.random.default_rng(3)
    effort = dice.integers(1, 101, size=(200, 20))
    cost = 111 - effort + dice.integers(-10, 11, size=(200, 20))
    return {"cost": cost, "effort": effort, "capacity": [int(0.8 * effort[:, j].sum() / 20) for j in range(20)]}


def test_a_time_limit_leaves_a_gap_that_is_told() -> None:
    case = hard_instance()
    solution = solve(**case, time_limit=0.5)
    quick = greedy(**case)
    assert not solution.optimal
    assert solution.bound < solution.total
    assert 0 < solution.gap < 1
    assert quick is None or solution.total <= quick.total


def test_time_that_is_too_short_says_what_is_not_known() -> None:
    cost = [[1, 1]] * 40
    effort = [[2 * n + 51, 2 * n + 51] for n in range(40)]
    half = sum(row[0] for row in effort) // 2
    try:
        solution = solve(cost, effort=effort, capacity=[half, half], time_limit=1e-4)
    except InfeasibleError:
        pytest.fail("nothing was proved")
    except AssignmentError as error:
        assert "not known" in str(error)  # noqa: PT017 - either way is right
    else:
        assert solution.total == 40
