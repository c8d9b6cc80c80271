"""Statements: written with SQLAlchemy Core, compiled once per store, and run on the driver's own cursor.

Running what is compiled through a SQLAlchemy connection takes four times as long as running it on the cursor, and a
decision runs twenty statements: docs/adr/0010-sql-store.md has the figures.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

Row = tuple[Any, ...]


class Statement:
    """One statement as text; its parameters have names, or places where the database numbers them."""

    __slots__ = ("_defaults", "_names", "text", "writes")

    def __init__(self, clause: sa.ClauseElement, dialect: Dialect) -> None:
        compiled: Any = clause.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text = str(compiled)
        self.writes = clause.is_dml
        self._names: list[str] | None = compiled.positiontup
        self._defaults = {name: value for name, value in compiled.params.items() if value is not None}

    def filled(self, parameters: dict[str, Any]) -> dict[str, Any] | list[Any]:
        """Return the parameters as the driver wants them; those of other statements may be among them."""
        given = {**self._defaults, **parameters} if self._defaults else parameters
        return given if self._names is None else [given[name] for name in self._names]


def this(column: sa.Column[Any], name: str | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a column equals the parameter of its own name, or of `name`."""
    return column == sa.bindparam(name or column.name, type_=column.type, required=False)
