"""What many processes do to one store at once: each function is one process's work, and returns what it saw."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from assignkit.errors import ConflictError, InUseError
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Answer, Unit
from assignkit.repositories.sql import SqlStore
from assignkit.testing.samples import NOW, assigned, happened, placed

WRITERS = 8
AGENTS = ("li", "wu", "zu", "xu")
TURNS = 10
ROOM = 20

Work = Callable[[SqlStore, int], Any]


class Writers:
    """Processes that wait for work; forked from one without threads, which is quick and safe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "psycopg"])
        gate = context.Barrier(WRITERS)
        self._pool = ProcessPoolExecutor(WRITERS, mp_context=context, initializer=_take_gate, initargs=(gate,))

    def at_once(self, work: Work, url: str, *, tenant: str | None) -> list[Any]:
        """Let all processes begin `work` together, and return what each returned."""
        running = [self._pool.submit(_begin, work, url, tenant, number) for number in range(WRITERS)]
        return [one.result(timeout=120) for one in running]

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


_gates: list[Any] = []


def _take_gate(gate: object) -> None:
    _gates.append(gate)


def _begin(work: Work, url: str, tenant: str | None, number: int) -> object:
    with closing(SqlStore(url, tenant=tenant)) as store:
        if work is not migrate:
            store.agents.list()  # connected, so that all begin together
        _gates[0].wait(timeout=60)
        return work(store, number)


def claim(store: SqlStore, number: int) -> bool:
    """Claim one item out of a pool, if nobody has it yet."""
    agent_id = f"agent {number}"

    def act(unit: Unit) -> bool:
        place = unit.placements.find("customers", "c1")
        if place is None or place.taken:
            return False
        unit.placements.put(placed(agent_id=agent_id, fence=place.fence + 1), expected_fence=place.fence)
        unit.assignments.add(assigned(f"a{number}", agent_id=agent_id, fence=place.fence + 1))
        return True

    return store.transact(act)


def claim_unseen(store: SqlStore, number: int) -> bool:
    """Take an item that no row knows yet."""
    agent_id = f"agent {number}"

    def act(unit: Unit) -> bool:
        if unit.placements.find("customers", "new") is not None:
            return False
        unit.placements.put(placed("new", agent_id=agent_id), expected_fence=None)
        unit.assignments.add(assigned(f"a{number}", "new", agent_id=agent_id))
        return True

    return store.transact(act)


def claim_blindly(store: SqlStore, number: int) -> bool:
    """Take an item without looking: what was expected decides."""
    try:
        with store.unit() as unit:
            unit.placements.put(placed(agent_id=f"agent {number}", fence=1), expected_fence=0)
    except ConflictError:
        return False
    return True


def fill(store: SqlStore, number: int) -> int:
    """Take on items until the agent is full; return how many."""
    taken = 0
    while store.transact(partial(_take_one, item_id=f"{number}-{taken}")):
        taken += 1
    return taken


def _take_one(unit: Unit, item_id: str) -> bool:
    load = unit.loads.find("li", "customers") or AgentLoad(agent_id="li", kind="customers", ceiling=ROOM)
    if load.load == ROOM:
        return False
    unit.loads.put(replace(load, load=load.load + 1, items=load.items + 1))
    unit.placements.put(placed(item_id, agent_id="li"), expected_fence=None)
    return True


def overfill(store: SqlStore, number: int) -> int:
    """Take on items without counting, until the store refuses; return how many."""
    taken = 0
    for attempt in range(ROOM):
        try:
            store.transact(lambda unit: _take_one_more(unit, f"{number}-{attempt}"))  # noqa: B023 - called at once
        except ConflictError:
            return taken
        taken += 1
    return taken


def _take_one_more(unit: Unit, item_id: str) -> None:
    load = unit.loads.find("li", "customers") or AgentLoad(agent_id="li", kind="customers", ceiling=ROOM)
    unit.loads.put(replace(load, load=load.load + 1, items=load.items + 1))
    unit.placements.put(placed(item_id, agent_id="li"), expected_fence=None)


def take_turns(store: SqlStore, number: int) -> list[str]:
    """Choose whoever had the fewest turns, again and again; return who was chosen."""
    return [store.transact(lambda unit: _choose(unit, f"{number}-{turn}")) for turn in range(TURNS)]  # noqa: B023


def _choose(unit: Unit, id: str) -> str:
    rotation = unit.rotations.find("East") or Rotation(name="East")
    seats = {agent_id: unit.rotations.seat("East", agent_id) or Seat(agent_id=agent_id) for agent_id in AGENTS}
    chosen = min(seats.values(), key=lambda seat: (seat.turn, seat.agent_id))
    unit.rotations.put(replace(rotation, decisions=rotation.decisions + 1))
    unit.rotations.put_seat("East", replace(chosen, turn=chosen.turn + 1, last=rotation.decisions + 1))
    unit.outbox.append(unit.history.append(happened(id, id, agent_id=chosen.agent_id)))
    return chosen.agent_id


def ask_once(store: SqlStore, number: int) -> str:
    """Do something under a key that all use; return what was answered."""

    def act(unit: Unit) -> str:
        before = unit.idempotency.find("assign", "k1")
        if before is not None:
            return before.result
        unit.history.append(happened(f"e{number}"))
        unit.idempotency.add(Answer("assign", "k1", "same", str(number), NOW))
        return str(number)

    return store.transact(act)


def give_or_switch_off(store: SqlStore, number: int) -> None:
    """One process switches an agent on and off; the others give the agent items while it is on."""
    for turn in range(TURNS):
        if number == 0:
            store.transact(lambda unit: _switch(unit, f"switch {turn}"))  # noqa: B023 - called at once
        else:
            store.transact(lambda unit: _give_if_active(unit, f"{number}-{turn}"))  # noqa: B023 - called at once


def _switch(unit: Unit, id: str) -> None:
    agent = unit.agents.get("li")
    unit.agents.save(agent.model_copy(update={"active": not agent.active}))
    unit.history.append(happened(id, id, type="corrected", facts={"active": not agent.active}))


def _give_if_active(unit: Unit, id: str) -> None:
    agent = unit.agents.get("li")
    if agent.active:
        unit.placements.put(placed(id, agent_id="li"), expected_fence=None)
        unit.history.append(happened(id, id, agent_id="li"))


def give_or_dismiss(store: SqlStore, number: int) -> list[bool]:
    """One process removes agents; the others give each an item, if the agent is there. Return who succeeded."""
    if number == 0:
        return [_dismissed(store, f"agent {turn}") for turn in range(TURNS)]
    items = [(f"agent {turn}", f"{number}-{turn}") for turn in range(TURNS)]
    return [store.transact(partial(_give_if_known, agent_id=agent_id, item_id=id)) for agent_id, id in items]


def _dismissed(store: SqlStore, agent_id: str) -> bool:
    try:
        store.agents.remove(agent_id)
    except InUseError:
        return False
    return True


def _give_if_known(unit: Unit, agent_id: str, item_id: str) -> bool:
    if unit.agents.find(agent_id) is None:
        return False
    unit.placements.put(placed(item_id, agent_id=agent_id), expected_fence=None)
    return True


def migrate(store: SqlStore, number: int) -> int:
    """Bring the tables up to date, as every process of a host does when it starts."""
    store.migrate()
    return number
