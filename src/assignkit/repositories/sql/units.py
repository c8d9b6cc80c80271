"""Units of work on a database: begun, nested, committed, rolled back, and done again where that may help."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from assignkit.errors import AssignkitError, BackendError, ConfigurationError
from assignkit.repositories.sql.connections import Connections, Wire
from assignkit.repositories.sql.errors import BusyError, DroppedError, OvertakenError, UncertainError
from assignkit.repositories.sql.mirroring import mirror_on
from assignkit.repositories.sql.retrying import again
from assignkit.repositories.sql.session import Session

T = TypeVar("T")

_BEGIN_ATTEMPTS = 300  # nothing is done yet, so that a busy database may be asked often
_CONNECT_ATTEMPTS = 12
_TURN_SECONDS = 60.0


class HasSession(Protocol):
    """What stands for an open unit."""

    @property
    def session(self) -> Session:
        """The open transaction."""
        ...


U = TypeVar("U", bound=HasSession)


class Units(Generic[U]):
    """Opens units of work; one thread has at most one open, and units within it are savepoints of it."""

    def __init__(self, connections: Connections, *, make: Callable[[Session], U], tenant: str, scope: str) -> None:
        self._connections = connections
        self._make = make
        self._tenant = tenant
        self._scope = scope
        self._closed = False
        self._start_afresh()

    def current(self) -> U | None:
        """Return the unit that this thread has open, or None."""
        if self._process != os.getpid():
            self._connections.abandon()
            self._start_afresh()
        open_unit: U | None = getattr(self._thread, "unit", None)
        return open_unit

    def is_open(self) -> bool:
        """Return whether this thread has a unit open."""
        return self.current() is not None

    @contextmanager
    def unit(self) -> Iterator[U]:
        """Open a unit, or a savepoint within the open one."""
        outer = self.current()
        if outer is not None:
            asked = len(self._callbacks)
            try:
                with outer.session.savepoint():
                    yield outer
            except BaseException:
                del self._callbacks[asked:]
                raise
            return
        with self._outermost() as unit:
            yield unit
        self._call_back()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when this thread's open unit is kept, at once if it has none; see `Store.after_commit`."""
        if self.current() is None:
            callback()
        else:
            self._callbacks.append(callback)

    def _call_back(self) -> None:
        due, self._thread.callbacks = self._callbacks, []
        for callback in due:
            callback()

    @property
    def _callbacks(self) -> list[Callable[[], None]]:
        callbacks: list[Callable[[], None]] = self._thread.__dict__.setdefault("callbacks", [])
        return callbacks

    @contextmanager
    def _outermost(self) -> Iterator[U]:
        self._thread.callbacks = []
        with self._turn(writing=True):
            session = self._begin()
            process = self._process
            unit = self._make(session)
            self._thread.unit = unit
            try:
                yield unit
            except BaseException as error:
                # After a fork within the unit it is the parent's to end.
                if process == os.getpid():
                    passing = session.doubt(error)
                    session.roll_back()
                    self._end(session)
                    if passing is not None:
                        raise passing from error
                raise
            if process == os.getpid():
                self._commit(session)

    def transact(self, act: Callable[[U], T]) -> T:
        """Return what `act` gives within a unit, done again while that may help; within an open unit, done once."""
        if self.current() is not None:
            return self._once(act)
        self._thread.repeats = True
        try:
            result = again(lambda: self._once_more(act))
        finally:
            self._thread.repeats = False
            self._thread.careful = 0
        self._call_back()  # not before: what is raised now is not for the unit to be done again
        return result

    def read(self, act: Callable[[U], T]) -> T:
        """Return what `act` reads, within the open unit if there is one; else it sees what was committed last."""
        unit = self.current()
        return act(unit) if unit is not None else again(lambda: self._read_once(act))

    def within(self, act: Callable[[U], T]) -> T:
        """Return what `act` gives within the open unit, or within one of its own."""
        unit = self.current()
        return act(unit) if unit is not None else self.transact(act)

    def close(self) -> None:
        """Refuse further units."""
        self._closed = True

    def _once(self, act: Callable[[U], T]) -> T:
        with self.unit() as unit:
            return act(unit)

    def _once_more(self, act: Callable[[U], T]) -> T:
        try:
            with self._outermost() as unit:
                return act(unit)
        except OvertakenError:
            self._thread.careful = getattr(self._thread, "careful", 0) + 1
            raise

    def _read_once(self, act: Callable[[U], T]) -> T:
        with self._turn(writing=False):
            session = self._session(writing=False)
            session.usable = False
            try:
                found = act(self._make(session))
                session.usable = True
            except AssignkitError as error:
                session.usable = not isinstance(error, BackendError)
                raise
            finally:
                session.let_go()
                self._connections.give_back(session.wire, usable=session.usable)
            return found

    # --- beginning and ending

    def _start_afresh(self) -> None:
        self._process = os.getpid()
        self._thread = threading.local()
        self._writing = threading.Lock()

    @contextmanager
    def _turn(self, *, writing: bool) -> Iterator[None]:
        """Wait for the other threads where they would only stand in each other's way."""
        one_at_a_time = self._connections.shared or (writing and self._connections.database.one_writer)
        if not one_at_a_time:
            yield
            return
        if not self._writing.acquire(timeout=_TURN_SECONDS):
            msg = f"a unit of work of another thread has been open for more than {_TURN_SECONDS:g} seconds"
            raise BackendError(msg)
        lock = self._writing
        try:
            yield
        finally:
            lock.release()

    def _session(self, *, writing: bool) -> Session:
        if self._closed:
            msg = "the store is closed"
            raise ConfigurationError(msg)
        wire, database = self._connections.take(), self._connections.database
        return Session(
            wire,
            database,
            tenant=self._tenant,
            scope=self._scope,
            writing=writing,
            careful=getattr(self._thread, "careful", 0),
            repeats=getattr(self._thread, "repeats", False),
            opening=database.begin if writing and not database.one_writer else (),
            renew=self._renewed,
            mirror=mirror_on(wire.info, scope=self._scope, tenant=self._tenant) if writing else None,
        )

    def _renewed(self, wire: Wire) -> Wire:
        self._connections.give_back(wire, usable=False)
        return self._connections.take()

    def _begin(self) -> Session:
        try:
            return self._begin_once()
        except (BusyError, DroppedError):
            return self._begin_patiently()

    def _begin_patiently(self) -> Session:
        try:
            # A pool may be full of connections that a restart of the server has cut.
            return again(self._begin_in_turn, attempts=_CONNECT_ATTEMPTS, on=(DroppedError,))
        except DroppedError as error:
            raise BackendError(str(error)) from error

    def _begin_in_turn(self) -> Session:
        return again(self._begin_once, attempts=_BEGIN_ATTEMPTS, on=(BusyError,))

    def _begin_once(self) -> Session:
        session = self._session(writing=True)
        if not self._connections.database.one_writer:
            return session  # it begins with its first statement
        try:
            for text in self._connections.database.begin:
                session.say(text)
        except BaseException:
            idle = self._connections.database.is_idle(session.wire.driver)
            if not idle:
                session.roll_back()
            self._connections.give_back(session.wire, usable=idle)
            raise
        return session

    def _commit(self, session: Session) -> None:
        try:
            session.commit()
        except DroppedError as error:
            session.roll_back()
            if not session.committing:
                raise
            msg = f"it is not known whether the unit of work was kept: {error}"
            raise UncertainError(msg) from error
        except BaseException:
            session.roll_back()
            raise
        else:
            session.remember()
        finally:
            self._end(session)

    def _end(self, session: Session) -> None:
        self._thread.unit = None
        session.let_go()
        self._connections.give_back(session.wire, usable=session.usable)
