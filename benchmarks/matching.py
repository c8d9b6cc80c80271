"""Records matched per second, first match wins, beside other engines in the same run."""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from assignkit import RuleSet, Schema
from benchmarks import peers, workload
from benchmarks.report import Cell, Report

SIZES = (10, 100, 1_000, 10_000)
RECORDS, RUNS = 20_000, 3
PEER_TESTS = 1_000_000  # how many rules are tried per peer and run, at the most: slow engines get fewer records
ENVIRONMENT = Path(__file__).resolve().parents[1] / ".bench-venv"
PACKAGES = ("zen-engine", "rule-engine", "evalidate")
TARGETS = {10: 5, 100: 6, 1_000: 10, 10_000: 15}


def run(*, quick: bool) -> Report:
    """Measure all engines at all sizes, side by side; each figure is the median of several runs."""
    sizes, records, runs = ((10, 100), 1_000, 1) if quick else (SIZES, RECORDS, RUNS)
    python = _environment()
    rows: list[list[Cell]] = []
    findings = []
    for size in sizes:
        rates = {"assignkit": 0.0, **dict.fromkeys(peers.ENGINES, 0.0)}
        rules, found = workload.make(size, records)
        for name, measured in _measured(rules, found, python, runs).items():
            rates[name] = median(measured)
        best = max((name for name in rates if name not in ("assignkit", "if chain")), key=lambda name: rates[name])
        ratio = rates["assignkit"] / rates[best]
        rows += [[size, name, round(rate), rates["assignkit"] / rate] for name, rate in rates.items()]
        findings.append(f"{size:,} rules: {ratio:.1f} times as fast as {best}, target {TARGETS[size]}")
    return Report(
        name="matching",
        about=(
            "Plain dicts with 12 fields; rules of two to four conditions on different fields; about four in five "
            "records match, deep in the list. Every engine's answers are compared with a naive loop's. zen-engine's "
            "batch call uses all cores, the others one. The chain is generated Python, one `if` for each rule."
        ),
        columns=["rules", "engine", "records per second", "assignkit is so many times as fast"],
        rows=rows,
        target="5, 6, 10 and 15 times the fastest other engine (the chain aside) at 10, 100, 1,000 and 10,000 rules",
        findings=findings,
        seed=workload.SEED,
        details={"peers": _versions(python)},
    )


def _measured(rules: workload.Rules, records: list[dict[str, Any]], python: Path, runs: int) -> dict[str, list[float]]:
    rule_set = RuleSet.from_text(workload.as_text(rules), Schema(customer=workload.TYPES), limits=None)
    fewer = records[: max(50, min(len(records), PEER_TESTS // len(rules)))]
    expected = [workload.first(rules, record) for record in fewer[:500]]
    rates: dict[str, list[float]] = {}
    rule_set.match_many(records[:10])  # as the peers do: code is generated and indexes are built on first use
    for _ in range(runs):
        began = perf_counter()
        matches = rule_set.match_many(records)
        rates.setdefault("assignkit", []).append(len(records) / (perf_counter() - began))
        _compare("assignkit", [int(m.rule.name) if m else -1 for m in matches[: len(expected)]], expected)
        for name in peers.ENGINES:
            answer = _peer(name, rules, fewer, python)
            rates.setdefault(name, []).append(len(fewer) / answer["seconds"])
            _compare(name, answer["answers"][: len(expected)], expected)
    return rates


def _peer(name: str, rules: workload.Rules, records: list[dict[str, Any]], python: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.json"
        path.write_text(json.dumps(workload.jsonable(rules, records)), encoding="utf-8")
        command = [str(python), peers.__file__, name, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own file
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _compare(name: str, found: list[int], expected: list[int]) -> None:
    if found != expected:
        wrong = next(i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
        msg = f"{name} answers {found[wrong]} for record {wrong}, not {expected[wrong]}"
        raise SystemExit(msg)


def _environment() -> Path:
    """Return the Python of the peers' own environment, made on first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - named packages
    return python


def _versions(python: Path) -> dict[str, str]:
    program = f"from importlib.metadata import version; print(*map(version, {PACKAGES!r}))"
    told = subprocess.run([str(python), "-c", program], check=True, capture_output=True, text=True).stdout  # noqa: S603
    return dict(zip(PACKAGES, told.split(), strict=True))
