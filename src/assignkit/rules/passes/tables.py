"""Tables from files: their rows become rows of the language, each on the line that it has in its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assignkit.diagnostics import Diagnostic, Location, Severity, Source, Span
from assignkit.language.formatting.literals import quoted
from assignkit.language.parser import parse
from assignkit.language.syntax import RuleFile, Statement, TableStatement
from assignkit.messages.text import say
from assignkit.rules.draft import Draft
from assignkit.rules.field_lookup import find_field
from assignkit.rules.field_types import ValueType
from assignkit.rules.table_files import TableFile

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


def tables(draft: Draft) -> None:
    """Put the rows of tables from files in the place of the statements that name them."""
    told: list[tuple[Source, Diagnostic]] = []
    draft.files = tuple(part for file in draft.files for part in _parts(draft, file, told))
    for source, found in told:
        index = next(i for i, each in enumerate(draft.files) if each.source is source)
        draft.found.append((index, Span(0, 0), found))


class _RowSource(Source):
    """The text of a table, where line n + 1 is row n of the file: it begins with the table's name."""

    def locate(self, span: Span) -> Location:
        place = super().locate(span)
        return replace(place, line=max(place.line - 1, 1), end_line=max(place.end_line - 1, 1))

    def line(self, number: int) -> str:
        return super().line(number + 1)

    def diagnostic(
        self, code: str, message: str, span: Span, *, help: str | None = None, severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        place = self.locate(span)
        return super().diagnostic(
            code,
            say("meaning.in_cell", message=message, cell=_cell_name(self, place)),
            span,
            help=help,
            severity=severity,
        )


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
        parts += [replace(file, statements=tuple(statements)), _read(draft, found, statement, told)]
        statements = []
    return (*parts, replace(file, statements=tuple(statements)))


def _table_file(draft: Draft, file: RuleFile, statement: Statement) -> TableFile | None:
    if not isinstance(statement, TableStatement) or statement.path is None:
        return None
    wanted = (file.source.name, statement.path.value)
    return next((each for each in draft.table_files if (each.importer, each.written) == wanted), None)


def _read(draft: Draft, found: TableFile, statement: TableStatement, told: list[tuple[Source, Diagnostic]]) -> RuleFile:
    """Return the table as a file of its own."""
    header, *rows = found.rows or ((),)
    kinds = [_kind(draft, cell) for cell in header]
    lines = [f"table {quoted(statement.name.value)}", f"| {' | '.join(header)} |"]
    lines += [f"| {' | '.join(map(_cell, row, kinds))} |" if any(row) else "" for row in rows]
    result = parse("\n".join(lines), found.name, None)
    source = _RowSource(found.name, result.file.source.text)
    told += [(source, _in_its_cell(each, source)) for each in result.diagnostics]
    read = next((each for each in result.file.statements if isinstance(each, TableStatement)), statement)
    draft.table_sources.add(id(source))
    table = replace(read, kind=statement.kind, priority=statement.priority, path=None)
    return RuleFile(source, (table,))


def _kind(draft: Draft, header: str) -> ValueType | str | None:
    """Return what the cells below a header hold: `action`, `order`, or a type."""
    if header in _ACTION_HEADERS or header in _ORDER_HEADERS:
        return "action" if header in _ACTION_HEADERS else "order"
    if not _HEADER.fullmatch(header):
        return None
    root, *path = header.split(".")
    roots = {"客户": "customer", "任务": "task", "负责人": "owner"}
    found = find_field(draft.schema, roots.get(root, root), tuple(path))
    return found[1].type if found is not None else ValueType.TEXT


def _cell(cell: str, kind: ValueType | str | None) -> str:
    """Return a cell as the language writes it: a text needs no quotes in a file, nor does a team `team`."""
    if kind == "action":
        return cell if _ACTION.match(cell) or not cell else f"team {quoted(cell)}"
    if cell in _ANY:
        return "any"
    if kind in _TEXTS and not _IN_THE_LANGUAGE.match(cell):
        return quoted(cell)
    return " ".join(cell.split())


def _in_its_cell(told: Diagnostic, source: Source) -> Diagnostic:
    """Return a finding about the text that was made as one about a cell of the file."""
    if told.location is None:
        return told
    line = max(told.location.line - 1, 1)
    place = replace(told.location, line=line, end_line=max(told.location.end_line - 1, 1))
    return replace(
        told, location=place, message=say("meaning.in_cell", message=told.message, cell=_cell_name(source, place))
    )


def _cell_name(source: Source, place: Location) -> str:
    """Return what a spreadsheet calls the cell at a place: `B3`."""
    before = source.line(place.line)[: place.column - 1]
    number = max(re.sub(r'"(?:[^"\\]|\\.)*"?', "", before).count("|"), 1)
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{place.line}"
