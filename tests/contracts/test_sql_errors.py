"""Whatever SQLAlchemy, a driver or alembic raises becomes an error of ours: all of their classes are walked."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from alembic.util.exc import CommandError
from sqlalchemy import exc

from assignkit.errors import AssignkitError, BackendError, ConfigurationError, ConflictError, MissingExtraError
from assignkit.repositories.sql.errors import BusyError, DroppedError, Fault, translated
from assignkit.repositories.sql.postgres import Postgres
from assignkit.repositories.sql.sqlite import Sqlite


def classes_below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for below in kind.__subclasses__():
        if not below.__module__.startswith("tests."):  # what other tests raise in a driver's stead is not the driver's
            yield below
            yield from classes_below(below)


def full_name(kind: type[BaseException]) -> tuple[str, str, str]:
    """Return what tells a class from all others, in any process."""
    return (kind.__module__, kind.__qualname__, str(getattr(kind, "sqlstate", "")))


DRIVERS = sorted({*classes_below(sqlite3.Error), *classes_below(psycopg.Error)}, key=full_name)
SQLALCHEMY = sorted(
    {kind for _, kind in inspect.getmembers(exc, inspect.isclass) if issubclass(kind, exc.SQLAlchemyError)},
    key=full_name,
)
OTHERS = [CommandError("multiple heads"), OSError("disk"), MemoryError(), OverflowError("too large"), ValueError("bad")]


def made(kind: type[BaseException], original: BaseException | None = None) -> BaseException:
    """Return an error of SQLAlchemy's, however many arguments it takes."""
    many = ("it failed", "SELECT 1", {}, original)
    for arguments in (many, many[1:], ("it failed",), ("it failed", "name"), (object(), "it failed")):
        try:
            return kind(*arguments)
        except (TypeError, AttributeError):
            continue
    return kind.__new__(kind)


@pytest.mark.parametrize("database", [Sqlite(), Postgres()], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", [*DRIVERS, *SQLALCHEMY], ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_foreign_class_becomes_one_of_ours(database: Sqlite | Postgres, kind: type[BaseException]) -> None:
    foreign = made(kind, sqlite3.OperationalError("it failed"))
    assert isinstance(foreign, Exception)
    ours = translated(foreign, database.fault)
    assert isinstance(ours, AssignkitError)
    assert not isinstance(ours, exc.SQLAlchemyError | sqlite3.Error | psycopg.Error)
    assert str(ours)


@pytest.mark.parametrize("database", [Sqlite(), Postgres()], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("foreign", OTHERS, ids=repr)
def test_what_is_no_database_error_becomes_one_of_ours_too(database: Sqlite | Postgres, foreign: Exception) -> None:
    assert isinstance(translated(foreign, database.fault), BackendError | ConfigurationError)


def test_the_walk_finds_them() -> None:
    assert len(DRIVERS) > 200
    assert len(SQLALCHEMY) > 30


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DeadlockDetected("d"), BusyError),
        (psycopg.errors.SerializationFailure("s"), BusyError),
        (psycopg.errors.LockNotAvailable("l"), BusyError),
        (psycopg.errors.CannotConnectNow("c"), BusyError),
        (psycopg.errors.AdminShutdown("a"), DroppedError),
        (psycopg.errors.ConnectionFailure("c"), DroppedError),
        (psycopg.OperationalError("the connection is closed"), DroppedError),
        (psycopg.errors.UniqueViolation("u"), ConflictError),
        (psycopg.errors.CheckViolation("c"), ConflictError),
        (psycopg.errors.NumericValueOutOfRange("n"), ConfigurationError),
        (psycopg.DataError("NUL"), ConfigurationError),
        (psycopg.errors.UndefinedTable("u"), BackendError),
        (psycopg.errors.DiskFull("d"), BackendError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_postgresql_says_what_is_wrong_by_its_state(error: Exception, kind: type[Exception]) -> None:
    assert type(translated(error, Postgres().fault)) is kind
    wrapped = exc.DBAPIError("SELECT 1", {}, error)
    assert type(translated(wrapped, Postgres().fault)) is kind


def test_sqlalchemy_knows_when_a_connection_is_gone() -> None:
    wrapped = exc.DBAPIError("SELECT 1", {}, psycopg.InternalError("gone"), connection_invalidated=True)
    assert isinstance(translated(wrapped, Postgres().fault), DroppedError)


@pytest.mark.parametrize(
    ("provoke", "fault"),
    [
        ("SELECT * FROM absent", Fault.TABLES),
        ("SELECT absent FROM t", Fault.TABLES),
        ("INSERT INTO t VALUES (1), (1)", Fault.REFUSED),
        ("INSERT INTO t VALUES (-1)", Fault.REFUSED),
        ("INSERT INTO t VALUES ('text')", Fault.REFUSED),
        ("SELECT * FROM", Fault.BROKEN),
    ],
)
def test_sqlite_says_what_is_wrong_by_its_number(provoke: str, fault: Fault) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (i INTEGER UNIQUE CHECK (i > 0 AND typeof(i) = 'integer'))")
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(provoke)
    connection.close()
    assert Sqlite().fault(caught.value) is fault


def test_a_missing_driver_names_its_extra() -> None:
    error = ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
    ours = translated(error, Postgres().fault)
    assert isinstance(ours, MissingExtraError)
    assert ours.extra == "postgres"


def test_our_own_errors_stay_what_they_are() -> None:
    ours = ConflictError(what="fence", expected=1, found=2)
    assert translated(ours, Sqlite().fault) is ours
