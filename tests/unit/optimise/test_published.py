"""The published optima of OR-Library's instances; they are not part of the product, but read where they are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from assignkit.optimise import greedy, solve

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MINIMA = {"gap1": [261, 269, 256, 274, 251], "gap2": [277, 269, 260, 269, 267]}
MAXIMA = {"gap1": [336, 327, 339, 341, 326]}
CASES = [(f"{name}-{n}", False, best) for name, all_best in MINIMA.items() for n, best in enumerate(all_best)]
CASES += [(f"{name}-{n}", True, best) for name, all_best in MAXIMA.items() for n, best in enumerate(all_best)]
CASES += [("a05100", False, 1698)]

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
    agents, items, *values = numbers(DATA / "gap" / name)
    cost = list(zip(*rows(values[: agents * items], items), strict=True))
    effort = list(zip(*rows(values[agents * items : 2 * agents * items], items), strict=True))
    capacity = values[2 * agents * items :][:agents]
    solution = solve(cost, effort=effort, capacity=capacity, maximise=maximise)
    assert (solution.total, solution.bound, solution.optimal) == (best, best, True)
    quick = greedy(cost, effort=effort, capacity=capacity, maximise=maximise)
    assert quick is None or (quick.total <= best if maximise else quick.total >= best)
