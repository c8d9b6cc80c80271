"""From a table to records: every cell that does not fit its field is told, with its place, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from assignkit.diagnostics import Diagnostic, Severity
from assignkit.importing.cells import READERS, Reader, at_instant
from assignkit.importing.dates import DateReading, read_dates
from assignkit.importing.grid import Cell
from assignkit.importing.kinds import TYPES, Kind
from assignkit.importing.problems import Code, Problems
from assignkit.importing.table import Column, Table, identities
from assignkit.messages.text import Text, say
from assignkit.model.record import Record
from assignkit.rules.field_types import FieldSpec, ValueType
from assignkit.rules.schema import RecordSchema

R = TypeVar("R", bound=Record)
Values = Sequence[object]

_DATES = (ValueType.INSTANT, ValueType.DATE)
_SHOWN = 60  # characters of a cell that are quoted in a message


@dataclass(frozen=True, slots=True)
class Imported(Generic[R]):
    """What a file held: `records` in its order, and `notes`, which are warnings.

    `fields` has the type of each column that is no built-in field, as `Schema` takes it; an empty one has `NoneType`.
    """

    records: tuple[R, ...]
    fields: Mapping[str, Any]
    notes: tuple[Diagnostic, ...]


@dataclass(slots=True)
class Assembly(Generic[R]):
    """How one table becomes records of `model`: which fields are known, and how their cells are read."""

    table: Table
    model: type[R]
    known: RecordSchema
    identity: Column
    zone: ZoneInfo
    readers: Mapping[str, Reader] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    _columns: dict[str, Column] = field(default_factory=dict)

    def run(self, *, joined: Mapping[str, Values] | None = None) -> Imported[R]:
        """Return the records; `joined` adds to fields that hold lists. Raises `FileError` for misfits."""
        ids = identities(self.table, self.identity)
        self.notes.extend(self.table.header_notes)
        fields: dict[str, Values] = {}
        extra: dict[str, Any] = {}
        for name, column, spec in self._targets():
            self._columns[name] = column
            if column is self.identity:
                fields[name] = ids
                if spec is None:
                    extra[name] = str
            elif spec:
                fields[name] = self._typed(column, spec)
            elif name in self.model.model_fields:
                fields[name] = column.cells  # no rule reads it: what it means is the model's business
            else:
                fields[name] = self._extra(column, extra)
        for name, values in (joined or {}).items():
            fields[name] = _joined(fields.get(name), values)
        records = tuple(self._records({**fields, "id": ids}))
        self.problems.raise_if_any()
        return Imported(records, extra, tuple(self.notes))

    def _targets(self) -> Iterator[tuple[str, Column, FieldSpec | None]]:
        """Yield each column that is used, with the field it goes to."""
        names = {column.name for column in self.table.columns}
        for column in self.table.columns:
            spec = self.known.find(column.name)
            if column is self.identity:
                if spec is None or spec.name != "id":
                    yield spec.name if spec else column.name, column, spec
            elif spec and (reason := self._left_out(column, spec, names)):
                self._leave_out(column, reason)
            elif column.name == "version":
                self._leave_out(column, say("file.counts_versions"))
            else:
                yield (spec.name if spec else column.name), column, spec

    def _left_out(self, column: Column, spec: FieldSpec, names: set[str]) -> Text | None:
        if spec.name == "id":
            return say("file.holds_identities", column=self.identity.header)
        if spec.derived:
            return say("file.counts_itself")
        twice = spec.name != column.name and spec.name in names
        return say("file.same_field", column=spec.name) if twice else None

    def _leave_out(self, column: Column, reason: Text) -> None:
        message = say("file.left_out", name=self.table.name, column=column.header, why=reason)
        self.notes.append(Diagnostic(Code.LEFT_OUT, Severity.WARNING, message, help=say("file.rename_column")))

    def _extra(self, column: Column, extra: dict[str, Any]) -> Values:
        inferred = self.table.infer(column)
        doubt = self.table.doubt(column, inferred)
        if doubt:
            self.notes.append(doubt)
        values: Values = inferred.values
        if inferred.kind is Kind.DATETIME:
            values = [at_instant(value, self.zone) for value in values]
        extra[column.name] = TYPES[inferred.kind]
        return values

    def _typed(self, column: Column, spec: FieldSpec) -> Values:
        if spec.type in _DATES:
            return self._dates(column, spec)
        reader = self.readers.get(spec.name) or READERS.get(spec.type)
        if reader is None:
            return column.cells
        if spec.type is ValueType.NUMBER:
            inferred = self.table.infer(column)
            if inferred.kind in (Kind.NUMBER, Kind.EMPTY):
                return inferred.values
        return [self._read(row, column, cell, reader) for row, cell in enumerate(column.cells)]

    def _read(self, row: int, column: Column, cell: Cell, reader: Reader) -> object:
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            return cell  # absent, or JSON that the model must judge
        try:
            return reader(str(cell))
        except ValueError as error:
            self._misfit(row, column, say("file.expected", what=error.args[0]))
            return None

    def _dates(self, column: Column, spec: FieldSpec) -> Values:
        rows = [row for row, cell in enumerate(column.cells) if cell is not None]
        texts = [str(column.cells[row]) for row in rows]
        reading = read_dates(texts, order=self.table.dates)
        values: list[object] = [None] * len(column.cells)
        if reading and reading.other:
            self._ambiguous(rows[0], column, texts[0], reading)
            return values
        example = reading.style.example if reading else "2026-11-21"
        expected = say("file.expected", what=say("file.a_date", example=example))
        for place, row in enumerate(rows):
            value = reading.values[place] if reading else None
            if value is None:
                self._misfit(row, column, expected)
            values[row] = _as(spec.type, value, self.zone)
        return values

    def _ambiguous(self, row: int, column: Column, text: str, reading: DateReading) -> None:
        other = reading.other.example if reading.other else ""
        facts = {"text": text, "one": reading.style.example, "other": other}
        message, help = say("file.ambiguous", column=column.header, **facts), say("file.say_which_order")
        self.problems.add(self.table.at(row, column, Code.AMBIGUOUS_DATE, message, help=help))

    def _misfit(self, row: int, column: Column, fault: str) -> None:
        if self.problems.full:
            self.problems.count()
            return
        found = str(column.cells[row])
        shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
        message = say("file.misfit", column=column.header, fault=fault, found=shown)
        self.problems.add(self.table.at(row, column, Code.MISFIT, message, help=_advice(column, self.known)))

    def _records(self, fields: Mapping[str, Values]) -> Iterator[R]:
        names = list(fields)
        for row, values in enumerate(zip(*fields.values(), strict=True)):
            present = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            try:
                yield self.model.model_validate(present)
            except ValidationError as error:
                self._refused(row, error)

    def _refused(self, row: int, error: ValidationError) -> None:
        told: set[str] = set()
        for detail in error.errors(include_url=False, include_context=False):
            name = str(detail["loc"][0]) if detail["loc"] else "id"
            if name not in told:
                told.add(name)
                self._misfit(row, self._columns.get(name, self.identity), _fault(detail["msg"]))


def identity_column(table: Table, known: RecordSchema, *, given: str | None, option: str) -> Column:
    """Return the column with the identities: the one that is `given`, else `id` or what the schema also calls it."""
    if given is not None:
        return table.get(given, option=option)
    for column in table.columns:
        spec = known.find(column.name)
        if spec and spec.name == "id":
            return column
    return table.get("id", option=option)


def _joined(known: Values | None, added: Values) -> Values:
    """Return lists with the entries of both."""
    if known is None:
        return added
    return [(*_listed(one), *_listed(other)) or None for one, other in zip(known, added, strict=True)]


def _listed(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple | list) else ()


def _as(wanted: ValueType, value: object, zone: ZoneInfo) -> object:
    if wanted is ValueType.INSTANT:
        return at_instant(value, zone)
    return value.date() if isinstance(value, datetime) else value


def _fault(message: str) -> Text:
    """Return what pydantic found as the middle of our sentence."""
    text = message.removeprefix("Value error, ").replace("Input should be", "expected")
    return say("error.model_fault", fault=f"{text[:1].lower()}{text[1:]}")


def _advice(column: Column, known: RecordSchema) -> Text:
    spec = known.find(column.name)
    if spec is None:
        return say("file.correct_cell")
    field_of_model = f"`{known.root}.{spec.name}`"
    return say("file.correct_or_empty", field=field_of_model)
