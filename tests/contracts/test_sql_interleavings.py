"""Pairs of units on PostgreSQL, each step in a given order: who waits, who is overtaken, and who sees what."""
# ruff: noqa: PT012, S608 - a whole unit of work has to raise

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import psycopg
import pytest

from assignkit import Desk, ManualClock, RuleSet, Schema
from assignkit.errors import AlreadyExistsError, ConflictError, InUseError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Answer, Unit
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.session import Session
from assignkit.testing.samples import NOW, assigned, happened, placed
from tests.postgres import Server

_names = count()
TEAMS = """
rule "East"
  when customer.team = "East"
  assign to team "East"
rule "West"
  when customer.team = "West"
  assign to team "West"
"""


class Second:
    """A second user of the store, in a thread of its own."""

    def __init__(self, server: Server, store: SqlStore) -> None:
        self._store = store
        self._watcher = psycopg.connect(server.url, autocommit=True)
        self._threads = ThreadPoolExecutor(1)

    def does(self, act: Callable[[Unit], object]) -> object:
        """Do it, and return when it is committed."""
        return self._threads.submit(self._store.transact, act).result(timeout=30)

    def begins(self, act: Callable[[Unit], object]) -> Future[object]:
        """Begin it, and return when it waits for a lock."""
        return self.calls(lambda: self._store.transact(act))

    def calls(self, act: Callable[[], object]) -> Future[object]:
        """Begin something that has units of its own, and return when it waits for a lock."""
        begun = self._threads.submit(act)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        give_up = time.monotonic() + 30
        while self._watcher.execute(waiting).fetchone() == (0,) and not begun.done():
            assert time.monotonic() < give_up
            time.sleep(0.005)
        assert not begun.done(), "it should have waited"
        return begun

    def calls_through(self, act: Callable[[], object]) -> object:
        """Do something that has units of its own, and return when it is done."""
        return self._threads.submit(act).result(timeout=30)

    def close(self) -> None:
        self._threads.shutdown()
        self._watcher.close()


@pytest.fixture(scope="module")
def migrated(postgres: Server) -> Server:
    with closing(SqlStore(postgres.url)) as store:
        store.migrate()
    return postgres


@pytest.fixture
def store(migrated: Server) -> Iterator[SqlStore]:
    with closing(SqlStore(migrated.url, tenant=f"pair {next(_names)}")) as store:
        yield store


@pytest.fixture
def second(migrated: Server, store: SqlStore) -> Iterator[Second]:
    with closing(Second(migrated, store)) as second:
        yield second


def test_who_looks_up_a_rotation_waits_and_sees_what_the_first_wrote(store: SqlStore, second: Second) -> None:
    with store.unit() as first:
        assert first.rotations.find("East") is None
        begun = second.begins(lambda unit: unit.rotations.find("East"))
        first.rotations.put(Rotation(name="East", decisions=1))
    assert begun.result(timeout=30) == Rotation(name="East", decisions=1)


@pytest.mark.parametrize("known", [False, True])
def test_who_looks_up_an_item_waits_and_sees_what_the_first_wrote(
    store: SqlStore, second: Second, *, known: bool
) -> None:
    if known:
        store.placements.put(placed(), expected_fence=None)
    with store.unit() as first:
        first.placements.find("customers", "c1")
        begun = second.begins(lambda unit: unit.placements.find("customers", "c1"))
        first.placements.put(placed(agent_id="li"), expected_fence=0 if known else None)
    assert begun.result(timeout=30) == placed(agent_id="li")


def test_who_looks_up_a_key_waits_and_sees_the_answer(store: SqlStore, second: Second) -> None:
    answer = Answer("assign", "k1", "f", "{}", NOW)
    with store.unit() as first:
        assert first.idempotency.find("assign", "k1") is None
        begun = second.begins(lambda unit: unit.idempotency.find("assign", "k1"))
        first.idempotency.add(answer)
    assert begun.result(timeout=30) == answer


def test_other_items_rotations_and_keys_do_not_wait(store: SqlStore, second: Second) -> None:
    def look_elsewhere(unit: Unit) -> None:
        unit.idempotency.find("assign", "k2")
        unit.rotations.find("West")
        unit.placements.find("customers", "c2")
        unit.placements.find("tasks", "c1")

    with store.unit() as first:
        first.idempotency.find("assign", "k1")
        first.rotations.find("East")
        first.placements.find("customers", "c1")
        second.does(look_elsewhere)


