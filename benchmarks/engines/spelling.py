"""Conditions of the workload as Python's expressions, which several engines read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

Record = dict[str, Any]
Condition = tuple[str, str, Any]  # field, operator, value
Rules = list[list[Condition]]
Match = Callable[[Sequence[Record]], list[int]]


def joined(rule: list[Condition], *, and_: str = " and ", true: str = "True", false: str = "False") -> str:
    """Return a rule's conditions over names of fields."""
    return and_.join(_spelled(*condition, and_=and_, true=true, false=false) for condition in rule)


def subscripted(rule: list[Condition]) -> str:
    """Return a rule's conditions over a record `r`, as one would write them by hand."""
    return " and ".join(_subscripted(*condition) for condition in rule)


def comparison(operator: str) -> str:
    """Return Python's sign for an operator that compares."""
    return {"=": "==", "after": ">"}.get(operator, operator)


def _spelled(field: str, operator: str, value: Any, *, and_: str, true: str, false: str) -> str:  # noqa: ANN401 - any constant of the workload
    if operator == "between":
        return f"{field} >= {value[0]}{and_}{field} <= {value[1]}"
    if operator == "has":
        return f"{json.dumps(value)} in {field}"
    if operator == "in":
        return f"{field} in [{', '.join(map(json.dumps, value))}]"
    told = (true if value else false) if isinstance(value, bool) else json.dumps(value)
    return f"{field} {comparison(operator)} {told}"


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
    return f"{found} {comparison(operator)} {value!r}"
