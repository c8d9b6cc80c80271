"""zen-engine (Rust): one decision table, first hit, through its static loader and its batch call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engines.spelling import Match, Record, Rules


def prepare(rules: Rules) -> Match:
    """Return what asks the engine about all records in one call, which uses all cores."""
    import zen as engine  # noqa: PLC0415

    content = {"book": _graph(_table(rules))}
    desk = engine.ZenEngine({"loader": {"type": "static", "content": content}})

    def match(records: Sequence[Record]) -> list[int]:
        answers = desk.evaluate_batch([{"key": "book", "context": record} for record in records])
        return [int(answer["data"]["result"].get("rule", -1)) for answer in answers]

    return match


def _table(rules: Rules) -> dict[str, Any]:
    fields = sorted({field for rule in rules for field, _, _ in rule})
    rows = [
        {"_id": str(number), "rule": str(number), **dict.fromkeys(fields, ""), **{f: _cell(o, v) for f, o, v in rule}}
        for number, rule in enumerate(rules)
    ]
    return {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }


def _graph(table: dict[str, Any]) -> dict[str, Any]:
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": place},
        {"id": "table", "type": "decisionTableNode", "name": "table", "position": place, "content": table},
        {"id": "out", "type": "outputNode", "name": "out", "position": place},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return {"nodes": nodes, "edges": edges}


def _cell(operator: str, value: Any) -> str:  # noqa: ANN401 - any constant of the workload
    if operator == "between":
        return f"[{value[0]}..{value[1]}]"
    if operator == "in":
        return ", ".join(map(json.dumps, value))
    if operator == "has":
        return f"contains($, {json.dumps(value)})"
    return json.dumps(value) if operator == "=" else f"{'>' if operator == 'after' else operator} {value}"
