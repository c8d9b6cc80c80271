"""One field's part of an index: from a value to the mask of rows that it does not exclude.

Masks are integers with a bit per row. Every column answers for missing values, and for values that no rule names.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf, nextafter
from typing import Any

from assignkit.rules import numbers
from assignkit.rules.rows import Bound, Constraint, Holds, Prefix, Presence, Values

LEARNED = 4096  # values of one column that are remembered; then it starts anew
_WIDEST = 32 * 2**20  # bytes that the masks of one column may take
Edge = tuple[Any, int]  # (constant, 0): from the constant on; (constant, 1): from just above it on


@dataclass(slots=True)
class Named:
    """A column of values that rules name: texts, booleans. `table` has what they name, `other` is for the rest.

    `prefixes` has the rows that ask for a beginning, by its length and text; they are not in `other`.
    """

    table: dict[Any, int]
    other: int
    missing: int
    prefixes: dict[int, dict[str, int]] = field(default_factory=dict)

    def of(self, value: Any) -> int:  # noqa: ANN401 - a text or boolean
        """Return the mask of any value that is there."""
        mask = self.table.get(value)
        return self.other | self.begun(value) if mask is None else mask

    def begun(self, value: Any) -> int:  # noqa: ANN401
        """Return the rows that ask for a beginning that the value has."""
        mask = 0
        for length, rows in self.prefixes.items():
            mask |= rows.get(value[:length], 0)
        return mask


@dataclass(slots=True)
class Keyed:
    """A column of lists or maps: `free` rows ask nothing of them, `table` has the rows that ask for a key."""

    table: dict[Any, int]
    free: int
    missing: int


@dataclass(slots=True)
class Ranged:
    """A column of ordered values: `masks[i]` is for values from the i-th edge on, below the next.

    `exact` and `plain` are the same edges, for any value and for the values of `plain_type`, which bisect fast.
    """

    exact: list[Edge]
    plain: list[Any]
    masks: list[int]
    missing: int

    def of(self, value: Any) -> int:  # noqa: ANN401 - a number, date or instant
        """Return the mask of any value that is there."""
        if isinstance(value, float):
            value = numbers.exact(value)
        return self.masks[bisect_right(self.exact, (value, 0))]


Column = Named | Keyed | Ranged


def named(rows: Mapping[int, list[Constraint]], everything: int) -> Named:
    """Return the column of a text or boolean field; `rows` maps a row's bit to what it asks of the field."""
    free, absent, present = everything, 0, 0
    gain: dict[Any, int] = {}
    loss: dict[Any, int] = {}
    prefixes: dict[int, dict[str, int]] = {}
    for bit, constraints in rows.items():
        free &= ~bit
        wants, accepted, refused, beginning = _asked_of_text(constraints)
        if wants == {False}:
            absent |= bit
        elif wants == {True} and accepted is not None:
            kept = accepted - refused
            _add(gain, kept if beginning is None else (v for v in kept if v.startswith(beginning)), bit)
        elif wants == {True}:
            if beginning is None:
                present |= bit
            else:
                _add(prefixes.setdefault(len(beginning), {}), (beginning,), bit)
            _add(loss, refused, bit)
    column = Named({}, free | present, free | absent, prefixes)
    column.table = {
        value: ((column.other | column.begun(value)) & ~loss.get(value, 0)) | gain.get(value, 0)
        for value in gain.keys() | loss.keys()
    }
    return column


def _asked_of_text(
    constraints: Iterable[Constraint],
) -> tuple[set[bool], frozenset[Any] | None, frozenset[Any], str | None]:
    """Return whether the field has to be there, which values are accepted (None: all), which refused, how it begins."""
    accepted: frozenset[Any] | None = None
    refused: frozenset[Any] = frozenset()
    beginning: str | None = None
    wants: set[bool] = set()
    for constraint in constraints:
        if isinstance(constraint, Prefix):
            beginning = constraint.text
        elif isinstance(constraint, Values) and constraint.negated:
            refused |= constraint.accepted
        elif isinstance(constraint, Values):
            accepted = constraint.accepted if accepted is None else accepted & constraint.accepted
        wants.add(constraint.present if isinstance(constraint, Presence) else True)
    return wants, accepted, refused, beginning