def test_readers_outside_a_unit_do_not_wait_and_see_nothing_uncommitted(store: SqlStore) -> None:
    with store.unit() as first:
        first.placements.put(placed(agent_id="li"), expected_fence=None)
        first.rotations.put(Rotation(name="East"))
        with ThreadPoolExecutor(1) as reader:
            assert reader.submit(store.placements.find, "customers", "c1").result(timeout=30) is None
            assert reader.submit(store.rotations.find, "East").result(timeout=30) is None


def test_a_load_that_another_wrote_since_is_not_written_over(store: SqlStore, second: Second) -> None:
    for before in (None, AgentLoad(agent_id="li", kind="tasks", load=1)):
        with pytest.raises(OvertakenError), store.unit() as first:
            assert first.loads.find("li", "tasks") == before
            second.does(lambda unit: unit.loads.put(AgentLoad(agent_id="li", kind="tasks", load=1)))
            first.loads.put(AgentLoad(agent_id="li", kind="tasks", load=2))
        assert store.loads.find("li", "tasks") == AgentLoad(agent_id="li", kind="tasks", load=1)


def test_a_load_is_the_same_whenever_a_unit_reads_it(store: SqlStore, second: Second) -> None:
    before = AgentLoad(agent_id="li", kind="tasks")
    store.loads.put(before)
    with pytest.raises(OvertakenError), store.unit() as first:
        assert first.loads.find("li", "tasks") == before
        second.does(lambda unit: unit.loads.put(replace(before, load=1)))
        first.assignments.count_open("East", "li")
        # What was counted may be newer than the load, never older.
        assert first.loads.of_agent("li") == {"tasks": before}
        assert first.loads.of_agents(["li"])["li"] == {"tasks": before}
        first.loads.put(replace(before, load=1))


def test_loads_are_compared_with_what_was_read_also_after_an_inner_unit_failed(store: SqlStore, second: Second) -> None:
    load = AgentLoad(agent_id="li", kind="tasks")
    store.loads.put(load)
    with store.unit() as first:
        first.loads.find("li", "tasks")
        with pytest.raises(ZeroDivisionError), store.unit():
            first.loads.put(replace(load, load=5))
            raise ZeroDivisionError
        first.loads.put(replace(load, load=1))
    with pytest.raises(OvertakenError), store.unit() as first:
        with pytest.raises(ZeroDivisionError), store.unit():
            first.loads.put(replace(load, load=5))
            raise ZeroDivisionError
        first.loads.find("li", "tasks")
        second.does(lambda unit: unit.loads.put(replace(load, load=2)))
        first.loads.put(replace(load, load=3))
    assert store.loads.find("li", "tasks") == replace(load, load=2)


def test_an_agent_who_changed_since_gets_nothing(store: SqlStore, second: Second) -> None:
    li = store.agents.add(Agent(id="li"))
    with pytest.raises(OvertakenError), store.unit() as first:
        assert first.agents.get("li").active
        second.does(lambda unit: unit.agents.save(li.model_copy(update={"active": False})))
        first.placements.put(placed(agent_id="li"), expected_fence=None)
    assert store.placements.of_agent("li") == []


@pytest.mark.parametrize("known", [False, True])
def test_an_agent_whom_a_unit_relies_on_gets_nothing_if_it_changed_since(
    store: SqlStore, second: Second, *, known: bool
) -> None:
    li = store.agents.add(Agent(id="li", teams={"East"}))
    if known:
        store.transact(lambda unit: unit.agents.get("li"))
    second.does(lambda unit: unit.agents.save(li.model_copy(update={"teams": frozenset()})))
    with pytest.raises(OvertakenError), store.unit() as unit:
        if known:
            unit.agents.get("li")
        unit.rely_on(li)
        unit.placements.put(placed(agent_id="li"), expected_fence=None)
    assert store.placements.find("customers", "c1") is None


