"""A process is killed, or the server crashes, at any moment: what was acknowledged is there, the rest is not at all."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count

import pytest

from assignkit.errors import BackendError
from assignkit.repositories.sql import SqlStore
from tests.faults import victim
from tests.faults.victim import Victim
from tests.postgres import Server, running_server

KILLS = 5
_names = count()


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server that writes to the disk when it says so."""
    with running_server(fsync=True) as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path_factory.mktemp('kills') / 'store.db'}"
    else:
        found = request.getfixturevalue("durable").url
    with closing(SqlStore(found)) as store:
        store.migrate()
    return found


@pytest.fixture
def tenant() -> str:
    return f"killed {next(_names)}"


@pytest.fixture
def store(url: str, tenant: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url, tenant=tenant)) as store:
        yield store


def audited_in_the_end(store: SqlStore) -> int:
    """Audit the books once the server has done what it was told last: it may outlive the client by a moment."""
    for _ in range(100):
        with suppress(AssertionError):
            return victim.audit(store)
        time.sleep(0.05)
    return victim.audit(store)


def test_who_is_killed_within_a_unit_leaves_nothing_and_no_lock(store: SqlStore, url: str, tenant: str) -> None:
    store.transact(lambda unit: victim.assign(unit, "before"))
    process = Victim(url, tenant, "hang")
    assert process.next_word() == "written"
    process.kill()
    store.transact(lambda unit: victim.assign(unit, "after"))
    assert victim.audit(store) == 2


def test_kills_at_random_moments_leave_all_or_nothing(store: SqlStore, url: str, tenant: str) -> None:
    seed = random.SystemRandom().randrange(10**9)
    moments = random.Random(seed)  # noqa: S311 - no secret; replayed by its seed
    said: list[str] = []
    for kills in range(1, KILLS + 1):
        process = Victim(url, tenant, "storm")
        said.append(process.next_word())
        time.sleep(moments.uniform(0, 0.05))
        said += process.kill()
        kept = audited_in_the_end(store)
        assert len(said) <= kept <= len(said) + kills, f"seed {seed}"
    assert {customer.id for customer in store.customers.list()} >= set(said), f"seed {seed}"


def test_a_crash_of_the_server_loses_nothing_that_was_acknowledged(durable: Server, tenant: str) -> None:
    with closing(SqlStore(durable.url, tenant=tenant)) as store:
        store.migrate()
        process = Victim(durable.url, tenant, "storm")
        said = [process.next_word() for _ in range(20)]
        durable.crash()
        said += process.kill()
        # The store's own connections were cut as well: it finds new ones.
        assert victim.audit(store) >= len(said)
        assert {customer.id for customer in store.customers.list()} >= set(said)
        store.transact(lambda unit: victim.assign(unit, "after"))
        victim.audit(store)


def test_a_server_that_is_gone_is_an_error_of_ours_and_no_endless_wait(tenant: str) -> None:
    with running_server() as server, closing(SqlStore(server.url, tenant=tenant)) as store:
        store.migrate()
        store.transact(lambda unit: victim.assign(unit, "before"))
        server.stop()
        with pytest.raises(BackendError):
            store.transact(lambda unit: victim.assign(unit, "after"))
        with pytest.raises(BackendError):
            store.customers.list()
        server.start()
        assert victim.audit(store) == 1
