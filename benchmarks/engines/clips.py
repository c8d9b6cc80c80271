"""CLIPS (C, Rete) through clipspy: one production a rule, the first by salience."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engines.spelling import Match, Record, Rules, comparison

_FRESH = 2_000  # records until the environment is emptied


def prepare(rules: Rules) -> Match:
    """Return what asserts each record as a fact, runs one rule, and takes the fact back."""
    import clips as engine  # noqa: PLC0415

    fields = sorted({field for rule in rules for field, _, _ in rule})
    slots = " ".join(f"({'multislot' if field == 'tags' else 'slot'} {field})" for field in fields)
    desk = engine.Environment()
    desk.build(f"(deftemplate record {slots})")
    desk.build("(defglobal ?*answer* = -1)")
    for number, rule in enumerate(rules):
        tests = " ".join(_slot(*condition) for condition in rule)
        salience = len(rules) // 2 - number
        text = f"(defrule r{number} (declare (salience {salience})) (record {tests}) => (bind ?*answer* {number}))"
        desk.build(text)
    template, answer = desk.find_template("record"), desk.find_global("answer")

    def first(record: Record) -> int:
        answer.value = -1
        fact = template.assert_fact(**{field: _value(engine, record[field]) for field in fields})
        desk.run(1)
        fact.retract()
        return int(answer.value)

    def match(records: Sequence[Record]) -> list[int]:
        found = []
        for number, record in enumerate(records):
            if number % _FRESH == 0:
                desk.reset()
            found.append(first(record))
        return found

    return match


def _value(engine: Any, value: Any) -> Any:  # noqa: ANN401 - any value of the workload
    return engine.Symbol(str(value).upper()) if isinstance(value, bool) else value


def _slot(field: str, operator: str, value: Any) -> str:  # noqa: ANN401
    if operator == "has":
        return f"({field} $? {json.dumps(value)} $?)"
    if operator == "between":
        return f"({field} ?{field}&:(<= {value[0]} ?{field} {value[1]}))"
    if operator == "in":
        return f"({field} {'|'.join(map(json.dumps, value))})"
    if operator == "=":
        return f"({field} {str(value).upper() if isinstance(value, bool) else json.dumps(value)})"
    return f"({field} ?{field}&:({comparison(operator)} ?{field} {value}))"
