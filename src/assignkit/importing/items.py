"""Customers and tasks from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from assignkit.errors import ConfigurationError
from assignkit.importing.dates import DateOrder
from assignkit.importing.records import Assembly, Imported, identity_column
from assignkit.importing.table import read_table
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
    """Return the items of `kind` in a CSV or JSON file, in its order.

    Columns that are fields of the model are read as such, others become further fields whose type is inferred from the
    whole column. `id_column` names the column with the identity (default `id`). Times without an offset are in `zone`.
    Raises `FileError`, and `ConfigurationError` for a kind that the schema does not have.
    """
    known = (schema or Schema.default()).items.get(kind)
    if known is None:
        msg = f"there is no kind of item `{kind}`: use customers or tasks, or add it to the schema"
        raise ConfigurationError(msg)
    table = read_table(path, encoding=encoding, dates=dates)
    identity = identity_column(table, known, given=id_column, option="--id")
    return Assembly(table, _MODELS.get(kind, Item), known, identity, ZoneInfo(zone)).run()
