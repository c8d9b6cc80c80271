"""What the values in a host's records mean: each is read by the type that the schema gives it, or counts as missing.

A reader takes the raw value and returns it in the form that comparisons rely on, or None; it never raises. Numbers stay
what they are (int, float, Decimal), instants are in UTC, texts are plain `str`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.rules.field_types import FieldSpec, Raw, ValueType

Reader = Callable[[Any], Any]


def read_text(value: Raw) -> str | None:
    """Return the text, or None."""
    return str.__str__(value) if isinstance(value, str) else None


def read_number(value: Raw) -> int | float | Decimal | None:
    """Return the number if it is finite, or None; a boolean is not a number."""
    if isinstance(value, float):
        return float(value) if -inf < value < inf else None
    if isinstance(value, int):
        return None if isinstance(value, bool) else int(value)
    if isinstance(value, Decimal):
        return Decimal(value) if value.is_finite() else None
    return None


def read_boolean(value: Raw) -> bool | None:
    """Return the boolean, or None."""
    return value if value is True or value is False else None


def read_date(value: Raw) -> date | None:
    """Return the date, or None; a datetime is not a date."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def read_instant(value: Raw, zone: tzinfo | None = None) -> datetime | None:
    """Return the instant in UTC, or None; a naive datetime is read in `zone`, or missing without one."""
    if not isinstance(value, datetime) or value != value:  # noqa: PLR0124 - pandas' NaT is a datetime unlike itself
        return None
    if value.tzinfo is UTC:
        return value
    try:
        if value.utcoffset() is None:
            if zone is None:
                return None
            value = value.replace(tzinfo=zone)
        moment: datetime = value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None  # within a day of the ends of the calendar
    return moment


def read_texts(value: Raw) -> Raw:
    """Return the list of texts as it is, or None; a text is not a list."""
    return value if isinstance(value, list | tuple | set | frozenset) else None


def read_levels(value: Raw) -> Mapping[Any, Any] | None:
    """Return the map as it is, or None."""
    return value if isinstance(value, Mapping) else None


def read_location(value: Raw) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, or None."""
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - a pair
        return None
    latitude, longitude = read_number(value[0]), read_number(value[1])
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004
        return None
    return float(latitude), float(longitude)


def read_nothing(value: Raw) -> None:
    """Return None: a column without any value has no type."""


_READERS: Mapping[ValueType, Reader] = {
    ValueType.TEXT: read_text,
    ValueType.NUMBER: read_number,
    ValueType.BOOLEAN: read_boolean,
    ValueType.DATE: read_date,
    ValueType.INSTANT: read_instant,
    ValueType.TEXTS: read_texts,
    ValueType.LEVELS: read_levels,
    ValueType.LOCATION: read_location,
    ValueType.ANY: read_nothing,
}


@lru_cache(maxsize=4096)
def reader(spec: FieldSpec) -> Reader:
    """Return what reads the values of this field."""
    plain = _READERS[spec.type]
    if spec.zone is not None and spec.type is ValueType.INSTANT:
        zone = ZoneInfo(spec.zone)
        return lambda value: read_instant(value, zone)
    if spec.wrapped:
        return lambda value: plain(_unwrapped(value))
    return plain


def _unwrapped(value: Raw) -> Raw:
    """Return the value of an enumeration's member, also inside a list or as the keys of a map."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple | set | frozenset):
        return [each.value if isinstance(each, Enum) else each for each in value]
    if isinstance(value, Mapping):
        return {key.value if isinstance(key, Enum) else key: level for key, level in value.items()}
    return value


def problem_with(spec: FieldSpec, raw: Raw) -> str | None:
    """Return why a raw value counts as missing although something is there, or None."""
    try:
        if raw is None or spec.type is ValueType.ANY or reader(spec)(raw) is not None or _is_nan(raw):
            return None
    except (TypeError, ValueError):
        return "it cannot be read"
    if spec.type is ValueType.INSTANT and isinstance(raw, datetime):
        return "it has no time zone" if raw.tzinfo is None else "it is outside the calendar"
    if spec.type is ValueType.NUMBER and isinstance(raw, float | Decimal):
        return "it is not finite"
    return f"it should be {_wanted(spec.type)}, not {type(raw).__name__}"


def _is_nan(raw: object) -> bool:
    if isinstance(raw, Decimal):
        return raw.is_nan()
    return isinstance(raw, float | datetime) and raw != raw  # noqa: PLR0124 - NaN and NaT


def _wanted(kind: ValueType) -> str:
    return "a text" if kind is ValueType.TEXT else str(kind)
