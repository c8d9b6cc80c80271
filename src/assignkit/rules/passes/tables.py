"""Tables from files: their rows become rows of the language, each on the line that it has in its file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assignkit.diagnostics import Diagnostic, Location, Severity, Source, Span, has_errors
from assignkit.language.formatting.quoting import quoted
from assignkit.language.parser import parse
from assignkit.language.syntax import RuleFile, Statement, TableStatement
from assignkit.messages.text import say
from assignkit.rules import codes
from assignkit.rules.draft import Draft
from assignkit.rules.field_lookup import find_field
from assignkit.rules.field_types import FieldSpec, ValueType
from assignkit.rules.long_reading import LONG_FROM, LongReading, Plain, Sample
from assignkit.rules.plain_cells import is_plain_number, is_plain_text
from assignkit.rules.table_files import Rows, TableFile

_ANY = frozenset({"", "*", "any", "任意"})
_ACTION_HEADERS = frozenset({"assign to", "分配给"})
_ORDER_HEADERS = frozenset({"by", "按"})
_IN_THE_LANGUAGE = re.compile(
    r"""["“「『<>=!]|(?:(?:not\s+)?in|has|is|between|属于|不属于|包含|介于)[\s(（]|.+\s(?:to|至)\s.+|缺失$|存在$""",
    re.DOTALL,
)
_ACTION = re.compile(
    r"(?:team|agent|agents|owner|manager|assign|split|keep|hold|reject|continue|团队|员工|负责人|主管|分配|分流|保留|放入|拒绝|继续)"
    r"(?:\W|给|$)"
)
_TEXTS = (ValueType.TEXT, ValueType.TEXTS, ValueType.LEVELS)
_HEADER = re.compile(r"\w+(?:\.\w+)+")
_ACTING = ("action", "order")
_ROOTS = {"客户": "customer", "任务": "task", "负责人": "owner"}


def tables(draft: Draft) -> None:
    """Put the rows of tables from files in the place of the statements that name them."""
    told: list[tuple[Source, Diagnostic]] = []
    draft.files = tuple(part for file in draft.files for part in _parts(draft, file, told))
    for source, found in told:
        index = next(i for i, each in enumerate(draft.files) if each.source is source)
        draft.found.append((index, Span(0, 0), found))


