"""Lending: a unit's connection, to the repositories of a host that work in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assignkit.errors import AssignkitError, BackendError, ConfigurationError
from assignkit.repositories.sql.errors import Fault, OvertakenError, first_line, translated
from assignkit.repositories.sql.hosting.handed_over import Host
from assignkit.repositories.sql.session import Session

T = TypeVar("T")

_TAKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")  # somebody else's row was there first
_DOUBTS = 3  # how often such a row is put down to somebody who was faster, before it is told as it is
_PASSING = (Fault.AGAIN, Fault.DROPPED, Fault.OVERTAKEN, Fault.REFUSED)
_STALE = "StaleDataError"  # SQLAlchemy's ORM, of a row that has another version now


class LentConnection(sa.Connection):
    """The connection of one unit. The unit begins, commits and closes it; savepoints of the host's own are fine."""

    over = False

    def close(self) -> None:
        """Leave it to the unit."""


def lending_engine(engine: Engine) -> Engine:
    """Return an engine on the same database for connections that are lent: without listeners for what units do.

    A host's engine may begin transactions by a listener, as SQLAlchemy recommends for SQLite; here one is open already.
    """
    options = {name: value for name, value in engine.get_execution_options().items() if name != "isolation_level"}
    lending = Engine(engine.pool, engine.dialect, engine.url, echo=engine.echo, hide_parameters=engine.hide_parameters)
    lending.update_execution_options(**options)
    sa.event.listen(lending, "commit", _refuse_to_commit)
    # The second alone for a statement as text; by the third what is under way for somebody else would be taken back.
    for moment in ("before_execute", "before_cursor_execute", "rollback"):
        sa.event.listen(lending, moment, _refuse_when_over)
    return lending


class Lender:
    """The host's repositories in one unit, each made on the unit's connection when it is asked for.

    In an inner unit, and after it, they are made anew: what one keeps in mind may have been taken back.
    """

    def __init__(self, session: Session, engine: Engine | None) -> None:
        self._session = session
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._made: dict[str, Any] = {}
        self._made_in: object = None
        self.versions: dict[tuple[str, str], int] = {}  # of records, as this unit has seen them

    def call(self, host: Host, method: str, *arguments: Any) -> Any:  # noqa: ANN401 - as the repository has it
        """Return what a host's repository gives.

        What its database says in between becomes one of our errors, those that may pass among them; anything else that
        it raises stays as it is.
        """
        if host.make is None:
            return getattr(host.repository, method)(*arguments)
        return self._in_unit(host, lambda repository: getattr(repository, method)(*arguments))

    def all_of(self, host: Host, *arguments: Any) -> list[Any]:  # noqa: ANN401 - as the repository has it
        """Return the records that a host's `list` gives; read here, as one that yields asks its database while read."""
        if host.make is None:
            return _all_of(host, host.repository.list(*arguments))
        return self._in_unit(host, lambda repository: _all_of(host, repository.list(*arguments)))

    def has(self, host: Host, method: str) -> bool:
        """Return whether a host's repository, made for the unit, has a method that it need not have."""
        return bool(self._in_unit(host, lambda repository: callable(getattr(repository, method, None))))

    def _in_unit(self, host: Host, act: Callable[[Any], T]) -> T:
        session = self._session
        try:
            found = act(self._repository(host))
        except Exception as error:
            ours = self._meant(error, host)
            if not self._is_open() and session.broken is None:
                session.broken = ours if isinstance(ours, AssignkitError) else BackendError(str(ours))
            if ours is error:
                raise
            raise ours from error
        if not self._is_open():
            session.broken = BackendError(f"the repository of {host.name} has ended the unit's transaction")
            msg = f"{session.broken}: the store alone commits or rolls back"
            raise ConfigurationError(msg)
        return found

    def _repository(self, host: Host) -> Any:  # noqa: ANN401 - a host's repository, of any noun
        """Return a host's repository for now, with the unit's transaction and savepoints open in the database."""
        session = self._session
        session.open()
        if self._made_in != session.part:
            self._made.clear()
            self._made_in = session.part
        made = self._made.get(host.name)
        if made is None:
            made = self._made[host.name] = host.made_of(self._lent())
        return made

    def _is_open(self) -> bool:
        """Return whether the transaction is still as it was; a call that only reads has none."""
        session = self._session
        try:
            return not session.writing or session.database.in_transaction(session.wire.driver)
        except self._driver_error():  # it was closed, as by `invalidate()`
            return False

    def forget(self) -> None:
        """Forget what is known, as the surrounding transaction may have gone on meanwhile."""
        self._made.clear()
        self.versions.clear()

    def leave(self) -> None:
        """Lend no more: who holds on to the connection is refused, as it is going to be used by others."""
        self.forget()
        if isinstance(self._connection, LentConnection):
            self._connection.over = True

    def _lent(self) -> sa.Connection:
        if self._connection is None:
            pooled = self._session.wire.pooled
            if isinstance(pooled, sa.Connection):  # the host's own, whose transaction was joined
                self._connection = pooled
            elif self._engine is None:
                msg = "a store with repositories that are made for each unit has an engine to lend from"
                raise AssertionError(msg)
            else:
                self._connection = LentConnection(self._engine, connection=pooled)
                self._connection.begin()  # says so to SQLAlchemy alone: the unit has begun
        return self._connection

    def _meant(self, error: Exception, host: Host) -> Exception:
        """Return what an error of a repository means for the unit."""
        if type(error).__name__ == _STALE and type(error).__module__.startswith("sqlalchemy."):
            return OvertakenError(what=f"a row of {host.name}", expected="as it was read", found="changed since")
        if not isinstance(error, sa.exc.DBAPIError | sa.exc.TimeoutError | self._driver_error()):
            return error
        told = getattr(error, "orig", None) or error
        taken = {getattr(told, "sqlstate", None), getattr(told, "sqlite_errorname", None)} & set(_TAKEN)
        if taken and self._session.careful < _DOUBTS:
            return OvertakenError(what=f"a row of {host.name}", expected=None, found=first_line(told))
        dropped = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
        if dropped or self._session.database.fault(told) in _PASSING:
            return translated(error, self._session.database.fault)
        return BackendError(f"the repository of {host.name} failed: {first_line(told)}")

    def _driver_error(self) -> type[Exception]:
        connection = self._connection
        return connection.dialect.loaded_dbapi.Error if connection is not None else sa.exc.DBAPIError


def _refuse_to_commit(_: object) -> None:
    msg = "a repository does not commit: the unit of work does, with everything else that was written. Use `flush()`"
    raise ConfigurationError(msg)


def _refuse_when_over(connection: LentConnection, *_: object) -> None:
    if connection.over:
        msg = "the unit of work is over, and its connection is somebody else's: return records with all their values"
        raise ConfigurationError(msg)


def _all_of(host: Host, found: Any) -> list[Any]:  # noqa: ANN401 - whatever the host's method gave
    if not isinstance(found, Iterable):
        msg = f"`list` of the repository of {host.name} gives records, not a {type(found).__name__}"
        raise ConfigurationError(msg)
    return list(found)
