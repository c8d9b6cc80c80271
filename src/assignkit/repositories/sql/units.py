"""Units of work on a database: begun, nested, committed, rolled back, and done again where that may help."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar, cast

from assignkit.errors import AssignkitError, BackendError, ConfigurationError
from assignkit.repositories.sql.connections import Connections, Wire
from assignkit.repositories.sql.errors import BusyError, DroppedError, OvertakenError, UncertainError
from assignkit.repositories.sql.mirroring import mirror_on
from assignkit.repositories.sql.retrying import again
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.turnstile import Door

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

    def let_go(self) -> None:
        """Let go of what refers to it."""
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
        process, door = self._process, self._door(writing=True)
        try:
            yield self._open(door)
            self._keep(process)
        except BaseException as error:
            self._abandon(process, error)
            raise
        finally:
            if getattr(self._thread, "unit", None) is not None:
                self._take_back(process)
            self._thread.unit = None
            if door is not None:
                door.leave()
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

    def _open(self, door: Door | None) -> U:
        """Begin the outermost unit of this thread, when it is its turn."""
        self._connections.refuse_writing_if_barred()
        self._thread.callbacks = []
        _enter(door)
        return self._begin()

    def _keep(self, process: int) -> None:
        """End the outermost unit; after a fork within it that is left to the process that began it."""
        unit = self.current() if process == os.getpid() else None
        if unit is not None:
            self._commit(unit)

    def _abandon(self, process: int, error: BaseException) -> None:
        """End the outermost unit, if it is still open, because of an error; raises why it is to be done again."""
        unit = self.current() if process == os.getpid() else None
        if unit is None:
            return
        try:
            passing = unit.session.doubt(error)
        finally:  # an interruption while it asks must not leave the unit open
            self._take_back(process)
        if passing is not None:
            raise passing from error

    def _take_back(self, process: int) -> None:
        """Take the outermost unit back, if it is still open: maybe by an interruption on its way out."""
        unit = self.current() if process == os.getpid() else None
        if unit is not None:
            unit.session.usable = False  # until it is rolled back, which an interruption may prevent
            try:
                unit.session.roll_back()
            finally:
                self._end(unit.session)

    def transact(self, act: Callable[[U], T]) -> T:
        """Return what `act` gives within a unit, done again while that may help; within an open unit, done once."""
        if self.current() is not None:
            return self._once(act)
        try:
            self._thread.repeats = True
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

    def close(self) -> None:
        """Refuse further units."""
        self._closed = True

    def _once(self, act: Callable[[U], T]) -> T:
        with self.unit() as unit:
            return act(unit)

    def _once_more(self, act: Callable[[U], T]) -> T:
        try:
            return self._done(act)
        except OvertakenError:
            self._thread.careful = getattr(self._thread, "careful", 0) + 1
            raise

    def _done(self, act: Callable[[U], T]) -> T:
        # The steps of `unit`, spelled out: an interruption in those of a context manager would leave the unit open.
        process, door = self._process, self._door(writing=True)
        try:
            result = act(self._open(door))
            self._keep(process)
        except BaseException as error:
            self._abandon(process, error)
            raise
        finally:
            if getattr(self._thread, "unit", None) is not None:
                self._take_back(process)
            self._thread.unit = None
            if door is not None:
                door.leave()
        return result

    def _read_once(self, act: Callable[[U], T]) -> T:
        door = self._door(writing=False)
        try:
            _enter(door)
            return self._read_on(self._session(self._wire(), writing=False), act)
        finally:
            if door is not None:
                door.leave()

    def _read_on(self, session: Session, act: Callable[[U], T]) -> T:
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
        self._writing = Door()

    def _door(self, *, writing: bool) -> Door | None:
        """Return what lets one thread in at once, where others would only stand in its way."""
        one_at_a_time = self._connections.shared or (writing and self._connections.database.one_writer)
        return self._writing if one_at_a_time else None

    def _wire(self) -> Wire:
        if self._closed:
            msg = "the store is closed"
            raise ConfigurationError(msg)
        return self._connections.take()

    def _unit_on(self, wire: Wire) -> U:
        """Return a unit to write in: the last one of the connection, if there is one."""
        unit = cast("U | None", wire.unit)
        if unit is None:
            unit = self._make(self._session(wire, writing=True))
        wire.unit = None  # until it is kept
        unit.session.begin(careful=getattr(self._thread, "careful", 0), repeats=getattr(self._thread, "repeats", False))
        return unit

    def _session(self, wire: Wire, *, writing: bool) -> Session:
        database = self._connections.database
        return Session(
            wire,
            database,
            tenant=self._tenant,
            scope=self._scope,
            writing=writing,
            opening=database.begin if writing and not database.one_writer else (),
            renew=self._renewed,
            mirror=mirror_on(wire.info, scope=self._scope, tenant=self._tenant) if writing else None,
        )

    def _renewed(self, wire: Wire) -> Wire:
        self._connections.give_back(wire, usable=False)
        another = self._connections.take()
        another.forget()  # this unit is to be its last one
        return another

    def _begin(self) -> U:
        try:
            return self._begin_once()
        except (BusyError, DroppedError):
            return self._begin_patiently()

    def _begin_patiently(self) -> U:
        try:
            # A pool may be full of connections that a restart of the server has cut.
            return again(self._begin_in_turn, attempts=_CONNECT_ATTEMPTS, on=(DroppedError,))
        except DroppedError as error:
            raise BackendError(str(error)) from error

    def _begin_in_turn(self) -> U:
        return again(self._begin_once, attempts=_BEGIN_ATTEMPTS, on=(BusyError,))

    def _begin_once(self) -> U:
        wire, database = self._wire(), self._connections.database
        try:
            unit = self._unit_on(wire)
            if database.one_writer:  # with others it begins with its first statement
                for text in database.begin:
                    unit.session.say(text)
            self._thread.unit = unit  # here, so that an interrupt on the way back does not leave it open
        except BaseException as error:
            waiting = isinstance(error, BusyError) and database.is_idle(wire.driver)
            if waiting and self._connections.keeps(wire):
                wire.unit = unit  # nothing has happened in it: it is tried again
            self._connections.give_back(wire, usable=waiting)
            raise
        return unit

    def _commit(self, unit: U) -> None:
        session, kept = unit.session, False
        try:
            session.commit()
            session.remember()
            if session.is_small and self._connections.keeps(session.wire):
                session.forget()
                session.wire.unit = unit
            kept = True
        except DroppedError as error:
            session.roll_back()
            if not session.committing:
                raise
            msg = f"it is not known whether the unit of work was kept: {error}"
            raise UncertainError(msg) from error
        except BaseException:
            session.roll_back()
            raise
        finally:
            if not kept and self._connections.database.one_writer:
                session.knowledge.keep_nothing()  # where nobody tells a connection what it wrote itself
            self._end(session)

    def _end(self, session: Session) -> None:
        self._thread.unit = None
        if session.wire.unit is None:
            session.let_go()
        self._connections.give_back(session.wire, usable=session.usable)


def _enter(door: Door | None) -> None:
    if door is not None and not door.enter(seconds=_TURN_SECONDS):
        msg = f"a unit of work of another thread has been open for more than {_TURN_SECONDS:g} seconds"
        raise BackendError(msg)
