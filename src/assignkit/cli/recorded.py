"""Histories from files: items with the time at which they came, and how long the work on them took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.cli.bootstrap import Inputs, Read
from assignkit.cli.measures import seconds_of
from assignkit.diagnostics import Diagnostic, Severity
from assignkit.errors import ConfigurationError
from assignkit.importing.items import read_items
from assignkit.importing.problems import Code
from assignkit.messages.text import say
from assignkit.model.record import Item
from assignkit.simulation import Workload

_NOT_FIELDS = frozenset({"id", "owner", "version"})


def read_history(path: str, read: Read, inputs: Inputs, *, arrival: str, service: str | None) -> tuple[Read, Workload]:
    """Return what was read, with the history's fields, and its items as a workload.

    `service` is a column, or a time that all items take; without it the column `service`, in seconds. Rows without a
    time are left out, and noted. Raises `FileError`, and `ConfigurationError` for a column that is not there.
    """
    items = read_items(
        path,
        kind=inputs.kind,
        id_column=inputs.id_column,
        schema=read.schema,
        encoding=inputs.encoding,
        dates=inputs.dates,
        zone=inputs.zone,
    )
    rows = list(_rows(items.records, arrival, service, inputs.zone))
    absent = len(items.records) - len(rows)
    notes = [*read.notes, *items.notes]
    if not rows:
        msg = say("cli.no_arrival", column=arrival)
        raise ConfigurationError(msg)
    if absent:
        message = say("cli.rows_left_out", path=path, absent=absent, rows=len(items.records), column=arrival)
        notes.append(Diagnostic(Code.LEFT_OUT, Severity.WARNING, message))
    read = replace(read, notes=tuple(notes)).with_columns(inputs.kind, items.fields)
    return read, Workload.from_rows(rows)


def _rows(items: Iterable[Item], arrival: str, service: str | None, zone: str) -> Iterator[dict[str, Any]]:
    """Yield what a workload needs of the items that have an arrival."""
    for number, item in enumerate(items, start=1):
        fields = fields_of(item)
        if fields.get(arrival) is not None:
            row = {**fields, "id": item.id, "arrival": instant(fields, arrival, zone)}
            yield {**row, "service": _service(fields, service, number)}


def fields_of(item: Item) -> dict[str, Any]:
    """Return what is known of an item, but for who it is and who has it."""
    return {name: value for name, value in item.model_dump(exclude_unset=True).items() if name not in _NOT_FIELDS}


def instant(fields: Mapping[str, Any], column: str, zone: str) -> Any:  # noqa: ANN401 - seconds, or an instant
    """Return when something was; a day is its midnight, a time without an offset is in the zone."""
    value = fields.get(column)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))
    if isinstance(value, date):
        return datetime.combine(value, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return value


def _service(fields: Mapping[str, Any], service: str | None, number: int) -> Any:  # noqa: ANN401
    column = service or "service"
    if fields.get(column) is not None:
        return fields[column]
    if service is not None and service[:1].isdigit():
        return seconds_of(service, option="--service")
    msg = say("cli.no_service", row=number, column=column)
    raise ConfigurationError(msg)
