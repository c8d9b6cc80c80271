"""What it costs to begin: the import, the first rules, and large rule files from text to the first match."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from statistics import median
from time import perf_counter

from assignkit import RuleSet
from benchmarks.report import Cell, Report

RUNS = 5
TARGET = "≤ 10 s for 10,000"
IMPORT = "import time; began = time.perf_counter(); import assignkit; print(time.perf_counter() - began)"
FIRST = 'import time; from assignkit import RuleSet; began = time.perf_counter(); RuleSet.from_text(\'rule "R" reject "no"\'); print(time.perf_counter() - began)'  # noqa: E501


def run(*, quick: bool) -> Report:
    """Measure in fresh processes where it matters; each figure is the median of several runs."""
    runs, sizes = (1, (10, 100)) if quick else (RUNS, (10, 100, 1_000, 10_000))
    rows: list[list[Cell]] = [
        ["import assignkit", _seconds(IMPORT, runs), "≤ 0.4 s"],
        ["first rules after the import, grammar included", _seconds(FIRST, runs), ""],
    ]
    RuleSet.from_text(_rules(1))  # the grammar has a row of its own
    growth = [_growth(size) for size in sizes]
    rows += [[f"{at['rules']:,} rules from text to the first match", at["seconds"], TARGET] for at in growth]
    return Report(
        name="starting",
        about="Start-up. Imports are timed in fresh processes.",
        columns=["what", "seconds", "target"],
        rows=rows,
        target="import in 0.4 s; 10,000 rules from text to the first decision in 10 s and 200 MB",
        findings=[f"{at['rules']:,} rules peak at {at['MB']:,.0f} MB while they are read" for at in growth],
        packages=["lark", "pydantic", "sortedcontainers"],
        details={"growth": growth},
    )


def _growth(size: int) -> dict[str, float]:
    """Return what reading so many rules costs."""
    text = _rules(size)
    began = perf_counter()
    rules = RuleSet.from_text(text, limits=None)
    rules.match({"score": size - 1})
    return {"rules": size, "seconds": perf_counter() - began, "MB": _megabytes(text)}


def _seconds(program: str, runs: int) -> float:
    return median(
        float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own words
        for _ in range(runs)
    )


def _rules(count: int) -> str:
    return "\n".join(
        f'rule "R{number}"\n'
        f'  when customer.score = {number} and customer.province in ("A{number % 7}", "B") or customer.employees > {number}0\n'  # noqa: E501
        '  assign to team "T" by least loaded'
        for number in range(count)
    )


def _megabytes(text: str) -> float:
    tracemalloc.start()
    try:
        RuleSet.from_text(text, limits=None)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
