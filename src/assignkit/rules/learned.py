"""Masks by value, remembered as values are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from sys import getsizeof
from types import NoneType
from typing import Any

from assignkit.rules.field_types import Raw

LEARNED = 4096  # values of one column that are remembered beside those that rules name; then it starts anew
HEAVIEST = 2048  # bytes that one of them takes at most: whole letters would keep gigabytes
# Plain values of two of these classes only equal each other if both are numbers, which mean the same to any column.
_PLAIN = frozenset({str, date, datetime, int, float, bool, Decimal, NoneType})


class Learned:
    """The masks of one column, by value: of those that rules name, and of those that were met.

    `masks` is a dict of its own, as looking up in one is what generated code does most; what is not in it is `met`.
    """

    def __init__(self, named: Mapping[Any, int], careful: Callable[[Raw], int]) -> None:
        self.masks: dict[Any, int] = dict(named)
        self._named, self._careful = named, careful

    def met(self, value: Any) -> int:  # noqa: ANN401 - whatever stands in the field
        """Return the mask of a value, and remember it; where too many are remembered, begin anew.

        `TypeError` for what does not hash.
        """
        mask = self.masks.get(value)
        if mask is not None:
            return mask
        mask = self._careful(value)
        if (value.__class__ in _PLAIN and getsizeof(value) <= HEAVIEST) or _is_plain_member(value):
            if len(self.masks) >= LEARNED + len(self._named):
                self.masks.clear()
                self.masks.update(self._named)
            self.masks[value] = mask
        return mask


def _is_plain_member(value: Raw) -> bool:
    """Return whether a value is a member of an enumeration that equals nothing but itself, or its own text."""
    return isinstance(value, Enum) and value.__class__.__eq__ in (object.__eq__, str.__eq__)
