"""What is peculiar to SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Never

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.pool import StaticPool

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import Fault

_INT64 = 2**63
_MILLIONTH = Decimal("0.000001")
_MILLION = 1_000_000


class Sqlite(Database):
    """SQLite: one writer at a time, readers undisturbed."""

    name = "sqlite"
    one_writer = True
    numbers_later = False
    begin = ("BEGIN IMMEDIATE",)
    others = "PRAGMA data_version"
    # How long SQLite itself waits, asking ever more rarely; `units` waits longer, in jittered steps, so that waiters do
    # not march in line. Each who asks takes processor from whoever is at work, and the sooner it gets its turn, the
    # more of what it knows is old: at 50, a decision among 32 processes took one and a half times as much of it.
    _BUSY_MILLISECONDS = 250
    _NEWEST_NEED = (3, 35)  # RETURNING

    def engine(self, url: sa.URL) -> Engine:
        """Return an engine; one in memory has one connection, which all threads share in turn."""
        if in_memory(url):
            shared = {"check_same_thread": False}
            return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=StaticPool, connect_args=shared)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", max_overflow=-1, pool_reset_on_return=None)
        sa.event.listen(engine, "connect", _enforce_foreign_keys)
        return engine

    def dialect(self) -> Dialect:
        """Return the dialect with parameters like `:id`."""
        return sqlite.dialect(paramstyle="named")

    def positional_dialect(self) -> Dialect:
        """Return the dialect with parameters like `?`."""
        return sqlite.dialect(paramstyle="qmark")

    def insert(self, table: sa.Table) -> sqlite.Insert:
        """Return SQLite's insert."""
        return sqlite.insert(table).inline()

    def document_text(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return the column, which is text."""
        return column

    def field_text(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's value."""
        return sa.func.json_extract(column, _path(name))

    def field_number(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's value, if it is a whole number or a float."""
        numbers: list[sa.ColumnElement[str]] = [sa.literal_column(f"'{kind}'") for kind in ("integer", "real")]
        return sa.case((self.field_kind(column, name).in_(numbers), self.field_text(column, name)))

    def stored_number(self, value: Decimal) -> int | float:
        """Return a whole number as far as SQLite has them, else the nearest float."""
        whole = int(value)
        return whole if whole == value and -_INT64 <= whole < _INT64 else float(value)

    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's kind."""
        return sa.func.json_type(column, _path(name))

    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Look into a JSON list."""
        each = sa.func.json_each(sa.bindparam(parameter, type_=sa.Text())).table_valued("value")
        return column.in_(sa.select(each.c.value))

    def for_each(self, query: sa.Select[Any], column: sa.ColumnElement[Any], parameter: str) -> sa.Select[Any]:
        """Look into a JSON list: its texts are looked up one after the other anyway."""
        return query.where(self.among(column, parameter))

    def listed(self, texts: Iterable[str]) -> str:
        """Return a JSON list."""
        return json.dumps(list(texts))

    def for_each_pair(
        self, query: sa.Select[Any], columns: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]], parameter: str
    ) -> sa.Select[Any]:
        """Look into a JSON object of lists."""
        outer = sa.func.json_each(sa.bindparam(parameter, type_=sa.Text())).table_valued("key", "value", name="outer_")
        inner = sa.func.json_each(outer.c.value).table_valued("value", name="inner_", joins_implicitly=True)
        return query.where(sa.tuple_(*columns).in_(sa.select(outer.c.key, inner.c.value)))

    def paired(self, parameter: str, texts: Mapping[str, Collection[str]]) -> dict[str, Any]:
        """Return a JSON object of lists."""
        return {parameter: json.dumps({one: list(others) for one, others in texts.items()})}

    def stored_amount(self, value: Decimal) -> int:
        """Return whole millionths."""
        return int(value.scaleb(6))

    def stored_whole(self, value: int) -> int:
        """Return whole millionths."""
        return value * _MILLION

    def read_amount(self, stored: int) -> int | Decimal:
        """Return the millionths as a decimal, or whole."""
        whole, rest = divmod(stored, _MILLION)
        return stored * _MILLIONTH if rest else whole

    def lock(self) -> None:
        """Return None: a unit is the only writer from its beginning."""
        return

    def transaction_number(self) -> sa.ColumnElement[Any]:
        """Return NULL."""
        return sa.null()

    def state(self, newest: sa.Select[Any]) -> sa.ColumnElement[Any]:
        """Return the newest position: nothing comes in before it."""
        return newest.scalar_subquery()

    def unseen(self, lines: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a line came later."""
        return lines.c.position > sa.bindparam("seen", type_=lines.c.position.type)

    def seen(self, state: int) -> dict[str, Any]:
        """Return the position."""
        return {"seen": state}

    def first_unseen(self, state: int) -> int:
        """Return the next position."""
        return state + 1

    def is_before(self, state: int, other: int) -> bool:
        """Compare positions."""
        return state < other

    def lock_all(self) -> None:
        """Return None: a unit is the only writer from its beginning."""
        return

    def pipeline(self, connection: sqlite3.Connection, info: dict[str, Any]) -> Never:  # noqa: ARG002
        """Raise: the library is the server, and there is no way to go."""
        msg = "SQLite takes statements one by one"
        raise AssertionError(msg)

    def prepare(self, connection: sqlite3.Connection, *, anew: bool) -> bool:
        """Set what SQLite forgets with each connection."""
        if anew:
            connection.execute(f"PRAGMA busy_timeout={self._BUSY_MILLISECONDS}")
            connection.execute("PRAGMA synchronous=FULL")
            if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
                connection.execute("PRAGMA journal_mode=WAL")
        return False

    def restore(self, connection: sqlite3.Connection) -> None:
        """Leave it: the settings are the connection's own."""

    def in_transaction(self, connection: sqlite3.Connection) -> bool:
        """Return whether a transaction is open; SQLite ends it by itself when the disk is full."""
        return connection.in_transaction

    def is_idle(self, connection: sqlite3.Connection) -> bool:
        """Return whether no transaction is open."""
        return not connection.in_transaction

    def fault(self, error: BaseException) -> Fault:
        """Tell by SQLite's own numbers."""
        if isinstance(error, OverflowError | UnicodeError | sqlite3.InterfaceError):
            return Fault.VALUE
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None:
            known = _SQLITE_FAULTS.get(code & 0xFF)
            if known is not None:
                return known
        if isinstance(error, sqlite3.OperationalError) and ("no such" in str(error) or "has no column" in str(error)):
            return Fault.TABLES
        return Fault.BROKEN

    def check(self, connection: sa.Connection) -> None:  # noqa: ARG002 - the library is the server
        """Refuse a SQLite that lacks what the statements need."""
        if sqlite3.sqlite_version_info < self._NEWEST_NEED:
            msg = f"SQLite {sqlite3.sqlite_version} is too old, 3.35 or newer is needed"
            raise ConfigurationError(msg)

    def begin_alone(self, connection: sa.Connection, *, name: str) -> None:  # noqa: ARG002 - one for all names
        """Take the only writer's place."""
        connection.exec_driver_sql(*self.begin)


def in_memory(url: sa.URL) -> bool:
    """Return whether it is a SQLite database that lives in memory."""
    if url.get_backend_name() != "sqlite":
        return False
    return url.database in (None, "", ":memory:") or "mode=memory" in str(url)


def _enforce_foreign_keys(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")


_SQLITE_FAULTS: Mapping[int, Fault] = {
    sqlite3.SQLITE_BUSY: Fault.AGAIN,
    sqlite3.SQLITE_LOCKED: Fault.AGAIN,
    sqlite3.SQLITE_CONSTRAINT: Fault.REFUSED,
    sqlite3.SQLITE_TOOBIG: Fault.VALUE,
    sqlite3.SQLITE_MISMATCH: Fault.VALUE,
}


def _path(name: str) -> sa.ColumnElement[str]:
    """Return the path of a field, spelled out: an index is on an expression without parameters."""
    return sa.literal_column(f"""'$."{name}"'""")
