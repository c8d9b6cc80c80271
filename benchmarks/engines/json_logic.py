"""json-logic-qubit (Python): one rule after the other."""

from __future__ import annotations

from typing import Any

from engines.spelling import Condition, Match, Rules, comparison


def prepare(rules: Rules) -> Match:
    """Return what tries the rules in turn."""
    from json_logic import jsonLogic  # noqa: PLC0415

    made = [{"and": [_test(condition) for condition in rule]} for rule in rules]
    return lambda records: [next((i for i, rule in enumerate(made) if jsonLogic(rule, r)), -1) for r in records]


def _test(condition: Condition) -> dict[str, Any]:
    field, operator, value = condition
    name = {"var": field}
    if operator == "between":
        return {"<=": [value[0], name, value[1]]}
    if operator in ("has", "in"):
        return {"in": [value, name] if operator == "has" else [name, value]}
    return {comparison(operator): [name, value]}
