# ruff: noqa: D102 - each method bears the name of a rule of the grammar, and returns what that rule stands for
"""Builds decision tables: columns, rows and cells, and checks that rows fit their columns."""

from __future__ import annotations

from assignkit.diagnostics import Span
from assignkit.language import codes
from assignkit.language.building.clauses import ClauseBuilder
from assignkit.language.building.parts import Parts, cover, every, kind_of, terminals, the, title
from assignkit.language.formatting.spelling import phrase
from assignkit.language.reporting import findings
from assignkit.language.syntax import (
    Action,
    ActionCell,
    AgentsWhereTarget,
    AgentTarget,
    AnyCell,
    AssignAction,
    Cell,
    ConditionCell,
    ListLiteral,
    ManagerTarget,
    OrderCell,
    OrderTerm,
    OwnerTarget,
    PriorityClause,
    TableColumn,
    TableRow,
    TableStatement,
    TeamTarget,
    TextLiteral,
)
from assignkit.language.vocabulary import SPELLING
from assignkit.messages.text import say

TARGETS = (TeamTarget, AgentTarget, AgentsWhereTarget, OwnerTarget, ManagerTarget)


class TableBuilder(ClauseBuilder):
    """One method per rule of the grammar for tables."""

    def table_options(self, parts: Parts) -> tuple[str, PriorityClause | None]:
        return kind_of(parts), the(PriorityClause, parts)

    def table_from(self, parts: Parts) -> TableStatement:
        kind, priority = parts[2]
        value = priority.value if priority else None
        return TableStatement(title(parts), kind, value, path=parts[4], span=cover(parts))

    def table_rows(self, parts: Parts) -> TableStatement:
        kind, priority = parts[2]
        columns: tuple[TableColumn, ...] = parts[3]
        rows = tuple(_fitted(row, columns) for row in every(TableRow, parts))
        last = parts[-1].span if every(TableRow, parts) else columns[-1].span
        span = Span(parts[0].span.start, last.end)
        return TableStatement(title(parts), kind, priority.value if priority else None, columns, rows, span=span)

    def header(self, parts: Parts) -> tuple[TableColumn, ...]:
        columns = every(TableColumn, parts)
        for role, written in (("action", "assign to"), ("order", "by")):
            for column in [each for each in columns if each.role == role][1:]:
                message = say("form.column_already", word=phrase(written))
                findings.get().add(codes.WRITTEN_TWICE, message, column.span, help=say("form.one_action_a_row"))
        return columns

    def action_column(self, parts: Parts) -> TableColumn:
        return TableColumn("action", span=cover(parts))

    def order_column(self, parts: Parts) -> TableColumn:
        return TableColumn("order", span=cover(parts))

    def condition_column(self, parts: Parts) -> TableColumn:
        return TableColumn("condition", parts[0], span=cover(parts))

    def row(self, parts: Parts) -> TableRow:
        return TableRow(tuple(parts[1:-1:2]), span=cover(parts))

    def any_cell(self, parts: Parts) -> AnyCell:
        return AnyCell(span=cover(parts))

    def equal_cell(self, parts: Parts) -> ConditionCell:
        return ConditionCell("=", (parts[0],), span=cover(parts))

    def compared_cell(self, parts: Parts) -> ConditionCell:
        return ConditionCell(SPELLING[parts[0].type], (parts[1],), span=cover(parts))  # type: ignore[arg-type]

    def range_cell(self, parts: Parts) -> ConditionCell:
        low, high = parts[-3], parts[-1]
        return ConditionCell("to", (low, high), span=cover(parts))

    def literal_list(self, parts: Parts) -> ListLiteral:
        return ListLiteral(tuple(parts[1:-1:2]), span=cover(parts))

    def membership_cell(self, parts: Parts) -> ConditionCell:
        negation, _, container = parts
        return ConditionCell("not in" if negation else "in", (container,), span=cover(parts))

    def has_cell(self, parts: Parts) -> ConditionCell:
        return ConditionCell("has", (parts[1],), span=cover(parts))

    def presence_cell(self, parts: Parts) -> ConditionCell:
        present = ("PRESENT" in terminals(parts)) != ("NOT" in terminals(parts))
        return ConditionCell("present" if present else "missing", span=cover(parts))

    def action_cell(self, parts: Parts) -> ActionCell:
        written = parts[0]
        action: Action = AssignAction(written, span=written.span) if isinstance(written, TARGETS) else written
        return ActionCell(action, span=cover(parts))

    def order_cell(self, parts: Parts) -> OrderCell:
        return OrderCell(every(OrderTerm, parts), span=cover(parts))


_CELLS: dict[str, type[Cell]] = {"condition": ConditionCell, "action": ActionCell, "order": OrderCell}
_TOLD_CELLS = {"condition": "test_cell", "action": "action_cell", "order": "order_cell"}


def _fitted(row: TableRow, columns: tuple[TableColumn, ...]) -> TableRow:
    if len(row.cells) != len(columns):
        message = say("form.row_length", cells=len(row.cells), columns=len(columns))
        findings.get().add(codes.TABLE_SHAPE, message, row.span, help=say("form.write_any"))
        return row
    cells = tuple(_fitted_cell(cell, column) for cell, column in zip(row.cells, columns, strict=True))
    return TableRow(cells, span=row.span)


def _fitted_cell(cell: Cell, column: TableColumn) -> Cell:
    if isinstance(cell, _CELLS[column.role]) or (isinstance(cell, AnyCell) and column.role != "action"):
        return cell
    if column.role == "order" and isinstance(cell, ConditionCell) and cell.form == "=":
        name = cell.operands[0]
        if isinstance(name, TextLiteral):
            return OrderCell((OrderTerm(name.value, hosted=True, span=cell.span),), span=cell.span)
    message, what = say("form.cell_does_not_fit"), say(f"form.{_TOLD_CELLS[column.role]}")
    findings.get().add(codes.TABLE_SHAPE, message, cell.span, help=say("form.expected", what=what))
    return cell
