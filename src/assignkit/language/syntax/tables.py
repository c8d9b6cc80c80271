"""Tables: columns, rows, and the cells in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assignkit.language.syntax.actions import Action, OrderTerm
from assignkit.language.syntax.expressions import Expression, NumberLiteral, TextLiteral
from assignkit.language.syntax.nodes import Node


@dataclass(frozen=True, slots=True)
class AnyCell(Node):
    """`any`: no condition."""


@dataclass(frozen=True, slots=True)
class ConditionCell(Node):
    """A cell's test, written without its subject.

    `form` says which: `=` (a bare literal), the comparison operators, `to` (two operands), `in`, `has`, `missing`,
    `present`.
    """

    form: Literal["=", "!=", "<", "<=", ">", ">=", "to", "in", "not in", "has", "missing", "present"]
    operands: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionCell(Node):
    """A cell of an `assign to` column: a target, or a whole action (`hold in pool "P"`, `reject "…"`, …)."""

    action: Action


@dataclass(frozen=True, slots=True)
class OrderCell(Node):
    """A cell of a `by` column."""

    orders: tuple[OrderTerm, ...]


Cell = AnyCell | ConditionCell | ActionCell | OrderCell


@dataclass(frozen=True, slots=True)
class TableColumn(Node):
    """A column of conditions on `subject`, or the `assign to` (`role="action"`) or `by` (`role="order"`) column."""

    role: Literal["condition", "action", "order"]
    subject: Expression | None = None


@dataclass(frozen=True, slots=True)
class TableRow(Node):
    """One line of a table, a cell per column."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableStatement(Node):
    """`table "NAME" [for KIND] [priority N]` with rows, or `from "file.csv"` (`path`, no columns, no rows)."""

    name: TextLiteral
    kind: str
    priority: NumberLiteral | None = None
    columns: tuple[TableColumn, ...] = ()
    rows: tuple[TableRow, ...] = ()
    path: TextLiteral | None = None
