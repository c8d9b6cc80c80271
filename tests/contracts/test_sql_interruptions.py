"""A call on a database that is interrupted, wherever that is, leaves no unit open, nobody locked out and no belief."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from assignkit import Agent, Customer, Desk, ManualClock, RuleSet
from assignkit.repositories.sql import SqlStore, units
from assignkit.testing.samples import NOW
from tests.unit.desk.test_interruptions import NEVER, interrupted

ROOMS = ("desk", "repositories/sql")
AGENTS = ("li", "wang", "wu")
PLACES = 60  # at which to interrupt, spread over all lines that run

Act = Callable[[Desk, int], object]


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, quick_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    monkeypatch.setattr(units, "_TURN_SECONDS", 2.0)
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{quick_folder / f'{request.node.name}.db'}"
    with closing(SqlStore(url)) as made:
        made.migrate()
        yield made


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    rules = RuleSet.from_text('rule "r"\n  assign to team "East" by least loaded')
    made = Desk(rules, store, clock=ManualClock(NOW), seed="s")
    for agent_id in AGENTS:
        made.agents.add(Agent(id=agent_id, teams={"East"}))
    made.assign_many([Customer(id=f"before {number}") for number in range(9)])
    return made


def single(desk: Desk, number: int) -> object:
    return desk.assign(Customer(id=f"single {number}"))


def batch(desk: Desk, number: int) -> object:
    return desk.assign_many([Customer(id=f"batch {number} {place}") for place in range(3)])


def saving(desk: Desk, number: int) -> object:
    agent = desk.agents.get("li")
    return desk.agents.save(agent.model_copy(update={"name": f"Li {number}"}))


def refuse_unsound(store: SqlStore) -> None:
    """Raise unless loads are what agents hold, by turns."""
    held = {agent_id: len(store.assignments.open_of_agent(agent_id)) for agent_id in AGENTS}
    carried = {agent_id: sum(load.load for load in store.loads.of_agent(agent_id).values()) for agent_id in AGENTS}
    assert carried == held
    assert max(held.values()) - min(held.values()) <= 1


# Whoever is interrupted while a connection is let go of leaves it to the collector, which Python 3.13 and later tell.
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.parametrize("act", [single, batch, saving])
def test_what_is_interrupted_keeps_nobody_waiting(store: SqlStore, desk: Desk, act: Act) -> None:
    with interrupted(NEVER, ROOMS) as lines:
        act(desk, NEVER)
    for number, after in enumerate(range(1, lines[0], max(1, lines[0] // PLACES)), start=1):
        with suppress(KeyboardInterrupt), interrupted(after, ROOMS):
            act(desk, number)
        kept = desk.assign(Customer(id=f"after {act.__name__} {number}"))
        elsewhere = store.placements.find("customers", kept.item_id)
        assert elsewhere is not None, f"after {after} lines"
        assert elsewhere.agent_id == kept.agent_id, f"after {after} lines"
        refuse_unsound(store)
    gc.collect()
