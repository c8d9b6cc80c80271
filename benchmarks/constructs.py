"""What one more rule costs, construct by construct: looked up in the index, or tried by itself."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import process_time
from typing import Any

from assignkit import RuleSet, Schema
from benchmarks.report import Cell, Report

FIELDS: dict[str, Any] = {
    "country": str, "name": str, "score": int, "revenue": float, "tags": list[str], "since": date, "vip": bool,
}  # fmt: skip
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CONSTRUCTS = {
    "`=` on a text": 'customer.country = "C{n}"',
    "`in`": 'customer.country in ("C{n}", "D{n}", "E{n}")',
    "`starts with`": 'customer.country starts with "C{n}x"',
    "`>=` on a number": "customer.revenue >= 1{n:04}000",
    "`between`": "customer.score between 10{n:04} and 10{n:04}9",
    "`after` a date": "customer.since after 2999-01-01",
    "`has`": 'customer.tags has "t{n}"',
    "yes or no, `is missing`": "customer.vip and customer.country is missing",
    "`contains`, `ends with`": 'customer.name contains "zz{n}"',
    "`like`": 'customer.name like "*zz{n}*"',
    "two fields": "customer.score > customer.revenue",
    "arithmetic": "customer.revenue * 1.{n:04}1 < 0",
    "a function": 'lower(customer.name) = "zz{n}"',
    "`older than`": "customer.since older than 4{n:03} days",
}  # fmt: skip
FEW, MANY, RECORDS, RUNS = 100, 1_000, 500, 5


def run(*, quick: bool) -> Report:
    """Measure rule books of one construct each, that take none of the items."""
    records = _records(200 if quick else RECORDS)
    rows: list[list[Cell]] = []
    for name, condition in CONSTRUCTS.items():
        few, many = (_microseconds(condition, size, records, 1 if quick else RUNS) for size in (FEW, MANY))
        rows.append([name, few, many, 1_000 * (many - few) / (MANY - FEW)])
    return Report(
        name="constructs",
        about=(
            f"Rule books of {FEW} and {MANY:,} rules, each rule with one condition of a kind that is true of no item. "
            "What is looked up costs the same however many rules there are; what is tried by itself costs time for "
            "each rule whose other conditions hold."
        ),
        columns=["construct", f"µs per item, {FEW} rules", f"µs per item, {MANY:,} rules", "ns for one more rule"],
        rows=rows,
        target="none: figures for the cost model",
        findings=[],
        seed=1,
    )


def _microseconds(condition: str, size: int, records: list[dict[str, Any]], runs: int) -> float:
    text = "\n".join(f'rule "{n}" when {condition.format(n=n)} assign to team "East"' for n in range(size))
    rules = RuleSet.from_text(text, Schema(customer=FIELDS), limits=None)
    rules.match_many(records, now=NOW)
    times = []
    for _ in range(runs):
        began = process_time()
        found = rules.match_many(records, now=NOW)
        times.append(process_time() - began)
    if any(found):
        msg = f"`{condition}` takes an item"
        raise SystemExit(msg)
    return 1e6 * median(times) / len(records)


def _records(count: int) -> list[dict[str, Any]]:
    dice = random.Random(1)  # noqa: S311 - a workload, not a secret
    return [
        {
            "country": f"K{dice.randrange(40)}",
            "name": f"Customer {dice.randrange(10**6)} of Hamburg",
            "score": dice.randrange(100),
            "revenue": 1000 + dice.random(),
            "tags": [f"k{dice.randrange(60)}" for _ in range(3)],
            "since": NOW.date() - timedelta(days=dice.randrange(1, 300)),
            "vip": dice.random() < 0.5,  # noqa: PLR2004
        }
        for _ in range(count)
    ]
