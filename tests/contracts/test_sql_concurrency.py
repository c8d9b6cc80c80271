"""Many processes at one store: nobody has an item twice, nobody carries too much, nobody loses a turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.repositories.base import Unit
from assignkit.repositories.sql import SqlStore, retrying
from assignkit.repositories.sql.errors import OvertakenError, TransientError
from assignkit.testing.samples import placed
from tests.contracts import writers
from tests.contracts.writers import AGENTS, ROOM, TURNS, WRITERS, Work, Writers
from tests.postgres import Server

_names = count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'store.db'}"
    else:
        server: Server = request.getfixturevalue("postgres")
        found = server.url
    with closing(SqlStore(found)) as store:
        store.migrate()
    return found


@pytest.fixture(scope="module")
def crowd() -> Iterator[Writers]:
    with closing(Writers()) as crowd:
        yield crowd


@pytest.fixture
def tenant() -> str:
    return f"concurrent {next(_names)}"


@pytest.fixture
def store(url: str, tenant: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url, tenant=tenant)) as store:
        yield store


@pytest.mark.parametrize("work", [writers.claim, writers.claim_blindly])
def test_one_of_many_processes_claims_an_item(
    store: SqlStore, crowd: Writers, url: str, tenant: str, work: Work
) -> None:
    store.placements.put(placed(state="pooled", pool="open"), expected_fence=None)
    wins = crowd.at_once(work, url, tenant=tenant)
    assert sum(wins) == 1
    place = store.placements.find("customers", "c1")
    assert place is not None
    assert (place.agent_id, place.fence) == (f"agent {wins.index(True)}", 1)


def test_one_of_many_processes_claims_an_item_that_no_row_knows(
    store: SqlStore, crowd: Writers, url: str, tenant: str
) -> None:
    wins = crowd.at_once(writers.claim_unseen, url, tenant=tenant)
    assert sum(wins) == 1
    assert [a.agent_id for a in store.assignments.of_item("customers", "new")] == [f"agent {wins.index(True)}"]


@pytest.mark.parametrize("work", [writers.fill, writers.overfill])
def test_an_agent_is_filled_to_the_brim_and_not_beyond(
    store: SqlStore, crowd: Writers, url: str, tenant: str, work: Work
) -> None:
    taken = crowd.at_once(work, url, tenant=tenant)
    assert sum(taken) == ROOM
    load = store.loads.find("li", "customers")
    assert load is not None
    assert (load.load, load.items, len(store.placements.of_agent("li"))) == (ROOM, ROOM, ROOM)


def test_turns_are_fair_after_every_single_choice(store: SqlStore, crowd: Writers, url: str, tenant: str) -> None:
    chosen = crowd.at_once(writers.take_turns, url, tenant=tenant)
    total = WRITERS * TURNS
    events = store.history.since(0)
    assert [event.number for event in events] == list(range(1, total + 1))
    for length in range(1, total + 1):
        counts = Counter(event.agent_id for event in events[:length])
        assert max(counts.values()) - min(counts[agent_id] for agent_id in AGENTS) <= 1
    assert Counter(agent_id for one in chosen for agent_id in one) == dict.fromkeys(AGENTS, total // len(AGENTS))
    rotation = store.rotations.find("East")
    assert rotation is not None
    assert rotation.decisions == total
    assert [event.id for event in store.outbox.pending()] == [event.id for event in events]


def test_a_key_that_many_use_is_answered_once(store: SqlStore, crowd: Writers, url: str, tenant: str) -> None:
    answers = crowd.at_once(writers.ask_once, url, tenant=tenant)
    assert len(set(answers)) == 1
    assert [event.id for event in store.history.since(0)] == [f"e{answers[0]}"]


def test_nobody_gets_an_item_while_switched_off(store: SqlStore, crowd: Writers, url: str, tenant: str) -> None:
    store.agents.add(Agent(id="li"))
    crowd.at_once(writers.give_or_switch_off, url, tenant=tenant)
    active, events = True, store.history.since(0)
    assert [event.type for event in events].count("corrected") == TURNS
    assert len(events) == TURNS + len(store.placements.of_agent("li"))
    for event in events:
        if event.type == "corrected":
            active = event.facts["active"]
        else:
            assert active, f"event {event.number} gives an item to an agent who is switched off"


def test_an_agent_who_is_dismissed_meanwhile_gets_nothing(
    store: SqlStore, crowd: Writers, url: str, tenant: str
) -> None:
    for turn in range(TURNS):
        store.agents.add(Agent(id=f"agent {turn}"))
    dismissed, *given = crowd.at_once(writers.give_or_dismiss, url, tenant=tenant)
    for turn in range(TURNS):
        agent_id, items = f"agent {turn}", sum(one[turn] for one in given)
        assert (store.agents.find(agent_id) is None) is dismissed[turn]
        assert len(store.placements.of_agent(agent_id)) == items
        assert not (dismissed[turn] and items)


def test_many_processes_migrate_at_once(
    tmp_path: Path, request: pytest.FixtureRequest, crowd: Writers, url: str
) -> None:
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}" if url.startswith("sqlite") else f"{url}&options=-csearch_path%3Dfresh"
    if not url.startswith("sqlite"):
        request.getfixturevalue("postgres").sql("CREATE SCHEMA fresh")
    assert crowd.at_once(writers.migrate, fresh, tenant=None) == list(range(WRITERS))
    with closing(SqlStore(fresh)) as store:
        assert store.agents.add(Agent(id="li")).version == 1


# --- doing it again


def test_a_unit_that_was_overtaken_is_done_again(store: SqlStore) -> None:
    store.loads.put(AgentLoad(agent_id="li", kind="customers"))
    calls = []

    def act(unit: Unit) -> None:
        load = unit.loads.find("li", "customers")
        assert load is not None
        calls.append(load.received)
        if len(calls) == 1:
            raise OvertakenError(what="load", expected=1, found=2)
        unit.loads.put(AgentLoad(agent_id="li", kind="customers", received=load.received + 1))

    store.transact(act)
    assert calls == [0, 0]
    load = store.loads.find("li", "customers")
    assert load is not None
    assert load.received == 1


@pytest.mark.parametrize(
    "error", [OvertakenError(what="load", expected=1, found=2), TransientError("the database is busy")]
)
def test_doing_it_again_has_an_end(store: SqlStore, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(retrying.time, "sleep", lambda _: None)
    calls = []

    def act(unit: Unit) -> None:
        calls.append(unit.agents.add(Agent(id="li")))
        raise error

    with pytest.raises(type(error)):
        store.transact(act)
    assert len(calls) == retrying.ATTEMPTS
    assert store.agents.find("li") is None


def test_what_is_wrong_for_good_is_not_done_again(store: SqlStore) -> None:
    calls = []

    def act(unit: Unit) -> None:
        calls.append(unit)
        raise ConflictError(what="fence", expected=1, found=2)

    with pytest.raises(ConflictError):
        store.transact(act)
    assert len(calls) == 1
