"""A small desk with an item in every state, and every call that changes something: for faults and pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from assignkit import Agent, Customer, Desk, ManualClock, RuleSet
from assignkit.model.placement import Placement, PlacementState
from assignkit.repositories.base import Store
from tests.campaigns.auditing import EVERYTHING
from tests.campaigns.scenes import MORNING, SCHEMA

TEXT = """
pool "Public"
rule "Turns"
  when customer.lane = 0
  assign to team "East" by round robin
rule "Asked"
  when customer.lane = 1
  assign to team "East" by round robin
  accept within 5 minutes
  otherwise assign to team "East" by least loaded
rule "Public"
  when customer.lane = 3
  hold in pool "Public"
rule "Only one"
  when customer.lane = 5
  assign to agent "busy"
rule "Elsewhere"
  when customer.lane = 6
  assign to team "West"
"""
FIRST = RuleSet.from_text(TEXT, SCHEMA)
SECOND = RuleSet.from_text(TEXT.replace('"Turns"', '"Turns again"'), SCHEMA)
PEOPLE = {
    agent.id: agent
    for agent in (
        Agent(id="ann", teams={"East"}, capacity={"customers": 6}),
        Agent(id="bob", teams={"East"}, capacity={"customers": 6}),
        Agent(id="cat", teams={"East"}, capacity={"customers": 6}, presence="offline", presence_at=MORNING),
        Agent(id="dan", teams={"West"}, capacity={"customers": 6}),
        Agent(id="busy", capacity={"customers": 1}),
    )
}
LATER = MORNING + timedelta(minutes=10)
DURING = MORNING + timedelta(minutes=1)
SEVERAL = "several:customers:shared:1:bob"


def open_desk(store: Store, *, clock: ManualClock | None = None) -> Desk:
    """Return a desk on the stage, a minute after it was set."""
    return Desk(FIRST, store, clock=clock or ManualClock(DURING), seed="stage")


def set_stage(store: Store) -> None:
    """Bring an item into every state: held, held by who is full, waiting, offered, pooled, offered to several, done."""
    for agent in PEOPLE.values():
        store.agents.add(agent)
    desk = open_desk(store, clock=ManualClock(MORNING))
    for id, lane in (("held", 0), ("taken", 5), ("waits", 5), ("offered", 1), ("also", 1), ("pooled", 3), ("done", 0)):
        desk.assign(Customer(id=id, lane=lane))
    desk.complete("done", actor="ann")
    desk.broadcast(Customer(id="shared", lane=1), to=["ann", "bob"], within=timedelta(minutes=5))
    # What is in force again afterwards can be rolled back from.
    desk.publish(SECOND, actor="boss", reason="new words")
    desk.publish(FIRST, actor="boss", reason="the old words were better")


@dataclass(frozen=True)
class Call:
    """One call that changes something. `act` takes a desk and a key; `other` is another request, for the same key."""

    name: str
    act: Callable[[Desk, str | None], Any]
    other: Callable[[Desk, str | None], Any] | None = None
    late: bool = False  # ten minutes after the stage was set, when offers are over
    units: int = 1  # how many units of work change something, at most
    in_parts: bool = False  # whether an error may come after a part of it is done for good

    def clock(self) -> ManualClock:
        """Return when it is done."""
        return ManualClock(LATER if self.late else DURING)


def _by(desk: Desk, what: str, item: str, key: str | None, **facts: Any) -> Any:  # noqa: ANN401 - any call's
    return getattr(desk, what)(item, actor="boss", reason="by hand", key=key, **facts)


CALLS: Mapping[str, Call] = {
    call.name: call
    for call in (
        Call(
            "assign",
            lambda d, k: d.assign(Customer(id="new", lane=0), key=k),
            lambda d, k: d.assign(Customer(id="new", lane=1), key=k),
        ),
        Call("assign, offered", lambda d, k: d.assign(Customer(id="new", lane=1), key=k)),
        Call("assign, waiting", lambda d, k: d.assign(Customer(id="new", lane=5), key=k)),
        Call("assign, known", lambda d, k: d.assign("waits", key=k)),
        Call("assign, forced", lambda d, k: d.assign("held", force=True, actor="boss", key=k)),
        Call(
            "assign_many",
            lambda d, k: d.assign_many([Customer(id="new", lane=0), Customer(id="newer", lane=1), "pooled"], key=k),
            units=3,
        ),
        Call(
            "reassign",
            lambda d, k: _by(d, "reassign", "held", k, to="dan"),
            lambda d, k: _by(d, "reassign", "held", k, to="bob"),
        ),
        Call("claim", lambda d, k: d.reassign("pooled", "dan", actor="dan", reason="claimed", fence=0, key=k)),
        Call("reassign, offered", lambda d, k: _by(d, "reassign", "offered", k, to="dan")),
        Call(
            "release",
            lambda d, k: _by(d, "release", "held", k, pool="Public"),
            lambda d, k: _by(d, "release", "held", k),
        ),
        Call("release, offered", lambda d, k: _by(d, "release", "offered", k)),
        Call("release, waiting", lambda d, k: _by(d, "release", "waits", k)),
        Call(
            "accept",
            lambda d, k: d.accept("customers:offered:1", 1, key=k),
            lambda d, k: d.accept("customers:also:1", 1, key=k),
        ),
        Call(
            "decline",
            lambda d, k: d.decline("customers:offered:1", 1, "no", key=k),
            lambda d, k: d.decline("customers:offered:1", 1, "never", key=k),
        ),
        Call("accept, of several", lambda d, k: d.accept(SEVERAL, 1, key=k)),
        Call("decline, of several", lambda d, k: d.decline(SEVERAL, 1, "no", key=k)),
        Call("broadcast", lambda d, _: d.broadcast("pooled", to=["ann", "dan"], within=timedelta(minutes=5))),
        Call(
            "complete",
            lambda d, k: d.complete("taken", actor="busy", key=k),
            lambda d, k: d.complete("held", actor="busy", key=k),
            units=2,
        ),
        Call(
            "set_presence",
            lambda d, k: d.set_presence("ann", "away", key=k),
            lambda d, k: d.set_presence("bob", "away", key=k),
        ),
        Call("set_presence, back", lambda d, k: d.set_presence("cat", "online", key=k), units=2),
        Call("publish", lambda d, _: d.publish(SECOND, actor="boss", reason="new words")),
        Call("rollback", lambda d, _: d.rollback(SECOND.version, actor="boss", reason="new words")),
        Call(
            "correct_rotation",
            lambda d, k: d.correct_rotation('team "East" by round robin', "ann", 7, actor="boss", reason="fair", key=k),
            lambda d, k: d.correct_rotation('team "East" by round robin', "ann", 8, actor="boss", reason="fair", key=k),
        ),
        Call("add, owned", lambda d, _: d.customers.add(Customer(id="new", owner="dan"))),
        Call("save, effort", lambda d, _: d.customers.save(d.customers.get("held").model_copy(update={"effort": 2}))),
        Call("remove", lambda d, _: d.customers.remove("waits")),
        Call("tick", lambda d, _: d.tick(), late=True, units=4, in_parts=True),
        Call("tick, nothing due", lambda d, _: d.tick()),
    )
}


def picture(store: Store) -> dict[str, Any]:
    """Return everything that a store holds of the stage, to be compared."""
    places: list[Placement] = [p for state in get_args(PlacementState) for p in store.placements.in_state(state)]
    agents = store.agents.list()
    return {
        "customers": store.customers.list(),
        "agents": agents,
        "placements": places,
        "loads": {agent.id: dict(store.loads.of_agent(agent.id)) for agent in agents},
        "assignments": [a for p in places for a in store.assignments.of_item(p.kind, p.item_id)],
        "rotations": [(rotation, store.rotations.seats(rotation.name)) for rotation in store.rotations.list()],
        "history": store.history.since(0, limit=EVERYTHING),
        "published": store.publications.since(0),
    }


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of what differs between two pictures."""
    return [name for name in one if one[name] != other[name]]
