"""business-rules (Python): variables and actions in classes, stops at the first rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines.spelling import Condition, Match, Record, Rules

_TEXTS = ("country", "region", "industry", "language", "plan", "source")
_NUMBERS = ("revenue", "employees", "score", "created")


def prepare(rules: Rules) -> Match:
    """Return what runs all rules over each record."""
    from business_rules import run_all  # noqa: PLC0415
    from business_rules.actions import BaseActions, rule_action  # noqa: PLC0415
    from business_rules.fields import FIELD_NUMERIC  # noqa: PLC0415

    def take(self: Any, number: int) -> None:  # noqa: ANN401
        self.found = number

    variables = _variables()
    actions: Any = type("Actions", (BaseActions,), {"take": rule_action(params={"number": FIELD_NUMERIC})(take)})
    made = [
        {
            "conditions": {"all": [test for condition in rule for test in _tests(condition)]},
            "actions": [{"name": "take", "params": {"number": number}}],
        }
        for number, rule in enumerate(rules)
    ]

    def first(record: Record) -> int:
        done = actions()
        triggered = run_all(made, variables(record), done, stop_on_first_trigger=True)
        return int(done.found) if triggered else -1

    def match(records: Sequence[Record]) -> list[int]:
        return [first(record) for record in records]

    return match


def _variables() -> Any:  # noqa: ANN401 - a class
    from business_rules import variables as kinds  # noqa: PLC0415

    def initialise(self: Any, record: Record) -> None:  # noqa: ANN401
        self.record = record

    def reading(field: str) -> Any:  # noqa: ANN401
        return lambda self: self.record[field]

    members: dict[str, Any] = {"__init__": initialise}
    members |= {field: kinds.string_rule_variable()(reading(field)) for field in _TEXTS}
    members |= {field: kinds.numeric_rule_variable()(reading(field)) for field in _NUMBERS}
    members["vip"] = kinds.boolean_rule_variable()(reading("vip"))
    members["tags"] = kinds.select_multiple_rule_variable()(reading("tags"))
    return type("Variables", (kinds.BaseVariables,), members)


def _tests(condition: Condition) -> list[dict[str, Any]]:
    field, operator, value = condition
    if operator == "between":
        return [_test(field, "greater_than_or_equal_to", value[0]), _test(field, "less_than_or_equal_to", value[1])]
    if operator == "has":
        return [_test(field, "contains_all", [value])]
    if operator == "in":
        return [{"any": [_test(field, "equal_to", each) for each in value]}]
    if isinstance(value, bool):
        return [_test(field, "is_true" if value else "is_false", "")]
    names = {"=": "equal_to", ">=": "greater_than_or_equal_to", ">": "greater_than", "after": "greater_than"}
    return [_test(field, names[operator], value)]


def _test(field: str, operator: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": field, "operator": operator, "value": value}
