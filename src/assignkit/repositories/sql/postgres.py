"""What is peculiar to PostgreSQL, by psycopg 3."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect, Engine

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.arrays import array_of
from assignkit.repositories.sql.dialects import Database, Together
from assignkit.repositories.sql.errors import Fault


class _Name(sa.types.UserDefinedType[Any]):
    """A type of PostgreSQL's that SQLAlchemy does not know, for casts."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 - as SQLAlchemy has it
        """Return its name."""
        return self.name


class Postgres(Database):
    """PostgreSQL 13 or newer, by psycopg 3: explicit locks, each released with its transaction."""

    name = "postgresql"
    one_writer = False
    numbers_later = True
    others = None
    connections = 15
    # Whoever waits for a lock longer than this is told, and tries again.
    begin = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL lock_timeout = '10s'")
    _OLDEST = 130_000

    def engine(self, url: sa.URL) -> Engine:
        """Return an engine on psycopg.

        Statements are prepared on the server once they have come some times, which halves its work, unless a pooler
        stands in between: some could not follow. `?prepare_threshold=` in the URL says after how many times instead,
        whatever stands in between; `off` is never.
        """
        wanted = url.query.get("prepare_threshold")
        known = wanted is not None and wanted != _NEVER
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["prepare_threshold"]),
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            max_overflow=-1,  # a turnstile bounds them
            connect_args={"prepare_threshold": int(str(wanted)) if known else None},
        )
        if wanted is None:
            sa.event.listen(engine, "connect", _prepare_unless_pooled)
        return engine

    def dialect(self) -> Dialect:
        """Return the dialect with parameters like `$1`."""
        return PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

    def positional_dialect(self) -> Dialect:
        """Return the same."""
        return self.dialect()

    def insert(self, table: sa.Table) -> postgresql.Insert:
        """Return PostgreSQL's insert."""
        return postgresql.insert(table).inline()

    def document_text(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return the document as text, so that the driver leaves its numbers alone."""
        return sa.cast(column, sa.Text())

    def field_text(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's value as text."""
        return sa.func.jsonb_extract_path_text(column, _name(name), type_=sa.Text())

    def field_number(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's value, if it is a number."""
        is_number = self.field_kind(column, name) == sa.literal_column("'number'")
        return sa.case((is_number, sa.cast(self.field_text(column, name), sa.Numeric())))

    def stored_number(self, value: Decimal) -> Decimal:
        """Return the number itself."""
        return value

    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's kind."""
        return sa.func.jsonb_typeof(sa.func.jsonb_extract_path(column, _name(name)), type_=sa.Text())

    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Look into an array."""
        return column == sa.any_(_array(parameter, sa.Text()))

    def for_each(self, query: sa.Select[Any], column: sa.ColumnElement[Any], parameter: str) -> sa.Select[Any]:
        """Run the query for one text after the other, in their order.

        As long as nobody has analysed a table, the planner would rather read all of a tenant's rows than look up many.
        """
        each = sa.func.unnest(_array(parameter, sa.Text())).table_valued(sa.column("one", sa.Text()))
        rows = each.render_derived(name="each")
        found = query.where(column == rows.c.one).offset(sa.literal_column("0")).lateral("found")
        return sa.select(*found.c).select_from(rows.join(found, sa.true()))

    def listed(self, texts: Iterable[str]) -> str:
        """Return an array."""
        return array_of(texts)

    def for_each_pair(
        self, query: sa.Select[Any], columns: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]], parameter: str
    ) -> sa.Select[Any]:
        """Run the query for one pair after the other."""
        names = [sa.column(name, sa.Text()) for name in ("one", "other")]
        arrays = (_array(f"{parameter}_{name.name}", sa.Text()) for name in names)
        rows = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="each")
        its = (column == row for column, row in zip(columns, rows.c, strict=True))
        found = query.where(*its).offset(sa.literal_column("0")).lateral("found")
        return sa.select(*found.c).select_from(rows.join(found, sa.true()))

    def paired(self, parameter: str, texts: Mapping[str, Collection[str]]) -> dict[str, Any]:
        """Return two arrays."""
        pairs = [(one, other) for one, others in texts.items() for other in others]
        ones, others = zip(*pairs, strict=True) if pairs else ((), ())
        return {f"{parameter}_one": array_of(ones), f"{parameter}_other": array_of(others)}

    def stored_amount(self, value: Decimal) -> Decimal:
        """Return the amount itself."""
        return value

    def stored_whole(self, value: int) -> int:
        """Return the amount itself."""
        return value

    def read_amount(self, stored: Decimal) -> Decimal:
        """Return the amount itself."""
        return stored

    def lock(self) -> sa.Select[Any]:
        """Return a lock that ends with the transaction: sessions belong to the pooler."""
        return sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("lock_key", type_=sa.BigInteger())))

    def transaction_number(self) -> sa.ColumnElement[Any]:
        """Return the number that snapshots tell as running or done."""
        return sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text()), sa.BigInteger())

    def state(self, newest: sa.Select[Any]) -> sa.ColumnElement[Any]:  # noqa: ARG002 - transactions end in any order
        """Return the snapshot."""
        return sa.cast(sa.func.pg_current_snapshot(), sa.Text())

    def unseen(self, lines: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a line's transaction had not been committed."""
        number = sa.cast(sa.cast(lines.c.xid, sa.Text()), _Name("xid8"))
        snapshot = sa.cast(sa.bindparam("seen", type_=sa.Text()), _Name("pg_snapshot"))
        oldest = lines.c.xid >= sa.bindparam("oldest", type_=sa.BigInteger())
        return sa.and_(oldest, sa.not_(sa.func.pg_visible_in_snapshot(number, snapshot)))

    def seen(self, state: str) -> dict[str, Any]:
        """Return the snapshot, and the oldest transaction that ran in it."""
        return {"seen": state, "oldest": self.first_unseen(state)}

    def first_unseen(self, state: str) -> int:
        """Return the oldest transaction that ran."""
        return int(state.partition(":")[0])

    def is_before(self, state: str, other: str) -> bool:
        """Compare which transactions were to come: their numbers rise."""
        return int(state.split(":")[1]) < int(other.split(":")[1])

    def lock_all(self) -> sa.Select[Any]:
        """Return the same lock for each of the numbers, in their order."""
        keys = _array("lock_keys", sa.BigInteger())
        each = sa.func.unnest(keys).table_valued(sa.column("value", sa.BigInteger())).render_derived(name="keys")
        return sa.select(sa.func.pg_advisory_xact_lock(each.c.value))

    def pipeline(self, connection: Any, info: dict[str, Any]) -> Together:  # noqa: ANN401
        """Return libpq's pipeline."""
        from assignkit.repositories.sql.pipelining import Pipeline  # noqa: PLC0415 - SQLite needs no psycopg

        return Pipeline(connection, info.setdefault(_SEEN, {}))

    def prepare(self, connection: Any, *, anew: bool) -> bool:  # noqa: ANN401, ARG002
        """Leave beginning and committing to the unit."""
        if connection.autocommit:
            return False
        connection.autocommit = True
        return True

    def restore(self, connection: Any) -> None:  # noqa: ANN401
        """Let the driver begin transactions again, as a host's engine expects it."""
        connection.autocommit = False

    def in_transaction(self, connection: Any) -> bool:  # noqa: ANN401
        """Return whether a transaction is open and not aborted."""
        status = connection.info.transaction_status
        return bool(status == status.INTRANS)

    def is_idle(self, connection: Any) -> bool:  # noqa: ANN401
        """Return whether no transaction is open, and the connection is not cut."""
        status = connection.info.transaction_status
        return bool(status == status.IDLE)

    def fault(self, error: BaseException) -> Fault:
        """Tell by SQLSTATE; without one, the server was not reached, or the driver refused the value."""
        state = getattr(error, "sqlstate", None)
        if state is not None:
            return _STATES.get(state) or _CLASSES.get(state[:2], Fault.BROKEN)
        if isinstance(error, OverflowError | UnicodeError) or type(error).__name__ in ("DataError", "ProgrammingError"):
            return Fault.VALUE
        if type(error).__name__ in ("OperationalError", "InterfaceError"):
            return Fault.DROPPED
        return Fault.BROKEN

    def check(self, connection: sa.Connection) -> None:
        """Refuse a server that is too old, or a database whose texts are not Unicode."""
        number, version = (connection.exec_driver_sql(f"SHOW {name}").scalar() for name in _SERVER)
        if int(str(number)) < self._OLDEST:
            msg = f"PostgreSQL {version} is too old, 13 or newer is needed"
            raise ConfigurationError(msg)
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            msg = f"the database keeps its texts as {encoding}, but must be able to keep any: create it with UTF8"
            raise ConfigurationError(msg)

    def begin_alone(self, connection: sa.Connection, *, name: str) -> None:
        """Begin, and take a lock by that name."""
        connection.exec_driver_sql("BEGIN")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


def _prepare_unless_pooled(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
    """Have statements prepared if the server that answers is the one that the connection was made to.

    A pooler gives each client a number of its own instead of the server's process. What one client has prepared there
    another one may run by the same name.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    if not connection.autocommit:
        connection.rollback()
    if process == connection.info.backend_pid:
        connection.prepare_threshold = _TIMES


def _name(name: str) -> sa.ColumnElement[str]:
    """Return a field's name, spelled out: an index is on an expression without parameters."""
    return sa.literal_column(f"'{name}'")


def _array(parameter: str, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(sa.bindparam(parameter, type_=sa.Text()), postgresql.ARRAY(kind))


_NEVER = "off"
_TIMES = 3
_SEEN = "assignkit statements"
_SERVER = ("server_version_num", "server_version")
_CLASSES: Mapping[str, Fault] = {
    "08": Fault.DROPPED,  # connection exceptions
    "22": Fault.VALUE,  # data exceptions
    "23": Fault.REFUSED,  # integrity constraints
    "40": Fault.AGAIN,  # serialisation failures and deadlocks
}
_STATES: Mapping[str, Fault] = {
    "25006": Fault.AGAIN,  # a server that fails over is read-only for a while
    "26000": Fault.AGAIN,  # what was prepared is gone, and not counted on any more
    "42P05": Fault.AGAIN,  # it was prepared already, and is known now
    "22012": Fault.OVERTAKEN,  # what `bulk` does on purpose where a row is not as it was
    "3F000": Fault.TABLES,  # no such schema
    "42703": Fault.TABLES,  # no such column
    "42P01": Fault.TABLES,  # no such table
    "53300": Fault.AGAIN,  # too many connections
    "55P03": Fault.AGAIN,  # waited too long for a lock
    "57P01": Fault.DROPPED,  # the administrator ends the connection
    "57P02": Fault.DROPPED,  # the server crashed
    "57P03": Fault.AGAIN,  # the server is starting
}
