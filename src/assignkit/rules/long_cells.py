"""From rows of a long table that were read as the language to the table: each different cell is read once."""

from __future__ import annotations

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.rules.elaboration import Elaboration
from assignkit.rules.long_reading import LongReading, Row
from assignkit.rules.long_tables import Column, LongTable
from assignkit.rules.plan import Step
from assignkit.rules.rule_building import RuleBuilding
from assignkit.rules.terms import Term


class LongCells:
    """Collects what the cells of one table mean."""

    def __init__(
        self, node: syntax.TableStatement, build: RuleBuilding, source: Source, elaboration: Elaboration
    ) -> None:
        self._node, self._build, self._source, self._elaboration = node, build, source, elaboration
        self._acting = tuple(place for place, each in enumerate(node.columns) if each.role != "condition")
        self._tests: list[dict[str, Term | None]] = [{} for _ in node.columns]
        self._steps: dict[Row, tuple[Step, ...]] = {}

    def read(self, row: syntax.TableRow, texts: Row) -> None:
        """Read a row, whose cells have these texts in the file."""
        tests = dict(self._build.tests(self._node, row))
        for place, text in enumerate(texts):
            self._tests[place].setdefault(text, tests.get(place))
        pair = tuple(texts[place] for place in self._acting)
        if pair not in self._steps:
            self._steps[pair] = self._build.steps_of(row)

    def table(self, reading: LongReading, kind: str, position: int) -> LongTable:
        """Return the table; `position` is that of its first row."""
        node = self._node
        columns = tuple(
            Column(place, self._elaboration.term(each.subject), self._source, self._tests[place])
            for place, each in enumerate(node.columns)
            if each.subject is not None
        )
        numbers = {number: at for at, number in enumerate(reading.numbers)}
        return LongTable(
            name=node.name.value,
            kind=kind,
            priority=node.priority.value if node.priority else 0,
            position=position,
            source=self._source,
            lines=[number + 2 for number in reading.numbers],
            cells=[reading.rows[number] for number in reading.numbers],
            columns=columns,
            action_places=self._acting,
            steps=self._steps,
            shown=tuple(numbers[each] for each in reading.shown),
            named=reading.named,
        )
