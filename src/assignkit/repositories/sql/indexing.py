"""Indexes on fields of records, on request: for hosts that list by fields of their own.

A field lies in the record's document. What a filter asks for and what an index holds have to be the same expression,
letter by letter, so that both are made here; names and kinds stand in it as they are, because a parameter is no part of
an expression that an index could hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.repositories.sql.connections import Connections
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import translated
from assignkit.repositories.sql.spelling import is_plain
from assignkit.repositories.sql.tables import Tables

FieldKind = Literal["text", "number"]

_FIELD = re.compile(r"\w+")
_LONGEST_NAME = 60  # PostgreSQL cuts at 63
_LARGEST = 300  # digits before or after the point: beyond, no float is, and PostgreSQL's numbers end
# An object may stand for a decimal, or for a text with half a character; `True` equals 1, and a list what it holds.
# All of them are one value to the index, so that one condition finds them too; they are looked at in Python.
_OTHERS = tuple(sa.literal_column(f"'{kind}'", sa.Text()) for kind in ("array", "object", "boolean", "true", "false"))
_OTHER: Mapping[FieldKind, sa.ColumnElement[Any]] = {
    "text": sa.literal_column("'$'", sa.Text()),
    "number": sa.literal_column("-987654321e-99", sa.Numeric()),
}


def create(
    connections: Connections, kind: str, field: str, *, holds: FieldKind, schema: str | None, prefix: str
) -> None:
    """Make the index of a field, where it is not there."""
    named: tuple[tuple[str, object], ...] = (("kind", kind), ("field", field))
    for name, given in named:
        if not isinstance(given, str) or (name == "kind" and not given.strip()):  # `_index` reads how a field is called
            msg = f"`{name}` is a name, such as `customers` and `tier`, not {given!r:.60}"
            raise ConfigurationError(msg)
    tables = Tables(schema, prefix)
    table = tables.records.get(kind, tables["items"])
    index = _index(table, connections.database, field, holds)
    try:
        connections.give_back(connections.take())  # makes the connection ready, as units need it
        with connections.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
            # Without figures of what the index holds, SQLite would rather read all records of a tenant.
            quoted = connection.dialect.identifier_preparer.format_table(table)
            connection.exec_driver_sql(f"ANALYZE {quoted}")
    except AssignkitError:
        raise
    except Exception as error:
        raise translated(error, connections.database.fault) from error


def allowed(table: sa.Table, database: Database, name: str, choices: Iterable[object]) -> sa.ColumnElement[bool] | None:
    """Return a condition that holds for every record whose field may be one of `choices`, and for few others.

    Texts and numbers are told apart by the database; None where a choice is anything else.
    """
    if not _FIELD.fullmatch(name):
        return None
    listed = list(choices)
    if all(type(choice) is str for choice in listed):
        held, wanted = _held(table, database, name, "text"), [text for text in listed if is_plain(str(text))]
        return held.in_([*wanted, _OTHER["text"]])
    if all(_is_common(choice) for choice in listed):
        numbers = {number for choice in listed for number in _spellings(choice)}
        held = _held(table, database, name, "number")
        return held.in_([*map(database.stored_number, sorted(numbers)), _OTHER["number"]])
    return None


def _index(table: sa.Table, database: Database, name: str, holds: FieldKind) -> sa.Index:
    """Return the index that `allowed` wants; `ConfigurationError` for a name with other characters."""
    if not _FIELD.fullmatch(name):
        msg = f"a field that is indexed has letters, digits and underscores in its name, got `{name}`"
        raise ConfigurationError(msg)
    if holds not in ("text", "number"):
        msg = f"a field is indexed as `text` or as `number`, not as `{holds}`"
        raise ConfigurationError(msg)
    apart = [table.c.tenant, *(column for column in table.c if column.name == "kind")]
    return sa.Index(_named(table, name, holds), Grouping(_held(table, database, name, holds)), *apart)


def _held(table: sa.Table, database: Database, name: str, holds: FieldKind) -> sa.Case[Any]:
    """Return what a field holds: NULL if that is of another kind."""
    data = table.c.data
    value = database.field_text(data, name) if holds == "text" else database.field_number(data, name)
    return sa.case((database.field_kind(data, name).in_(_OTHERS), _OTHER[holds]), else_=value)


def _is_common(choice: object) -> bool:
    """Return whether it is a number that every database can be asked for; what is no number counts as missing."""
    if type(choice) not in (int, float, Decimal):
        return False
    number = Decimal(choice)  # type: ignore[arg-type]  # one of the three
    return number.is_finite() and abs(number.adjusted()) < _LARGEST and len(number.as_tuple().digits) < _LARGEST


def _spellings(choice: object) -> Iterator[Decimal]:
    """Yield the numbers by which a database may know a value that equals `choice`: a float by its shortest digits."""
    yield Decimal(choice)  # type: ignore[arg-type]  # a number
    yield Decimal(repr(float(choice)))  # type: ignore[arg-type]


def _named(table: sa.Table, name: str, what: str) -> str:
    """Return the name of an index: readable, and short enough."""
    full = f"{table.name}_by_{name}_{what}"
    if full.isascii() and len(full) <= _LONGEST_NAME:
        return full
    return f"{table.name}_by_{hashlib.sha256(full.encode()).hexdigest()[:16]}"
