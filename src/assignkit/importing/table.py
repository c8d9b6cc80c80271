"""A file as a table: named columns of cells, each with the kind of value that all of its cells share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from assignkit.diagnostics import Diagnostic, Severity, Source, Span
from assignkit.importing.dates import DateOrder
from assignkit.importing.decoding import read_found_out
from assignkit.importing.grid import Cell, Grid
from assignkit.importing.headers import field_name, field_names
from assignkit.importing.json_rows import read_json
from assignkit.importing.kinds import Inferred, Kind, infer
from assignkit.importing.problems import Code, FileError, Problems, refusal
from assignkit.importing.separated import read_separated
from assignkit.importing.workbooks import is_workbook, read_workbook
from assignkit.messages.text import Text, say

_LISTED = 40  # columns that a message lists
_JSON_ENDINGS = frozenset({".json", ".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` as rules know it, `header` as it is written, `cells` as they stand in the file."""

    name: str
    header: str
    place: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A file cut into columns; `kinds`, `rows` and `notes` are found out when they are first asked for.

    `rows` are dicts by column name, in the order of the file, with values of the column's kind and None for an empty
    cell. `notes` are warnings: an encoding that was `found_out`, changed headers, and columns that stay text though
    they look like something else.
    """

    grid: Grid
    columns: tuple[Column, ...]
    dates: DateOrder | None = None
    found_out: str | None = None

    def __len__(self) -> int:
        return len(self.grid.rows)

    @property
    def name(self) -> str:
        """Return what the file is called in messages."""
        return self.grid.source.name

    def find(self, name: str) -> Column | None:
        """Return the column whose header or field name is `name`, or None."""
        exact = next((c for c in self.columns if c.header == name), None)
        return exact or next((c for c in self.columns if c.name == field_name(name)), None)

    def get(self, name: str, *, option: str) -> Column:
        """Return the column called `name`; raises `FileError` that lists the columns and tells of `option`."""
        column = self.find(name)
        if column:
            return column
        raise FileError(diagnostics=[self._about_header(say("file.no_column", column=name), self._choices(option))])

    def _choices(self, option: str) -> Text:
        headers = [f"`{c.header or c.name}`" for c in self.columns]
        listed = (*headers[:_LISTED], *(["…"] if len(headers) > _LISTED else []))
        unique = next(
            (c for c in self.columns if None not in c.cells and len(set(map(str, c.cells))) == len(self)), None
        )
        example = f'"{unique.header}"' if unique else "COLUMN"
        return say("file.name_a_column", option=option, example=example, columns=listed)

    def _about_header(self, message: Text, advice: Text) -> Diagnostic:
        if self.grid.typed:
            told = say("file.in_file", name=self.name, message=message)
            return Diagnostic(Code.NO_COLUMN, Severity.ERROR, told, help=advice)
        text = self.grid.source.text
        start = len(text) - len(text.lstrip("\r\n"))
        found = self.grid.source.diagnostic(Code.NO_COLUMN, message, Span(start, start + 1))
        return Diagnostic(found.code, found.severity, found.message, found.location, help=advice)

    def at(
        self,
        row: int,
        column: Column,
        code: str,
        message: Text,
        *,
        help: Text | None,
        severity: Severity = Severity.ERROR,
    ) -> Diagnostic:
        """Return a finding about one cell."""
        return self.grid.at(row, column.place, code, message, help=help, severity=severity)

    def infer(self, column: Column) -> Inferred:
        """Return what a column holds."""
        return infer(column.cells, name=column.name, dates=self.dates, typed=self.grid.typed)

    def doubt(self, column: Column, inferred: Inferred) -> Diagnostic | None:
        """Return the warning that a column stays text, if there is doubt."""
        if inferred.doubt is None:
            return None
        message = say("file.stays_text", column=column.header, doubt=inferred.doubt)
        return self.at(
            inferred.doubtful, column, Code.STAYS_TEXT, message, help=inferred.remedy, severity=Severity.WARNING
        )

    @cached_property
    def _inferred(self) -> dict[str, Inferred]:
        return {column.name: self.infer(column) for column in self.columns}

    @property
    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column, by name, in the order of the file."""
        return {name: inferred.kind for name, inferred in self._inferred.items()}

    @cached_property
    def rows(self) -> list[dict[str, object]]:
        """Return one dict per row."""
        names = [column.name for column in self.columns]
        columns = [inferred.values for inferred in self._inferred.values()]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]

    @property
    def header_notes(self) -> list[Diagnostic]:
        """Return a warning for an encoding that nobody named, and for each header that could not become a name."""
        return [
            *self._encoding_notes(),
            *self._renamed_notes(),
        ]

    def _encoding_notes(self) -> Iterator[Diagnostic]:
        if self.found_out is not None:
            message = say("file.found_out", name=self.name, encoding=self.found_out.upper())
            help = say("file.or_say_encoding", encoding=self.found_out)
            yield Diagnostic(Code.FOUND_OUT, Severity.WARNING, message, help=help)

    def _renamed_notes(self) -> list[Diagnostic]:
        return [
            Diagnostic(
                Code.HEADER_CHANGED,
                Severity.WARNING,
                say("file.in_file", name=self.name, message=_renamed(column)),
                help=say("file.own_header"),
            )
            for column in self.columns
            if column.name != field_name(column.header)
        ]

    @property
    def notes(self) -> list[Diagnostic]:
        """Return all warnings."""
        doubts = (self.doubt(column, self._inferred[column.name]) for column in self.columns)
        return [*self.header_notes, *(doubt for doubt in doubts if doubt)]


