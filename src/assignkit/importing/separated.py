"""Comma-separated files and their cousins: the delimiter is found out, and broken rows are errors with their line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assignkit.diagnostics import Source, Span
from assignkit.importing.grid import Cell, Grid
from assignkit.importing.problems import Code, FileError, Problems, refusal, refusal_at
from assignkit.messages.text import say

DELIMITERS = (",", ";", "\t", "|")
_CELL_ENDS = {delimiter: re.compile(rf"[\r\n{re.escape(delimiter)}]") for delimiter in DELIMITERS}
_WIDEST_CELL = csv.field_size_limit()


@dataclass(frozen=True, slots=True)
class _Record:
    start: int
    cells: list[str]


def read_separated(source: Source) -> Grid:
    """Return the rows of `source`; the first line that is not blank holds the headers.

    Cells are stripped of surrounding space, empty ones are None. Rows of empty cells are skipped; columns at the end
    that have neither a header nor a value are dropped. Raises `FileError` naming each row that has too few or too many
    cells, or the place where a quote opened that never closes.
    """
    delimiter = _delimiter(source)
    records = _records(source, delimiter)
    head = next(records, None)
    if head is None:
        raise refusal(Code.EMPTY, say("file.no_cells", name=source.name), help=say("file.needs_one_line"))
    headers = [cell.strip() for cell in head.cells]
    rows, starts = _rectangle(source, headers, records, delimiter)
    width = _used_width(headers, rows)

    def span_of(row: int, column: int) -> Span:
        return _cell_span(source.text, starts[row], column, delimiter)

    return Grid(source, tuple(headers[:width]), tuple(tuple(row[:width]) for row in rows), span_of)


def _delimiter(source: Source) -> str:
    """Return the delimiter that cuts the first line into the most cells."""
    start = len(source.text) - len(source.text.lstrip("\r\n \ufeff"))

    def width(delimiter: str) -> int:
        return sum(1 for _ in _spans(source.text, start, delimiter))

    return max(DELIMITERS, key=width)  # of equals, the first


def _records(source: Source, delimiter: str) -> Iterator[_Record]:
    """Yield the records that are not blank, each with the offset at which it begins."""
    offsets: list[int] = []
    reader = csv.reader(_lines(source.text, offsets), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        began = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(source, offsets[began], delimiter) from None
        if any(cell.strip() for cell in cells):
            yield _Record(offsets[began], cells)


def _lines(text: str, offsets: list[int]) -> Iterator[str]:
    at = 0
    while at < len(text):
        offsets.append(at)
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def _rectangle(
    source: Source, headers: list[str], records: Iterator[_Record], delimiter: str
) -> tuple[list[list[Cell]], list[int]]:
    """Return the rows, all as wide as the headers, and where each begins."""
    least = max(i for i, header in enumerate(headers, start=1) if header)
    rows: list[list[Cell]] = []
    starts: list[int] = []
    problems = Problems()
    for record in records:
        cells: list[Cell] = [cell.strip() or None for cell in record.cells]
        if len(cells) < least or any(cell is not None for cell in cells[len(headers) :]):
            _add_ragged(problems, source, record, least, delimiter)
        cells += [None] * (len(headers) - len(cells))
        rows.append(cells)
        starts.append(record.start)
    problems.raise_if_any()
    return rows, starts


def _add_ragged(problems: Problems, source: Source, record: _Record, least: int, delimiter: str) -> None:
    if problems.full:
        problems.count()
        return
    found = len(record.cells)
    last = _cell_span(source.text, record.start, found - 1, delimiter)
    message = say("file.ragged", count=found, header=least)
    help = say("file.cut_off") if found < least else say("file.quote_the_cell", delimiter=delimiter)
    problems.add(source.diagnostic(Code.BROKEN_ROW, message, last, help=help))


def _used_width(headers: list[str], rows: list[list[Cell]]) -> int:
    """Return how many columns are left without those at the end that have neither header nor value."""
    width = len(headers)
    while width and not headers[width - 1] and all(row[width - 1] is None for row in rows):
        width -= 1
    return width


def _broken(source: Source, start: int, delimiter: str) -> FileError:
    """Return what is wrong with the record that begins at `start`, which the csv module refused."""
    for span in _spans(source.text, start, delimiter):
        cell = source.text[span.start : span.end]
        if cell.startswith('"') and not _is_quoted(cell):
            message, help = say("file.open_quote"), say("file.close_the_quote")
            return refusal_at(Code.OPEN_QUOTE, message, source, Span(span.start, span.start + 1), help=help)
        if span.end - span.start > _WIDEST_CELL:
            message, help = say("file.cell_too_long", most=_WIDEST_CELL), say("file.shorten_it")
            return refusal_at(Code.BROKEN_ROW, message, source, Span(span.start, span.start + 1), help=help)
    message, help = say("file.carriage_return"), say("file.quote_it")
    return refusal_at(Code.BROKEN_ROW, message, source, Span(start, start + 1), help=help)


def _is_quoted(cell: str) -> bool:
    return _closing(cell, 0) == len(cell) - 1


def _cell_span(text: str, start: int, column: int, delimiter: str) -> Span:
    """Return where a cell of the record at `start` stands; the last one, if the record has fewer."""
    span = Span(start, start)
    for number, span in enumerate(_spans(text, start, delimiter)):  # noqa: B007 - the last one is wanted after the loop
        if number == column:
            break
    return span


def _spans(text: str, start: int, delimiter: str) -> Iterator[Span]:
    """Yield where the cells of the record at `start` stand, quotes included."""
    at = start
    while True:
        while text.startswith(" ", at):
            at += 1
        end = _cell_end(text, at, delimiter)
        yield Span(at, end)
        if not text.startswith(delimiter, end):
            return
        at = end + 1


def _cell_end(text: str, start: int, delimiter: str) -> int:
    search_from = _closing(text, start) + 1 if text.startswith('"', start) else start
    end = _CELL_ENDS[delimiter].search(text, search_from)
    return end.start() if end else len(text)


def _closing(text: str, start: int) -> int:
    """Return where the quote that opens at `start` is closed; the end of the text, if it never is."""
    at = text.find('"', start + 1)
    while at >= 0 and text.startswith('"', at + 1):
        at = text.find('"', at + 2)
    return at if at >= 0 else len(text)
