"""Cedar (Rust) through cedarpy: one policy a rule, all records in one batch; the first of the policies that permit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engines.spelling import Condition, Match, Record, Rules, comparison


def prepare(rules: Rules) -> Match:
    """Return what asks for all permissions at once. Cedar has no floats: money is in cents."""
    import cedarpy as engine  # noqa: PLC0415

    texts = [f"permit(principal, action, resource) when {{ {' && '.join(map(_spelled, rule))} }};" for rule in rules]
    policies, nobody = engine.PolicySet.from_str("\n".join(texts)), engine.Entities.from_json_str("[]")
    asked = {"principal": 'U::"u"', "action": 'Action::"a"', "resource": 'R::"r"'}

    def match(records: Sequence[Record]) -> list[int]:
        requests = [{**asked, "context": {**r, "revenue": round(r["revenue"] * 100)}} for r in records]
        found = engine.is_authorized_batch(requests, policies, nobody)
        return [
            min((int(each.removeprefix("policy")) for each in one.diagnostics.reasons), default=-1) for one in found
        ]

    return match


def _spelled(condition: Condition) -> str:
    field, operator, value = condition
    name = f"context.{field}"
    if field == "revenue":
        value *= 100
    if operator == "between":
        return f"{name} >= {value[0]} && {name} <= {value[1]}"
    if operator == "has":
        return f"{name}.contains({json.dumps(value)})"
    if operator == "in":
        return f"[{', '.join(map(json.dumps, value))}].contains({name})"
    return f"{name} {comparison(operator)} {_literal(value)}"


def _literal(value: Any) -> str:  # noqa: ANN401 - any constant of the workload
    return json.dumps(value)
