"""What a store promises about units of work, threads, and how its nouns hang together."""
# A contract is made of tests: their names say what they show, they assert, and a whole unit of work has to raise.
# ruff: noqa: D102, PLR2004, PT012, S101

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from assignkit.errors import AlreadyExistsError, ConflictError, InUseError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Repositories, Store
from assignkit.testing.samples import MINUTE, NOW, OfStore, answered, assigned, happened, placed

THREADS = 8


class _BrokenError(Exception):
    """Ends a unit of work."""


class _Stop(BaseException):
    """Ends a unit of work as an interrupt does."""


def _fill(store: Repositories) -> None:
    """Put something into every repository, so that a change has something to change."""
    store.customers.add(Customer(id="c1", name="first"))
    store.tasks.add(Task(id="t1", title="first"))
    store.agents.add(Agent(id="li", capacity={"customers": 5}))
    store.teams.add(Team(id="East"))
    store.pools.add(Pool(id="open"))
    store.categories.add(Category(id="Size/Large"))
    store.items("deals").add(Item(id="d1"))
    store.placements.put(placed(agent_id="li", fence=1, assignment_id="a1"), expected_fence=None)
    store.loads.put(AgentLoad(agent_id="li", kind="customers", load=1, ceiling=5))
    store.assignments.add(assigned("a1"))
    store.rotations.put(Rotation(name="East", decisions=1))
    store.rotations.put_seat("East", Seat(agent_id="li", turn=1))
    store.outbox.append(store.history.append(happened("e1")))
    store.idempotency.add(answered("k1"))


def _rename(unit: Repositories) -> None:
    unit.customers.save(unit.customers.get("c1").model_copy(update={"name": "second"}))


def _shrink(unit: Repositories) -> None:
    unit.agents.save(unit.agents.get("li").model_copy(update={"capacity": {"customers": 2}}))


WRITES: dict[str, Callable[[Repositories], object]] = {
    "add a customer": lambda unit: unit.customers.add(Customer(id="c9")),
    "save a customer": _rename,
    "add a task": lambda unit: unit.tasks.add(Task(id="t9")),
    "remove a task": lambda unit: unit.tasks.remove("t1"),
    "add an agent": lambda unit: unit.agents.add(Agent(id="wu")),
    "save an agent": _shrink,
    "add a team": lambda unit: unit.teams.add(Team(id="West")),
    "remove a team": lambda unit: unit.teams.remove("East"),
    "remove a pool": lambda unit: unit.pools.remove("open"),
    "add a category": lambda unit: unit.categories.add(Category(id="Size/Small")),
    "remove an item of a host's kind": lambda unit: unit.items("deals").remove("d1"),
    "add to a new kind": lambda unit: unit.items("tickets").add(Item(id="x")),
    "place anew": lambda unit: unit.placements.put(placed("c9", state="waiting"), expected_fence=None),
    "place elsewhere": lambda unit: unit.placements.put(placed(agent_id="wu", fence=2), expected_fence=1),
    "release": lambda unit: unit.placements.put(placed(state="pooled", fence=2), expected_fence=1),
    "load anew": lambda unit: unit.loads.put(AgentLoad(agent_id="wu", kind="tasks", load=1)),
    "load more": lambda unit: unit.loads.put(AgentLoad(agent_id="li", kind="customers", load=2, ceiling=5)),
    "assign": lambda unit: unit.assignments.add(assigned("a2", "c2", assigned_at=NOW + MINUTE)),
    "end": lambda unit: unit.assignments.end("a1", at=NOW, because="released"),
    "rotate": lambda unit: unit.rotations.put(Rotation(name="East", decisions=2)),
    "rotate anew": lambda unit: unit.rotations.put(Rotation(name="West")),
    "take a turn": lambda unit: unit.rotations.put_seat("East", Seat(agent_id="li", turn=2)),
    "take a seat": lambda unit: unit.rotations.put_seat("East", Seat(agent_id="wu")),
    "write history": lambda unit: unit.history.append(happened("e2")),
    "tell": lambda unit: unit.outbox.append(unit.history.append(happened("e2"))),
    "have told": lambda unit: unit.outbox.done(["e1"]),
    "answer": lambda unit: unit.idempotency.add(answered("k2")),
}


