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
    """One statement as text, with named parameters."""

    __slots__ = ("defaults", "text", "writes")

    def __init__(self, clause: sa.ClauseElement, dialect: Dialect) -> None:
        compiled = clause.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text = str(compiled)
        self.writes = clause.is_dml
        self.defaults = {name: value for name, value in compiled.params.items() if value is not None}


def this(column: sa.Column[Any], name: str | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a column equals the parameter of its own name, or of `name`."""
    return column == sa.bindparam(name or column.name, type_=column.type, required=False)