@dataclass(frozen=True)
class _RowSource(Source):
    """The text of a table: its first line has the table's name, the second the header, each behind it one row.

    `rows` are the lines of the file in which these stand, in order.
    """

    rows: tuple[int, ...] = ()

    def locate(self, span: Span) -> Location:
        return self.placed(super().locate(span))

    def placed(self, place: Location) -> Location:
        """Return where something in the text stands in the file."""
        line, end = (self.rows[min(each, len(self.rows)) - 1] for each in (place.line, place.end_line))
        return replace(place, line=line, end_line=end)

    def line(self, number: int) -> str:
        return super().line(bisect_left(self.rows, number, 1) + 1)

    def diagnostic(
        self, code: str, message: str, span: Span, *, help: str | None = None, severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        place = self.locate(span)
        told = say("meaning.in_cell", message=message, cell=_cell_name(self, place))
        return super().diagnostic(code, told, span, help=help, severity=severity)


def _parts(draft: Draft, file: RuleFile, told: list[tuple[Source, Diagnostic]]) -> Sequence[RuleFile]:
    if all(not isinstance(each, TableStatement) or each.path is None for each in file.statements):
        return (file,)
    parts: list[RuleFile] = []
    statements: list[Statement] = []
    for statement in file.statements:
        found = _table_file(draft, file, statement)
        if found is None or not isinstance(statement, TableStatement):
            statements.append(statement)
            continue
        parts += [replace(file, statements=tuple(statements)), _read(draft, file, found, statement, told)]
        statements = []
    return (*parts, replace(file, statements=tuple(statements)))


def _table_file(draft: Draft, file: RuleFile, statement: Statement) -> TableFile | None:
    if not isinstance(statement, TableStatement) or statement.path is None:
        return None
    wanted = (file.source.name, statement.path.value)
    return next((each for each in draft.table_files if (each.importer, each.written) == wanted), None)


def _read(
    draft: Draft,
    file: RuleFile,
    found: TableFile,
    statement: TableStatement,
    told: list[tuple[Source, Diagnostic]],
) -> RuleFile:
    """Return the table as a file of its own; of a long one, rows that have all its different cells."""
    header, *rows = _of_one_width(found.rows or ((),))
    below = [_below(draft, cell) for cell in header]
    numbers = [number for number, row in enumerate(rows) if any(row)]
    acting = [at for at, each in enumerate(below) if each.kind in _ACTING]
    sample = Sample([each.plain for each in below], acting, draft.limits.errors)
    most = draft.limits.table_cells
    shown = numbers if len(numbers) < LONG_FROM else list(sample.of(rows, numbers, most=most))
    lines = [f"table {quoted(statement.name.value)}", f"| {' | '.join(header)} |"]
    lines += [f"| {' | '.join(_cells(rows[number], below))} |" for number in shown]
    result = parse("\n".join(lines), found.name, None)
    source = _RowSource(found.name, result.file.source.text, (1, 1, *(number + 2 for number in shown)))
    told += [(source, _in_its_cell(each, source)) for each in result.diagnostics]
    if sample.different > most:
        told.append((source, _too_many_cells(source, most)))
    read = next((each for each in result.file.statements if isinstance(each, TableStatement)), statement)
    draft.table_sources.add(id(source))
    if len(numbers) >= LONG_FROM:
        named = (file.source, statement.name.span)
        whole = not has_errors(result.diagnostics)
        draft.long_readings[id(source)] = LongReading(rows, numbers, shown, whole, named)
        draft.long_rows.setdefault(statement.name.value, len(numbers))
    table = replace(read, kind=statement.kind, priority=statement.priority, path=None)
    return RuleFile(source, (table,))


def _of_one_width(rows: Rows) -> Rows:
    """Return the rows without empty cells behind the last column that has a header."""
    width = max((at for at, cell in enumerate(rows[0], 1) if cell), default=0)
    if all(len(row) == width for row in rows):
        return rows
    return tuple(row[:width] if len(row) > width and not any(row[width:]) else row for row in rows)


def _too_many_cells(source: Source, most: int) -> Diagnostic:
    at = source.text.rindex("\n") + 1
    message = say("meaning.too_many_different_cells", most=most)
    return source.diagnostic(codes.TABLE_FILE, message, Span(at, at + 1), help=say("meaning.split_the_table"))


@dataclass(frozen=True, slots=True)
class _Below:
    """What the cells below a header hold: `action`, `order`, or a type; and which of them are read as they stand."""

    kind: ValueType | str | None
    plain: Plain = None


def _below(draft: Draft, header: str) -> _Below:
    if header in _ACTION_HEADERS or header in _ORDER_HEADERS:
        return _Below("action" if header in _ACTION_HEADERS else "order")
    if not _HEADER.fullmatch(header):
        return _Below(None)
    root, *path = header.split(".")
    found = find_field(draft.schema, _ROOTS.get(root, root), tuple(path))
    return _Below(found[1].type, _plain(found[1])) if found is not None else _Below(ValueType.TEXT)


def _plain(spec: FieldSpec) -> Plain:
    """Return the test which cells below a field stand for themselves; None if all are to be looked into."""
    if spec.values is not None:
        return None
    if spec.type is ValueType.NUMBER:
        return is_plain_number
    if spec.type is ValueType.TEXT:
        return lambda cell: cell not in _ANY and is_plain_text(cell) and not _IN_THE_LANGUAGE.match(cell)
    return None


def _cells(row: Sequence[str], below: Sequence[_Below]) -> Iterable[str]:
    kinds = [each.kind for each in below] + [None] * (len(row) - len(below))
    return map(_cell, row, kinds)


def _cell(cell: str, kind: ValueType | str | None) -> str:
    """Return a cell as the language writes it: a text needs no quotes in a file, nor does a team `team`."""
    if kind == "action":
        return cell if _ACTION.match(cell) or not cell else f"team {quoted(cell)}"
    if cell in _ANY:
        return "any"
    if kind in _TEXTS and not _IN_THE_LANGUAGE.match(cell):
        return quoted(cell)
    return " ".join(cell.split())


def _in_its_cell(told: Diagnostic, source: _RowSource) -> Diagnostic:
    """Return a finding about the text that was made as one about a cell of the file."""
    if told.location is None:
        return told
    place = source.placed(told.location)
    message = say("meaning.in_cell", message=told.message, cell=_cell_name(source, place))
    return replace(told, location=place, message=message)


def _cell_name(source: Source, place: Location) -> str:
    """Return what a spreadsheet calls the cell at a place: `B3`."""
    before = source.line(place.line)[: place.column - 1]
    number = max(re.sub(r'"(?:[^"\\]|\\.)*"?', "", before).count("|"), 1)
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{place.line}"
