"""What generated code finds under its names: the functions that it calls, and comparisons of values of any kind.

Besides it has constants of its own, see `emission.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import nan
from typing import Any

from assignkit.rules import facts, interpreter, moments, numbers, texts, values
from assignkit.rules.calendars import is_open
from assignkit.rules.field_types import Raw

EXACT_INTEGERS = 2**53  # floats tell all integers apart up to here


def _read_number(value: Raw) -> Raw:
    found = values.read_number(value)
    return nan if found is None else found


def _compared(operator: str) -> Callable[[Any, Any], bool | None]:
    holds = interpreter.COMPARISONS[operator]

    def compare(a: Raw, b: Raw) -> bool | None:
        if a is None or b is None:
            return None
        if type(a) is type(b) or _compare_plainly(a, b):
            return holds(a, b)
        return holds(numbers.exact(a), numbers.exact(b))

    return compare


def _compare_plainly(a: Raw, b: Raw) -> bool:
    """Return whether an int and a float compare as the numbers do that they stand for.

    Between a float and its shortest spelling there is no integer, as long as floats tell all integers apart.
    """
    if type(a) is int and type(b) is float:
        return -EXACT_INTEGERS < b < EXACT_INTEGERS
    return type(a) is float and type(b) is int and -EXACT_INTEGERS < a < EXACT_INTEGERS


NAMESPACE: Mapping[str, Any] = {
    "TYPE": type, "STR": str, "INT": int, "FLOAT": float, "LIST": list, "TUPLE": tuple, "DICT": dict, "DATE": date,
    "DATETIME": datetime, "DECIMAL": Decimal, "UTC": UTC, "ZERO": 0.0, "Exception": Exception,
    "GETATTR": getattr, "IS_MAPPING": facts.is_mapping_type, "FIND": facts.find, "OWNER_ID": facts.owner_id,
    "OWNER_RECORD": facts.owner_record, "AWARE": moments.aware, "SHIFTED": moments.shifted,
    "READ_NUMBER": _read_number, "AMONG": interpreter.among, "MEMBERS": texts.members, "HAS": texts.has,
    "HAS_AT": texts.has_at, "HAS_ANY": texts.has_any, "HAS_ALL": texts.has_all, "WITHIN": is_open,
    "CALCULATE": numbers.calculate,
}  # fmt: skip
COMPARED = {operator: _compared(operator) for operator in interpreter.COMPARISONS}
