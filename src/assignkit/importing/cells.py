"""From cells to the values of fields whose type is known, because a model or a schema says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from assignkit.importing.grid import Cell
from assignkit.importing.kinds import entries, number
from assignkit.messages.text import say
from assignkit.rules.field_types import ValueType

Reader = Callable[[str], object]  # raises ValueError, whose message says what was expected

_LENIENT_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_TRUE = frozenset({"yes", "true", "y", "1", "是"})
_FALSE = frozenset({"no", "false", "n", "0", "否"})


def read_number(text: str) -> object:
    """Return the number that `text` spells.

    >>> read_number("007"), read_number("2.50")
    (7, 2.5)
    """
    if not _LENIENT_NUMBER.fullmatch(text):
        msg = say("file.a_number")
        raise ValueError(msg)
    return number(text.removeprefix("+"))


def read_boolean(text: str) -> bool:
    """Return whether `text` says yes."""
    word = text.lower()
    if word not in _TRUE | _FALSE:
        msg = say("file.yes_or_no")
        raise ValueError(msg)
    return word in _TRUE


def read_location(text: str) -> tuple[float, float]:
    """Return the latitude and the longitude that `text` names."""
    parts = re.split(r"[,;\s]+", text)
    if len(parts) != 2 or not all(map(_LENIENT_NUMBER.fullmatch, parts)):  # noqa: PLR2004 - a pair
        msg = say("file.a_location")
        raise ValueError(msg)
    return float(parts[0]), float(parts[1])


def read_levels(text: str) -> dict[str, object]:
    """Return a map of names to levels; a name without a level has 1.

    >>> read_levels("negotiation:4; enterprise")
    {'negotiation': 4, 'enterprise': 1}
    """
    levels: dict[str, object] = {}
    for entry in entries(text):
        name, colon, level = (part.strip() for part in entry.replace("：", ":").rpartition(":"))
        if not colon:
            name, level = level, "1"
        if not name or not _LENIENT_NUMBER.fullmatch(level):
            msg = say("file.levels")
            raise ValueError(msg)
        levels[name] = read_number(level)
    return levels


def capacity_reader(kind: str) -> Reader:
    """Return the reader of a capacity: one number is that of `kind`, else one per kind: `customers:30;tasks:10`."""

    def read(text: str) -> object:
        if _LENIENT_NUMBER.fullmatch(text):
            return {kind: read_number(text)}
        msg = say("file.a_capacity")
        if ":" not in text.replace("：", ":"):
            raise ValueError(msg)
        try:
            return read_levels(text)
        except ValueError:
            raise ValueError(msg) from None

    return read


READERS: Mapping[ValueType, Reader] = MappingProxyType(
    {
        ValueType.TEXT: str,
        ValueType.NUMBER: read_number,
        ValueType.BOOLEAN: read_boolean,
        ValueType.TEXTS: entries,
        ValueType.LEVELS: read_levels,
        ValueType.LOCATION: read_location,
    }
)


def at_instant(value: Cell, zone: ZoneInfo) -> Cell:
    """Return a day or a time without an offset as an instant in `zone`; everything else as it is."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone) if value.tzinfo is None else value
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    return value
