"""Customers and tasks from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from assignkit.diagnostics import Source, Span
from assignkit.errors import ConfigurationError
from assignkit.importing.dates import DateOrder
from assignkit.importing.json_rows import read_json
from assignkit.importing.problems import Code, refusal_at
from assignkit.importing.records import Assembly, Imported, identity_column
from assignkit.importing.table import Table, read_table, table_of
from assignkit.messages.text import say
from assignkit.model.customer import Customer
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.rules.schema import Schema

_MODELS: Mapping[str, type[Item]] = MappingProxyType({"customers": Customer, "tasks": Task})


def read_items(
    path: str | Path,
    *,
    kind: str = "customers",
    id_column: str | None = None,
    schema: Schema | None = None,
    encoding: str | None = None,
    dates: DateOrder | None = None,
    zone: str = "UTC",
) -> Imported[Item]:
    """Return the items of `kind` in a CSV, XLSX or JSON file, in its order.

    Columns that are fields of the model are read as such, others become further fields whose type is inferred from the
    whole column. `id_column` names the column with the identity (default `id`). Times without an offset are in `zone`.
    Raises `FileError`, and `ConfigurationError` for a kind that the schema does not have.
    """
    known = schema or Schema.default()
    _check_kind(kind, known)
    table = read_table(path, encoding=encoding, dates=dates)
    return _items_of(table, kind, known, id_column=id_column, zone=zone)


def item_from_json(
    text: str, *, name: str, kind: str = "customers", schema: Schema | None = None, zone: str = "UTC"
) -> Imported[Item]:
    """Return the one item that a JSON object describes; `name` is what messages call the text.

    Raises `FileError` for what is not JSON, not one object, or does not fit.
    """
    known = schema or Schema.default()
    _check_kind(kind, known)
    source = Source(name, text)
    grid = read_json(source)
    if len(grid.rows) != 1:
        message, help = say("file.several_items"), say("file.give_one")
        raise refusal_at(Code.NOT_JSON, message, source, Span(0, 1), help=help)
    return _items_of(table_of(grid), kind, known, id_column=None, zone=zone)


def _check_kind(kind: str, schema: Schema) -> None:
    if kind not in schema.items:
        msg = say("file.no_kind", kind=kind)
        raise ConfigurationError(msg)


def _items_of(table: Table, kind: str, schema: Schema, *, id_column: str | None, zone: str) -> Imported[Item]:
    known = schema.items[kind]
    identity = identity_column(table, known, given=id_column, option="--id")
    return Assembly(table, _MODELS.get(kind, Item), known, identity, ZoneInfo(zone)).run()
