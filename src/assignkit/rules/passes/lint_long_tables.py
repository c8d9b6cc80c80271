"""Lints about long tables: rows never reached, rows that overlap, and what no row takes. Bounded, and says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from random import Random
from typing import Any

from assignkit.diagnostics import Diagnostic, Location, Severity
from assignkit.messages.text import Text, say
from assignkit.rules import codes
from assignkit.rules.boxing import Questions, TooManyBoxesError
from assignkit.rules.draft import Draft
from assignkit.rules.facts import Facts
from assignkit.rules.long_tables import LongTable
from assignkit.rules.passes.lint_reach import described, overlap_of
from assignkit.rules.regions import Box, Domain, minus
from assignkit.rules.table_index import one_value
from assignkit.rules.terms import FieldTerm

_TOLD = 20  # findings of one kind in a table
_LOOKED_AT = 20_000  # rows that are compared with those before them
_MOST_STEPS = 64  # of finding those before one row that may meet it
_MOST_COMPARISONS = 20_000  # of rows, in one table
_TRIED, _TRIED_CELLS = 2_000, 20_000  # combinations of what rows ask for


def lint_long_tables(draft: Draft) -> None:
    """Warn of rows of long tables that are never reached, note what overlaps or is left out, and what is undecided."""
    if any(told.severity is Severity.ERROR for _, _, told in draft.found):
        return
    for table in draft.long_tables:
        lint = _Lint(draft, table)
        lint.rows_before()
        lint.gap()


@dataclass(slots=True)
class _Lint:
    draft: Draft
    table: LongTable
    questions: Questions = field(default_factory=Questions)
    told: dict[str, int] = field(default_factory=dict)
    takes_all: int | None = None
    comparisons: int = 0

    def rows_before(self) -> None:
        """Compare rows with those before them."""
        first: dict[tuple[object, ...], int] = {}
        undecided = 0
        for number in range(len(self.table)):
            asked = self._asked(number)
            same = first.setdefault(asked, number)
            if self.takes_all is not None:
                self._hidden(number, self.takes_all)
            elif same != number and not self.table.passes_on(same):
                self._hidden(number, same)
            elif number < _LOOKED_AT and self.comparisons <= _MOST_COMPARISONS:
                undecided += not self._compared(number)
            else:
                undecided += 1
            if not any(asked) and self.takes_all is None and not self.table.passes_on(number):
                self.takes_all = number
        for code, count in self.told.items():
            if count > _TOLD:
                message = say("meaning.more_rows", count=count - _TOLD)
                self.draft.report(code, message, *self.table.named, severity=Severity.NOTE)
        if undecided:
            message, help = say("meaning.rows_undecided", count=undecided), say("meaning.same_rows_decided")
            self.draft.report(codes.UNDECIDED, message, *self.table.named, help=help, severity=Severity.NOTE)

    def gap(self) -> None:
        """Note a combination of what single rows ask for that no row takes."""
        fields = [each.subject for each in self.table.columns if isinstance(each.subject, FieldTerm)]
        if not fields or self.takes_all is not None or len(fields) < len(self.table.columns):
            return
        if self.table.index(UTC).widest > _MOST_STEPS:
            return  # each item would be compared with many rows
        random = Random(len(self.table))  # noqa: S311 - the same combinations for the same table
        for _ in range(min(_TRIED, _TRIED_CELLS // len(fields))):
            held: dict[str, Domain] = {}
            item: dict[str, Any] = {}
            for column, subject in zip(self.table.columns, fields, strict=True):
                cell = self.table.cells[random.randrange(len(self.table))][column.place]
                value = one_value(column, cell, UTC)
                if value is not None:
                    held.update(self.questions.only(subject, value))
                    _put(item, subject.spec.path, value)
            if held and next(self.table.matching(Facts(item)), None) is None:
                message = say("meaning.row_gap", item=described(held, self.questions, self._noun))
                self.draft.report(codes.TABLE_GAP, message, *self.table.named, severity=Severity.NOTE)
                return

    def _asked(self, number: int) -> tuple[object, ...]:
        """Return what a row asks for: its cells, of those that ask nothing none."""
        row = self.table.cells[number]
        return tuple(
            row[each.place] if each.tests.get(row[each.place], row) is not None else None for each in self.table.columns
        )

    def _compared(self, number: int) -> bool:
        """Tell whether rows before one take all or some of its items; return whether that is decided."""
        before = self.table.index(UTC).before(number, most=_MOST_STEPS)
        self.comparisons += len(before or ())
        if before is None or self.comparisons > _MOST_COMPARISONS:
            return False
        own = self._boxes(number)
        if own is None:
            return False
        for other in before:
            others = self._boxes(other)
            if others is None:
                return False
            if self.table.passes_on(other):
                continue
            if all(any(not minus(box, taken) for taken in others) for box in own):
                self._hidden(number, other)
                return True
            both = overlap_of(own, others)
            if both is not None and self.table.rule(number).steps != self.table.rule(other).steps:
                item = described(both, self.questions, self._noun)
                message = say("meaning.row_overlaps", row=other + 1, item=item)
                self._tell(codes.ROWS_OVERLAP, Severity.NOTE, number, message)
                return True
        return True

    @property
    def _noun(self) -> str:
        return self.draft.schema.items[self.table.kind].root

    def _boxes(self, number: int) -> list[Box] | None:
        try:
            return self.questions.boxes(self.table.rule(number).condition)
        except TooManyBoxesError:
            return None

    def _hidden(self, number: int, by: int) -> None:
        rule, blocker = (f"{self.table.name} row {each + 1}" for each in (number, by))
        message = say("meaning.hidden_by", rule=rule, blocker=blocker)
        self._tell(codes.UNREACHABLE, Severity.WARNING, number, message)

    def _tell(self, code: str, severity: Severity, number: int, message: Text) -> None:
        self.told[code] = self.told.get(code, 0) + 1
        if self.told[code] > _TOLD:
            return
        line = self.table.lines[number]
        snippet = f"| {' | '.join(self.table.cells[number])} |"
        place = Location(self.table.source.name, line, 1, line, len(snippet) + 1)
        source, span = self.table.named
        index = next(i for i, each in enumerate(self.draft.files) if each.source is source)
        self.draft.found.append((index, span, Diagnostic(code, severity, message, place, snippet)))


def _put(record: dict[str, Any], path: tuple[str, ...], value: Any) -> None:  # noqa: ANN401 - whatever fields hold
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value
