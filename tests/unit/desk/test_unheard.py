"""Events that nobody hears: on a store of one's own none are kept, on a shared one they wait for a day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from assignkit import BackendError, Customer, Desk, Event, ManualClock, MemoryStore, RuleSet
from assignkit.repositories.sql import SqlStore
from tests.unit.desk.making import NOON, TO_EAST, east

RULES = RuleSet.from_text(TO_EAST)
DAY = timedelta(days=1)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'desk.db'}")) as store:
        store.migrate()
        yield store


def test_on_a_store_of_ones_own_nothing_waits_for_nobody() -> None:
    store = MemoryStore()
    desk = Desk(RULES, store, clock=ManualClock(NOON))
    desk.agents.add(east("li")[0])
    desk.assign(Customer(id="c1"))
    assert (store.outbox.pending(), len(desk.history("c1"))) == ([], 1)


def test_whoever_listens_on_a_shared_store_hears_of_all_desks(shared: SqlStore) -> None:
    silent, listening = (Desk(RULES, shared, clock=ManualClock(NOON)) for _ in range(2))
    told: list[str] = []
    listening.subscribe(lambda event: told.append(event.item_id))
    silent.agents.add(east("li")[0])
    silent.assign(Customer(id="c1"))
    silent.tick()
    listening.assign(Customer(id="c2"))
    assert told == ["c1", "c2"]


def test_what_nobody_has_heard_for_a_day_is_let_go(shared: SqlStore) -> None:
    clock = ManualClock(NOON)
    desk = Desk(RULES, shared, clock=clock)
    desk.agents.add(east("li")[0])
    desk.assign(Customer(id="c1"))
    clock.advance(DAY)
    desk.assign(Customer(id="c2"))
    desk.tick()
    assert [event.item_id for event in shared.outbox.pending()] == ["c1", "c2"]
    clock.advance(timedelta(microseconds=1))
    desk.tick()
    assert [event.item_id for event in shared.outbox.pending()] == ["c2"]


def test_telling_that_fails_is_made_up_for(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    desk = Desk(RULES, store, clock=ManualClock(NOON))
    desk.agents.add(east("li")[0])
    told: list[Event] = []
    desk.subscribe(told.append)

    def fail(**_: object) -> list[Event]:
        msg = "the database is away"
        raise BackendError(msg)

    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.ERROR, logger="assignkit"):
        patch.setattr(store.outbox, "pending", fail)
        assert desk.assign(Customer(id="c1")).outcome == "assigned"
    assert "told with the next call" in caplog.text
    desk.assign(Customer(id="c2"))
    assert [event.item_id for event in told] == ["c1", "c2"]
