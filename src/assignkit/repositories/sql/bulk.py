"""Statements that write rows: one, or many at once, and all of them or an error.

SQLite takes rows one after the other, at two microseconds each. PostgreSQL takes many as one JSON parameter. Whether
all were written is checked by the statement itself, which divides by nothing if not: the answer then need not be read
before the next statement is sent, and COMMIT can go with the writes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from assignkit.repositories.sql.dialects import AMOUNT, DOCUMENT, Database
from assignkit.repositories.sql.statements import Statement

Rows = Sequence[dict[str, Any]]
Given = Any  # the rows of a parameter, as a table

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_ONE: sa.ColumnElement[Any] = sa.literal_column("1")
_IF_ONE: sa.ColumnElement[Any] = sa.literal_column("1 / count(*)")
_IF_ALL: sa.ColumnElement[Any] = sa.literal_column("1").op("/")(
    sa.cast(sa.func.count() == sa.bindparam("many", type_=sa.BigInteger()), sa.Integer())
)


class Bulk:
    """One such statement; `text` is for a single row, `many` for rows as JSON, where the database takes them so."""

    __slots__ = ("many", "name", "tells", "text")

    def __init__(self, name: str, one: sa.ClauseElement, many: sa.ClauseElement | None, database: Database) -> None:
        self.name = name
        self.tells = False  # whether its answer, or the row's position, is wanted afterwards
        self.text = Statement(one, database.dialect()).text
        self.many = None if many is None else Statement(many, database.dialect()).text

    def said(self, rows: Rows) -> tuple[str, Any]:
        """Return the statement and its parameters, or rows of them."""
        if len(rows) == 1:
            return self.text, rows[0]
        if self.many is None:
            return self.text, rows
        return self.many, {"given": _dumps(rows), "many": len(rows)}


def telling(table: sa.Table, database: Database, *, computed: Mapping[str, Any], told: str) -> Bulk:
    """Return what inserts one row, and tells the column `told` of it; on SQLite, its position."""
    values = {**_parameters(table, without=computed), **computed}
    insert = database.insert(table).values(values)
    bulk = Bulk(table.name, insert if database.one_writer else insert.returning(table.c[told]), None, database)
    bulk.tells = True
    return bulk


def inserting(table: sa.Table, database: Database, *, computed: Mapping[str, Any] | None = None) -> Bulk:
    """Return what inserts rows; `computed` columns are worked out by the database."""
    given, made = _parameters(table, without=computed or {}), dict(computed or {})
    one = database.insert(table).values({**{name: given[name] for name in given}, **made})
    if database.one_writer:
        return Bulk(table.name, one, None, database)
    rows = _rows_of(table, list(given))
    chosen = [*(_value(table.c[name], rows.c[name]) for name in given), *made.values()]
    many = database.insert(table).from_select([*given, *made], sa.select(*chosen).select_from(rows))
    return Bulk(table.name, one, many, database)


def replacing(table: sa.Table, database: Database) -> Bulk:
    """Return what inserts rows, or puts them in the place of those with the same key."""

    def over(insert: Any) -> Any:  # noqa: ANN401 - two classes with the same methods
        values = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
        return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)

    given = _parameters(table, without=())
    one = over(database.insert(table).values(given))
    if database.one_writer:
        return Bulk(table.name, one, None, database)
    rows = _rows_of(table, list(given))
    chosen = sa.select(*(_value(table.c[name], rows.c[name]) for name in given)).select_from(rows)
    return Bulk(table.name, one, over(database.insert(table).from_select(list(given), chosen)), database)


def updating(
    table: sa.Table,
    database: Database,
    *,
    key: Collection[str],
    written: Collection[str],
    expected: Mapping[str, str] | None = None,
    when: sa.ColumnElement[bool] | None = None,
) -> Bulk:
    """Return what updates the rows with a key, if the `expected` columns equal parameters and `when` holds."""
    compared = {**{name: name for name in key}, **(expected or {})}
    more = [] if when is None else [when]
    parameters = {parameter: sa.bindparam(parameter, type_=table.c[name].type) for name, parameter in compared.items()}
    one = (
        sa.update(table)
        .where(*(table.c[name] == parameters[parameter] for name, parameter in compared.items()), *more)
        .values({name: sa.bindparam(name, type_=table.c[name].type) for name in written})
    )
    if database.one_writer:
        return Bulk(table.name, one, None, database)
    types = {**{parameter: name for name, parameter in compared.items()}, **{name: name for name in written}}
    rows = _rows_of(table, list(types), types)
    many = (
        sa.update(table)
        .where(*(table.c[name] == rows.c[parameter] for name, parameter in compared.items()), *more)
        .values({name: _value(table.c[name], rows.c[name]) for name in written})
    )
    return Bulk(table.name, _checked(one, _IF_ONE), _checked(many, _IF_ALL), database)


def holding(table: sa.Table, database: Database, *, key: Collection[str]) -> Bulk:
    """Return what keeps rows that are there as they are until the unit ends; PostgreSQL only."""
    one = sa.select(_ONE.label("one")).where(
        *(table.c[name] == sa.bindparam(name, type_=table.c[name].type) for name in key)
    )
    rows = _rows_of(table, list(key))
    many = sa.select(_ONE.label("one")).where(*(table.c[name] == rows.c[name] for name in key))
    return Bulk(
        table.name,
        sa.select(_IF_ONE).select_from(one.with_for_update(read=True).subquery("held")),
        sa.select(_IF_ALL).select_from(many.with_for_update(read=True, of=table).subquery("held")),
        database,
    )


def _checked(update: sa.Update, all_written: sa.ColumnElement[Any]) -> sa.Select[Any]:
    written = update.returning(_ONE.label("one")).cte("written")
    return sa.select(all_written).select_from(written)


def _parameters(table: sa.Table, *, without: Collection[str]) -> dict[str, sa.BindParameter[Any]]:
    columns = (column for column in table.c if column.name not in without and column.autoincrement is not True)
    return {column.name: sa.bindparam(column.name, type_=column.type) for column in columns}


def _rows_of(table: sa.Table, names: Sequence[str], columns: Mapping[str, str] | None = None) -> Given:
    """Return the JSON of the parameter `given` as rows; `columns` says which column's type each name has."""
    typed = [sa.column(name, _plain(table.c[(columns or {}).get(name, name)].type)) for name in names]
    json_text = sa.cast(sa.bindparam("given", type_=sa.Text()), postgresql.JSON())
    rows = sa.func.json_to_recordset(json_text).table_valued(*typed)
    return rows.render_derived(name="given_rows", with_types=True)


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    if kind is AMOUNT:
        return sa.Numeric()
    return kind if isinstance(kind, sa.BigInteger) else sa.Text()


def _value(column: sa.Column[Any], given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(given, postgresql.JSONB()) if column.type is DOCUMENT else given