def keyed(rows: Mapping[int, list[Constraint]], everything: int) -> Keyed:
    """Return the column of a list or map; of several keys that a row asks for, the first stands for all."""
    free, absent, present = everything, 0, 0
    gain: dict[Any, int] = {}
    for bit, constraints in rows.items():
        free &= ~bit
        wants = {not isinstance(each, Presence) or each.present for each in constraints}
        held = next((each for each in constraints if isinstance(each, Holds)), None)
        if wants == {False}:
            absent |= bit
        elif wants == {True} and held is None:
            present |= bit
        elif wants == {True} and held is not None:
            _add(gain, held.keys, bit)
    return Keyed(gain, free | present, free | absent)


def ranged(rows: Mapping[int, list[Constraint]], everything: int) -> tuple[Ranged, int]:
    """Return the column of an ordered field, and the rows for which its masks promise too much: they need a test.

    That happens when there are more edges than masks may be kept for.
    """
    free, absent, loose = everything, 0, 0
    spans: list[tuple[int, Edge | None, Edge | None]] = []
    for bit, constraints in rows.items():
        free &= ~bit
        wants = {not isinstance(each, Presence) or each.present for each in constraints}
        if wants == {False}:
            absent |= bit
        elif wants == {True}:
            spans.append((bit, *span_of(each for each in constraints if isinstance(each, Bound))))
    edges = sorted({edge for _, low, high in spans for edge in (low, high) if edge is not None})
    kept = _thinned(edges, everything.bit_length())
    toggles = [0] * (len(kept) + 1)
    for bit, low, high in spans:
        first = 0 if low is None else bisect_right(kept, low)
        last = len(kept) if high is None else bisect_left(kept, high)
        if (low is not None and (first == 0 or kept[first - 1] != low)) or (
            high is not None and (last == len(kept) or kept[last] != high)
        ):
            loose |= bit
        if low is not None and high is not None and low >= high:
            continue
        toggles[first] ^= bit
        if last < len(kept):
            toggles[last + 1] ^= bit
    masks, current = [], free
    for toggle in toggles:
        current ^= toggle
        masks.append(current)
    return Ranged(kept, [_plain(edge) for edge in kept], masks, free | absent), loose


def _add(table: dict[Any, int], keys: Iterable[Any], bit: int) -> None:
    for key in keys:
        table[key] = table.get(key, 0) | bit


def span_of(bounds: Iterable[Bound]) -> tuple[Edge | None, Edge | None]:
    """Return from which edge on, and below which, all bounds hold."""
    low: Edge | None = None
    high: Edge | None = None
    for bound in bounds:
        constant, operator = bound.constant, bound.operator
        if operator in (">", ">=", "="):
            edge = (constant, 1 if operator == ">" else 0)
            low = edge if low is None else max(low, edge)
        if operator in ("<", "<=", "="):
            edge = (constant, 0 if operator == "<" else 1)
            high = edge if high is None else min(high, edge)
    return low, high


def _thinned(edges: list[Edge], bits: int) -> list[Edge]:
    """Return so many of the edges, evenly, that their masks fit."""
    most = max(1, _WIDEST // (bits // 8 + 32))
    return edges if len(edges) <= most else edges[:: -(-len(edges) // most)]


def _plain(edge: Edge) -> Any:  # noqa: ANN401 - a number, date or instant
    """Return the edge as the smallest float, date or instant that is not below it."""
    constant, above = edge
    if isinstance(constant, int | Decimal):
        near = float(constant)
        return nextafter(near, inf) if above else near
    step = timedelta(microseconds=1) if isinstance(constant, datetime) else timedelta(days=1)
    return constant + step if above else constant
