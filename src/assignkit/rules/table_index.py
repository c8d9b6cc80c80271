"""Finds the rows of a long table that match an item, in the order of the table, however many rows there are.

A tree of look-ups: a node asks for one field, and leads to the rows that ask for its value, and to those that ask
nothing of the kind. Values of ordered fields are found by halving; a row whose range lies on both sides of the middle
is in both halves, until its range is all of a half (a segment tree). This is how packets are classified by decision
trees (Gupta & McKeown, Hot Interconnects 1999), but for the branch of the rows that do not ask. In the end few rows are
left, and what no look-up has answered is tested. Takes memory linear in the number of rows, unlike bitmaps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Protocol

from assignkit.rules.facts import Facts
from assignkit.rules.field_types import ValueType
from assignkit.rules.interpreter import truth, value
from assignkit.rules.masks import Edge, span_of
from assignkit.rules.numbers import exact
from assignkit.rules.plain_cells import plain_value
from assignkit.rules.rows import ORDERED, Bound, Constraint, Presence, Test, Values, constraint_of, rows_of
from assignkit.rules.terms import FieldTerm, Term

_FEW = 8  # rows that are tested one by one
_SAMPLE = 24  # rows that a choice between columns looks at
_DEEPEST = 48
_COPIES = 8  # of each row, on average, at most: ranges that overlap are in several places
_WORTHWHILE = 0.75  # of the rows that may be left by a look-up
_MOST_KEYS = 64  # of one cell, that are looked up


class Cells(Protocol):
    """One column of a table."""

    place: int
    subject: Term
    tests: dict[str, Term | None]

    def test(self, text: str) -> Term | None:
        """Return the condition that a cell stands for, None for one that asks nothing."""


@dataclass(slots=True)
class _Leaf:
    """Rows of which columns are still to be tested."""

    rows: Sequence[int]
    unsaid: tuple[int, ...]


@dataclass(slots=True)
class _ByValue:
    """Rows by the value that they ask of a column, and those that do not ask for a value."""

    column: int
    known: dict[Any, _Node]
    others: _Node | None


@dataclass(slots=True)
class _ByRange:
    """Rows by the range that they ask of a column, and those that do not ask for a range."""

    column: int
    halves: _Half
    others: _Node | None


@dataclass(slots=True)
class _Half:
    """A stretch of values: rows whose range is all of it, others; and what lies below an edge, and from it on."""

    column: int
    whole: _Node | None
    few: _Node | None
    edge: Edge | None = None
    below: _Half | None = None
    above: _Half | None = None


_Node = _Leaf | _ByValue | _ByRange
_Span = tuple[int, Edge | None, Edge | None]


class TableIndex:
    """The tree of one table in one zone, built at once; looking up is safe in several threads."""

    def __init__(self, columns: Sequence[Cells], cells: Sequence[tuple[str, ...]], zone: tzinfo) -> None:
        self._columns = [_Column(each, zone) for each in columns]
        self._cells = cells
        building = _Building(self._columns, cells)
        self._root = building.node(range(len(cells)))
        self.widest = building.widest  # how many rows are tested one by one, at most

    def first(self, facts: Facts, start: int = 0) -> int:
        """Return the number of the first row from `start` on that matches, or -1."""
        best = len(self._cells)
        seen = _Seen(self._columns, facts)
        waiting: list[_Node | _Half | None] = [self._root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, _Leaf):
                best = self._tested(node, seen, start, best)
            elif isinstance(node, _ByValue):
                waiting += (node.others, node.known.get(seen.value(node.column)))
            elif isinstance(node, _ByRange):
                waiting.append(node.others)
                if seen.value(node.column) is not None:
                    waiting.append(node.halves)
            elif node is not None:
                waiting += (node.whole, node.few)
                if node.edge is not None:
                    waiting.append(node.below if seen.position(node.column) < node.edge else node.above)
        return best if best < len(self._cells) else -1

    def before(self, row: int, *, most: int) -> list[int] | None:
        """Return the rows before one that may take an item which it takes, None for more than `most` of them or steps.

        Those that look-ups tell apart from it are left out; others may or may not have an item in common with it.
        """
        found: set[int] = set()
        waiting: list[_Node | _Half | None] = [self._root]
        for _ in range(most):
            if not waiting:
                return sorted(found)
            node = waiting.pop()
            if isinstance(node, _Leaf):
                end = bisect_left(node.rows, row)
                if end > most:
                    return None
                found.update(node.rows[:end])
            elif isinstance(node, _ByValue):
                keys = self._columns[node.column].keys(self._text(row, node.column))
                asked = node.known.values() if keys is None else (node.known.get(key) for key in keys)
                waiting += (node.others, *asked)
            elif isinstance(node, _ByRange):
                waiting += (node.others, node.halves)
            elif node is not None:
                waiting += (node.whole, node.few, *self._halves(node, row))
        return None

    def _halves(self, half: _Half, row: int) -> Iterable[_Half | None]:
        low, high = self._columns[half.column].span(self._text(row, half.column)) or (None, None)
        if half.edge is not None:
            if low is None or low < half.edge:
                yield half.below
            if high is None or high > half.edge:
                yield half.above

    def _text(self, row: int, column: int) -> str:
        return self._cells[row][self._columns[column].place]

    def _tested(self, leaf: _Leaf, seen: _Seen, start: int, best: int) -> int:
        rows = leaf.rows
        for number in range(bisect_left(rows, start), len(rows)):
            row = rows[number]
            if row >= best:
                break
            cells = self._cells[row]
            if all(seen.holds(column, cells[self._columns[column].place]) for column in leaf.unsaid):
                return row
        return best


def one_value(cells: Cells, text: str, zone: tzinfo) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return a value for which a cell holds, None where none is known."""
    column = _Column(cells, zone)
    if cells.tests.get(text, text) is None:
        return None
    keys = column.keys(text)
    if keys is not None:
        return min((key for key in keys if key is not None), default=None)
    low, high = column.span(text) or (None, None)
    if low is not None and low[1] == 0:
        return low[0]
    return high[0] if high is not None and high[1] == 1 else None


