"""What it costs to begin: the import, the first rules, and large rule files from text to the first decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import Cell, Report

RUNS = 3
MOST_KILOBYTES = 500
SIZES = (10, 100, 1_000, 10_000)
OURS = ("assignkit", "pydantic", "lark", "sortedcontainers")

IMPORT = """
import json, sys, time
sys.modules["interegular"] = None  # lark loads it where it is, as for development
began = time.process_time()
import assignkit
seconds = time.process_time() - began
print(json.dumps({"seconds": seconds, "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""
FIRST = """
import json, time
from assignkit import RuleSet
began = time.process_time()
RuleSet.from_text('rule "R" reject "no"')
print(json.dumps({"seconds": time.process_time() - began}))
"""
GROWTH = r"""
import gc, json, re, resource, sys, time
from pathlib import Path
from assignkit import Agent, Desk, MemoryStore, RuleSet
from assignkit.language.parser import parse
text = Path(sys.argv[1]).read_text(encoding="utf-8")
RuleSet.from_text('rule "R" reject "no"')  # the grammar has a row of its own
began = time.process_time()
rules = RuleSet.from_text(text, limits=None)
read = time.process_time()
rules.match({"score": 1})
matched = time.process_time()
desk = Desk(rules, MemoryStore())
desk.agents.add(Agent(id="li", teams={"T"}))
desk.assign({"id": "c1", "score": 1, "province": "B"})
decided = time.process_time()
status = Path("/proc/self/status")  # what getrusage says includes the process that started this one
told = re.search(r"VmHWM:\s*(\d+)", status.read_text()) if status.exists() else None
peak = (int(told[1]) if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024
gc.disable()  # as while rules are made
again = time.process_time()
parsed = parse(text, limits=None)
parsing = time.process_time() - again
print(json.dumps({
    "seconds": matched - began, "from parsed text": matched - began - parsing, "decided": decided - began, "MB": peak,
}))
"""
SIZE = """
import gc, json, sys, tracemalloc
from pathlib import Path
from assignkit import RuleSet
text = Path(sys.argv[1]).read_text(encoding="utf-8")
RuleSet.from_text('rule "R" reject "no"')
gc.collect()
tracemalloc.start()
rules = RuleSet.from_text(text, limits=None)
rules.match({"score": 1})
rules.match_many([{"score": 1}])
gc.collect()
print(json.dumps({"MB kept": tracemalloc.get_traced_memory()[0] / 1e6}))
"""


def run(*, quick: bool) -> Report:
    """Measure in fresh processes; each time is the median of several runs, of the processor's own clock."""
    runs, sizes = (1, SIZES[:2]) if quick else (RUNS, SIZES)
    with tempfile.TemporaryDirectory() as compiled:
        _measured(IMPORT, 1, compiled=compiled)  # an installed package is compiled to bytecode
        imported = _measured(IMPORT, 3 * runs, compiled=compiled)
        first = _measured(FIRST, 3 * runs, compiled=compiled)
    rows: list[list[Cell]] = [
        ["import assignkit", imported["seconds"], "≤ 0.4"],
        ["first rules after the import, grammar included", first["seconds"], ""],
    ]
    growth = [{"rules": size, **_growth(size, runs)} for size in sizes]
    for at in growth:
        largest = at["rules"] == SIZES[-1]
        told = f"{at['rules']:,} rules"
        rows += [
            [f"{told} from text to the first match", at["seconds"], ""],
            [f"{told} from text to the first decision", at["decided"], "≤ 10" if largest else ""],
        ]
        if largest:  # it is a difference, which says nothing of small ones
            rows.append([f"{told} from parsed text to the first match", at["from parsed text"], "≤ 2"])
    others = sorted(set(imported["modules"]) & {"sqlalchemy", "typer", "rich", "scipy", "numpy", "pandas", "jinja2"})
    return Report(
        name="starting",
        about=(
            "Start-up, in fresh processes: seconds of the processor, medians. Rules have three conditions, one of them "
            "an alternative, so that each is two rows of the index."
        ),
        columns=["what", "seconds", "target"],
        rows=rows,
        target=(
            "import in 0.4 s, with three packages; 10,000 rules from parsed text to the first match in 2 s and 100 MB, "
            f"from text to the first decision in 10 s and 200 MB; a wheel of {MOST_KILOBYTES} KB"
        ),
        findings=[
            f"`import assignkit` loads {', '.join(name for name in OURS[1:] if name in imported['modules'])}"
            + (f", and also {', '.join(others)}" if others else ", and what they need"),
            *(
                f"{at['rules']:,} rules keep {at['MB kept']:,.0f} MB once compiled, "
                f"and the process has {at['MB']:,.0f} MB at its peak"
                for at in growth
            ),
            f"the wheel, all extras' code in it, has {_wheel_kilobytes():,.0f} KB",
        ],
        packages=["lark", "pydantic", "sortedcontainers"],
        details={"growth": growth},
    )


def _wheel_kilobytes() -> float:
    """Return the size of the wheel that is built from this source."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder, str(root)]
        subprocess.run(build, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own source
        return sum(wheel.stat().st_size for wheel in Path(folder).iterdir()) / 1000


def _growth(size: int, runs: int) -> dict[str, Any]:
    """Return what reading so many rules costs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.rules"
        path.write_text(_rules(size), encoding="utf-8")
        return {**_measured(GROWTH, runs, str(path)), **_measured(SIZE, 1, str(path))}


def _measured(program: str, runs: int, *arguments: str, compiled: str | None = None) -> dict[str, Any]:
    """Return what a program prints in a process of its own, of numbers the median; `compiled` keeps its bytecode."""
    command = [sys.executable, "-c", program, *arguments]
    environment = {**os.environ, **({"PYTHONPYCACHEPREFIX": compiled} if compiled else {})}
    if compiled:
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    told = [
        json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our words
        for _ in range(runs)
    ]
    return {
        name: median(each[name] for each in told) if isinstance(value, float) else value
        for name, value in told[0].items()
    }


def _rules(count: int) -> str:
    return "\n".join(
        f'rule "R{number}"\n'
        f'  when customer.score = {number} and customer.province in ("A{number % 7}", "B") or customer.employees > {number}0\n'  # noqa: E501
        '  assign to team "T" by least loaded'
        for number in range(count)
    )
