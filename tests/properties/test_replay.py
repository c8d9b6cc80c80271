"""The history alone rebuilds where items are, what agents carry and who held what, after random operations."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from assignkit import Agent, AssignkitError, Customer, Event, MemoryStore
from assignkit.desk.committing.replaying import holder_at, replay
from assignkit.model.placement import PlacementState
from tests.searching import examples
from tests.unit.desk.making import OpenDesk, open_desk

RULES = """
rule "Big"
  when customer.score > 6
  assign to team "Seniors" by least loaded
  otherwise hold in pool "Public"
rule "No"
  when customer.score = 6
  reject "no"
rule "Middle"
  when customer.score > 1
  urgency customer.score
  assign to team "East" by round robin
  limit 2 open
rule "Small"
  when customer.score = 1
  hold in pool "Public"
rule "Asked"
  assign to team "East" by round robin
  accept within 5 minutes
  otherwise assign to team "Seniors" by least loaded
rule "Urgent" for tasks
  when task.priority > 5
  assign to team "Seniors" by fair share
rule "Asked weighted" for tasks
  when task.priority > 3
  assign to team "East" by weighted round robin
  accept within 5 minutes
rule "Tasks" for tasks
  assign to team "East" by weighted round robin
"""
AGENTS = ["a", "b", "c"]
ITEMS = [str(n) for n in range(6)]

scores = st.integers(0, 9)
efforts = st.sampled_from([1, 1, 2, Decimal("0.5"), 1.25])
items = st.sampled_from(ITEMS)
agents = st.sampled_from(AGENTS)
steps = st.one_of(
    st.tuples(st.just("assign"), st.fixed_dictionaries({"id": items, "score": scores, "effort": efforts})),
    st.tuples(st.just("force"), st.fixed_dictionaries({"id": items, "score": scores, "effort": efforts})),
    st.tuples(st.just("owned"), st.fixed_dictionaries({"id": items, "owner": agents, "effort": efforts})),
    st.tuples(st.just("add"), st.fixed_dictionaries({"id": items, "owner": st.none() | agents, "effort": efforts})),
    st.tuples(st.just("task"), st.fixed_dictionaries({"id": items, "priority": scores})),
    st.tuples(st.just("reassign"), st.tuples(items, agents)),
    st.tuples(st.just("release"), st.tuples(items, st.sampled_from([None, "Public"]))),
    st.tuples(st.just("effort"), st.tuples(items, efforts)),
    st.tuples(st.just("remove"), items),
    st.tuples(st.just("active"), st.tuples(agents, st.booleans())),
    st.tuples(st.just("capacity"), st.tuples(agents, st.none() | efforts, st.sampled_from(["customers", "tasks"]))),
    st.tuples(st.just("correct"), st.tuples(agents, st.integers(0, 5), st.integers(0, 5))),
    st.tuples(st.just("recall"), items),
    st.tuples(st.just("accept"), st.integers(0, 5)),
    st.tuples(st.just("decline"), st.integers(0, 5)),
    st.tuples(st.just("broadcast"), items),
    st.tuples(st.just("complete"), items),
    st.tuples(st.just("advance"), st.integers(1, 90)),
    st.tuples(st.just("tick"), st.none()),
)


def pending(desk: OpenDesk) -> list[tuple[str, int]]:
    """Return the offers that can be accepted, to one agent or to several, with their fences."""
    offered = desk.store.placements.in_state("offered")
    invited = [place for place in desk.store.placements.in_state("waiting") if place.invited]
    shared = [
        (f"several:{place.kind}:{place.item_id}:{place.fence}:{agent}", place.fence)
        for place in invited
        for agent in place.invited
    ]
    return [(place.assignment_id or "", place.fence) for place in offered] + shared


def carry_out(desk: OpenDesk, what: str, detail: Any) -> None:  # noqa: ANN401, C901, PLR0912
    if what in ("assign", "owned"):
        desk.assign(detail)
    elif what == "force":
        desk.assign(detail, force=True, actor="boss")
    elif what == "add":
        desk.customers.add(Customer(**detail))
    elif what == "task":
        desk.assign(detail, kind="tasks")
    elif what == "reassign":
        desk.reassign(detail[0], detail[1], actor="boss", reason="why")
    elif what == "release":
        desk.release(detail[0], pool=detail[1], actor="boss", reason="why")
    elif what == "effort":
        desk.customers.save(desk.customers.get(detail[0]).model_copy(update={"effort": detail[1]}))
    elif what == "remove":
        desk.customers.remove(detail)
    elif what == "active":
        desk.agents.save(desk.agents.get(detail[0]).model_copy(update={"active": detail[1]}))
    elif what == "capacity":
        agent_id, most, kind = detail
        capacity = {name: value for name, value in desk.agents.get(agent_id).capacity.items() if name != kind}
        capacity |= {} if most is None else {kind: most}
        desk.agents.save(desk.agents.get(agent_id).model_copy(update={"capacity": capacity}))
    elif what == "correct" and desk.rotations():
        agent_id, which, turn = detail
        name = desk.rotations()[which % len(desk.rotations())].name
        desk.correct_rotation(name, agent_id, turn, actor="boss", reason="why")
    elif what == "recall":
        desk.release(("tasks", detail), actor="boss", reason="why")
    elif what in ("accept", "decline") and pending(desk):
        offer, fence = pending(desk)[detail % len(pending(desk))]
        desk.accept(offer, fence) if what == "accept" else desk.decline(offer, fence, "no time")
    elif what == "broadcast":
        desk.broadcast(detail, to=AGENTS, within=timedelta(minutes=7))
    elif what == "complete":
        desk.complete(detail, actor="boss")
    elif what == "advance":
        desk.clock.advance(timedelta(minutes=detail))
    else:
        desk.tick()


def play(operations: list[tuple[str, Any]]) -> OpenDesk:
    """Return a desk at which the operations were tried, whatever they led to."""
    team = [
        Agent(id="a", teams={"East", "Seniors"}, capacity={"customers": 2}),
        Agent(id="b", teams={"East"}, weight=3),
        Agent(id="c", teams={"Seniors"}, capacity={"customers": Decimal("1.5"), "tasks": 1}),
    ]
    desk = open_desk(RULES, team)
    for what, detail in operations:
        try:
            carry_out(desk, what, detail)
        except AssignkitError:
            continue
    return desk


def stored(store: MemoryStore) -> dict[str, Any]:
    """Return what the store holds of what a history can tell."""
    places = [place for state in get_args(PlacementState) for place in store.placements.in_state(state)]
    loads = [load for agent in AGENTS for load in store.loads.of_agent(agent).values()]
    rotations = store.rotations.list()
    return {
        "placements": {(place.kind, place.item_id): place for place in places},
        "loads": {(load.agent_id, load.kind): load for load in loads},
        "assignments": {a.id: a for p in places for a in store.assignments.of_item(p.kind, p.item_id)},
        "rotations": {rotation.name: rotation for rotation in rotations},
        "seats": {(one.name, seat.agent_id): seat for one in rotations for seat in store.rotations.seats(one.name)},
    }


def told(events: list[Event]) -> dict[str, Any]:
    replayed = replay(events)
    return {field.name: getattr(replayed, field.name) for field in fields(replayed)}


@given(st.lists(steps, min_size=1, max_size=40))
@examples(100)
def test_the_history_rebuilds_the_state(operations: list[tuple[str, Any]]) -> None:
    desk = play(operations)
    events = desk.store.history.since(0, limit=10**6)
    assert told(events) == stored(desk.store)
    # As it comes back from a file.
    assert told([Event.model_validate_json(event.model_dump_json()) for event in events]) == stored(desk.store)


@given(st.lists(steps, min_size=1, max_size=30), st.data())
@examples(60)
def test_the_past_can_be_asked_for(operations: list[tuple[str, Any]], data: st.DataObject) -> None:
    """What was true after any number of operations is what the history says of that instant."""
    cut = data.draw(st.integers(1, len(operations)))
    spaced = [each for operation in operations for each in (operation, ("advance", 1))]
    then = play(spaced[: 2 * cut - 1])
    now = play(spaced)
    instant: datetime = then.clock.now()
    before = [event for event in now.store.history.since(0, limit=10**6) if event.at <= instant]
    assert told(before) == stored(then.store)
    for kind, item_id in replay(before).placements:
        place = then.store.placements.find(kind, item_id)
        held_by = place.agent_id if place is not None and place.state == "held" else None
        assert holder_at(now.history((kind, item_id)), instant) == held_by
