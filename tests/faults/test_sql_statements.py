"""A fault at every statement of a unit, before and after it is carried out: all or nothing, and done again."""
# ruff: noqa: EM101, TRY003 - errors as drivers make them

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from typing import Any

import psycopg
import pytest

from assignkit.errors import AssignkitError, BackendError
from assignkit.repositories.sql import SqlStore, retrying
from assignkit.repositories.sql.errors import TransientError, UncertainError
from assignkit.repositories.sql.session import Session
from tests.faults import victim
from tests.postgres import running_server

_names = count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('faults') / 'store.db'}"
        return
    with running_server() as server:
        yield server.url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url, tenant=f"faults {next(_names)}")) as store:
        store.migrate()
        yield store


class Faulty:
    """Fails at the statement with a given number: before it is carried out, or after."""

    def __init__(self, at: int, *, after: bool, fail: Callable[[Session], None], once: bool) -> None:
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


def busy(session: Session) -> None:
    """Fail as a busy database does."""
    if session.database.name == "postgresql":
        # The server aborts the transaction of a deadlock's victim.
        try:
            session.wire.driver.execute("SELECT 1/0")
        except psycopg.Error:
            raise psycopg.errors.DeadlockDetected("deadlock detected") from None
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


def full(session: Session) -> None:
    """Fail as a full disk does: SQLite takes the whole transaction back by itself."""
    if session.database.name == "postgresql":
        try:
            session.wire.driver.execute("SELECT 1/0")
        except psycopg.Error:
            raise psycopg.errors.DiskFull("no space left on device") from None
    session.wire.driver.rollback()
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def statements_of(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the statements of one assignment without faults."""
    with monkeypatch.context() as patched:
        counting = Faulty(0, after=False, fail=busy, once=True)
        counting.install(patched)
        store.transact(lambda unit: victim.assign(unit, "first"))
    return counting.texts


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fail", [busy, dropped])
def test_a_passing_fault_at_any_statement_is_done_again(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, fail: Callable[[Session], None], *, after: bool
) -> None:
    texts = statements_of(store, monkeypatch)
    assert texts[0].startswith("BEGIN")
    assert texts[-1] == "COMMIT"
    for at in range(1, len(texts) if after else len(texts) + 1):
        with monkeypatch.context() as patched:
            Faulty(at, after=after, fail=fail, once=True).install(patched)
            if fail is dropped and at == len(texts) and store._connections.database.name == "postgresql":
                with pytest.raises(UncertainError):
                    store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
                continue
            store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
        assert store.customers.find(f"item {at}") is not None
    victim.audit(store)


def test_an_answer_to_commit_that_is_lost_leaves_it_uncertain_and_kept(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store._connections.database.name == "sqlite":
        return  # there is no wire to lose an answer on
    texts = statements_of(store, monkeypatch)
    with monkeypatch.context() as patched:
        Faulty(len(texts), after=True, fail=dropped, once=True).install(patched)
        with pytest.raises(UncertainError):
            store.transact(lambda unit: victim.assign(unit, "second"))
    assert victim.audit(store) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fail", [busy, full])
def test_a_lasting_fault_at_any_statement_changes_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, fail: Callable[[Session], None], *, after: bool
) -> None:
    texts = statements_of(store, monkeypatch)
    monkeypatch.setattr(retrying, "PATIENCE_SECONDS", 0.03)
    for at in range(1, len(texts) if after else len(texts) + 1):
        with monkeypatch.context() as patched:
            Faulty(at, after=after, fail=fail, once=False).install(patched)
            with pytest.raises(TransientError if fail is busy else BackendError) as caught:
                store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
            assert isinstance(caught.value, AssignkitError)
        assert victim.audit(store) == 1
