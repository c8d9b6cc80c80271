"""Statements that write rows: one, or many at once, and all of them or an error.

SQLite takes rows one after the other, at two microseconds each. PostgreSQL takes many as one array for each column.
Whether all were written is checked by the statement itself, which divides by nothing if not: the answer then need not
be read before the next statement is sent, and COMMIT can go with the writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from assignkit.repositories.sql.arrays import array_of
from assignkit.repositories.sql.dialects import AMOUNT, DOCUMENT, Database

Row = tuple[Any, ...]
Reorder = Callable[[Row], Row]
Given = Any  # the rows of a statement, as a table

_MANY = "many"
_ONE: sa.ColumnElement[Any] = sa.literal_column("1")
_IF_ONE: sa.ColumnElement[Any] = sa.literal_column("1 / count(*)")
_IF_ALL: sa.ColumnElement[Any] = sa.literal_column("1").op("/")(
    sa.cast(sa.func.count() == sa.bindparam(_MANY, type_=sa.BigInteger()), sa.Integer())
)


class Bulk:
    """One such statement. `columns` says what the values of a row are for, in their order.

    `tells`: its answer, or the row's position, is wanted afterwards.
    """

    __slots__ = ("_many", "_many_order", "_one", "_one_order", "columns", "name", "tells")

    def __init__(
        self,
        name: str,
        database: Database,
        columns: Sequence[str],
        *,
        one: sa.ClauseElement,
        many: sa.ClauseElement | None = None,
        tells: bool = False,
    ) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.tells = tells
        self._one, self._one_order = _positional(one, database, self.columns)
        self._many: str | None = None
        self._many_order: Reorder | None = None
        if many is not None:
            self._many, self._many_order = _positional(many, database, (*self.columns, _MANY))

    def said(self, rows: Sequence[Row]) -> tuple[str, Any]:
        """Return the statement and its parameters, or rows of them."""
        order = self._one_order
        if len(rows) == 1:
            return self._one, rows[0] if order is None else order(rows[0])
        if self._many is None:
            return self._one, rows if order is None else list(map(order, rows))
        arrays = (*map(array_of, zip(*rows, strict=True)), len(rows))
        return self._many, arrays if self._many_order is None else self._many_order(arrays)


def telling(table: sa.Table, database: Database, *, computed: Mapping[str, Any], told: str) -> Bulk:
    """Return what inserts one row, and tells the column `told` of it; on SQLite, its position."""
    given = _parameters(table, without=computed)
    insert: Any = database.insert(table).values({**given, **computed})
    one = insert if database.one_writer else insert.returning(table.c[told])
    return Bulk(table.name, database, list(given), one=one, tells=True)


def inserting(table: sa.Table, database: Database, *, computed: Mapping[str, Any] | None = None) -> Bulk:
    """Return what inserts rows of the table's columns in their order; the `computed` are worked out by the database."""
    given, made = _parameters(table, without=computed or {}), dict(computed or {})
    one = database.insert(table).values({**given, **made})
    if database.one_writer:
        return Bulk(table.name, database, list(given), one=one)
    rows = _rows_of(table, list(given))
    chosen = [*(rows.c[name] for name in given), *made.values()]
    many = database.insert(table).from_select([*given, *made], sa.select(*chosen).select_from(rows))
    return Bulk(table.name, database, list(given), one=one, many=many)


def updating(
    table: sa.Table,
    database: Database,
    *,
    key: Collection[str],
    written: Collection[str],
    expected: Mapping[str, str] | None = None,
    when: sa.ColumnElement[bool] | None = None,
) -> Bulk:
    """Return what updates the rows with a key, if the `expected` columns equal parameters and `when` holds.

    Its rows are what is `written`, then the `key`, then what the `expected` are compared with.
    """
    compared = {**{name: name for name in key}, **(expected or {})}
    more = [] if when is None else [when]
    parameters = {parameter: sa.bindparam(parameter, type_=table.c[name].type) for name, parameter in compared.items()}
    one = (
        sa.update(table)
        .where(*(table.c[name] == parameters[parameter] for name, parameter in compared.items()), *more)
        .values({name: sa.bindparam(name, type_=table.c[name].type) for name in written})
    )
    columns = [*written, *compared.values()]
    if database.one_writer:
        return Bulk(table.name, database, columns, one=one)
    types = {**{name: name for name in written}, **{parameter: name for name, parameter in compared.items()}}
    rows = _rows_of(table, columns, types)
    many = (
        sa.update(table)
        .where(*(table.c[name] == rows.c[parameter] for name, parameter in compared.items()), *more)
        .values({name: rows.c[name] for name in written})
    )
    return Bulk(table.name, database, columns, one=_checked(one, _IF_ONE), many=_checked(many, _IF_ALL))


def holding(table: sa.Table, database: Database, *, key: Collection[str]) -> Bulk:
    """Return what keeps rows that are there as they are until the unit ends; PostgreSQL only."""
    one = sa.select(_ONE.label("one")).where(
        *(table.c[name] == sa.bindparam(name, type_=table.c[name].type) for name in key)
    )
    rows = _rows_of(table, list(key))
    many = sa.select(_ONE.label("one")).where(*(table.c[name] == rows.c[name] for name in key))
    return Bulk(
        table.name,
        database,
        list(key),
        one=sa.select(_IF_ONE).select_from(one.with_for_update(read=True).subquery("held")),
        many=sa.select(_IF_ALL).select_from(many.with_for_update(read=True, of=table).subquery("held")),
    )


def _positional(clause: sa.ClauseElement, database: Database, columns: Sequence[str]) -> tuple[str, Reorder | None]:
    """Return a statement's text, and what brings a row into the order of its parameters, if that is another one."""
    compiled: Any = clause.compile(dialect=database.positional_dialect(), compile_kwargs={"render_postcompile": True})
    names = list(compiled.positiontup or ())
    if names == list(columns):
        return str(compiled), None
    places = [columns.index(name) for name in names]
    return str(compiled), itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)


def _checked(update: sa.Update, all_written: sa.ColumnElement[Any]) -> sa.Select[Any]:
    written = update.returning(_ONE.label("one")).cte("written")
    return sa.select(all_written).select_from(written)


def _parameters(table: sa.Table, *, without: Collection[str]) -> dict[str, sa.BindParameter[Any]]:
    columns = (column for column in table.c if column.name not in without and column.autoincrement is not True)
    return {column.name: sa.bindparam(column.name, type_=column.type) for column in columns}


def _rows_of(table: sa.Table, names: Sequence[str], columns: Mapping[str, str] | None = None) -> Given:
    """Return the arrays that are handed in as rows; `columns` says which column's type each name has."""
    types = {name: _plain(table.c[(columns or {}).get(name, name)].type) for name in names}
    arrays = [sa.cast(sa.bindparam(name, type_=sa.Text()), postgresql.ARRAY(kind)) for name, kind in types.items()]
    rows = sa.func.unnest(*arrays).table_valued(*(sa.column(name, kind) for name, kind in types.items()))
    return rows.render_derived(name="given_rows")


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    if kind is AMOUNT:
        return sa.Numeric()
    if kind is DOCUMENT:
        return postgresql.JSONB()
    return kind if isinstance(kind, sa.BigInteger) else sa.Text()
