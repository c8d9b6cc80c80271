"""A file cut into rows and cells, before anything is known about what the cells mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assignkit.diagnostics import Diagnostic, Severity, Source, Span
from assignkit.messages.text import Text

Cell = object  # text, or a JSON value; None is an empty cell


@dataclass(frozen=True, slots=True)
class Grid:
    """Headers as they are written, and rows of as many cells; `span_of(row, column)` finds a cell in `source`.

    `typed` says that the file tells text from numbers by itself.
    """

    source: Source
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    span_of: Callable[[int, int], Span]
    typed: bool = False

    def at(
        self, row: int, column: int, code: str, message: Text, *, help: Text | None, severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        """Return a finding about one cell."""
        return self.source.diagnostic(code, message, self.span_of(row, column), help=help, severity=severity)

    def line_of(self, row: int) -> int:
        """Return the line of the file on which a row begins, from 1."""
        return self.source.locate(self.span_of(row, 0)).line
