"""The rule index: finds the first matching rule by a few look-ups, however many rules there are.

Every rule is split into rows (see `rows.py`), every row has a bit, earlier rules higher ones. Each field of the item
gives the mask of rows that its value does not exclude (see `masks.py`); what is left when all masks are joined by AND
is tried from the highest bit down, and only the tests that no mask could say are made. The method is that of bitmap
indexes for packet classification (Lakshman & Stiliadis, SIGCOMM 1998). The naive twin is the chain of all conditions
in `compiler.py`; a property test shows that both find the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import accumulate

from assignkit.rules.field_types import ValueType
from assignkit.rules.learned import Learned
from assignkit.rules.masks import Column, Keyed, Ranged, keyed, named, ranged
from assignkit.rules.plan import Rule
from assignkit.rules.rows import ORDERED, Constraint, Holds, Prefix, Test, constraint_of, rows_of
from assignkit.rules.terms import FieldTerm


@dataclass(slots=True)
class Index:
    """The columns of one rule set's rows, the most selective first.

    `rule_of[i]` is the rule of bit i, `tests[i]` what of its row no column says, `rows_from[r]` how many rows rule r
    and all behind it have: theirs are the lowest bits. `learned` remembers masks of values by column.
    """

    everything: int
    columns: list[tuple[FieldTerm, Column]]
    rule_of: list[int]
    tests: dict[int, tuple[Test, ...]]
    rows_from: list[int]
    learned: dict[int, Learned] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """Rows on their way into an index: what each asks of each field, and what is left."""

    fields: dict[str, FieldTerm] = field(default_factory=dict)
    asked: dict[str, dict[int, list[Constraint]]] = field(default_factory=dict)
    tests: dict[int, list[Test]] = field(default_factory=dict)
    said: dict[str, dict[int, list[Test]]] = field(default_factory=dict)

    def put(self, number: int, row: tuple[Test, ...], zone: tzinfo) -> None:
        for test in row:
            found = constraint_of(test, zone)
            if found is None:
                self.tests.setdefault(number, []).append(test)
                continue
            term, constraint = found
            self.fields.setdefault(term.name, term)
            of_row = self.asked.setdefault(term.name, {}).setdefault(number, [])
            if isinstance(constraint, Holds | Prefix) and any(isinstance(each, type(constraint)) for each in of_row):
                self.tests.setdefault(number, []).append(test)  # a mask can say one key or prefix, not two
                continue
            if isinstance(constraint, Holds) and not constraint.exact:
                self.tests.setdefault(number, []).append(test)
            of_row.append(constraint)
            self.said.setdefault(term.name, {}).setdefault(number, []).append(test)


def build_index(rules: Sequence[Rule], zone: tzinfo) -> Index:
    """Return the index of rules that are tried in this order, for one zone; those that only pass on are left out.

    Takes time by the number of rows and of distinct constants; the masks of a column take at most 32 MiB, once
    many values have been met.
    """
    rows = [(place, row) for place, rule in enumerate(rules) if not rule.passes_on for row in rows_of(rule.condition)]
    rows.reverse()  # the last row has bit 0, so that the first that matches is the highest bit left
    draft = _Draft()
    for number, (_, row) in enumerate(rows):
        draft.put(number, row, zone)
    columns = [(draft.fields[name], _column(draft, name, len(rows))) for name in draft.fields]
    columns.sort(key=lambda pair: passing(pair[1]))
    rule_of = [place for place, _ in rows]
    tests = {number: tuple(found) for number, found in draft.tests.items()}
    return Index((1 << len(rows)) - 1, columns, rule_of, tests, _rows_from(rule_of, len(rules)))


def _column(draft: _Draft, name: str, rows: int) -> Column:
    kind, asked = draft.fields[name].type, draft.asked[name]
    if kind in ORDERED:
        column, loose = ranged(asked, rows)
        for number, tests in draft.said[name].items():
            if number in loose:
                draft.tests.setdefault(number, []).extend(tests)
        return column
    if kind in (ValueType.TEXTS, ValueType.LEVELS):
        return keyed(asked, rows)
    return named(asked, rows)


def passing(column: Column) -> float:
    """Return roughly how many rows a value lets through: the fewer, the earlier the column is looked at."""
    if isinstance(column, Ranged):
        return column.masks.passing()
    if isinstance(column, Keyed):
        return column.free.bit_count() + sum(m.bit_count() for m in column.table.values()) / max(1, len(column.table))
    masks = [*column.table.values(), column.other]  # prefixes let through a little more
    return sum(mask.bit_count() for mask in masks) / len(masks)


def _rows_from(rule_of: list[int], rules: int) -> list[int]:
    """Return for each rule how many rows it and all behind it have."""
    counts = [0] * (rules + 1)
    for place in rule_of:
        counts[place] += 1
    return list(accumulate(reversed(counts)))[::-1]
