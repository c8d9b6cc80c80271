"""Joining a host's transaction: units of work are savepoints on the host's connection, and the host commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.connections import Wire
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mirroring import MIRRORS
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.units import HasSession

T = TypeVar("T")


class Lasting(HasSession, Protocol):
    """What stands for all units within one transaction."""

    def forget(self) -> None:
        """Know nothing any more of what was read or written."""
        ...


U = TypeVar("U", bound=Lasting)


class JoinedUnits(Generic[U]):
    """Units within one transaction of a host's, for the one thread that has it; nothing is done again here."""

    def __init__(
        self,
        connection: sa.Connection,
        database: Database,
        *,
        make: Callable[[Session], U],
        tenant: str,
        scope: str,
    ) -> None:
        given: object = connection
        if not isinstance(given, sa.Connection):
            how = "of an ORM session that is its `connection()`"
            msg = f"a transaction is joined by its SQLAlchemy `Connection`, not by a {type(given).__name__}: {how}"
            raise ConfigurationError(msg)
        if connection.closed:
            msg = "the connection is closed: join its transaction before it is given back"
            raise ConfigurationError(msg)
        transaction = connection.get_transaction()
        if connection.dialect.name != database.name:
            msg = f"the connection is to {connection.dialect.name}, the store is in {database.name}"
            raise ConfigurationError(msg)
        driver: Any = connection.connection.driver_connection
        if transaction is None or _commits_by_itself(driver):
            msg = "there is no transaction to join: use `with engine.begin() as connection`, not AUTOCOMMIT"
            raise ConfigurationError(msg)
        self._transaction = transaction
        session = Session(Wire(connection, driver, changed=False), database, tenant=tenant, scope=scope, writing=True)
        if database.one_writer and database.is_idle(driver):
            # The driver begins by itself only before it writes, which would be within our savepoint.
            for text in database.begin:
                session.say(text)
        self._depth = 0
        # What is written here is not known to whatever else the host does on this connection.
        connection.connection.info.pop(MIRRORS, None)
        self._unit = make(session)

    def current(self) -> U:
        """Return the unit; `ConfigurationError` if the host's transaction is over."""
        if not self._transaction.is_active:
            msg = "the transaction that was joined is over: join the next one"
            raise ConfigurationError(msg)
        return self._unit

    def is_open(self) -> bool:
        """Return True: what is written waits for the host to commit it."""
        return True

    @contextmanager
    def unit(self) -> Iterator[U]:
        """Open a savepoint."""
        unit = self._fresh()
        self._depth += 1
        try:
            with unit.session.savepoint(flush=self._depth == 1):
                yield unit
        finally:
            self._depth -= 1

    def transact(self, act: Callable[[U], T]) -> T:
        """Return what `act` gives within a savepoint."""
        with self.unit() as unit:
            return act(unit)

    def read(self, act: Callable[[U], T]) -> T:
        """Return what `act` reads."""
        return act(self._fresh())

    def _fresh(self) -> U:
        """Return the unit, which knows nothing between ours: the host may have rolled back to its own savepoint."""
        unit = self.current()
        if not self._depth:
            unit.forget()
        return unit

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Drop the callback: only the host sees its commit. What waits in the outbox is told by whoever looks next."""

    def close(self) -> None:
        """Leave everything to the host."""


def _commits_by_itself(driver: Any) -> bool:  # noqa: ANN401 - a driver's connection
    autocommit = getattr(driver, "autocommit", None)
    if isinstance(autocommit, bool):
        return autocommit
    return getattr(driver, "isolation_level", "") is None