class _Seen:
    """What an item holds, and which cells hold for it."""

    def __init__(self, columns: Sequence[_Column], facts: Facts) -> None:
        self._columns, self._facts = columns, facts
        self._values: dict[int, Any] = {}
        self._held: dict[tuple[int, str], bool] = {}

    def value(self, column: int) -> Any:  # noqa: ANN401 - whatever a field holds
        """Return what a column's field holds."""
        if column not in self._values:
            self._values[column] = value(self._columns[column].cells.subject, self._facts)
        return self._values[column]

    def position(self, column: int) -> Edge:
        """Return the place of an ordered value among edges."""
        found = self.value(column)
        return (exact(found) if isinstance(found, float) else found, 0)

    def holds(self, column: int, text: str) -> bool:
        """Return whether a cell holds."""
        key = (column, text)
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = self._columns[column].holds(text, self.value(column), self._facts)
        return found


class _Column:
    """One column as an index sees it: the values, or the range, that a cell asks for."""

    def __init__(self, cells: Cells, zone: tzinfo) -> None:
        self.cells, self.place = cells, cells.place
        self._zone = zone
        subject = cells.subject
        probe = Test(subject, holds=True)
        indexed = isinstance(subject, FieldTerm) and constraint_of(probe, zone) is not None
        self.by_value = indexed and subject.type in (ValueType.TEXT, ValueType.BOOLEAN)
        self.by_range = indexed and subject.type in ORDERED
        self._asked: dict[str, list[Constraint] | None] = {}

    def holds(self, text: str, held: Any, facts: Facts) -> bool:  # noqa: ANN401
        """Return whether a cell holds for what the field holds."""
        if text in self.cells.tests or self.cells.subject.type is not ValueType.TEXT:
            test = self.cells.test(text)
            return test is None or truth(test, facts) is True
        return bool(held == text)

    def keys(self, text: str) -> Iterable[Any] | None:
        """Return the values of which a cell asks for one, None if it asks for something else."""
        if not self.by_value:
            return None
        if text not in self.cells.tests:
            return (text,)
        asked = self._constraints(text)
        if asked is None or len(asked) != 1:
            return None
        if isinstance(asked[0], Presence):
            return None if asked[0].present else (None,)
        plain = isinstance(asked[0], Values) and not asked[0].negated and len(asked[0].accepted) <= _MOST_KEYS
        return asked[0].accepted if plain and isinstance(asked[0], Values) else None

    def span(self, text: str) -> tuple[Edge | None, Edge | None] | None:
        """Return from which edge on, and below which, a cell holds; None if it asks for something else."""
        if not self.by_range:
            return None
        if text not in self.cells.tests and (one := plain_value(text, self.cells.subject)) is not None:
            return (one, 0), (one, 1)
        asked = self._constraints(text)
        if not asked or not all(isinstance(each, Bound) for each in asked):
            return None
        return span_of(each for each in asked if isinstance(each, Bound))

    def _constraints(self, text: str) -> list[Constraint] | None:
        if text not in self._asked:
            self._asked[text] = self._read(text)
        return self._asked[text]

    def _read(self, text: str) -> list[Constraint] | None:
        test = self.cells.test(text)
        rows = rows_of(test) if test is not None else []
        if len(rows) != 1:
            return None
        found = [constraint_of(each, self._zone) for each in rows[0]]
        return [each[1] for each in found if each is not None] if None not in found else None


