"""One field's part of an index: from a value to the mask of rows that it does not exclude.

Masks are integers with a bit per row. Every column answers for missing values, and for values that no rule names.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf, nextafter
from typing import Any

from assignkit.rules import numbers
from assignkit.rules.rows import Bound, Constraint, Holds, Prefix, Presence, Values

_WIDEST = 16 * 2**20  # bytes that the masks of one column may take; as much again for those that were met
_STEP = 16  # steps of a stair between two masks that are kept
_Lists = dict[Any, list[int]]  # rows by value or key
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


class Stairs(dict[int, int]):
    """The masks of a column of ordered values, by number: each is the one before it with some rows in or out.

    One in some is kept; the others are found from there when they are asked for, and remembered until there are too
    many.
    """

    def __init__(self, lowest: int, steps: Sequence[Sequence[int]], rows: int) -> None:
        """Begin with a mask of so many rows; `steps[i]` are those that differ between masks i and i + 1."""
        super().__init__()
        self._steps, self._kept = steps, [lowest]
        self._most = max(_STEP, _WIDEST // (rows // 8 + 32))
        for start in range(0, len(steps) - _STEP + 1, _STEP):
            self._kept.append(self._after(self._kept[-1], steps[start : start + _STEP]))

    def __missing__(self, number: int) -> int:
        below = number // _STEP
        mask = self._after(self._kept[below], self._steps[below * _STEP : number])
        if len(self) >= self._most:
            self.clear()
        self[number] = mask
        return mask

    @staticmethod
    def _after(mask: int, steps: Sequence[Sequence[int]]) -> int:
        for rows in steps:
            for row in rows:
                mask ^= 1 << row
        return mask

    def all(self) -> list[int]:
        """Return all masks; for those that are few."""
        masks = self._kept[:1]
        for rows in self._steps:
            masks.append(self._after(masks[-1], (rows,)))
        return masks

    def passing(self) -> float:
        """Return how many rows a mask has, roughly, on average."""
        sample = self._kept[:: max(1, len(self._kept) // 16)]
        return sum(mask.bit_count() for mask in sample) / len(sample)


@dataclass(slots=True)
class Ranged:
    """A column of ordered values: `masks[i]` is for values from the i-th edge on, below the next.

    `exact` and `plain` are the same edges, for any value and for the values of `plain_type`, which bisect fast.
    """

    exact: list[Edge]
    plain: list[Any]
    masks: Stairs
    missing: int

    def of(self, value: Any) -> int:  # noqa: ANN401 - a number, date or instant
        """Return the mask of any value that is there."""
        if isinstance(value, float):
            value = numbers.exact(value)
        return self.masks[bisect_right(self.exact, (value, 0))]


Column = Named | Keyed | Ranged


def named(rows: Mapping[int, list[Constraint]], count: int) -> Named:
    """Return the column of a text or boolean field; `rows` has what each row, by number, asks of the field."""
    absent: list[int] = []
    present: list[int] = []
    gain: _Lists = {}
    loss: _Lists = {}
    begun: dict[int, _Lists] = {}
    for row, constraints in rows.items():
        wants, accepted, refused, beginning = _asked_of_text(constraints)
        if wants == {False}:
            absent.append(row)
        elif wants == {True} and accepted is not None:
            kept = accepted - refused
            _add(gain, kept if beginning is None else (v for v in kept if v.startswith(beginning)), row)
        elif wants == {True}:
            if beginning is None:
                present.append(row)
            else:
                _add(begun.setdefault(len(beginning), {}), (beginning,), row)
            _add(loss, refused, row)
    free = mask_of(rows.keys(), but_of=count)
    prefixes = {
        length: {text: mask_of(found) for text, found in of_length.items()} for length, of_length in begun.items()
    }
    column = Named({}, free | mask_of(present), free | mask_of(absent), prefixes)
    column.table = {
        value: ((column.other | column.begun(value)) & ~mask_of(loss.get(value, ()))) | mask_of(gain.get(value, ()))
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


def keyed(rows: Mapping[int, list[Constraint]], count: int) -> Keyed:
    """Return the column of a list or map; of several keys that a row asks for, the first stands for all."""
    absent: list[int] = []
    present: list[int] = []
    gain: _Lists = {}
    for row, constraints in rows.items():
        wants = {not isinstance(each, Presence) or each.present for each in constraints}
        held = next((each for each in constraints if isinstance(each, Holds)), None)
        if wants == {False}:
            absent.append(row)
        elif wants == {True} and held is None:
            present.append(row)
        elif wants == {True} and held is not None:
            _add(gain, held.keys, row)
    free = mask_of(rows.keys(), but_of=count)
    table = {key: mask_of(found) for key, found in gain.items()}
    return Keyed(table, free | mask_of(present), free | mask_of(absent))


def ranged(rows: Mapping[int, list[Constraint]], count: int) -> tuple[Ranged, frozenset[int]]:
    """Return the column of an ordered field, and the rows for which its masks promise too much: they need a test.

    That happens when there are more edges than masks may be kept for.
    """
    absent: list[int] = []
    spans: list[tuple[int, Edge | None, Edge | None]] = []
    for row, constraints in rows.items():
        wants = {not isinstance(each, Presence) or each.present for each in constraints}
        if wants == {False}:
            absent.append(row)
        elif wants == {True}:
            spans.append((row, *span_of(each for each in constraints if isinstance(each, Bound))))
    edges = _thinned(sorted({edge for _, *ends in spans for edge in ends if edge is not None}), count)
    steps, loose = _steps(spans, edges)
    free = mask_of(rows.keys(), but_of=count)
    masks = Stairs(free ^ mask_of(steps[0]), steps[1:], count)
    return Ranged(edges, [_plain(edge) for edge in edges], masks, free | mask_of(absent)), loose


def _steps(
    spans: Iterable[tuple[int, Edge | None, Edge | None]], edges: Sequence[Edge]
) -> tuple[list[list[int]], frozenset[int]]:
    """Return the rows that begin or end at each edge, behind those below all; and the rows that end in between."""
    steps: list[list[int]] = [[] for _ in range(len(edges) + 1)]
    loose = set()
    for row, low, high in spans:
        first = 0 if low is None else bisect_right(edges, low)
        last = len(edges) if high is None else bisect_left(edges, high)
        if (low is not None and (first == 0 or edges[first - 1] != low)) or (
            high is not None and (last == len(edges) or edges[last] != high)
        ):
            loose.add(row)
        if low is None or high is None or low < high:
            steps[first].append(row)
            if last < len(edges):
                steps[last + 1].append(row)
    return steps, frozenset(loose)


def mask_of(rows: Collection[int], *, but_of: int = 0) -> int:
    """Return the mask of these rows; with `but_of`, of all rows below that number but these."""
    bits = bytearray(max(rows, default=0) // 8 + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little") ^ ((1 << but_of) - 1)


def _add(table: _Lists, keys: Iterable[Any], row: int) -> None:
    for key in keys:
        table.setdefault(key, []).append(row)


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


def _thinned(edges: list[Edge], rows: int) -> list[Edge]:
    """Return so many of the edges, evenly, that their masks fit."""
    most = max(1, _STEP * _WIDEST // (rows // 8 + 32))
    return edges if len(edges) <= most else edges[:: -(-len(edges) // most)]


def _plain(edge: Edge) -> Any:  # noqa: ANN401 - a number, date or instant
    """Return the edge as the smallest float, date or instant that is not below it."""
    constant, above = edge
    if isinstance(constant, int | Decimal):
        near = float(constant)
        return nextafter(near, inf) if above else near
    step = timedelta(microseconds=1) if isinstance(constant, datetime) else timedelta(days=1)
    return constant + step if above else constant
