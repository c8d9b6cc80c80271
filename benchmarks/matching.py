"""Records matched per second, first match wins, beside other engines in the same run."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import matching_ours, workload
from benchmarks.environments import ENGINES, answer_of, python_with, versions_of
from benchmarks.report import Cell, Report

SIZES = (10, 100, 1_000, 10_000)
RECORDS, RUNS = 20_000, 3
PEER_TESTS = 1_000_000  # how many rules are tried per peer and run, at the most: slow engines get fewer records
FEWEST = 200
PATIENCE = 240  # seconds for one peer to prepare and to match
PACKAGES = (
    "business-rules", "cedarpy", "cel-expr-python", "clipspy", "common-expression-language", "durable_rules",
    "evalidate", "json-logic-qubit", "rule-engine", "zen-engine",
)  # fmt: skip
PEERS = {
    "zen-engine (Rust), as if both cores were its own": "zen",
    "CLIPS (C)": "clips",
    "durable_rules (C)": "durable",
    "evalidate": "evalidate",
    "CEL (C++)": "cel:cpp",
    "CEL (Rust)": "cel:rust",
    "Cedar (Rust)": "cedar",
    "json-logic": "json_logic",
    "business-rules": "business_rules",
    "rule-engine": "rule_engine",
}
BY_HAND = {
    "evalidate, raw eval": "evalidate:raw",
    "evalidate, 50 rules an expression": "evalidate:together",
    "if chain by hand": "by_hand:chain",
    "bitmasks by hand": "by_hand:bitmasks",
}
ON_ALL_CORES = {"zen": 2}
TARGETS = {10: 5, 100: 6, 1_000: 10, 10_000: 15}
Rates = dict[str, float]


def run(*, quick: bool) -> Report:
    """Measure all engines at all sizes, side by side; each figure is the median of several runs."""
    sizes, records, runs = ((10, 100), 1_000, 1) if quick else (SIZES, RECORDS, RUNS)
    python = python_with(PACKAGES, folder=ENGINES)
    rows: list[list[Cell]] = []
    findings: list[str] = []
    calls, rates_of = [], {}
    for size in sizes:
        rules, found = workload.make(size, records)
        ours = matching_ours.Ours(rules, found)
        rates, preparing = _measured(ours, python, runs)
        rates_of[size] = rates
        rows += [
            [size, name, round(rate), rates["assignkit"] / rate, preparing[name]]
            if rate
            else [size, name, "fails", "", ""]
            for name, rate in rates.items()
        ]
        findings += _findings(size, rates)
        calls.append({"rules": size, **ours.latency()})
    return Report(
        name="matching",
        about=_ABOUT,
        columns=["rules", "engine", "records per second", "assignkit is so many times as fast", "seconds to prepare"],
        rows=rows,
        target=(
            "5, 6, 10 and 15 times the fastest other engine at 10, 100, 1,000 and 10,000 rules; half of the index by "
            "hand, and of the chain by hand at 10; pydantic at most 2 times slower than dicts; from 1,000 to 10,000 "
            "rules at most 3 times slower"
        ),
        findings=[*findings, *_growth(rates_of), *(_told(each) for each in calls)],
        seed=workload.SEED,
        details={"peers": versions_of(PACKAGES, python=python), "calls": calls},
    )


_ABOUT = (
    "Plain dicts with 12 fields; rules of two to four conditions on different fields; about four in five records "
    "match, deep in the list. Every engine's answers are compared with a naive loop's. Seconds are those of the "
    "processor, as the machine has other work too; zen-engine's batch call works on all cores, and is counted as if "
    "two had been its own. Other engines are used as their documentation shows, one rule an expression or row where "
    "that is how they hold rules; CEL gets a dozen of rules in one expression, which is faster. Of evalidate three "
    "forms are shown: its own `eval`, one rule an expression, with which the aims are compared; Python's `eval` on "
    "its checked code, from its advanced topics, which lets every exception through; and many rules written as one "
    "expression with `else`. These, the chain (generated Python, one `if` for each rule) and the bitmasks (an index "
    "for just these fields) are programs rather than engines: they check no types and trust the data. The seconds to "
    "prepare are from text to the first match; at 10 rules ours include the grammar, which is made once a process. "
    "durable_rules gives up at 1,000 rules, with its error 303: from some 200 on, where many of them match one record. "
    "experta is left out, as it does not load on Python 3.10 or later."
)


def _measured(ours: matching_ours.Ours, python: Path, runs: int) -> tuple[Rates, dict[str, float]]:
    fewer = ours.records[: max(FEWEST, min(len(ours.records), PEER_TESTS // len(ours.rules)))]
    expected = [workload.first(ours.rules, record) for record in fewer[:500]]
    rates: dict[str, list[float]] = {}
    preparing: dict[str, float] = {}
    for _ in range(runs):
        for name, (rate, seconds, answers) in ours.measured(len(expected)).items():
            rates.setdefault(name, []).append(rate)
            preparing[name] = seconds
            if answers is not None:
                workload.compare(name, answers, expected)
        for name, engine in {**PEERS, **BY_HAND}.items():  # in turn, so that a slow minute of the machine hits all
            if rates.get(name) == [0.0]:
                continue  # it did not come to an end
            answer = _peer(engine, ours.rules, fewer, python)
            rates.setdefault(name, []).append(len(fewer) / answer["seconds"] if answer else 0.0)
            preparing[name] = answer.get("preparing", 0.0)
            if answer:
                workload.compare(name, answer["answers"][: len(expected)], expected)
    return {name: median(found) for name, found in rates.items()}, preparing


def _peer(engine: str, rules: workload.Rules, records: list[dict[str, Any]], python: Path) -> dict[str, Any]:
    """Return what an engine answers; nothing if it fails, or takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.json"
        path.write_text(json.dumps(workload.jsonable(rules, records)), encoding="utf-8")
        command = ("engines", engine, str(path), str(ON_ALL_CORES.get(engine, 1)))
        try:
            return answer_of(python, *command, seconds=PATIENCE)
        except subprocess.SubprocessError:
            return {}


def _findings(size: int, rates: Rates) -> list[str]:
    ours = rates["assignkit"]
    best = max(PEERS, key=lambda name: rates[name])
    one = f", {2 * ours / rates[best]:.1f} times as one core of it" if best.startswith("zen") else ""
    told = [f"{size:,} rules: {ours / rates[best]:.1f} times as fast as {best}{one}; target {TARGETS[size]}"]
    hand = ours / rates["bitmasks by hand"]
    told.append(f"{size:,} rules: {hand:.2f} of the bitmasks by hand, target 0.5")
    if size == SIZES[0]:
        told.append(f"{size:,} rules: {ours / rates['if chain by hand']:.2f} of the chain by hand, target 0.5")
    slower = max(ours / rates[name] for name in matching_ours.PYDANTIC)
    told.append(f"{size:,} rules: pydantic models are matched {slower:.2f} times as slowly as dicts, target 2")
    return told


def _growth(rates_of: Mapping[int, Rates]) -> list[str]:
    few, many = (rates_of.get(size, {}).get("assignkit") for size in (1_000, 10_000))
    return [f"from 1,000 to 10,000 rules {few / many:.2f} times as slow, target 3"] if few and many else []


def _told(call: Mapping[str, float]) -> str:
    return (
        f"{call['rules']:,} rules: one call of `match` takes {call['p50, µs']:.1f} µs, "
        f"90 in 100 less than {call['p90, µs']:.1f}, 99 in 100 less than {call['p99, µs']:.1f}"
    )
