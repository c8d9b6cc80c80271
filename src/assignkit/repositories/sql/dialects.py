"""Everything that differs between databases. Another one is another `Database` here, and nothing elsewhere."""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.pool import StaticPool

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.arrays import array_of
from assignkit.repositories.sql.errors import Fault

# Text that compares by code points, whatever the database's own language is.
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
# Exact amounts: whole millionths where the database has no exact decimals of its own.
AMOUNT = sa.BigInteger().with_variant(sa.Numeric(19, 6), "postgresql")
# SQLite counts up a column by itself only if it is called just that.
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_MILLIONTH = Decimal("0.000001")
MOST_WHOLE = 9_000_000_000_000
_MOST = Decimal(MOST_WHOLE)


class _Name(sa.types.UserDefinedType[Any]):
    """A type of PostgreSQL's that SQLAlchemy does not know, for casts."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 - as SQLAlchemy has it
        """Return its name."""
        return self.name


class Database(ABC):
    """What a store has to know of its database."""

    name: ClassVar[str]
    one_writer: ClassVar[bool]  # whether a unit keeps all other writers out from its beginning
    begin: ClassVar[tuple[str, ...]]
    others: ClassVar[str | None]  # what tells whether other connections have written, where that is quick to ask
    numbers_later: ClassVar[bool]  # whether the history is numbered by who reads it, so that writers need not queue

    @abstractmethod
    def engine(self, url: sa.URL) -> Engine:
        """Return an engine as this library wants it."""

    @abstractmethod
    def dialect(self) -> Dialect:
        """Return what statements are compiled for; parameters have names."""

    @abstractmethod
    def positional_dialect(self) -> Dialect:
        """Return the same; parameters have places."""

    @abstractmethod
    def insert(self, table: sa.Table) -> Any:  # noqa: ANN401 - two classes with the same methods
        """Return an insert that can say what happens on a conflict."""

    @abstractmethod
    def document_text(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return a document as JSON text."""

    @abstractmethod
    def field_text(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return a field of a document, as text if it is text."""

    @abstractmethod
    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return `array`, `object` or another kind of JSON; NULL if the document lacks the field."""

    @abstractmethod
    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Return the condition that a column is one of the texts that are handed in as `parameter`; see `listed`."""

    @abstractmethod
    def listed(self, texts: Iterable[str]) -> str:
        """Return texts as one parameter, for `among`."""

    @abstractmethod
    def forget_prepared(self, connection: Any) -> None:  # noqa: ANN401 - a driver's connection
        """Forget which statements were prepared, after some that were sent together failed."""

    @abstractmethod
    def stored_amount(self, value: Decimal) -> int | Decimal:
        """Return what `AMOUNT` keeps."""

    @abstractmethod
    def stored_whole(self, value: int) -> int:
        """Return the same of a whole amount."""

    @abstractmethod
    def read_amount(self, stored: Any) -> Decimal:  # noqa: ANN401 - as the driver gives it
        """Return the amount that `AMOUNT` kept."""

    @abstractmethod
    def lock(self) -> sa.Select[Any] | None:
        """Return what locks the name `lock_key` until the unit ends; None if units exclude each other anyway."""

    @abstractmethod
    def transaction_number(self) -> sa.ColumnElement[Any]:
        """Return the number of the transaction that runs; NULL where writers come one after the other anyway."""

    @abstractmethod
    def state(self, newest: sa.Select[Any]) -> sa.ColumnElement[Any]:
        """Return what tells which changes can be seen now; `newest` is the last position among them."""

    @abstractmethod
    def unseen(self, lines: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a line of changes could not be seen at the state that `seen` gives."""

    @abstractmethod
    def seen(self, state: Any) -> dict[str, Any]:  # noqa: ANN401 - as `state` gives it
        """Return the parameters of `unseen`."""

    @abstractmethod
    def first_unseen(self, state: Any) -> int:  # noqa: ANN401 - as `state` gives it
        """Return the lowest position, or transaction, of a line that could not be seen."""

    @abstractmethod
    def is_before(self, state: Any, other: Any) -> bool:  # noqa: ANN401 - as `state` gives them
        """Return whether a state is older than one that was seen before it: the database is another one."""

    @abstractmethod
    def lock_all(self) -> sa.Select[Any] | None:
        """Return what locks all the names whose numbers are the array `lock_keys`, one after the other; see `lock`."""

    @abstractmethod
    def together(self, connection: Any) -> AbstractContextManager[Any]:  # noqa: ANN401 - a driver's connection
        """Return a context in which statements are sent without waiting for their answers, where that is possible."""

    @abstractmethod
    def prepare(self, connection: Any, *, anew: bool) -> bool:  # noqa: ANN401 - a driver's connection
        """Make a driver's connection ready for a unit, `anew` if it was never seen before; True if `restore` has to."""

    @abstractmethod
    def restore(self, connection: Any) -> None:  # noqa: ANN401 - a driver's connection
        """Give a driver's connection back as it was."""

    @abstractmethod
    def in_transaction(self, connection: Any) -> bool:  # noqa: ANN401 - a driver's connection
        """Return whether the connection's transaction is open, and can go on."""

    @abstractmethod
    def is_idle(self, connection: Any) -> bool:  # noqa: ANN401 - a driver's connection
        """Return whether the connection has no transaction, and can begin one."""

    @abstractmethod
    def fault(self, error: BaseException) -> Fault:
        """Return what the driver's error means."""

    @abstractmethod
    def check(self, connection: sa.Connection) -> None:
        """Raise `ConfigurationError` if the server cannot be used."""

    @abstractmethod
    def begin_alone(self, connection: sa.Connection, *, name: str) -> None:
        """Begin a transaction that keeps out all others who call this by the same name."""


class Sqlite(Database):
    """SQLite: one writer at a time, readers undisturbed."""

    name = "sqlite"
    one_writer = True
    numbers_later = False
    begin = ("BEGIN IMMEDIATE",)
    others = "PRAGMA data_version"
    # How long SQLite itself waits; `units` waits longer, in jittered steps, so that waiters do not march in line.
    _BUSY_MILLISECONDS = 50
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
        return sa.func.json_extract(column, f'$."{name}"')

    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's kind."""
        return sa.func.json_type(column, f'$."{name}"')

    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Look into a JSON list."""
        each = sa.func.json_each(sa.bindparam(parameter, type_=sa.Text())).table_valued("value")
        return column.in_(sa.select(each.c.value))

    def listed(self, texts: Iterable[str]) -> str:
        """Return a JSON list."""
        return json.dumps(list(texts))

    def stored_amount(self, value: Decimal) -> int:
        """Return whole millionths."""
        return int(value.scaleb(6))

    def stored_whole(self, value: int) -> int:
        """Return whole millionths."""
        return value * 1_000_000

    def read_amount(self, stored: int) -> Decimal:
        """Return the millionths as a decimal."""
        return stored * _MILLIONTH

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

    def together(self, connection: sqlite3.Connection) -> AbstractContextManager[Any]:  # noqa: ARG002
        """Return nothing special: there is no way to go."""
        return nullcontext()

    def forget_prepared(self, connection: sqlite3.Connection) -> None:
        """Do nothing: the library keeps them itself."""

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


class Postgres(Database):
    """PostgreSQL 13 or newer, by psycopg 3: explicit locks, each released with its transaction."""

    name = "postgresql"
    one_writer = False
    numbers_later = True
    others = None
    # Whoever waits for a lock longer than this is told, and tries again.
    begin = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL lock_timeout = '10s'")
    _OLDEST = 130_000

    def engine(self, url: sa.URL) -> Engine:
        """Return an engine on psycopg.

        Nothing is prepared on the server, as many poolers could not follow, unless the URL says how often a statement
        has to come before it is: `?prepare_threshold=5` is faster.
        """
        wanted = url.query.get("prepare_threshold")
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["prepare_threshold"]),
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            connect_args={"prepare_threshold": None if wanted is None else int(str(wanted))},
        )

    def dialect(self) -> Dialect:
        """Return the dialect with parameters like `%(id)s`."""
        return PGDialect_psycopg()  # type: ignore[no-untyped-call]

    def positional_dialect(self) -> Dialect:
        """Return the dialect with parameters like `%s`."""
        return PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

    def insert(self, table: sa.Table) -> postgresql.Insert:
        """Return PostgreSQL's insert."""
        return postgresql.insert(table).inline()

    def document_text(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return the document as text, so that the driver leaves its numbers alone."""
        return sa.cast(column, sa.Text())

    def field_text(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's value as text."""
        return sa.func.jsonb_extract_path_text(column, name)

    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return the field's kind."""
        return sa.func.jsonb_typeof(sa.func.jsonb_extract_path(column, name))

    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Look into an array, which the planner looks up in an index; it would read the whole table for a list."""
        return column == sa.any_(sa.cast(sa.bindparam(parameter, type_=sa.Text()), postgresql.ARRAY(sa.Text())))

    def listed(self, texts: Iterable[str]) -> str:
        """Return an array."""
        return array_of(texts)

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
        keys = sa.cast(sa.bindparam("lock_keys", type_=sa.Text()), postgresql.ARRAY(sa.BigInteger()))
        each = sa.func.unnest(keys).table_valued(sa.column("value", sa.BigInteger())).render_derived(name="keys")
        return sa.select(sa.func.pg_advisory_xact_lock(each.c.value))

    def together(self, connection: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
        """Return a pipeline; a client library of before 2021 has none."""
        pipeline: AbstractContextManager[Any] = connection.pipeline() if _has_pipelines() else nullcontext()
        return pipeline

    def forget_prepared(self, connection: Any) -> None:  # noqa: ANN401
        """Make the driver prepare anew: of what it sent together it believes that all was prepared."""
        if connection.prepare_threshold is not None:
            connection._prepared.clear()  # noqa: SLF001 - there is no other way short of closing the connection

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


DATABASES: Mapping[str, type[Database]] = {"sqlite": Sqlite, "postgresql": Postgres, "postgres": Postgres}


def database_for(backend: str) -> Database:
    """Return what is known of a database; `ConfigurationError` for one that is not supported."""
    kind = DATABASES.get(backend)
    if kind is None:
        msg = f"there is no store for `{backend}`; SQLite (sqlite://) and PostgreSQL (postgresql://) are supported"
        raise ConfigurationError(msg)
    return kind()


def in_memory(url: sa.URL) -> bool:
    """Return whether it is a SQLite database that lives in memory."""
    if url.get_backend_name() != "sqlite":
        return False
    return url.database in (None, "", ":memory:") or "mode=memory" in str(url)


def exact_amount(value: int | Decimal, *, of: str) -> Decimal:
    """Return an amount that every database keeps exactly; `ConfigurationError`, naming `of`, for any other."""
    exact = Decimal(value)
    if exact.is_finite() and abs(exact) < _MOST and exact == exact.quantize(_MILLIONTH):
        return exact
    msg = f"{of} is {value}: a SQL store keeps amounts of at most 6 decimals, below {_MOST:,}"
    raise ConfigurationError(msg)


@cache
def _has_pipelines() -> bool:
    import psycopg  # noqa: PLC0415 - there is none on machines that have SQLite alone

    return psycopg.Pipeline.is_supported()


def _enforce_foreign_keys(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")


_SQLITE_FAULTS: Mapping[int, Fault] = {
    sqlite3.SQLITE_BUSY: Fault.AGAIN,
    sqlite3.SQLITE_LOCKED: Fault.AGAIN,
    sqlite3.SQLITE_CONSTRAINT: Fault.REFUSED,
    sqlite3.SQLITE_TOOBIG: Fault.VALUE,
    sqlite3.SQLITE_MISMATCH: Fault.VALUE,
}
_SERVER = ("server_version_num", "server_version")
_CLASSES: Mapping[str, Fault] = {
    "08": Fault.DROPPED,  # connection exceptions
    "22": Fault.VALUE,  # data exceptions
    "23": Fault.REFUSED,  # integrity constraints
    "40": Fault.AGAIN,  # serialisation failures and deadlocks
}
_STATES: Mapping[str, Fault] = {
    "25006": Fault.AGAIN,  # a server that fails over is read-only for a while
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
