"""The published optima of OR-Library's instances; they are not part of the product, but read where they are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ortools.sat.python import cp_model

from assignkit.optimise import greedy, solve

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MINIMA = {"gap1": [261, 269, 256, 274, 251], "gap2": [277, 269, 260, 269, 267]}
MAXIMA = {"gap1": [336, 327, 339, 341, 326], "gap2": [434, 436, 420, 419, 428]}  # OR-Library, gapinfo
PROVEN = [("a05100", True, 4456)]  # published nowhere: proven here, by the bound and by a second solver
CASES = [(f"{name}-{n}", False, best) for name, all_best in MINIMA.items() for n, best in enumerate(all_best)]
CASES += [(f"{name}-{n}", True, best) for name, all_best in MAXIMA.items() for n, best in enumerate(all_best)]
CASES += [("a05100", False, 1698), *PROVEN]

published = pytest.mark.skipif(not DATA.is_dir(), reason=f"OR-Library's files are not at {DATA.name}/ here")


def numbers(path: Path) -> list[int]:
    return [int(word) for word in path.read_text(encoding="ascii").split()]


def rows(values: list[int], length: int) -> list[list[int]]:
    return [values[start : start + length] for start in range(0, len(values), length)]


@published
def test_assign100() -> None:
    size, *costs = numbers(DATA / "orlib" / "assign100.txt")
    solution = solve(rows(costs, size))
    assert solution.total == 305
    assert sorted(solution.agent_of) == list(range(size))


@published
@pytest.mark.parametrize(("name", "maximise", "best"), CASES)
def test_generalised_assignment(name: str, maximise: bool, best: int) -> None:
    cost, effort, capacity = instance(name)
    solution = solve(cost, effort=effort, capacity=capacity, maximise=maximise)
    assert (solution.total, solution.bound, solution.optimal) == (best, best, True)
    quick = greedy(cost, effort=effort, capacity=capacity, maximise=maximise)
    assert quick is None or (quick.total <= best if maximise else quick.total >= best)


@published
@pytest.mark.parametrize(("name", "maximise", "best"), CASES)
def test_another_solver_proves_the_same(name: str, maximise: bool, best: int) -> None:
    """CP-SAT searches by conflicts, HiGHS by branch and bound over relaxations: they share no code."""
    cost, effort, capacity = instance(name)
    model = cp_model.CpModel()
    given = [[model.new_bool_var("") for _ in capacity] for _ in cost]
    for row in given:
        model.add_exactly_one(row)
    pairs = [(item, agent) for item in range(len(cost)) for agent in range(len(capacity))]
    for agent, most in enumerate(capacity):
        model.add(sum(effort[item][agent] * given[item][agent] for item in range(len(cost))) <= most)
    total = sum(cost[item][agent] * given[item][agent] for item, agent in pairs)
    (model.maximize if maximise else model.minimize)(total)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    assert (solver.objective_value, solver.best_objective_bound) == (best, best)


def instance(name: str) -> tuple[list[Any], list[Any], list[int]]:
    """Return costs and efforts, item × agent, and capacities."""
    agents, items, *values = numbers(DATA / "gap" / name)
    cost = list(zip(*rows(values[: agents * items], items), strict=True))
    effort = list(zip(*rows(values[agents * items : 2 * agents * items], items), strict=True))
    return cost, effort, values[2 * agents * items :][:agents]
