"""Optimal batches beside the same solvers called by hand: what `solve` costs on top, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import csr_matrix, identity, kron

from assignkit.optimise import greedy, solve
from benchmarks.report import Cell, Report

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SEED = 20261121
RUNS = 9
BY_HAND, LARGE = 1.3, 1.5

Matrix = Any


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem, who solves it by hand, and how much longer `solve` may take."""

    name: str
    cost: Matrix
    by_hand: Callable[[Instance], float]
    allowed: float
    effort: Matrix = None
    capacity: Matrix = None

    def arguments(self) -> dict[str, Matrix]:
        """Return what `solve` and `greedy` are called with, beside the cost."""
        return {"effort": self.effort, "capacity": self.capacity}


def run(*, quick: bool) -> Report:
    """Measure every instance both ways, in turn; each figure is the median of several runs."""
    runs = 1 if quick else RUNS
    rows: list[list[Cell]] = []
    findings = []
    for instance in _instances(quick=quick):
        ours: list[float] = []
        hand: list[float] = []
        solve([[1, 2], [2, 1]])  # what is imported on first use
        for _ in range(runs):  # in turn, so that a slow minute of the machine hits both
            began = perf_counter()
            solution = solve(instance.cost, **instance.arguments())
            ours.append(perf_counter() - began)
            began = perf_counter()
            value = instance.by_hand(instance)
            hand.append(perf_counter() - began)
        quickly = greedy(instance.cost, **instance.arguments())
        if abs(value - solution.total) > 1e-6 * max(1.0, abs(value)):
            message = f"{instance.name}: {solution.total} differs from {value} by hand"
            raise AssertionError(message)
        ratio = median(ours) / median(hand)
        told = "–" if quickly is None else f"{quickly.total:,}"
        milliseconds = median(ours) * 1e3, median(hand) * 1e3
        gap = f"{solution.gap:.2%}"
        rows.append([instance.name, solution.total, solution.bound, gap, told, solution.method, *milliseconds, ratio])
        held = "held" if ratio <= instance.allowed else "missed"
        findings.append(f"{instance.name}: {ratio:.2f} times by hand, at most {instance.allowed}: {held}")
    return Report(
        name="optimise",
        about=(
            "Generated as OR-Library's problems are: assignment with costs of 1 to 100 (Beasley 1990); generalised "
            "assignment of types A, B and C, with efforts of 5 to 25 (Chu & Beasley 1997). By hand is the shortest "
            "code that calls the solver and reads the total off its answer, without checking anything. Where greedy is "
            "`–`, it found nobody for some item."
        ),
        columns=["problem", "total", "bound", "gap", "greedy", "method", "ms", "ms by hand", "ratio"],
        rows=rows,
        target=f"at most {BY_HAND} times the solver called by hand, {LARGE} times for 20,000 × 100",
        findings=findings,
        seed=SEED,
        packages=["scipy", "ortools", "numpy"],
    )


def _instances(*, quick: bool) -> list[Instance]:
    dice = np.random.default_rng(SEED)
    sizes = (100,) if quick else (100, 400, 800)
    found = [Instance(f"assignment {n} × {n}", dice.integers(1, 101, (n, n)), _assignment, BY_HAND) for n in sizes]
    found += [_generalised(kind, 100, 5, dice) for kind in "ABC"]
    found += _published()
    items = 2_000 if quick else 20_000
    found.append(
        Instance(
            f"uniform effort {items:,} × 100",
            dice.integers(1, 1001, (items, 100)),
            _flow,
            LARGE,
            capacity=[items // 100 + 10] * 100,
        )
    )
    return found


def _published() -> list[Instance]:
    """Return problems of OR-Library, where its files stand beside the checkout; they are no part of it."""
    if not DATA.is_dir():
        return []
    size, *costs = _numbers(DATA / "orlib" / "assign100.txt")
    found = [Instance("OR-Library assign100", np.array(costs).reshape(size, size), _assignment, BY_HAND)]
    for name in ("gap1-0", "gap2-3", "a05100"):
        agents, items, *values = _numbers(DATA / "gap" / name)
        pairs = agents * items
        cost, effort = (np.array(part).reshape(agents, items).T for part in (values[:pairs], values[pairs : 2 * pairs]))
        capacity = np.array(values[2 * pairs :][:agents])
        found.append(Instance(f"OR-Library {name}", cost, _programme, BY_HAND, effort, capacity))
    return found


def _numbers(path: Path) -> list[int]:
    return [int(word) for word in path.read_text(encoding="ascii").split()]


def _generalised(kind: str, items: int, agents: int, dice: np.random.Generator) -> Instance:
    effort = dice.integers(5, 26, (items, agents))
    cost = dice.integers(10, 51, (items, agents))
    capacity = effort.sum(axis=0) * (0.8 / agents)
    if kind == "A":
        capacity = np.full(agents, 9.0 * items / agents + 0.4 * effort.sum(axis=0).max() / agents)
    elif kind == "B":
        capacity = 0.7 * (9.0 * items / agents + 0.4 * effort.sum(axis=0) / agents)
    name = f"generalised {kind}, {items} × {agents}"
    return Instance(name, cost, _programme, BY_HAND, effort, np.floor(capacity))


def _assignment(instance: Instance) -> float:
    items, agents = linear_sum_assignment(instance.cost)
    return float(instance.cost[items, agents].sum())


def _programme(instance: Instance) -> float:
    items, agents = instance.cost.shape
    given = csr_matrix(kron(identity(items), np.ones((1, agents))))
    pairs = np.arange(items * agents)
    taken = csr_matrix((instance.effort.ravel(), (pairs % agents, pairs)), shape=(agents, items * agents))
    answer = milp(
        instance.cost.ravel(),
        integrality=np.ones(items * agents),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(given, 1, 1), LinearConstraint(taken, -np.inf, instance.capacity)],
        options={"mip_rel_gap": 0.0},
    )
    return float(answer.fun)


def _flow(instance: Instance) -> float:
    items, agents = instance.cost.shape
    network = SimpleMinCostFlow()
    tails, heads = np.repeat(np.arange(items), agents), items + np.tile(np.arange(agents), items)
    network.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(items * agents), instance.cost.ravel())
    nodes = items + np.arange(agents)
    sink = items + agents
    network.add_arcs_with_capacity_and_unit_cost(nodes, np.full(agents, sink), instance.capacity, np.zeros(agents))
    network.set_nodes_supplies(np.append(np.arange(items), sink), np.append(np.ones(items), -items))
    network.solve()
    return float(network.optimal_cost())
