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

from assignkit.rules.field_types import ValueType
from assignkit.rules.masks import Column, Keyed, Ranged, keyed, named, ranged
from assignkit.rules.plan import Rule
from assignkit.rules.rows import ORDERED, Constraint, Holds, Prefix, Test, constraint_of, rows_of
from assignkit.rules.terms import FieldTerm


@dataclass(slots=True)
class Index:
    """The columns of one rule set's rows, the most selective first.

    `rule_of[i]` is the rule of bit i, `tests[i]` what of its row no column says, `bits_from[r]` the mask of the rows of
    rule r and of all behind it.
    """

    everything: int
    columns: list[tuple[FieldTerm, Column]]
    rule_of: list[int]
    tests: dict[int, tuple[Test, ...]]
    bits_from: list[int]


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
            of_row = self.asked.setdefault(term.name, {}).setdefault(1 << number, [])
            if isinstance(constraint, Holds | Prefix) and any(isinstance(each, type(constraint)) for each in of_row):
                self.tests.setdefault(number, []).append(test)  # a mask can say one key or prefix, not two
                continue
            if isinstance(constraint, Holds) and not constraint.exact:
                self.tests.setdefault(number, []).append(test)
            of_row.append(constraint)
            self.said.setdefault(term.name, {}).setdefault(number, []).append(test)


def build_index(rules: Sequence[Rule], zone: tzinfo) -> Index:
    """Return the index of rules that are tried in this order, for one zone; those that only pass on are left out.

    Takes time by the number of rows and of distinct constants; the masks of a column take at most 32 MiB.
    """
    rows = [(place, row) for place, rule in enumerate(rules) if not rule.passes_on for row in rows_of(rule.condition)]
    rows.reverse()  # the last row has bit 0, so that the first that matches is the highest bit left
    draft = _Draft()
    for number, (_, row) in enumerate(rows):
        draft.put(number, row, zone)
    everything = (1 << len(rows)) - 1
    columns = [(draft.fields[name], _column(draft, name, everything)) for name in draft.fields]
    columns.sort(key=lambda pair: _passing(pair[1]))
    rule_of = [place for place, _ in rows]
    tests = {number: tuple(found) for number, found in draft.tests.items()}
    return Index(everything, columns, rule_of, tests, _bits_from(rule_of, len(rules)))


def _column(draft: _Draft, name: str, everything: int) -> Column:
    kind, asked = draft.fields[name].type, draft.asked[name]
    if kind in ORDERED:
        column, loose = ranged(asked, everything)
        for number, tests in draft.said[name].items():
            if loose >> number & 1:
                draft.tests.setdefault(number, []).extend(tests)
        return column
    if kind in (ValueType.TEXTS, ValueType.LEVELS):
        return keyed(asked, everything)
    return named(asked, everything)


def _passing(column: Column) -> float:
    """Return roughly how many rows a value lets through: the fewer, the earlier the column is looked at."""
    if isinstance(column, Ranged):
        sample = column.masks[:: max(1, len(column.masks) // 16)]
        return sum(mask.bit_count() for mask in sample) / len(sample)
    if isinstance(column, Keyed):
        return column.free.bit_count() + sum(m.bit_count() for m in column.table.values()) / max(1, len(column.table))
    masks = [*column.table.values(), column.other]  # prefixes let through a little more
    return sum(mask.bit_count() for mask in masks) / len(masks)


def _bits_from(rule_of: list[int], rules: int) -> list[int]:
    """Return for each rule the mask of the rows of that rule and of all behind it."""
    masks = [0] * (rules + 1)
    for number, place in enumerate(rule_of):
        masks[place] |= 1 << number
    for place in range(rules - 1, -1, -1):
        masks[place] |= masks[place + 1]
    return masks
