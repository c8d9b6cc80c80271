"""Other engines on the matching workload. Runs in a virtual environment of its own: `python peers.py ENGINE WORKLOAD`.

Imports nothing of ours. Reads the workload as JSON, prints seconds and answers as JSON. Every engine gets the rules in
the form that is fastest for it, as far as we know; whoever knows a faster one is welcome.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

Record = dict[str, Any]
Conditions = list[tuple[str, str, Any]]
Match = Callable[[Sequence[Record]], list[int]]


def zen(rules: list[Conditions]) -> Match:
    """zen-engine (Rust): one decision table, first hit, through its static loader and its batch call."""
    import zen as engine  # noqa: PLC0415 - there only in its own environment

    fields = sorted({field for rule in rules for field, _, _ in rule})
    rows = [
        {"_id": str(number), "rule": str(number), **dict.fromkeys(fields, ""), **{f: _cell(o, v) for f, o, v in rule}}
        for number, rule in enumerate(rules)
    ]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
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
    desk = engine.ZenEngine({"loader": {"type": "static", "content": {"book": {"nodes": nodes, "edges": edges}}}})

    def match(records: Sequence[Record]) -> list[int]:
        answers = desk.evaluate_batch([{"key": "book", "context": record} for record in records])
        return [int(answer["data"]["result"].get("rule", -1)) for answer in answers]

    return match


def _cell(operator: str, value: Any) -> str:  # noqa: ANN401 - any constant of the workload
    if operator == "between":
        return f"[{value[0]}..{value[1]}]"
    if operator == "in":
        return ", ".join(map(json.dumps, value))
    if operator == "has":
        return f"contains($, {json.dumps(value)})"
    return json.dumps(value) if operator == "=" else f"{'>' if operator == 'after' else operator} {value}"


def rule_engine(rules: list[Conditions]) -> Match:
    """rule-engine (Python): one rule after the other."""
    import rule_engine as engine  # noqa: PLC0415

    made = [engine.Rule(" and ".join(_python(*c, true="true", false="false") for c in rule)) for rule in rules]
    return lambda records: [next((i for i, rule in enumerate(made) if rule.matches(r)), -1) for r in records]


def evalidate(rules: list[Conditions]) -> Match:
    """Evalidate (Python, compiled): one code object after the other."""
    from evalidate import Expr, base_eval_model  # noqa: PLC0415

    base_eval_model.nodes += ["List", "Tuple"]
    codes = [Expr(" and ".join(_python(*c) for c in rule), model=base_eval_model).code for rule in rules]

    def match(records: Sequence[Record]) -> list[int]:
        return [
            next((i for i, code in enumerate(codes) if eval(code, {}, record)), -1)  # noqa: S307 - its own fast form
            for record in records
        ]

    return match


def chain(rules: list[Conditions]) -> Match:
    """A hand-written chain: one function with an `if` for each rule."""
    tests = [f" if {' and '.join(_subscripted(*c) for c in rule)}: return {n}" for n, rule in enumerate(rules)]
    names: dict[str, Any] = {}
    exec("def first(r):\n" + "\n".join(tests) + "\n return -1", names)  # noqa: S102 - the workload's own words
    first = names["first"]
    return lambda records: [first(record) for record in records]


def _python(field: str, operator: str, value: Any, true: str = "True", false: str = "False") -> str:  # noqa: ANN401
    if operator == "between":
        return f"{field} >= {value[0]} and {field} <= {value[1]}"
    if operator == "has":
        return f"{json.dumps(value)} in {field}"
    if operator == "in":
        return f"{field} in [{', '.join(map(json.dumps, value))}]"
    told = (true if value else false) if isinstance(value, bool) else json.dumps(value)
    return f"{field} {'==' if operator == '=' else '>' if operator == 'after' else operator} {told}"


def _subscripted(field: str, operator: str, value: Any) -> str:  # noqa: ANN401
    found = f"r[{field!r}]"
    if operator == "between":
        return f"{value[0]} <= {found} <= {value[1]}"
    if operator == "has":
        return f"{value!r} in {found}"
    if operator == "in":
        return f"{found} in {set(value)!r}"
    if isinstance(value, bool):
        return found if value else f"not {found}"
    return f"{found} {'==' if operator == '=' else '>' if operator == 'after' else operator} {value!r}"


ENGINES: dict[str, Callable[[list[Conditions]], Match]] = {
    "zen-engine": zen,
    "rule-engine": rule_engine,
    "evalidate": evalidate,
    "if chain": chain,
}


def main() -> None:
    """Match the workload's records with one engine, and print how long it took."""
    name, path = sys.argv[1:3]
    workload = json.loads(Path(path).read_text(encoding="utf-8"))
    rules = [[tuple(condition) for condition in rule] for rule in workload["rules"]]
    match = ENGINES[name](rules)
    match(workload["records"][:10])
    began = perf_counter()
    answers = match(workload["records"])
    print(json.dumps({"seconds": perf_counter() - began, "answers": answers}))


if __name__ == "__main__":
    main()
