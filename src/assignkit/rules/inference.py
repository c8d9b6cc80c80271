"""Types of fields from sample rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.rules.field_types import Raw

NOTHING = type(None)


class Columns(dict[str, Any]):
    """The inferred Python type of each column; `object` where rules cannot use the values."""


def infer_columns(kind: str, rows: Iterable[Mapping[str, Any]]) -> Columns:
    """Return the Python type of each column, in the order in which columns first appear.

    None and NaN say nothing; a column of nothing else is `NoneType`. Raises `ConfigurationError` for a column whose
    values do not fit together.
    """
    if not isinstance(rows, Iterable):
        msg = f"the columns of {kind} are found in rows, and a {type(rows).__name__} has none"
        raise ConfigurationError(msg)
    found = Columns()
    for row in rows:
        given: object = row
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            msg = f"a row of {kind} maps the names of columns to values, and is not {row!r}"
            raise ConfigurationError(msg)
        for name, value in row.items():
            told = _type_of(value)
            known = found.setdefault(name, told)
            if known is NOTHING:
                found[name] = told
            elif told not in (NOTHING, known):
                msg = f"column `{name}` of {kind} holds both {_shown(known)} and {_shown(told)}"
                raise ConfigurationError(msg)
    return found


def _type_of(value: Raw) -> Raw:
    if value is None or (isinstance(value, float | Decimal | date) and value != value):  # noqa: PLR0124 - NaN and NaT
        return NOTHING
    for base, told in _BASES:
        if isinstance(value, base):
            return told
    if isinstance(value, tuple) and len(value) == 2 and all(_is_number(each) for each in value):  # noqa: PLR2004
        return tuple[float, float]
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(each, str) for each in value):
        return list[str]
    if isinstance(value, Mapping) and all(isinstance(k, str) and _is_number(v) for k, v in value.items()):
        return dict[str, Decimal]
    return object


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


# The first that fits: a boolean is an int to Python, and a datetime a date.
_BASES: tuple[tuple[type | tuple[type, ...], type], ...] = (
    (str, str),
    (bool, bool),
    ((int, float, Decimal), Decimal),
    (datetime, datetime),
    (date, date),
)
_NAMES = {
    str: "texts",
    bool: "true or false",
    Decimal: "numbers",
    datetime: "instants",
    date: "dates",
    list[str]: "lists",
    dict[str, Decimal]: "maps",
    tuple[float, float]: "locations",
}


def _shown(told: Raw) -> str:
    return _NAMES.get(told, "other things")
