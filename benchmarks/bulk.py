"""A million rows matched in one go, first match wins, beside engines that carry tables; all may use two cores."""

from __future__ import annotations

import gc
import json
import subprocess
import tempfile
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from assignkit import RuleSet
from benchmarks import matching_ours, workload
from benchmarks.environments import ENGINES, answer_of, python_with, versions_of
from benchmarks.report import Cell, Report

ROWS, DISTINCT, RUNS = 1_000_000, 50_000, 3
SIZES = (10, 100, 1_000, 10_000)
CASES_TRIED = 200_000_000  # rules times rows, per engine and run at the most: those that try each rule get fewer rows
PATIENCE = 300  # seconds
CHECKED = 500
PROCESSES = 2
PACKAGES = ("duckdb", "numpy", "polars", "pyarrow")
TABLES = {"DuckDB, CASE": "duckdb_case", "Polars, when-then": "polars_when"}
BY_HAND = {"numpy, bitmasks by hand": "numpy_bitmasks"}
OURS = "assignkit, one process"
BOTH = "assignkit, two processes"

Records = Sequence[dict[str, Any]]


def run(*, quick: bool) -> Report:
    """Measure all engines at all sizes, side by side; each figure is the median of several runs."""
    sizes, rows, distinct, runs = ((10, 100), 20_000, 2_000, 1) if quick else (SIZES, ROWS, DISTINCT, RUNS)
    python = python_with(PACKAGES, folder=ENGINES)
    table: list[list[Cell]] = []
    findings: list[str] = []
    for size in sizes:
        rates = _measured(size, rows, distinct, runs, python)
        table += [
            [size, name, round(rate), rates[BOTH] / rate] if rate else [size, name, "fails", ""]
            for name, rate in rates.items()
        ]
        best = max(TABLES, key=lambda name: rates[name])
        told = f"{rates[BOTH] / rates[best]:.2f} times as many as {best}" if rates[best] else "all tables fail"
        findings.append(f"{size:,} rules: two processes match {told}")
    return Report(
        name="bulk",
        about=(
            f"The records and rules of [matching](matching.md); {distinct:,} different records stand in {rows:,} rows "
            "again and again. Engines that try every rule get fewer rows of large books. Rates are by the wall clock: "
            "DuckDB and Polars use both cores, so do two processes of ours, each with half of the rows, and the time "
            "counts in which they hand their answers back. numpy uses one core, and is a program by hand for just "
            "these fields. Tables are made, and values numbered, before the clock starts; ours are plain dicts. "
            "Answers are compared with a naive loop's."
        ),
        columns=["rules", "engine", "rows per second", "two processes of assignkit match so many times as many"],
        rows=table,
        target="none promised: where rules are few a table wins, where they are many an index does",
        findings=findings,
        seed=workload.SEED,
        details={"peers": versions_of(PACKAGES, python=python)},
    )


def _measured(size: int, rows: int, distinct: int, runs: int, python: Path) -> dict[str, float]:
    rules, records = workload.make(size, distinct)
    expected = [workload.first(rules, record) for record in records[:CHECKED]]
    ours = matching_ours.rule_set_of(workload.as_text(rules))
    ways: dict[str, tuple[int, Callable[[int], tuple[float, Sequence[int]]]]] = {
        OURS: (rows, partial(_one, ours, records)),
        BOTH: (rows, partial(_both, ours, records)),
    }
    fewer = max(distinct, min(rows, CASES_TRIED // size))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.json"
        path.write_text(json.dumps(workload.jsonable(rules, records)), encoding="utf-8")
        for name, engine in {**TABLES, **BY_HAND}.items():
            ways[name] = (fewer if name in TABLES else rows, partial(_peer, engine, path, python))
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, (count, match) in ways.items():  # in turn, so that a slow minute of the machine hits all
                if rates[name] != [0.0]:  # else it did not come to an end
                    seconds, answers = match(count)
                    if seconds:
                        workload.compare(name, answers[:CHECKED], expected)
                    rates[name].append(count / seconds if seconds else 0.0)
    return {name: median(found) for name, found in rates.items()}


def _one(rules: RuleSet, records: Records, rows: int) -> tuple[float, Sequence[int]]:
    items = _repeated(records, rows)
    gc.collect()
    began = perf_counter()
    answers = _numbers(rules, items)
    return perf_counter() - began, answers


def _both(rules: RuleSet, records: Records, rows: int) -> tuple[float, Sequence[int]]:
    items = _repeated(records, rows)
    share = -(-rows // PROCESSES)
    _Shared.rules, _Shared.items = rules, items  # forked processes have it without being handed it
    gc.collect()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as pool:
        list(pool.map(_nothing, range(PROCESSES)))  # they are there
        began = perf_counter()
        parts = list(pool.map(_part, range(0, rows, share), [share] * PROCESSES))
        seconds = perf_counter() - began
    return seconds, [answer for part in parts for answer in part]


class _Shared:
    rules: RuleSet
    items: Records


def _nothing(number: int) -> int:
    return number


def _part(start: int, count: int) -> array[int]:
    return _numbers(_Shared.rules, _Shared.items[start : start + count])


def _numbers(rules: RuleSet, items: Records) -> array[int]:
    """Return the number of the first rule of each row, -1 for none."""
    return array("i", [-1 if match is None else int(match.rule.name) for match in rules.match_many(items)])


def _repeated(records: Records, rows: int) -> Records:
    return (list(records) * -(-rows // len(records)))[:rows]


def _peer(engine: str, path: Path, python: Path, rows: int) -> tuple[float, Sequence[int]]:
    """Return the seconds that an engine took, and its first answers; 0 if it fails, or takes too long."""
    command = ("engines.columns", engine, str(path), str(rows), str(CHECKED))
    try:
        answer = answer_of(python, *command, seconds=PATIENCE)
    except subprocess.SubprocessError:
        return 0.0, ()
    return answer["seconds"], answer["answers"]