def read_table(
    path: str | Path, *, encoding: str | None = None, dates: DateOrder | None = None, id_column: str | None = None
) -> Table:
    """Return the table in the CSV, XLSX or JSON file at `path`; `-` is the standard input.

    `encoding` is for files that are neither UTF-8 nor plainly Chinese, and have no byte order mark; `dates` decides
    where day and month cannot be told apart; `id_column` names the column whose cells must all be there and differ.
    Raises `FileError`.
    """
    source, found_out = (read_workbook(path), None) if is_workbook(path) else read_found_out(path, encoding=encoding)
    grid = read_json(source) if _is_json(path, source) else read_separated(source)
    table = Table(grid, _columns(grid), dates, found_out)
    if id_column is not None:
        identities(table, table.get(id_column, option="--id"))
    return table


def table_of(grid: Grid, *, dates: DateOrder | None = None) -> Table:
    """Return the table of rows that were cut already."""
    return Table(grid, _columns(grid), dates)


def identities(table: Table, column: Column) -> list[str]:
    """Return the cells of a column as identities; raises `FileError` naming all that are absent or stand twice."""
    first: dict[str, int] = {}
    problems = Problems()
    ids: list[str] = []
    for row, cell in enumerate(column.cells):
        text = "" if cell is None else str(cell)
        ids.append(text)
        if cell is None or first.setdefault(text, row) != row:
            if problems.full:
                problems.count()
            else:
                problems.add(_unfit_identity(table, column, row, first.get(text)))
    problems.raise_if_any()
    return ids


def _unfit_identity(table: Table, column: Column, row: int, twin: int | None) -> Diagnostic:
    if twin is None:
        message = say("file.no_identity", column=column.header)
        return table.at(row, column, Code.MISFIT, message, help=say("file.fill_identity"))
    line = table.grid.line_of(twin)
    message = say("file.same_identity", column=column.header, identity=column.cells[row], line=line)
    return table.at(row, column, Code.SAME_IDENTITY, message, help=say("file.another_identity"))


def _is_json(path: str | Path, source: Source) -> bool:
    ending = PurePath(path).suffix.lower()
    if ending in (".xls", ".ods", ".parquet"):
        raise refusal(Code.NOT_TEXT, say("file.not_csv_or_json", name=source.name), help=say("file.give_csv"))
    return ending in _JSON_ENDINGS or (not ending and source.text.lstrip()[:1] in ("{", "["))


def _columns(grid: Grid) -> tuple[Column, ...]:
    names = field_names(grid.headers)
    cells: Sequence[tuple[Cell, ...]] = list(zip(*grid.rows, strict=True)) or [()] * len(names)
    places = range(len(names))
    return tuple(Column(names[i], grid.headers[i], i, cells[i]) for i in places)


def _renamed(column: Column) -> Text:
    if not field_name(column.header):
        return say("file.nameless", place=column.place + 1, name=column.name)
    return say("file.stands_twice", header=column.header, name=column.name)
