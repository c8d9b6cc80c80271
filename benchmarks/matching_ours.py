"""Our side of the matching benchmark: dicts, pydantic models, missing values, rules that no index can look up."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from statistics import quantiles
from time import perf_counter_ns, process_time
from typing import Any

from pydantic import BaseModel

from assignkit import Customer, RuleSet, Schema
from benchmarks import workload

PYDANTIC = ("assignkit, a pydantic model", "assignkit, our Customer")
CALLS = 5_000
_TESTED_BY_ITSELF = (
    'customer.country ends with " {n}" and customer.plan contains "{m}" and customer.score > customer.employees'
)
Found = tuple[float, float, list[int] | None]  # records per second, seconds to prepare, the rules of the first records


class Model(BaseModel):
    """A host's record, declared."""

    country: str
    region: str
    industry: str
    language: str
    plan: str
    source: str
    revenue: float
    employees: int
    score: int
    tags: list[str]
    created: date
    vip: bool


class Ours:
    """One rule book, and records in several forms."""

    def __init__(self, rules: workload.Rules, records: list[dict[str, Any]]) -> None:
        """Make the rules once; what that and the first match take is `preparing`."""
        self.rules, self.records = rules, records
        began = process_time()
        self._rule_set = rule_set_of(workload.as_text(rules))
        self._rule_set.match_many(records[:10])
        self._preparing = process_time() - began
        self._ways: dict[str, tuple[RuleSet, Sequence[Any], bool]] = {
            "assignkit": (self._rule_set, records, True),
            PYDANTIC[0]: (self._rule_set, [Model(**record) for record in records], True),
            PYDANTIC[1]: (self._rule_set, [Customer(id=str(i), **each) for i, each in enumerate(records)], True),
            "assignkit, 10 % of values missing": (self._rule_set, _with_gaps(records), False),
            "assignkit, 10 % of rules tried by themselves": (rule_set_of(_partly_tried(rules)), records, False),
        }

    def measured(self, checked: int) -> dict[str, Found]:
        """Return what each way of handing in records gives, with the answers that the naive loop knows too."""
        found: dict[str, Found] = {}
        for name, (rule_set, records, known) in self._ways.items():
            rule_set.match_many(records[:10])
            began = process_time()
            matches = rule_set.match_many(records)
            rate = len(records) / (process_time() - began)
            answers = [int(m.rule.name) if m else -1 for m in matches[:checked]] if known else None
            found[name] = rate, self._preparing, answers
        return found

    def latency(self) -> dict[str, float]:
        """Return the percentiles of single calls, in microseconds of the wall clock."""
        match: Callable[[Any], Any] = self._rule_set.match
        match(self.records[0])
        times = []
        for record in self.records[:CALLS]:
            began = perf_counter_ns()
            match(record)
            times.append((perf_counter_ns() - began) / 1_000)
        percentiles = quantiles(times, n=100)
        return {f"p{n}, µs": round(percentiles[n - 1], 2) for n in (50, 90, 99)}


def rule_set_of(text: str) -> RuleSet:
    """Return the rules of the workload's text, whatever its size."""
    return RuleSet.from_text(text, Schema(customer=workload.TYPES), limits=None)


def _with_gaps(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    dice = random.Random(workload.SEED + 2)  # noqa: S311 - a workload, not a secret
    return [{name: None if dice.random() < 0.1 else value for name, value in each.items()} for each in records]  # noqa: PLR2004


def _partly_tried(rules: workload.Rules) -> str:
    """Return the rules as text, each tenth with conditions that no index can look up."""
    lines = workload.as_text(rules).splitlines()
    for number in range(0, len(lines), 10):
        condition = _TESTED_BY_ITSELF.format(n=number % 40, m=number // 10 % 4)
        lines[number] = f'rule "{number}" when {condition} assign to team "T{number % 50}"'
    return "\n".join(lines)
