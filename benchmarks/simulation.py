"""Arrivals simulated per second of wall time, beside Ciw and SimPy, on M/M/10."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from assignkit import RuleSet
from assignkit.simulation import ItemClass, Run, Workload, simulate
from assignkit.simulation.theory import erlang_c
from assignkit.strategies.registry import BUILT_IN
from benchmarks import queue_peers
from benchmarks.environments import QUEUES, python_with, versions_of
from benchmarks.report import Cell, Report

PACKAGES = ("ciw", "simpy")
RATE, SERVERS = 9.0, 10
ARRIVALS, DESK_ARRIVALS, RUNS = 100_000, 3_000, 3
MILLION = 1_000_000
SEED = 20261121
TARGET = 10
OURS = "assignkit, "
_PROGRAM = Path(queue_peers.__file__)


def run(*, quick: bool) -> Report:
    """Measure all engines side by side; each figure is the median of several runs."""
    arrivals, runs = (5_000, 1) if quick else (ARRIVALS, RUNS)
    python = python_with(PACKAGES, folder=QUEUES)
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(runs):
        for name in queue_peers.ENGINES:
            answer = _peer(python, name, arrivals, SEED + number)
            found.setdefault(name, []).append((answer["arrivals"] / answer["seconds"], answer["mean_wait"]))
        for name, order, count in _ours(arrivals, quick=quick):
            found.setdefault(name, []).append(_timed(order, count, SEED + number))
    rates = {name: median(rate for rate, _ in measured) for name, measured in found.items()}
    rows: list[list[Cell]] = [
        [name, round(rate), rate / rates["Ciw"], median(wait for _, wait in found[name])]
        for name, rate in rates.items()
    ]
    began = process_time()
    _simulated("least loaded", arrivals if quick else MILLION, SEED)
    million = process_time() - began
    ratios = {name: rate / rates["Ciw"] for name, rate in rates.items() if name in _bare_orders()}
    slow = [f"{name.removeprefix(OURS)} ({ratio:.1f})" for name, ratio in ratios.items() if ratio < TARGET]
    expected = erlang_c(SERVERS, rate=RATE, mean_service=1).mean_wait
    return Report(
        name="simulation",
        about=(
            f"{SERVERS} agents, {RATE:g} arrivals in the time of one service on average, {arrivals:,} arrivals, first "
            f"come first served. Erlang C says a mean wait of {expected:.3f}. Every engine gives work to any idle "
            "agent; only assignkit also says which, and so by an order. “At the desk” is a rule set that decides "
            f"every item on a real desk, with {DESK_ARRIVALS:,} arrivals."
        ),
        columns=["engine", "arrivals per second", "times Ciw", "mean wait"],
        rows=rows,
        target=f"at least {TARGET} times the arrivals per second of Ciw, at the same accuracy",
        findings=[
            f"{ratios[f'{OURS}least loaded']:.1f} times Ciw by least loaded (target {TARGET})",
            f"all {len(ratios)} orders: {'held' if not slow else 'held, but for ' + ', '.join(slow)}",
            f"{MILLION:,} arrivals by least loaded take {million:.1f} s" if not quick else "a quick run",
            f"measured by the processor's own clock, on a machine with a load of {os.getloadavg()[0]:.0f}",
        ],
        seed=SEED,
        details={"peers": versions_of(PACKAGES, python=python)},
    )


def _ours(arrivals: int, *, quick: bool) -> list[tuple[str, Any, int]]:
    rules = RuleSet.from_text('rule "all" assign to agents where agent.active = true by least loaded')
    desk = (f"{OURS}a rule set at the desk", rules, 200 if quick else DESK_ARRIVALS)
    general = f"{OURS}round robin, with two priorities"
    bare = [(name, name.removeprefix(OURS), arrivals) for name in _bare_orders()]
    return [*bare, (general, ("round robin", "priorities"), arrivals), desk]


def _bare_orders() -> list[str]:
    """Return what the orders that need no expression are called here."""
    return [f"{OURS}{name}" for name in BUILT_IN if name not in ("lowest", "highest")]


def _timed(order: Any, arrivals: int, seed: int) -> tuple[float, float]:  # noqa: ANN401 - a policy, or one with a mark
    began = process_time()
    run = _simulated(order, arrivals, seed)
    seconds = process_time() - began
    return arrivals / seconds, run.mean_wait


def _simulated(order: Any, arrivals: int, seed: int) -> Run:  # noqa: ANN401
    classes = []
    if isinstance(order, tuple):
        order, classes = order[0], [ItemClass(priority=1), ItemClass(priority=0)]
    return simulate(order, SERVERS, Workload.poisson(RATE, 1, arrivals=arrivals, classes=classes), seed=seed)


def _peer(python: Path, name: str, arrivals: int, seed: int) -> dict[str, Any]:
    command = [str(python), str(_PROGRAM), name, str(RATE), str(SERVERS), str(arrivals), str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own file
    found: dict[str, Any] = json.loads(done.stdout)
    return found