def _seen(store: Repositories) -> dict[str, Any]:
    """Return everything that can be read of what `_fill` and `WRITES` write."""
    return {
        "records": [
            repository.list()
            for repository in (store.customers, store.tasks, store.agents, store.teams, store.pools, store.categories)
        ],
        "items": [store.items(kind).list() for kind in ("deals", "tickets")],
        "states": [store.placements.in_state(state) for state in ("held", "waiting", "pooled")],
        "holders": [store.placements.of_agent(agent_id) for agent_id in ("li", "wu")],
        "places": [store.placements.find("customers", item_id) for item_id in ("c1", "c9")],
        "loads": [dict(store.loads.of_agent(agent_id)) for agent_id in ("li", "wu")],
        "assignments": [store.assignments.of_item("customers", item_id) for item_id in ("c1", "c2")],
        "open": store.assignments.open_of_agent("li"),
        "counts": (store.assignments.count_open("East", "li"), store.assignments.count_since("East", "li", NOW)),
        "rotations": (store.rotations.list(), store.rotations.seats("East")),
        "history": (store.history.since(0), store.history.of_item("customers", "c1")),
        "outbox": store.outbox.pending(),
        "answers": [store.idempotency.find("assign", key) for key in ("k1", "k2")],
    }


def _in_threads(work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)` … in as many threads, all let go at once, and return what each returned."""
    gate = threading.Barrier(THREADS)

    def wait_and_work(number: int) -> Any:  # noqa: ANN401 - whatever `work` returns
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(wait_and_work, range(THREADS)))


class UnitContract(OfStore):
    """All or nothing, one after the other; and what depends on something else stays."""

    # --- all or nothing

    @pytest.mark.parametrize("write", WRITES)
    def test_a_unit_keeps_what_was_written(self, store: Store, write: str) -> None:
        _fill(store)
        before = _seen(store)
        with store.unit() as unit:
            WRITES[write](unit)
            inside = _seen(unit)
        assert inside != before
        assert _seen(store) == inside

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("ending", [_BrokenError, _Stop])
    def test_a_unit_that_raises_takes_everything_back(
        self, store: Store, write: str, ending: type[BaseException]
    ) -> None:
        _fill(store)
        before = _seen(store)
        with pytest.raises(ending), store.unit() as unit:
            WRITES[write](unit)
            raise ending
        assert _seen(store) == before

    def test_a_long_unit_is_taken_back_as_a_whole(self, store: Store) -> None:
        before = _seen(store)
        with pytest.raises(_BrokenError), store.unit() as unit:
            _fill(unit)
            unit.assignments.end("a1", at=NOW, because="moved")
            unit.placements.put(placed(agent_id="wu", fence=2), expected_fence=1)
            unit.placements.put(placed(state="pooled", fence=3), expected_fence=2)
            unit.assignments.add(assigned("a2", agent_id="wu", fence=2))
            _rename(unit)
            _rename(unit)
            unit.outbox.done(["e1"])
            raise _BrokenError
        assert _seen(store) == before
        _fill(store)

    def test_a_call_that_is_refused_changes_nothing_and_the_unit_goes_on(self, store: Store) -> None:
        _fill(store)
        before = _seen(store)
        with store.unit() as unit:
            with pytest.raises(AlreadyExistsError):
                unit.customers.add(Customer(id="c1"))
            with pytest.raises(ConflictError):
                unit.placements.put(placed(agent_id="wu", fence=2), expected_fence=7)
            with pytest.raises(ConflictError):
                unit.assignments.add(assigned("a2", fence=2))
            with pytest.raises(NotFoundError):
                unit.agents.remove("nobody")
        assert _seen(store) == before

    def test_a_unit_reads_its_own_writes_by_either_way(self, store: Store) -> None:
        with store.unit() as unit:
            unit.agents.add(Agent(id="li"))
            assert store.agents.get("li") == unit.agents.get("li")
            store.teams.add(Team(id="East"))
            assert unit.teams.get("East").version == 1

    def test_what_a_unit_expects_changes_nothing_it_sees(self, store: Store) -> None:
        _fill(store)
        before = _seen(store)
        with store.unit() as unit:
            unit.expect(rotations=["West", "East"], items=[("tasks", "t1"), ("customers", "c1"), ("customers", "c1")])
            unit.expect()
            assert _seen(unit) == before
            with store.unit() as inner:
                inner.expect(rotations={"East"}, items={("customers", "c9")})
                WRITES["place elsewhere"](inner)
                inner.expect(items=[("customers", "c1"), ("customers", "c9")])
            found = unit.placements.find("customers", "c1")
            assert found is not None
            assert (found.agent_id, found.fence) == ("wu", 2)
            unit.rotations.put(Rotation(name="West", decisions=7))
            unit.expect(rotations=["West"])
            assert unit.rotations.find("West") == Rotation(name="West", decisions=7)

    def test_a_unit_may_rely_on_an_agent_as_it_is(self, store: Store) -> None:
        li = store.agents.add(Agent(id="li"))
        with store.unit() as unit:
            unit.rely_on(li)
            assert unit.agents.get("li") == li
            unit.rely_on(unit.agents.save(li.model_copy(update={"name": "Li"})))
            unit.placements.put(placed(agent_id="li"), expected_fence=None)
        assert [place.item_id for place in store.placements.of_agent("li")] == ["c1"]

    def test_calls_of_the_store_within_a_unit_belong_to_it(self, store: Store) -> None:
        with pytest.raises(_BrokenError), store.unit():
            store.agents.add(Agent(id="li"))
            raise _BrokenError
        assert store.agents.find("li") is None

    # --- units in units

    def test_an_inner_unit_is_taken_back_with_the_outer_one(self, store: Store) -> None:
        with pytest.raises(_BrokenError), store.unit() as outer:
            outer.agents.add(Agent(id="li"))
            with store.unit() as inner:
                inner.agents.add(Agent(id="wu"))
            raise _BrokenError
        assert store.agents.list() == []

    def test_an_inner_unit_that_raises_takes_back_only_its_own(self, store: Store) -> None:
        with store.unit() as outer:
            outer.agents.add(Agent(id="li"))
            with pytest.raises(_BrokenError), store.unit() as inner:
                inner.agents.add(Agent(id="wu"))
                inner.agents.save(inner.agents.get("li"))
                raise _BrokenError
            outer.agents.add(Agent(id="zu"))
        assert [(agent.id, agent.version) for agent in store.agents.list()] == [("li", 1), ("zu", 1)]

    def test_a_unit_can_be_opened_again_after_one_that_raised(self, store: Store) -> None:
        with pytest.raises(_BrokenError), store.unit():
            raise _BrokenError
        with store.unit() as unit:
            unit.agents.add(Agent(id="li"))
        assert store.agents.get("li").version == 1

    # --- threads

    def test_one_of_many_claimants_wins(self, store: Store) -> None:
        store.placements.put(placed(state="pooled", pool="open"), expected_fence=None)

        def claim(number: int) -> bool:
            try:
                with store.unit() as unit:
                    agent_id = f"agent {number}"
                    unit.placements.put(placed(agent_id=agent_id, fence=1), expected_fence=0)
                    unit.assignments.add(assigned(f"a{number}", agent_id=agent_id))
            except ConflictError:
                return False
            return True

        wins = _in_threads(claim)
        assert sum(wins) == 1
        place = store.placements.find("customers", "c1")
        assert place is not None
        assert place.agent_id == f"agent {wins.index(True)}"
        assert [a.agent_id for a in store.assignments.of_item("customers", "c1")] == [place.agent_id]

    def test_no_write_is_lost_between_threads(self, store: Store) -> None:
        store.loads.put(AgentLoad(agent_id="li", kind="customers"))
        times = 20

        def work(number: int) -> None:
            done = 0
            while done < times:
                try:
                    with store.unit() as unit:
                        load = unit.loads.find("li", "customers")
                        assert load is not None
                        unit.loads.put(replace(load, load=load.load + Decimal("0.1"), received=load.received + 1))
                        unit.history.append(happened(f"e{number}-{done}"))
                except ConflictError:
                    continue
                done += 1

        _in_threads(work)
        load = store.loads.find("li", "customers")
        assert load is not None
        assert (load.received, load.load) == (THREADS * times, THREADS * times * Decimal("0.1"))
        assert [event.number for event in store.history.since(0)] == list(range(1, THREADS * times + 1))

    def test_one_of_many_savers_of_a_version_wins(self, store: Store) -> None:
        first = store.customers.add(Customer(id="c1"))

        def save(number: int) -> bool:
            try:
                store.customers.save(first.model_copy(update={"name": str(number)}))
            except ConflictError:
                return False
            return True

        wins = _in_threads(save)
        assert sum(wins) == 1
        assert store.customers.get("c1").name == str(wins.index(True))

    def test_nobody_sees_what_is_not_kept(self, store: Store) -> None:
        reading = threading.Event()

        def read() -> Agent | None:
            reading.set()
            return store.agents.find("li")

        with ThreadPoolExecutor(1) as pool:
            with pytest.raises(_BrokenError), store.unit() as unit:
                unit.agents.add(Agent(id="li"))
                seen = pool.submit(read)
                assert reading.wait(timeout=60)
                raise _BrokenError
            assert seen.result(timeout=60) is None

    # --- what hangs together

    def test_an_agent_with_items_stays(self, store: Store) -> None:
        store.agents.add(Agent(id="li"))
        for item_id, state in (("c1", "held"), ("c2", "held"), ("c3", "offered")):
            store.placements.put(placed(item_id, agent_id="li", state=state), expected_fence=None)
        with pytest.raises(InUseError) as caught:
            store.agents.remove("li")
        assert "2" in str(caught.value)
        assert "1" in str(caught.value)
        assert store.agents.get("li").id == "li"

    def test_an_agent_who_is_removed_stays_in_the_books(self, store: Store) -> None:
        _fill(store)
        store.assignments.end("a1", at=NOW, because="released")
        store.placements.put(placed(state="pooled", fence=2), expected_fence=1)
        store.agents.remove("li")
        assert store.agents.find("li") is None
        assert [a.agent_id for a in store.assignments.of_item("customers", "c1")] == ["li"]
        assert len(store.history.since(0)) == 1

    @pytest.mark.parametrize("state", ["held", "offered"])
    @pytest.mark.parametrize("kind", ["customers", "tasks", "deals"])
    def test_an_item_that_an_agent_has_stays(self, store: Store, kind: str, state: str) -> None:
        record = {"customers": Customer, "tasks": Task}.get(kind, Item)(id="x")
        store.items(kind).add(record)
        store.placements.put(placed("x", kind=kind, agent_id="li", state=state), expected_fence=None)
        with pytest.raises(InUseError):
            store.items(kind).remove("x")
        store.placements.put(placed("x", kind=kind, state="waiting", fence=2), expected_fence=1)
        store.items(kind).remove("x")
        assert store.items(kind).find("x") is None

    def test_items_of_a_known_kind_are_its_records(self, store: Store) -> None:
        store.customers.add(Customer(id="c1", tier="VIP"))
        store.items("tasks").add(Task(id="t1"))
        assert store.items("customers").get("c1") == store.customers.get("c1")
        assert store.tasks.get("t1").version == 1

    def test_kinds_of_a_host_are_apart(self, store: Store) -> None:
        store.items("deals").add(Item.model_validate({"id": "x", "amount": 5}))
        assert store.items("deals").get("x").model_dump()["amount"] == 5
        assert store.items("tickets").find("x") is None
        assert store.customers.find("x") is None

    # --- what comes after

    def test_what_comes_after_a_commit_waits_for_the_outermost_unit(self, store: Store) -> None:
        called: list[int] = []

        def look() -> None:
            called.append(len(store.agents.list()))

        store.after_commit(look)
        assert called == [0]
        with store.unit() as outer:
            with store.unit() as inner:
                inner.agents.add(Agent(id="li"))
                store.after_commit(look)
            outer.agents.add(Agent(id="wu"))
            assert called == [0]
        assert called == [0, 2]
        with store.unit():
            pass
        assert called == [0, 2]

    def test_what_is_rolled_back_has_nothing_after_it(self, store: Store) -> None:
        called: list[str] = []
        with pytest.raises(_BrokenError), store.unit():
            store.after_commit(lambda: called.append("outer"))
            raise _BrokenError
        with store.unit():
            with pytest.raises(_BrokenError), store.unit():
                store.after_commit(lambda: called.append("inner"))
                raise _BrokenError
            store.after_commit(lambda: called.append("kept"))
        assert called == ["kept"]

    # --- what changed

    def test_agents_are_walked_by_id(self, store: Store) -> None:
        for agent_id in ("wu", "li", "10", "9"):
            store.agents.add(Agent(id=agent_id))
        assert [agent.id for agent in store.walk_agents()] == ["10", "9", "li", "wu"]

    @pytest.mark.parametrize("write", ["save an agent", "load more", "take a turn"])
    def test_a_store_that_keeps_track_tells_who_changed(self, store: Store, write: str) -> None:
        _fill(store)
        start = store.changes(None)
        WRITES[write](store)
        if start is not None:
            found = store.changes(start.cursor)
            assert found is not None
            assert found.agent_ids is None or found.agent_ids == {"li"}
            again = store.changes(found.cursor)
            assert again is not None
            assert not again.agent_ids

    @pytest.mark.parametrize("write", ["save an agent", "load more", "take a turn"])
    def test_who_looked_before_a_rollback_is_told_of_it(self, store: Store, write: str) -> None:
        _fill(store)
        with pytest.raises(_BrokenError), store.unit() as unit:
            WRITES[write](unit)
            seen = store.changes(None)
            raise _BrokenError
        if seen is not None:
            after = store.changes(seen.cursor)
            assert after is not None
            assert after.agent_ids is None or "li" in after.agent_ids
