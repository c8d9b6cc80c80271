"""CLIPS (C, Rete) through clipspy: one production a rule, the first by salience."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engines.spelling import Match, Record, Rules, comparison

_FRESH = 2_000  # records until there is a new environment


def prepare(rules: Rules) -> Match:
    """Return what asserts each record as a fact, runs one rule, and takes the fact back.

    An environment becomes slower with every fact that it has seen, so it is replaced now and then.
    """
    desk = _Desk(rules)

    def match(records: Sequence[Record]) -> list[int]:
        nonlocal desk
        found = []
        for record in records:
            if desk.seen == _FRESH:
                desk = _Desk(rules)
            found.append(desk.first(record))
        return found

    return match


class _Desk:
    """One environment with the rules."""

    def __init__(self, rules: Rules) -> None:
        import clips as engine  # noqa: PLC0415

        self.seen = 0
        self._engine, self._environment = engine, engine.Environment()
        self._fields = sorted({field for rule in rules for field, _, _ in rule})
        slots = " ".join(f"({'multislot' if field == 'tags' else 'slot'} {field})" for field in self._fields)
        self._environment.build(f"(deftemplate record {slots})")
        self._environment.build("(defglobal ?*answer* = -1)")
        for number, rule in enumerate(rules):
            tests = " ".join(_slot(*condition) for condition in rule)
            begin = f"(defrule r{number} (declare (salience {len(rules) // 2 - number}))"
            self._environment.build(f"{begin} (record {tests}) => (bind ?*answer* {number}))")
        self._template = self._environment.find_template("record")
        self._answer = self._environment.find_global("answer")

    def first(self, record: Record) -> int:
        self.seen += 1
        self._answer.value = -1
        values = {field: _value(self._engine, record[field]) for field in self._fields}
        fact = self._template.assert_fact(**values)
        self._environment.run(1)
        fact.retract()
        return int(self._answer.value)


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
