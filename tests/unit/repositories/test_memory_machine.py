"""Random units of work on the store in memory, with random failures, against naive dictionaries."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assignkit.errors import AssignkitError, ConflictError, InUseError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Assignment, Event
from assignkit.model.placement import AgentLoad, Placement, PlacementState, Rotation, Seat
from assignkit.model.record import Item
from assignkit.repositories.base import Repositories
from assignkit.repositories.memory import MemoryStore
from assignkit.testing.samples import NOW

Amount = int | Decimal

KINDS = ("customers", "tasks", "deals")
AGENTS = ("li", "wu", "zu")
TARGETS = ("East", "West", None)
STATES: tuple[PlacementState, ...] = ("free", "held", "offered", "waiting", "pooled", "rejected", "unmatched")
EFFORTS = (1, 2, Decimal("0.1"), Decimal("0.25"))

kinds = st.sampled_from(KINDS)
item_ids = st.sampled_from(["a", "b", "c"])
agent_ids = st.sampled_from(AGENTS)
capacities = st.none() | st.sampled_from([1, 3, Decimal("2.5")])


@dataclass
class Naive:
    """The same books, as plain as they can be: lists and dicts that are searched from end to end."""

    agents: dict[str, Agent] = field(default_factory=dict)
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    places: dict[tuple[str, str], Placement] = field(default_factory=dict)
    ceilings: dict[tuple[str, str], Amount | None] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    turns: dict[tuple[str, str], int] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def load(self, agent_id: str, kind: str) -> int | Decimal:
        return sum(p.effort for p in self.places.values() if p.taken and (p.agent_id, p.kind) == (agent_id, kind))

    def holds_anything(self, agent_id: str) -> bool:
        return any(place.taken and place.agent_id == agent_id for place in self.places.values())

    def open(self, key: tuple[str, str]) -> Assignment | None:
        return next((a for a in self.assignments if (a.kind, a.item_id) == key and a.ended_at is None), None)


class UndoneError(Exception):
    """Ends a unit of work, on purpose."""


class StoreMachine(RuleBasedStateMachine):
    """Every rule is one write of the open unit; units end by keeping or by undoing all they did."""

    @initialize()
    def begin(self) -> None:
        self.store = MemoryStore()
        self.naive = Naive()
        self.before: list[Naive] = []
        self.open_units: list[Any] = []
        self.unit: Repositories = self.store
        self.ticks = 0
        self.cursor = 0
        self.followed: dict[str, object] = dict.fromkeys(AGENTS)

    # --- units

    @rule()
    @precondition(lambda self: len(self.open_units) < 3)
    def open_unit(self) -> None:
        opened = self.store.unit()
        self.open_units.append(opened)
        self.unit = opened.__enter__()
        self.before.append(copy.deepcopy(self.naive))

    @rule()
    @precondition(lambda self: self.open_units)
    def keep(self) -> None:
        self.open_units.pop().__exit__(None, None, None)
        self.before.pop()
        self._back_out()

    @rule()
    @precondition(lambda self: self.open_units)
    def undo(self) -> None:
        error = UndoneError()
        self.open_units.pop().__exit__(UndoneError, error, None)
        self.naive = self.before.pop()
        self._back_out()

    def _back_out(self) -> None:
        if not self.open_units:
            self.unit = self.store

    # --- records

    @rule(agent_id=agent_ids, capacity=capacities, kind=kinds)
    def add_or_save_agent(self, agent_id: str, capacity: Amount | None, kind: str) -> None:
        stored = self.naive.agents.get(agent_id)
        agent = Agent(
            id=agent_id, version=stored.version if stored else 0, capacity={kind: capacity} if capacity else {}
        )
        repository = self.unit.agents
        self.naive.agents[agent_id] = repository.save(agent) if stored else repository.add(agent)
        for kind_ in KINDS:
            if (agent_id, kind_) in self.naive.ceilings:
                self._set_ceiling(agent_id, kind_)

    def _set_ceiling(self, agent_id: str, kind: str) -> Amount | None:
        agent = self.naive.agents.get(agent_id)
        capacity = agent.capacity.get(kind) if agent else None
        ceiling = None if capacity is None else max(capacity, self.naive.load(agent_id, kind))
        self.naive.ceilings[agent_id, kind] = ceiling
        return ceiling

    @rule(agent_id=agent_ids)
    def remove_agent(self, agent_id: str) -> None:
        if agent_id not in self.naive.agents:
            return
        try:
            self.unit.agents.remove(agent_id)
        except InUseError:
            assert self.naive.holds_anything(agent_id)
        else:
            assert not self.naive.holds_anything(agent_id)
            del self.naive.agents[agent_id]

    @rule(kind=kinds, item_id=item_ids)
    def add_or_save_item(self, kind: str, item_id: str) -> None:
        stored = self.naive.items.get((kind, item_id))
        repository = self.unit.items(kind)
        written = repository.save(stored) if stored else repository.add(Item(id=item_id))
        assert written.version == (stored.version if stored else 0) + 1
        self.naive.items[kind, item_id] = written

    @rule(kind=kinds, item_id=item_ids)
    def remove_item(self, kind: str, item_id: str) -> None:
        place = self.naive.places.get((kind, item_id))
        try:
            self.unit.items(kind).remove(item_id)
        except InUseError:
            assert place is not None
            assert place.taken
        except AssignkitError:
            assert (kind, item_id) not in self.naive.items
        else:
            assert place is None or not place.taken
            del self.naive.items[kind, item_id]

    # --- holding

    @rule(
        kind=kinds,
        item_id=item_ids,
        agent_id=agent_ids,
        state=st.sampled_from(["held", "offered"]),
        effort=st.sampled_from(EFFORTS),
        through=st.sampled_from(TARGETS),
        late=st.integers(-3, 3),
    )
    def give(
        self,
        *,
        kind: str,
        item_id: str,
        agent_id: str,
        state: PlacementState,
        effort: Amount,
        through: str | None,
        late: int,
    ) -> None:
        self.release(kind, item_id, "free")
        stored = self.naive.places[kind, item_id]
        self.ticks += 1
        at = NOW + timedelta(minutes=self.ticks + late)
        id = f"a{len(self.naive.assignments)}"
        place = replace(
            stored, state=state, agent_id=agent_id, fence=stored.fence + 1, effort=effort, since=at, target=through
        )
        if state == "held":
            place = replace(place, assignment_id=id)
            assignment = Assignment(
                id=id, kind=kind, item_id=item_id, agent_id=agent_id, fence=place.fence, target=through, assigned_at=at
            )
            self.unit.assignments.add(assignment)
            self.naive.assignments.append(assignment)
        self.unit.placements.put(place, expected_fence=stored.fence)
        self.naive.places[kind, item_id] = place
        self._put_load(agent_id, kind)

    @rule(kind=kinds, item_id=item_ids, state=st.sampled_from([s for s in STATES if s not in ("held", "offered")]))
    def release(self, kind: str, item_id: str, state: PlacementState) -> None:
        key = (kind, item_id)
        stored = self.naive.places.get(key)
        self.ticks += 1
        at = NOW + timedelta(minutes=self.ticks)
        held_by = self.naive.open(key)
        if held_by is not None:
            ended = self.unit.assignments.end(held_by.id, at=at, because="released")
            self.naive.assignments[self.naive.assignments.index(held_by)] = ended
        place = Placement(
            kind=kind,
            item_id=item_id,
            state=state,
            fence=(stored.fence if stored else 0) + 1,
            received_at=NOW,
            since=at,
        )
        self.unit.placements.put(place, expected_fence=stored.fence if stored else None)
        self.naive.places[key] = place
        if stored is not None and stored.taken and stored.agent_id is not None:
            self._put_load(stored.agent_id, kind)

    def _put_load(self, agent_id: str, kind: str) -> None:
        ceiling = self._set_ceiling(agent_id, kind)
        self.unit.loads.put(
            AgentLoad(agent_id=agent_id, kind=kind, load=self.naive.load(agent_id, kind), ceiling=ceiling)
        )

    @rule(kind=kinds, item_id=item_ids, back=st.integers(1, 3))
    def write_with_an_old_fence(self, kind: str, item_id: str, back: int) -> None:
        stored = self.naive.places.get((kind, item_id))
        if stored is None:
            return
        late = replace(stored, state="held", agent_id="late", fence=stored.fence + 1)
        try:
            self.unit.placements.put(late, expected_fence=stored.fence - back)
        except ConflictError:
            return
        raise AssertionError

    # --- turns and events

    @rule(name=st.sampled_from(["East", "West"]), agent_id=agent_ids)
    def take_a_turn(self, name: str, agent_id: str) -> None:
        turn = self.naive.turns.get((name, agent_id), 0) + 1
        self.unit.rotations.put(Rotation(name=name, level=turn))
        self.unit.rotations.put_seat(name, Seat(agent_id=agent_id, turn=turn))
        self.naive.turns[name, agent_id] = turn

    @rule(item_id=item_ids)
    def tell(self, item_id: str) -> None:
        id = f"e{len(self.naive.events)}"
        stored = self.unit.history.append(Event(id=id, type="kept", at=NOW, kind="customers", item_id=item_id))
        assert stored.number == len(self.naive.events) + 1
        self.unit.outbox.append(stored)
        self.naive.events.append(id)
        self.naive.pending.append(id)

    @rule(data=st.data())
    def have_told(self, data: st.DataObject) -> None:
        told = data.draw(st.sets(st.sampled_from(self.naive.pending))) if self.naive.pending else set()
        self.unit.outbox.done([*told, "unknown"])
        self.naive.pending = [id for id in self.naive.pending if id not in told]

    # --- what must be true after every step

    @invariant()
    def books_agree_with_each_other(self) -> None:
        self.store._check()

    @invariant()
    def records_agree(self) -> None:
        assert self.store.agents.list() == [agent for _, agent in sorted(self.naive.agents.items())]
        for kind in KINDS:
            expected = [item for (k, _), item in sorted(self.naive.items.items()) if k == kind]
            assert self.store.items(kind).list() == expected

    @invariant()
    def placements_agree(self) -> None:
        places = self.naive.places.values()
        for state in STATES:
            expected = sorted((p for p in places if p.state == state), key=lambda p: (p.since, p.kind, p.item_id))
            assert self.store.placements.in_state(state) == expected
        for agent_id in AGENTS:
            taken = [p for key, p in sorted(self.naive.places.items()) if p.taken and p.agent_id == agent_id]
            assert self.store.placements.of_agent(agent_id) == taken

    @invariant()
    def loads_agree(self) -> None:
        for agent_id in AGENTS:
            found = {kind: (load.load, load.ceiling) for kind, load in self.store.loads.of_agent(agent_id).items()}
            expected = {
                kind: (self.naive.load(agent_id, kind), ceiling)
                for (a, kind), ceiling in sorted(self.naive.ceilings.items())
                if a == agent_id
            }
            assert found == expected

    @invariant()
    def assignments_agree(self) -> None:
        known, ledger = self.naive.assignments, self.store.assignments
        for key in self.naive.places:
            assert ledger.of_item(*key) == [a for a in known if (a.kind, a.item_id) == key]
        for agent_id in AGENTS:
            mine = [a for a in known if a.agent_id == agent_id]
            still = sorted((a for a in mine if a.ended_at is None), key=lambda a: (a.kind, a.item_id))
            assert ledger.open_of_agent(agent_id) == still
            for target in ("East", "West"):
                assert ledger.count_open(target, agent_id) == sum(a.target == target for a in still)
                for a in mine[-3:]:
                    counted = sum(b.target == target and b.assigned_at >= a.assigned_at for b in mine)
                    assert ledger.count_since(target, agent_id, a.assigned_at) == counted

    @invariant()
    def turns_and_events_agree(self) -> None:
        for name in ("East", "West"):
            found = {(name, seat.agent_id): seat.turn for seat in self.store.rotations.seats(name)}
            assert found == {key: turn for key, turn in self.naive.turns.items() if key[0] == name}
        assert [event.id for event in self.store.history.since(0)] == self.naive.events
        assert [event.id for event in self.store.outbox.pending()] == self.naive.pending

    @invariant()
    def whoever_follows_the_changes_is_up_to_date(self) -> None:
        changes = self.store.changes(self.cursor)
        assert changes is not None
        assert changes.agent_ids is not None
        self.cursor = changes.cursor
        for agent_id in changes.agent_ids:
            self.followed[agent_id] = self._state_of(agent_id)
        assert self.followed == {agent_id: self._state_of(agent_id) for agent_id in AGENTS}

    def _state_of(self, agent_id: str) -> object:
        seats = [self.store.rotations.seat(name, agent_id) for name in ("East", "West")]
        state = (self.store.agents.find(agent_id), dict(self.store.loads.of_agent(agent_id)), seats)
        return None if state == (None, {}, [None, None]) else state

    def teardown(self) -> None:
        while getattr(self, "open_units", None):
            self.undo()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=60, stateful_step_count=40)
