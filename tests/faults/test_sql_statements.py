"""A fault at every statement of a unit, before and after it is carried out: all or nothing, and done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from assignkit.errors import AssignkitError, BackendError
from assignkit.repositories.sql import SqlStore, retrying
from assignkit.repositories.sql.errors import TransientError, UncertainError
from assignkit.repositories.sql.session import Session
from tests.faults import victim
from tests.faults.breaking import Faulty, busy, cut, dropped, full
from tests.postgres import Server

_names = count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, quick_folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{quick_folder / 'faults.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url, tenant=f"faults {next(_names)}")) as store:
        store.migrate()
        yield store


def forget(store: SqlStore) -> None:
    """Let go of what connections remember, so that each unit says the same."""
    store._connections.let_go()


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
            forget(store)
            Faulty(at, after=after, fail=fail, once=True).install(patched)
            if fail is dropped and at == len(texts) and store._connections.database.name == "postgresql":
                with pytest.raises(UncertainError):
                    store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
                continue
            store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
        assert store.customers.find(f"item {at}") is not None
    victim.audit(store)


@pytest.mark.parametrize("fail", [dropped, cut])
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # on SQLite there is no wire to lose an answer on
def test_an_answer_to_commit_that_is_lost_leaves_it_uncertain_and_kept(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, fail: Callable[[Session], None]
) -> None:
    texts = statements_of(store, monkeypatch)
    with monkeypatch.context() as patched:
        Faulty(len(texts), after=True, fail=fail, once=True).install(patched)
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
            forget(store)
            Faulty(at, after=after, fail=fail, once=False).install(patched)
            with pytest.raises(TransientError if fail is busy else BackendError) as caught:
                store.transact(lambda unit: victim.assign(unit, f"item {at}"))  # noqa: B023 - called at once
            assert isinstance(caught.value, AssignkitError)
        assert victim.audit(store) == 1
