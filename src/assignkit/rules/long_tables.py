"""Long tables: what the rows of a file with thousands of them ask for, without a rule for each.

A row is kept as the texts of its cells. What a cell means is found out once for all rows that have it, and a rule is
made of a row when somebody looks at it. The naive twin is the rule per row that shorter tables get.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from assignkit.diagnostics import Source, Span
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.long_reading import row_number
from assignkit.rules.plain_cells import plain_test
from assignkit.rules.plan import Continue, Rule, Step
from assignkit.rules.table_index import TableIndex
from assignkit.rules.terms import And, Origin, Term

_REMEMBERED = 4096  # rules that are kept once they were made
_START = Span(0, 0)


@dataclass(slots=True, eq=False)
class Column:
    """The cells below one condition: `place` is where they stand in a row, `tests` what they ask by their text.

    A text that `tests` does not have is a plain value or range.
    """

    place: int
    subject: Term
    source: Source
    tests: dict[str, Term | None]

    def test(self, text: str) -> Term | None:
        """Return the condition that a cell stands for, None for one that asks nothing."""
        try:
            return self.tests[text]
        except KeyError:
            return self.tests.setdefault(text, plain_test(text, self.subject, self.source))


@dataclass(slots=True, eq=False)
class LongTable:
    """The rows of a table from a file, in order; `position` is that of the first one among all rules.

    `lines` has the line of each row in the file, `cells` the texts of its cells. `shown` are the numbers (from 0) of
    rows which together have every action, and a test in every column that has any; `named` is where rules name it.
    """

    name: str
    kind: str
    priority: Any
    position: int
    source: Source
    lines: Sequence[int]
    cells: Sequence[tuple[str, ...]]
    columns: tuple[Column, ...]
    action_places: tuple[int, ...]
    steps: Mapping[tuple[str, ...], tuple[Step, ...]]
    shown: tuple[int, ...]
    named: tuple[Source, Span]
    _rules: dict[int, Rule] = field(default_factory=dict)
    _indexes: dict[tzinfo, TableIndex] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cells)

    def rule(self, number: int) -> Rule:
        """Return the rule that a row, counted from 0, stands for."""
        rule = self._rules.get(number)
        if rule is None:
            if len(self._rules) >= _REMEMBERED:
                self._rules.clear()
            rule = self._rules[number] = self._made(number)
        return rule

    def number_of(self, name: str) -> int | None:
        """Return the number of the row that a rule's name stands for, None if it is no row of this table."""
        table, _, row = name.rpartition(" row ")
        number = row_number(row, len(self)) if table == self.name else None
        return None if number is None else number - 1

    def representatives(self) -> Iterator[Rule]:
        """Return rules that together read every field and take every action of the table."""
        return map(self.rule, self.shown)

    def reads_now(self) -> bool:
        """Return whether the rows read the time."""
        terms = (term for column in self.columns for term in column.tests.values())
        return any(term is not None and "now" in term.roots for term in terms)  # plain cells are about single fields

    def passes_on(self, number: int) -> bool:
        """Return whether a row decides nothing: its action is `continue`."""
        (step,) = self._steps(number)
        return isinstance(step.action, Continue)

    def first(
        self,
        item: Raw,
        *,
        owner: Raw = None,
        customer: Raw = None,
        now: datetime | None = None,
        zone: tzinfo,
        start: int = 0,
    ) -> int:
        """Return the number of the first row from `start` on that decides about the item, or -1."""
        facts = Facts(item, None, owner, customer, now, zone)
        return next((row for row in self.matching(facts, start) if not self.passes_on(row)), -1)

    def matching(self, facts: Facts, start: int = 0) -> Iterator[int]:
        """Yield the numbers of the rows that match, from `start` on, also of those that pass the item on."""
        index = self.index(facts.place)
        found = index.first(facts, start)
        while found >= 0:
            yield found
            found = index.first(facts, found + 1)

    def index(self, zone: tzinfo) -> TableIndex:
        """Return what finds the rows in a zone, made when it is first asked for."""
        index = self._indexes.get(zone)
        return index or self._indexes.setdefault(zone, TableIndex(self.columns, self.cells, zone))

    def _steps(self, number: int) -> tuple[Step, ...]:
        row = self.cells[number]
        return self.steps[tuple(row[place] for place in self.action_places)]

    def _made(self, number: int) -> Rule:
        row = self.cells[number]
        tests = [test for column in self.columns if (test := column.test(row[column.place])) is not None]
        condition = self._joined(tests)
        return Rule(
            name=f"{self.name} row {number + 1}",
            kind=self.kind,
            position=self.position + number,
            priority=self.priority,
            file=self.source.name,
            line=self.lines[number],
            text="" if condition is None else condition.text,
            condition=condition,
            steps=self._steps(number),
        )

    def _joined(self, tests: list[Term]) -> Term | None:
        if len(tests) < 2:  # noqa: PLR2004 - one test needs no joining
            return tests[0] if tests else None
        origin = Origin(self.source, _START, " and ".join(test.text for test in tests))
        return And(type=ValueType.BOOLEAN, origin=origin, operands=tuple(tests))