@dataclass(slots=True)
class _Building:
    """Makes the tree of a table."""

    columns: Sequence[_Column]
    cells: Sequence[tuple[str, ...]]
    left: int = field(init=False)  # how many more times a row may be put into one more place

    widest: int = 0

    def __post_init__(self) -> None:
        self.left = _COPIES * len(self.cells)

    def node(self, rows: Sequence[int]) -> _Node:
        """Return the tree of all rows."""
        every = tuple(range(len(self.columns)))
        useful = tuple(each for each in every if self.columns[each].by_value or self.columns[each].by_range)
        return self._node(rows, every, useful, 0)

    def _node(self, rows: Sequence[int], unsaid: tuple[int, ...], useful: tuple[int, ...], depth: int) -> _Node:
        best = self._best(rows, useful) if len(rows) > _FEW and depth < _DEEPEST else None
        if best is None:
            self.widest = max(self.widest, len(rows))
            return _Leaf(tuple(rows), unsaid)
        split = self._by_value if self.columns[best].by_value else self._by_range
        return split(best, rows, unsaid, useful, depth + 1)

    def _best(self, rows: Sequence[int], useful: tuple[int, ...]) -> int | None:
        """Return the column whose look-up promises to leave the fewest rows, None if none is worth it."""
        sample = rows[:: -(-len(rows) // _SAMPLE)]
        promised = {each: self._left_of(each, sample) for each in useful}
        best = min(useful, key=promised.__getitem__, default=None)
        return best if best is not None and promised[best] < _WORTHWHILE else None

    def _left_of(self, column: int, sample: Sequence[int]) -> float:
        """Return which part of some rows a look-up leaves, as an estimate."""
        by = self.columns[column]
        texts = [self.cells[row][by.place] for row in sample]
        if by.by_value:
            keys = [found for found in map(by.keys, texts) if found is not None]
            different = len({key for found in keys for key in found})
            return 1 - len(keys) / len(texts) + len(keys) / len(texts) / max(1, different)
        spans = [found for found in map(by.span, texts) if found is not None]
        middle = [low if low is not None else high for low, high in spans][::4]
        met = [sum(_has(span, at) for span in spans) for at in middle if at is not None]
        average = sum(met) / len(met) if met else len(spans)
        return (len(texts) - len(spans) + average) / len(texts)

    def _by_value(
        self, column: int, rows: Sequence[int], unsaid: tuple[int, ...], useful: tuple[int, ...], depth: int
    ) -> _Node:
        known: dict[Any, list[int]] = {}
        others: list[int] = []
        place, keys_of = self.columns[column].place, self.columns[column].keys
        for row in rows:
            keys = keys_of(self.cells[row][place])
            if keys is None:
                others.append(row)
                continue
            for key in keys:
                known.setdefault(key, []).append(row)
        answered, useful = _without(column, unsaid), _without(column, useful)
        children = {key: self._node(found, answered, useful, depth) for key, found in known.items()}
        return _ByValue(column, children, self._node(others, unsaid, useful, depth) if others else None)

    def _by_range(
        self, column: int, rows: Sequence[int], unsaid: tuple[int, ...], useful: tuple[int, ...], depth: int
    ) -> _Node:
        spans: list[_Span] = []
        others: list[int] = []
        place, span_of_cell = self.columns[column].place, self.columns[column].span
        for row in rows:
            span = span_of_cell(self.cells[row][place])
            if span is None:
                others.append(row)
            else:
                spans.append((row, *span))
        useful = _without(column, useful)

        def below(found: list[int], *, answered: bool) -> _Node | None:
            return self._node(found, _without(column, unsaid) if answered else unsaid, useful, depth) if found else None

        halves = self._half(column, spans, (None, None), below, 0)
        return _ByRange(column, halves, below(others, answered=False))

    def _half(
        self,
        column: int,
        spans: list[_Span],
        bounds: tuple[Edge | None, Edge | None],
        below: Callable[..., _Node | None],
        depth: int,
    ) -> _Half:
        start, end = bounds
        whole = [row for row, low, high in spans if _reaches(low, start) and _reaches_up(high, end)]
        rest = [span for span in spans if not (_reaches(span[1], start) and _reaches_up(span[2], end))]
        edges = sorted({edge for _, *ends in rest for edge in ends if edge is not None and _inside(edge, start, end)})
        if len(rest) <= _FEW or not edges or self.left <= 0 or depth >= _DEEPEST:
            return _Half(column, below(whole, answered=True), below([row for row, *_ in rest], answered=False))
        edge = edges[len(edges) // 2]
        lower = [span for span in rest if span[1] is None or span[1] < edge]
        upper = [span for span in rest if span[2] is None or span[2] > edge]
        self.left -= len(lower) + len(upper) - len(rest)
        return _Half(
            column,
            below(whole, answered=True),
            None,
            edge,
            self._half(column, lower, (start, edge), below, depth + 1),
            self._half(column, upper, (edge, end), below, depth + 1),
        )


def _has(span: tuple[Edge | None, Edge | None], at: Edge) -> bool:
    low, high = span
    return (low is None or low <= at) and (high is None or at < high)


def _reaches(low: Edge | None, start: Edge | None) -> bool:
    return low is None or (start is not None and low <= start)


def _reaches_up(high: Edge | None, end: Edge | None) -> bool:
    return high is None or (end is not None and high >= end)


def _inside(edge: Edge, start: Edge | None, end: Edge | None) -> bool:
    return (start is None or edge > start) and (end is None or edge < end)


def _without(column: int, columns: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(each for each in columns if each != column)
