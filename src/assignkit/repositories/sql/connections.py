"""Connections: made, lent to one unit at a time, and never taken across a fork."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from assignkit.errors import BackendError, ConfigurationError
from assignkit.repositories.sql.databases import database_for
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import translated
from assignkit.repositories.sql.sqlite import in_memory
from assignkit.repositories.sql.turnstile import Turnstile

_SEEN = "assignkit"
_MOST_AT_HAND = 5  # as many as a pool of SQLAlchemy's keeps open
_PATIENCE_SECONDS = 30.0  # for a connection


class LastUnit(Protocol):
    """A unit that is over, and refers to its connection as the connection does to it."""

    def let_go(self) -> None:
        """Let go of whatever refers to it."""
        ...


@dataclass(slots=True)
class Wire:
    """One connection on loan: `driver` is the driver's own, `info` is kept with it for as long as it is open."""

    pooled: Any
    driver: Any
    changed: bool
    info: dict[str, Any] = field(init=False)
    cursor: Any = None  # where statements are run one by one
    unit: LastUnit | None = None  # on it, if it was kept: the next one need not be made anew
    lent: bool = True

    def __post_init__(self) -> None:
        self.info = self.pooled.info
        self.ready()

    def ready(self) -> None:
        """Begin anew: what a unit left unread keeps nobody waiting."""
        if isinstance(self.driver, sqlite3.Connection):
            self.cursor = self.driver.cursor()

    def forget(self) -> None:
        """Forget the last unit, as there is to be no other: nobody should have to wait for the collector."""
        if self.unit is not None:
            self.unit.let_go()
            self.unit = None


class Connections:
    """The pool of one store: its own, made from a URL, or that of a host's engine, which stays the host's."""

    def __init__(self, url_or_engine: str | sa.URL | Engine) -> None:
        self.owned = not isinstance(url_or_engine, Engine)
        if isinstance(url_or_engine, Engine):
            self.database = database_for(url_or_engine.url.get_backend_name())
            self.engine = _checked(url_or_engine)
        else:
            self.database, self.engine = _made(url_or_engine)
        # One that all threads share has to be lent to one at a time.
        self.shared = in_memory(self.engine.url)
        self._at_hand: list[Wire] = []  # what the pool has lent and units need not ask it for again
        self._lent: dict[int, Wire] = {}
        self._left_behind: list[Wire] = []
        self._barred = False
        self._turnstile = self._made_turnstile()

    def take(self) -> Wire:
        """Return a connection that nobody else has, ready for a unit; who waits longest for one gets the next.

        `BackendError` if there is none for half a minute.
        """
        if self._turnstile is None:
            return self._taken()
        if not self._turnstile.enter(seconds=_PATIENCE_SECONDS):
            msg = f"no connection was free for {_PATIENCE_SECONDS:g} seconds: a store lends {self.database.connections}"
            raise BackendError(msg)
        try:
            return self._taken()
        except BaseException:
            self._turnstile.leave()
            raise

    def _made_turnstile(self) -> Turnstile | None:
        places = self.database.connections
        return Turnstile(places) if self.owned and places is not None else None

    def _taken(self) -> Wire:
        wire = self._next_at_hand()
        if wire is not None:
            wire.lent = True
            self._lent[id(wire)] = wire
            wire.ready()
            return wire
        pooled: Any = None
        try:
            pooled = self.engine.raw_connection()
            driver = pooled.driver_connection
            changed = self.database.prepare(driver, anew=_SEEN not in pooled.info)
            pooled.info[_SEEN] = True
        except Exception as error:
            if pooled is not None:
                pooled.invalidate()
            raise translated(error, self.database.fault) from error
        wire = Wire(pooled, driver, changed)
        self._lent[id(wire)] = wire
        return wire

    def give_back(self, wire: Wire, *, usable: bool = True) -> None:
        """Take a connection back; one that is not usable is closed."""
        was_lent, wire.lent = wire.lent, False
        self._lent.pop(id(wire), None)
        try:
            self._taken_back(wire, usable=usable)
        finally:
            if was_lent and self._turnstile is not None:
                self._turnstile.leave()

    def _next_at_hand(self) -> Wire | None:
        try:
            return self._at_hand.pop()
        except IndexError:  # or another thread was faster
            return None

    def keeps(self, wire: Wire) -> bool:
        """Return whether the connection is going to be at hand for the next unit, if it is usable."""
        return self.owned and not (wire.changed or self.shared) and len(self._at_hand) < _MOST_AT_HAND

    def _taken_back(self, wire: Wire, *, usable: bool) -> None:
        try:
            if usable or self.shared:
                if self.keeps(wire):
                    wire.cursor = None
                    self._at_hand.append(wire)
                    return
                wire.forget()
                if wire.changed:
                    self.database.restore(wire.driver)
                wire.pooled.close()
            elif wire.pooled.is_valid:  # else it was closed already, and no other could be had in its place
                if wire.cursor is not None:
                    wire.cursor.close()  # what is left unread keeps SQLite's lock, on a closed connection too
                wire.pooled.invalidate()
        except Exception as error:
            raise translated(error, self.database.fault) from error

    def abandon(self) -> None:
        """Leave all connections to the process that made them, after a fork; `BackendError` if they are all there is.

        A database in memory belongs to the process that made it.
        """
        if self.shared:
            msg = "a SQLite database in memory cannot be used after a fork: use a file, or make the store afterwards"
            raise BackendError(msg)
        # Kept for good: what is let go is closed, which only the other process may do.
        self._left_behind += [*self._at_hand, *self._lent.values()]
        self._barred = self._barred or (self.database.one_writer and any(map(self._is_writing, self._lent.values())))
        self._at_hand, self._lent = [], {}
        self._turnstile = self._made_turnstile()
        self.engine.dispose(close=False)

    def refuse_writing_if_barred(self) -> None:
        """Raise `BackendError` if this process was forked while a unit of its parent's was open on SQLite.

        SQLite keeps its locks in mind for the whole process, and so goes on waiting here for a unit that only the
        other process can end.
        """
        if self._barred:
            why = "a unit was open on this SQLite database when the process was forked, which bars it from writing"
            msg = f"{why}: fork while no unit is open, or start processes by `spawn`"
            raise BackendError(msg)

    def _is_writing(self, wire: Wire) -> bool:
        try:
            return self.database.in_transaction(wire.driver)
        except sqlite3.ProgrammingError:  # it was closed meanwhile
            return False

    def let_go(self) -> None:
        """Close all connections of a pool of our own that nobody uses now."""
        while (wire := self._next_at_hand()) is not None:
            wire.forget()
            wire.pooled.close()
        self.engine.dispose()

    def close(self) -> None:
        """Close the connections of a pool that is our own."""
        if self.owned:
            self.let_go()


def _made(url: str | sa.URL) -> tuple[Database, Engine]:
    database: Database | None = None
    try:
        parsed = sa.make_url(url)
        database = database_for(parsed.get_backend_name())
        return database, database.engine(parsed)
    except Exception as error:
        raise translated(error, (database or database_for("sqlite")).fault) from error


def _checked(engine: Engine) -> Engine:
    if in_memory(engine.url) and not isinstance(engine.pool, StaticPool):
        msg = "an engine on SQLite in memory needs poolclass=StaticPool and connect_args={'check_same_thread': False}"
        raise ConfigurationError(msg)
    if engine.url.get_backend_name().startswith("postgres") and engine.dialect.driver != "psycopg":
        msg = f"the engine's driver is {engine.dialect.driver}: the store needs psycopg, postgresql+psycopg://…"
        raise ConfigurationError(msg)
    return engine
