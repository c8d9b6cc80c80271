"""Breaking a store at a chosen statement: before it is carried out or after, once or for ever, in four ways."""
# ruff: noqa: EM101, TRY003 - errors as drivers make them

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest

from assignkit.repositories.sql.session import Session

Fail = Callable[[Session], None]


class Faulty:
    """Fails at the statement with a given number: before it is carried out, or after."""

    def __init__(self, at: int, *, after: bool, fail: Fail, once: bool) -> None:
        self.at = at
        self.texts: list[str] = []
        self._after = after
        self._fail = fail
        self._once = once
        self._armed = True

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original = Session._on_wire

        def on_wire(session: Session, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - as original
            self.texts.append(arguments[0])
            hit = self._armed and (len(self.texts) == self.at if self._once else len(self.texts) >= self.at)
            if not hit or arguments[0].startswith("ROLLBACK"):
                original(session, act, *arguments)
                return
            self._armed = not self._once

            def failing(*given: Any) -> None:  # noqa: ANN401 - as the driver's
                if self._after:
                    act(*given)
                self._fail(session)

            original(session, failing, *arguments)

        monkeypatch.setattr(Session, "_on_wire", on_wire)


def abort(session: Session) -> None:
    """Make PostgreSQL give the transaction up; among statements that are sent together, once they are sent."""
    server = session.wire.driver.pgconn
    if server.pipeline_status:
        server.send_query_params(b"SELECT 1/0", [])
        return
    with suppress(psycopg.Error):
        session.wire.driver.execute("SELECT 1/0")


def busy(session: Session) -> None:
    """Fail as a busy database does."""
    if session.database.name == "postgresql":
        abort(session)  # as the server does to a deadlock's victim
        raise psycopg.errors.DeadlockDetected("deadlock detected")
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise error


def dropped(session: Session) -> None:
    """Fail as a connection does that is cut."""
    if session.database.name == "postgresql":
        session.wire.driver.close()
        msg = "the connection is lost"
        raise psycopg.OperationalError(msg)
    busy(session)


def cut(session: Session) -> None:
    """Fail as a connection does that is cut somewhere on its way, which the driver has yet to find out."""
    with closing(socket.socket(fileno=os.dup(session.wire.driver.fileno()))) as wire:
        wire.shutdown(socket.SHUT_RDWR)
    raise psycopg.OperationalError("the connection is lost")


def full(session: Session) -> None:
    """Fail as a full disk does: SQLite takes the whole transaction back by itself."""
    if session.database.name == "postgresql":
        abort(session)
        raise psycopg.errors.DiskFull("no space left on device")
    session.wire.driver.rollback()
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def killed(session: Session) -> None:  # noqa: ARG001 - as the others
    """Fail as a process does that is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
