"""The matching workload: twelve fields, rules of two to four conditions on different fields, first match wins.

Categories are Zipf-distributed, money and head counts log-normal. Rules come specific first, with noise; how wide their
tests are is tuned so that about four records in five match, deep in the list.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

SEED = 20261121
TODAY = date(2026, 11, 21)
CATEGORIES = {"country": 40, "region": 8, "industry": 25, "language": 12, "plan": 4, "source": 12}
TYPES: dict[str, Any] = {
    **dict.fromkeys(CATEGORIES, str),
    "revenue": float,
    "employees": int,
    "score": int,
    "tags": list[str],
    "created": date,
    "vip": bool,
}
TAGS = 60
AGE_DAYS = 1200
TUNED_ON = 400


@dataclass(frozen=True, slots=True)
class Condition:
    """One test: `field operator value`; operators are `=`, `in`, `>=`, `>`, `between`, `has`, `after`."""

    field: str
    operator: str
    value: Any

    def holds(self, record: dict[str, Any]) -> bool:
        """Return whether it is true of a record; the reference for every engine."""
        found, value = record[self.field], self.value
        if self.operator == "=":
            return bool(found == value)
        if self.operator == "in":
            return found in value
        if self.operator == "between":
            return bool(value[0] <= found <= value[1])
        if self.operator == "has":
            return value in found
        return bool(found >= value) if self.operator == ">=" else bool(found > value)


Rules = list[list[Condition]]


def make(count: int, records: int) -> tuple[Rules, list[dict[str, Any]]]:
    """Return rules and records; the same for the same sizes."""
    dice = random.Random(SEED)  # noqa: S311 - a workload, not a secret
    found = [_record(dice) for _ in range(records)]
    sample = found[:TUNED_ON]
    narrow, wide = 1e-7, 0.9
    rules: Rules = []
    for _ in range(24):  # halve the interval until about four in five match
        share = math.sqrt(narrow * wide)
        rules = _rules(count, share)
        hits = sum(first(rules, record) >= 0 for record in sample) / len(sample)
        if 0.77 <= hits <= 0.83:  # noqa: PLR2004 - four in five, about
            break
        narrow, wide = (share, wide) if hits < 0.8 else (narrow, share)  # noqa: PLR2004
    return rules, found


def first(rules: Rules, record: dict[str, Any]) -> int:
    """Return the number of the first rule whose conditions all hold, or -1."""
    return next((i for i, rule in enumerate(rules) if all(c.holds(record) for c in rule)), -1)


def compare(name: str, found: Sequence[int], expected: Sequence[int]) -> None:
    """Stop if an engine's answers are not those of the naive loop."""
    if list(found) != list(expected):
        wrong = next(i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
        msg = f"{name} answers {found[wrong]} for record {wrong}, not {expected[wrong]}"
        raise SystemExit(msg)


def as_text(rules: Rules) -> str:
    """Return the rules in assignkit's language."""
    return "\n".join(
        f'rule "{number}" when {" and ".join(map(_spelled, rule))} assign to team "T{number % 50}"'
        for number, rule in enumerate(rules)
    )


def _spelled(condition: Condition) -> str:
    field, operator, value = f"customer.{condition.field}", condition.operator, condition.value
    if operator == "between":
        return f"{field} between {value[0]} and {value[1]}"
    if operator == "in":
        return f"{field} in ({', '.join(map(_literal, value))})"
    return f"{field} {operator} {_literal(value)}"


def _literal(value: Any) -> str:  # noqa: ANN401 - any literal of the workload
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _record(dice: random.Random) -> dict[str, Any]:
    return {
        **{name: _category(dice, name) for name in CATEGORIES},
        "revenue": round(dice.lognormvariate(12, 1.5), 2),
        "employees": 1 + int(dice.lognormvariate(4, 1.5)),
        "score": dice.randint(0, 100),
        "tags": [f"tag {number}" for number in dice.sample(range(TAGS), dice.randint(0, 5))],
        "created": TODAY - timedelta(days=dice.randint(0, AGE_DAYS)),
        "vip": dice.random() < 0.12,  # noqa: PLR2004 - as many are
    }


_ZIPF = {size: list(accumulate(1 / rank for rank in range(1, size + 1))) for size in {*CATEGORIES.values(), TAGS}}


def _zipf(dice: random.Random, size: int) -> int:
    return dice.choices(range(size), cum_weights=_ZIPF[size])[0]


def _category(dice: random.Random, name: str) -> str:
    return f"{name} {_zipf(dice, CATEGORIES[name])}"


def _rules(count: int, share: float) -> Rules:
    """Return rules, each of which about `share × its place in the list` of all records meet."""
    dice = random.Random(SEED + 1)  # noqa: S311
    rules = []
    for number in range(count):
        # In a large book nearly every record would meet one of the rules with two conditions only.
        size = dice.choices((4, 3, 2), (2, 5, 3) if count < 1_000 else (8, 2, 0))[0]  # noqa: PLR2004
        wanted = min(0.9, share * (0.3 + number / count)) ** (1 / size)
        fields = dice.sample(list(TYPES), size)
        rules.append([_condition(dice, field, wanted) for field in fields])
    return rules


def _condition(dice: random.Random, field: str, wanted: float) -> Condition:
    """Return a test on a field that about a share of `wanted` records meets."""
    if field in CATEGORIES:
        if wanted < 0.25:  # noqa: PLR2004 - a narrow rule is about a rare value
            return Condition(field, "=", f"{field} {dice.randrange(CATEGORIES[field])}")
        chosen = {_category(dice, field)}
        while dice.random() < wanted and len(chosen) < 5:  # noqa: PLR2004 - lists of two to five
            chosen.add(_category(dice, field))
        return Condition(field, "=", chosen.pop()) if len(chosen) == 1 else Condition(field, "in", sorted(chosen))
    if field == "vip":
        return Condition(field, "=", dice.random() < 0.3)  # noqa: PLR2004
    if field == "tags":
        return Condition(field, "has", f"tag {dice.randrange(TAGS)}")
    if field == "score":
        width = max(1, int(100 * wanted))
        low = dice.randint(0, 100 - width)
        return Condition(field, "between", [low, low + width])
    if field == "created":
        return Condition(field, "after", TODAY - timedelta(days=max(1, int(AGE_DAYS * wanted))))
    deviations = _normal_quantile(1 - wanted)
    if field == "revenue":
        return Condition(field, ">=", round(math.exp(12 + 1.5 * deviations)))
    return Condition(field, ">", round(math.exp(4 + 1.5 * deviations)))


def _normal_quantile(share: float) -> float:
    """Return the standard normal quantile, by halving: accurate enough for a workload."""
    low, high = -6.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < 2 * share - 1 else (low, middle)
    return low


def jsonable(rules: Sequence[Sequence[Condition]], records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the workload for engines that live in other processes: dates become days since 1970."""

    def plain(value: Any) -> Any:  # noqa: ANN401
        return (value - date(1970, 1, 1)).days if isinstance(value, date) else value

    return {
        "rules": [[[c.field, c.operator, plain(c.value)] for c in rule] for rule in rules],
        "records": [{name: plain(value) for name, value in record.items()} for record in records],
    }
