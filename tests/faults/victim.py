"""A process that assigns items for ever, until it is killed; and the audit of what it leaves behind."""

from __future__ import annotations

import itertools
import multiprocessing
import pickle
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection

from assignkit.model.customer import Customer
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Repositories, Unit
from assignkit.repositories.sql import SqlStore
from assignkit.testing.samples import answered, assigned, happened, placed

AGENTS = ("li", "wu", "zu")


def assign(unit: Unit, item_id: str) -> str:
    """Give one new item to whoever's turn it is: everything that the desk writes for one decision."""
    rotation = unit.rotations.find("East") or Rotation(name="East")
    unit.placements.find("customers", item_id)
    agent_id = AGENTS[rotation.decisions % len(AGENTS)]
    load = unit.loads.find(agent_id, "customers") or AgentLoad(agent_id=agent_id, kind="customers")
    seat = unit.rotations.seat("East", agent_id) or Seat(agent_id=agent_id)
    unit.loads.put(replace(load, load=load.load + 1, items=load.items + 1, received=load.received + 1))
    unit.placements.put(placed(item_id, agent_id=agent_id, assignment_id=item_id), expected_fence=None)
    unit.assignments.add(assigned(item_id, item_id, agent_id=agent_id))
    unit.rotations.put(replace(rotation, decisions=rotation.decisions + 1))
    unit.rotations.put_seat("East", replace(seat, turn=seat.turn + 1, last=rotation.decisions + 1))
    unit.customers.add(Customer(id=item_id, owner=agent_id))
    unit.outbox.append(unit.history.append(happened(item_id, item_id, agent_id=agent_id)))
    unit.idempotency.add(answered(item_id))
    return agent_id


def audit(store: Repositories) -> int:
    """Return how many items were assigned, if all books tell of the same ones; `AssertionError` if they do not."""
    items = sorted(customer.id for customer in store.customers.list())
    events = store.history.since(0, limit=100_000)
    assert sorted(event.item_id for event in events) == items
    assert [event.number for event in events] == list(range(1, len(items) + 1))
    assert [event.id for event in store.outbox.pending(limit=100_000)] == [event.id for event in events]
    held = {place.item_id: place.agent_id for agent_id in AGENTS for place in store.placements.of_agent(agent_id)}
    assert held == {event.item_id: event.agent_id for event in events}
    still_open = {a.item_id: a.agent_id for agent_id in AGENTS for a in store.assignments.open_of_agent(agent_id)}
    assert still_open == held
    for number, agent_id in enumerate(AGENTS):
        turns = len(range(number, len(items), len(AGENTS)))
        load = store.loads.find(agent_id, "customers") or AgentLoad(agent_id=agent_id, kind="customers")
        seat = store.rotations.seat("East", agent_id) or Seat(agent_id=agent_id)
        assert (load.load, load.items, load.received, seat.turn) == (turns, turns, turns, turns)
    rotation = store.rotations.find("East") or Rotation(name="East")
    assert rotation.decisions == len(items)
    assert all(store.idempotency.find("assign", item_id) for item_id in items)
    return len(items)


def work(url: str, tenant: str, mode: str, told: Connection) -> None:
    """Assign until killed: `storm` tells the id of each item once it is committed; `hang` stops before it commits."""
    store = SqlStore(url, tenant=tenant)
    for number in itertools.count():
        item_id = f"{tenant} {mode} {time.monotonic_ns()}-{number}"
        if mode == "hang":
            with store.unit() as unit:
                assign(unit, item_id)
                told.send("written")
                time.sleep(3600)
        store.transact(partial(assign, item_id=item_id))
        told.send(item_id)


class Victim:
    """A process at work, forked from one that has everything loaded; killed without a chance to clean up."""

    def __init__(self, url: str, tenant: str, mode: str) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "psycopg"])
        self._told, telling = context.Pipe(duplex=False)
        self._process = context.Process(target=work, args=(url, tenant, mode, telling), daemon=True)
        self._process.start()
        telling.close()

    def next_word(self) -> str:
        """Wait for the next thing that it tells."""
        assert self._told.poll(60)
        return str(self._told.recv())

    def kill(self) -> list[str]:
        """Kill it, and return what it told before."""
        self._process.kill()
        self._process.join()
        told = []
        with suppress(EOFError, OSError, pickle.UnpicklingError):  # the last word may be cut short
            while self._told.poll():
                told.append(str(self._told.recv()))
        self._told.close()
        return told
