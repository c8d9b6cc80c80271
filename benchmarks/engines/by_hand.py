"""What one would write by hand for these rules: a chain of `if`s, and an index of bitmasks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from engines.spelling import Match, Record, Rules, subscripted

Asked = list[tuple[int, str, Any]]  # bit, operator, value


def chain(rules: Rules) -> Match:
    """One function with an `if` for each rule."""
    first = chain_of_one(rules)
    return lambda records: [first(record) for record in records]


def chain_of_one(rules: Rules) -> Callable[[Record], int]:
    """Return that function, for one record: the number of the first rule that matches, or -1."""
    tests = [f" if {subscripted(rule)}: return {number}" for number, rule in enumerate(rules)]
    return _function("def first(r):\n" + "\n".join(tests) + "\n return -1", {})


def bitmasks(rules: Rules) -> Match:
    """One function that joins a mask per field; the first rule has the highest bit. It trusts the records."""
    asked: dict[str, Asked] = {}
    for number, rule in enumerate(rules):
        for field, operator, value in rule:
            asked.setdefault(field, []).append((1 << len(rules) - 1 - number, operator, value))
    names: dict[str, Any] = {"bisect": bisect_right}
    lines = [" m = -1"]
    for number, (field, tests) in enumerate(sorted(asked.items(), key=lambda each: -len(each[1]))):
        free = (1 << len(rules)) - 1 ^ sum(bit for bit, _, _ in tests)
        operators = {operator for _, operator, _ in tests}
        if operators <= {"=", "in"}:
            names[f"t{number}"], names[f"d{number}"] = _table(tests, free).get, free
            lines.append(f" m &= t{number}(r[{field!r}], d{number})")
        elif operators == {"has"}:
            names[f"t{number}"], names[f"d{number}"] = _table(tests, 0).get, free
            lines.append(f" h = d{number}\n for each in r[{field!r}]: h |= t{number}(each, 0)\n m &= h")
        else:
            names[f"e{number}"], names[f"m{number}"] = _stairs(tests, free)
            lines.append(f" m &= m{number}[bisect(e{number}, r[{field!r}])]")
    lines.append(f" return {len(rules)} - m.bit_length() if m else -1")
    first = _function("def first(r):\n" + "\n".join(lines), names)
    return lambda records: [first(record) for record in records]


def _table(tests: Asked, free: int) -> dict[Any, int]:
    table: dict[Any, int] = {}
    for bit, operator, value in tests:
        for each in value if operator == "in" else [value]:
            table[each] = table.get(each, free) | bit
    return table


def _stairs(tests: Asked, free: int) -> tuple[list[Any], list[int]]:
    """Return the sorted edges, and the masks below, between and above them."""
    flips: dict[Any, int] = {}
    for bit, operator, value in tests:
        low, high = value if operator == "between" else (value, None)
        for edge in (low if operator in (">=", "between") else low + 1, None if high is None else high + 1):
            if edge is not None:
                flips[edge] = flips.get(edge, 0) ^ bit
    edges, masks = sorted(flips), [free]
    for edge in edges:
        masks.append(masks[-1] ^ flips[edge])
    return edges, masks


def _function(text: str, names: dict[str, Any]) -> Callable[[dict[str, Any]], int]:
    exec(text, names)  # noqa: S102 - the workload's own words
    first: Callable[[dict[str, Any]], int] = names["first"]
    return first