def test_who_is_switched_off_gets_nothing_though_it_was_another_connection_that_had_read_it(
    store: SqlStore, second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(RuleSet.from_text(TEAMS, Schema(customer={"team": str})), store, clock=ManualClock(NOW))
    for name, team in (("li", "East"), ("wu", "West")):
        desk.agents.add(Agent(id=name, teams={team}))
    assert [desk.assign({"id": team, "team": team}).agent_id for team in ("East", "West")] == ["li", "wu"]
    commit = Session.commit

    def switched_off(session: Session) -> None:
        monkeypatch.undo()
        second.does(lambda unit: unit.agents.save(unit.agents.get("li").model_copy(update={"active": False})))
        commit(session)

    with store.unit() as elsewhere, ThreadPoolExecutor(1) as threads:
        elsewhere.placements.find("customers", "another")  # from here on it keeps the connection that has read li
        monkeypatch.setattr(Session, "commit", switched_off)
        decision = threads.submit(desk.assign, {"id": "c1", "team": "East"}).result(timeout=30)
    assert (decision.outcome, decision.agent_id) == ("waiting", None)


def test_who_comes_back_while_a_decision_is_under_way_is_known_to_the_next(
    store: SqlStore, second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = RuleSet.from_text('rule "East"\n  assign to team "East" by round robin')
    desk = Desk(rules, store, clock=ManualClock(NOW))
    for name in ("li", "wu"):
        store.agents.add(Agent(id=name, teams={"East"}, presence="online"))
    passed_over, other = [desk.assign({"id": f"c{number}"}).agent_id for number in range(2)]
    desk.set_presence(str(passed_over), "away")
    commit = Session.commit

    def comes_back(session: Session) -> None:
        monkeypatch.undo()
        second.calls_through(lambda: desk.set_presence(str(passed_over), "online"))
        commit(session)

    monkeypatch.setattr(Session, "commit", comes_back)
    given = [desk.assign({"id": f"c{number}"}).agent_id for number in range(2, 6)]
    assert given == [other, passed_over, other, passed_over]
    assert [event.type for event in store.history.since(0)[3:5]] == ["presence", "assigned"]


def test_an_agent_who_is_about_to_get_an_item_changes_afterwards(store: SqlStore, second: Second) -> None:
    li = store.agents.add(Agent(id="li"))
    with store.unit() as first:
        first.agents.list()
        first.placements.put(placed(agent_id="li"), expected_fence=None)
        first.customers.list()  # which sends what was written
        begun = second.begins(lambda unit: unit.agents.save(li.model_copy(update={"active": False})))
    begun.result(timeout=30)
    assert store.agents.get("li").version == 2


def test_an_agent_who_gets_an_item_meanwhile_stays(store: SqlStore, second: Second) -> None:
    store.agents.add(Agent(id="li"))
    with store.unit() as first:
        first.agents.get("li")
        first.placements.put(placed(agent_id="li"), expected_fence=None)
        first.customers.list()  # which sends what was written
        begun = second.begins(lambda unit: unit.agents.remove("li"))
    with pytest.raises(InUseError):
        begun.result(timeout=30)
    assert store.agents.get("li").version == 1


@pytest.mark.parametrize("agents", [("li",), ("li", "wu")])
def test_an_agent_who_changes_before_anything_is_sent_gets_nothing(
    store: SqlStore, second: Second, agents: tuple[str, ...]
) -> None:
    for agent_id in agents:
        store.agents.add(Agent(id=agent_id))
    with pytest.raises(OvertakenError), store.unit() as first:
        for agent_id in agents:
            first.placements.put(placed(agent_id, agent_id=first.agents.get(agent_id).id), expected_fence=None)
        second.does(lambda unit: unit.agents.save(unit.agents.get(agents[-1]).model_copy(update={"active": False})))
    assert [store.placements.of_agent(agent_id) for agent_id in agents] == [[] for _ in agents]


def test_an_agent_who_is_removed_meanwhile_gets_nothing(store: SqlStore, second: Second) -> None:
    store.agents.add(Agent(id="li"))
    with pytest.raises(OvertakenError), store.unit() as first:
        first.agents.get("li")
        second.does(lambda unit: unit.agents.remove("li"))
        first.placements.put(placed(agent_id="li"), expected_fence=None)


def test_an_item_that_is_given_meanwhile_stays(store: SqlStore, second: Second) -> None:
    store.customers.add(Customer(id="c1"))
    with store.unit() as first:
        first.placements.put(placed(agent_id="li"), expected_fence=None)
        begun = second.begins(lambda unit: unit.customers.remove("c1"))
    with pytest.raises(InUseError):
        begun.result(timeout=30)


def test_a_save_over_what_the_unit_had_read_may_be_done_again(store: SqlStore, second: Second) -> None:
    read = store.customers.add(Customer(id="c1"))
    with pytest.raises(OvertakenError), store.unit() as first:
        assert first.customers.get("c1") == read
        second.does(lambda unit: unit.customers.save(read.model_copy(update={"name": "second"})))
        first.customers.save(read.model_copy(update={"name": "first"}))
    with pytest.raises(ConflictError) as caught:
        store.customers.save(read.model_copy(update={"name": "first"}))
    assert not isinstance(caught.value, OvertakenError)
    assert store.customers.get("c1").name == "second"


def test_a_record_that_was_read_before_its_item_was_locked_is_read_again(store: SqlStore, second: Second) -> None:
    store.customers.add(Customer(id="c1", owner="li"))

    def look_then_lock(unit: Unit) -> str | None:
        unit.customers.get("c1")
        unit.expect(items=[("customers", "c1")])
        return unit.customers.get("c1").owner

    with store.unit() as first:
        first.expect(items=[("customers", "c1")])
        begun = second.begins(look_then_lock)
        first.customers.save(first.customers.get("c1").model_copy(update={"owner": None}))
    assert begun.result(timeout=30) is None


def test_a_record_that_the_unit_has_written_stays_as_written_when_its_item_is_locked(store: SqlStore) -> None:
    store.customers.add(Customer(id="c1", owner="li"))
    with store.unit() as unit:
        unit.customers.save(unit.customers.get("c1").model_copy(update={"owner": "wang"}))
        unit.expect(items=[("customers", "c1")])
        assert unit.customers.get("c1").owner == "wang"
    assert store.customers.get("c1").owner == "wang"


def test_who_is_asked_about_an_item_may_have_it_as_it_is_when_it_is_locked(store: SqlStore, second: Second) -> None:
    schema = Schema(customer={"secret": bool}, agent={"level": int})
    rules = RuleSet.from_text(
        "never assign customers where customer.secret = true to agents where agent.level < 2", schema
    )
    desk = Desk(rules, store, clock=ManualClock(NOW))
    desk.agents.add(Agent(id="li", level=1))
    desk.customers.add(Customer(id="c1", secret=False))
    with store.unit() as first:
        first.expect(items=[("customers", "c1")])
        begun = second.calls(lambda: desk.broadcast("c1", to=["li"], within=timedelta(minutes=5)))
        first.customers.save(first.customers.get("c1").model_copy(update={"secret": True}))
    assert begun.result(timeout=30) == []


def test_adding_what_the_unit_did_not_find_may_be_done_again(store: SqlStore, second: Second) -> None:
    with pytest.raises(OvertakenError), store.unit() as first:
        assert first.customers.find("c1") is None
        second.does(lambda unit: unit.customers.add(Customer(id="c1")))
        first.customers.add(Customer(id="c1"))
    with pytest.raises(AlreadyExistsError):
        store.customers.add(Customer(id="c1"))


def test_who_publishes_what_another_publishes_meanwhile_finds_it_published(store: SqlStore, second: Second) -> None:
    schema = Schema(customer={"team": str})
    rules = RuleSet.from_text(TEAMS.replace('"East"', '"North"'), schema)
    desk, other = (Desk(RuleSet.from_text(TEAMS, schema), store, clock=ManualClock(NOW)) for _ in range(2))
    with store.unit():
        first = desk.publish(rules, actor="li", reason="new")
        begun = second.calls(lambda: other.publish(rules, actor="li", reason="new"))
    assert begun.result(timeout=30) == first
    assert [each.number for each in desk.publications() if each.version == rules.version] == [first.number]


def numbered(store: SqlStore) -> list[tuple[int, str]]:
    return [(event.number, event.id) for event in store.history.since(0)]


def test_units_that_write_history_do_not_wait_for_each_other(store: SqlStore, second: Second) -> None:
    with store.unit() as first:
        first.history.append(happened("e1"))
        first.customers.list()  # which sends what was written
        second.does(lambda unit: unit.history.append(happened("e2")))
        assert numbered(store) == [(1, "e1"), (2, "e2")]  # within the unit, which sees its own
        assert second.does(lambda unit: unit.history.of_item("customers", "c9")) == []
    assert numbered(store) == [(1, "e1"), (2, "e2")]


def test_an_event_that_is_committed_late_is_numbered_late_and_never_missed(store: SqlStore, second: Second) -> None:
    def look(unit: Unit) -> list[tuple[int, str]]:
        return [(event.number, event.id) for event in unit.history.since(0)]

    with store.unit() as first:
        first.outbox.append(first.history.append(happened("early")))
        first.customers.list()  # takes its place in the history
        second.does(lambda unit: unit.outbox.append(unit.history.append(happened("late", "c2"))))
        assert second.does(look) == [(1, "late")]
        second.does(lambda unit: unit.history.append(happened("later", "c2")))
        assert second.does(look) == [(1, "late"), (2, "later")]
    assert numbered(store) == [(1, "late"), (2, "later"), (3, "early")]
    assert [(event.number, event.id) for event in store.outbox.pending()] == [(1, "late"), (3, "early")]
    assert [event.number for event in store.history.of_item("customers", "c1")] == [3]
    store.history.append(happened("last"))
    assert numbered(store)[3:] == [(4, "last")]


def test_numbers_that_are_rolled_back_are_given_again(store: SqlStore, second: Second) -> None:
    store.history.append(happened("e1"))
    with pytest.raises(ZeroDivisionError), store.unit() as first:
        first.history.append(happened("gone"))
        assert [event.number for event in first.history.since(0)] == [1, 2]
        begun = second.begins(lambda unit: [unit.history.append(happened("e2")), unit.history.since(0)][-1])
        raise ZeroDivisionError
    seen: Any = begun.result(timeout=30)
    assert [(event.number, event.id) for event in seen] == [(1, "e1"), (2, "e2")]


def test_history_of_a_database_that_was_restored_elsewhere_goes_on(store: SqlStore, migrated: Server) -> None:
    store.history.append(happened("e1"))
    tenant = store._units._tenant  # type: ignore[union-attr]
    # As after a dump: the transactions of the other server had higher numbers than this one has reached.
    migrated.sql(f"UPDATE assignkit_history SET xid = xid + 1000000 WHERE tenant = '{tenant}'")
    migrated.sql(f"UPDATE assignkit_counters SET value = value + 1000000 WHERE tenant = '{tenant}'")
    for number in range(2, 5):
        assert store.history.append(happened(f"e{number}")).number == number
    assert numbered(store) == [(number, f"e{number}") for number in range(1, 5)]


def test_an_assignment_is_ended_once(store: SqlStore, second: Second) -> None:
    store.assignments.add(assigned("a1"))
    with store.unit() as first:
        first.assignments.end("a1", at=NOW, because="first")
        begun = second.begins(lambda unit: unit.assignments.end("a1", at=NOW, because="second"))
    with pytest.raises(ConflictError):
        begun.result(timeout=30)
    assert store.assignments.get("a1").ended_because == "first"


def test_an_item_has_one_open_assignment_also_between_units(store: SqlStore, second: Second) -> None:
    with store.unit() as first:
        first.assignments.add(assigned("a1"))
        first.customers.list()  # which sends what was written
        begun = second.begins(lambda unit: unit.assignments.add(assigned("a2", fence=2)))
    with pytest.raises(ConflictError) as refused:
        begun.result(timeout=30)
    assert not isinstance(refused.value, OvertakenError)
    with pytest.raises(OvertakenError), store.unit() as first:
        first.assignments.add(assigned("a3", "c2"))
        second.does(lambda unit: unit.assignments.add(assigned("a4", "c2", fence=2)))
    assert [one.id for one in store.assignments.of_item("customers", "c2")] == ["a4"]


def test_a_seat_that_another_moved_since_is_not_moved_back(store: SqlStore, second: Second) -> None:
    for before in (None, Seat(agent_id="li", turn=3, last=2)):
        with pytest.raises(OvertakenError), store.unit() as first:
            assert first.rotations.seat("East", "li") == before
            second.does(lambda unit: unit.rotations.put_seat("East", Seat(agent_id="li", turn=3, last=2)))
            first.rotations.put_seat("East", Seat(agent_id="li", turn=9))
            second.does(lambda unit: unit.rotations.put_seat("East", Seat(agent_id="li", turn=4, last=3)))
        assert store.rotations.seat("East", "li") == Seat(agent_id="li", turn=4, last=3)
        store.rotations.put_seat("East", Seat(agent_id="li", turn=3, last=2))


def test_a_deadlock_is_done_again(store: SqlStore, second: Second) -> None:
    def the_other_way(unit: Unit) -> None:
        unit.rotations.find("West")
        unit.rotations.find("East")

    def crossing(unit: Unit) -> None:
        unit.rotations.find("East")
        if not begun:
            begun.append(second.begins(the_other_way))
        unit.rotations.find("West")

    begun: list[Future[object]] = []
    store.transact(crossing)
    begun[0].result(timeout=30)
