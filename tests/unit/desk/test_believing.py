"""What a desk keeps in mind of its agents is what was committed, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import count
from typing import Any

import pytest

from assignkit import Agent, Customer, Decision, Desk, ManualClock, MemoryStore, Page, RuleSet
from assignkit.errors import BackendError
from assignkit.model.placement import Placement, PlacementState, Rotation, Seat
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.errors import BusyError, OvertakenError
from assignkit.repositories.sql.guards import SqlItems
from assignkit.repositories.sql.placements import SqlPlacements
from assignkit.repositories.sql.rotations import SqlRotations
from assignkit.repositories.sql.session import Session
from assignkit.strategies.waiting import QueuePolicy
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import NOON, TO_EAST, Ticking, east, holders, open_desk
from tests.unit.desk.test_shared_stores import SharedStore


class Refusing:
    """A host's customers, of which one cannot be stored."""

    def __init__(self) -> None:
        self._kept = MemoryStore().customers

    def add(self, record: Customer) -> Customer:
        if record.id == "bad":
            raise ZeroDivisionError
        return self._kept.add(record)

    def get(self, id: str) -> Customer:
        return self._kept.get(id)

    def find(self, id: str) -> Customer | None:
        return self._kept.find(id)

    def save(self, record: Customer) -> Customer:
        return self._kept.save(record)

    def remove(self, id: str) -> None:
        self._kept.remove(id)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Customer]:
        return self._kept.list(filter, order, page)


def test_what_an_outer_unit_took_back_is_not_believed(open_store: OpenStore) -> None:  # noqa: F811
    store = open_store()
    desk = Desk(RuleSet.from_text(TO_EAST), store, clock=ManualClock(NOON))
    for agent in east("li", "wang", capacity={"customers": 1}):
        desk.agents.add(agent)
    chosen = desk.explain({"id": "c1"}).agent_id

    def undone() -> None:
        with store.unit():
            assert set(holders(desk.assign_many([{"id": "c1"}, {"id": "c2"}]))) == {"li", "wang"}
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert desk.assign({"id": "c3"}).agent_id == chosen


def test_what_an_item_of_a_batch_took_before_it_failed_is_free_again() -> None:
    desk = open_desk(TO_EAST, east("li", capacity={"customers": 1}), store=MemoryStore(customers=Refusing()))
    decisions = desk.assign_many([Customer(id="bad"), Customer(id="good")])
    assert [(decision.outcome, decision.agent_id) for decision in decisions] == [("error", None), ("assigned", "li")]


def test_each_item_of_a_batch_has_its_own_instant() -> None:
    desk = Desk(RuleSet.from_text(TO_EAST), MemoryStore(), clock=Ticking(NOON))
    desk.agents.add(east("li")[0])
    instants = [decision.at for decision in desk.assign_many([{"id": number} for number in range(3)])]
    assert instants == sorted(set(instants))


def test_what_an_attempt_noted_that_was_overtaken_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    overtaken = [OvertakenError(what="it", expected="the same", found="another one")]
    commit = Session.commit

    def commit_later(self: Session) -> None:
        if overtaken:
            raise overtaken.pop()
        commit(self)

    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(TO_EAST), store, clock=ManualClock(NOON))
        desk.agents.add(east("li", capacity={"customers": 1})[0])
        desk.explain({"id": "c0"})
        monkeypatch.setattr(Session, "commit", commit_later)
        assert desk.assign({"id": "c1"}).agent_id == "li"
    assert not overtaken


def test_a_line_that_could_not_be_formed_is_formed_when_the_unit_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = [BusyError("somebody else is at it")]
    seats = SqlRotations.seats

    def seats_later(self: SqlRotations, name: str) -> list[Seat]:
        if busy:
            raise busy.pop()
        return seats(self, name)

    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(f"{TO_EAST} by round robin"), store, clock=ManualClock(NOON))
        for agent in east("li", "wang"):
            desk.agents.add(agent)
        monkeypatch.setattr(SqlRotations, "seats", seats_later)
        assert set(holders([desk.assign({"id": number}) for number in range(2)])) == {"li", "wang"}
    assert not busy


@pytest.mark.parametrize("number", range(1, 4))
def test_a_tick_that_is_done_again_in_parts_knows_who_became_free(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count(1)
    in_state = SqlPlacements.in_state

    def in_state_later(self: SqlPlacements, state: PlacementState) -> list[Placement]:
        if next(asked) == number:
            msg = "somebody else is at it"
            raise BusyError(msg)
        return in_state(self, state)

    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(TO_EAST), store, clock=ManualClock(NOON))
        desk.agents.add(east("li", capacity={"customers": 1})[0])
        assert holders(desk.assign_many([{"id": "c1"}, {"id": "c2"}])) == ["li", None]
        desk.tick()
        store.agents.save(store.agents.get("li").model_copy(update={"capacity": {"customers": 2}}))
        monkeypatch.setattr(SqlPlacements, "in_state", in_state_later)
        assert holders(desk.tick()) == ["li"]
    assert next(asked) > number + 1


@pytest.mark.parametrize("queue", [QueuePolicy(), QueuePolicy(shares={"vip": 0.5})])
def test_a_record_that_cannot_be_read_does_not_keep_what_waits_behind_it_from_who_becomes_free(
    queue: QueuePolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = SqlItems.find

    def spoilt(self: SqlItems[Customer], id: str) -> Customer | None:
        if id == "c2":
            msg = "the record of c2 cannot be read"
            raise BackendError(msg)
        return find(self, id)

    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(TO_EAST), store, clock=ManualClock(NOON), queue=queue)
        desk.agents.add(east("li", capacity={"customers": 1})[0])
        desk.assign_many([{"id": f"c{number}"} for number in range(1, 5)])
        monkeypatch.setattr(SqlItems, "find", spoilt)
        desk.complete("c1")
        assert [place.item_id for place in store.placements.of_agent("li")] == ["c3"]
        store.agents.save(store.agents.get("li").model_copy(update={"capacity": {"customers": 5}}))
        assert [decision.item_id for decision in desk.tick()] == ["c4"]


def test_who_becomes_free_is_matched_with_what_waits_in_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    on_wire = Session._on_wire

    def counted(session: Session, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - as original
        said.append(arguments[0])
        on_wire(session, act, *arguments)

    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(f'{TO_EAST}\nrule "West" for tasks\n  assign to team "West"'), store)
        desk.agents.add(Agent(id="wu", teams={"West"}))
        desk.assign({"id": "t1"}, kind="tasks")
        desk.assign_many({"id": number} for number in range(300))
        monkeypatch.setattr(Session, "_on_wire", counted)
        desk.complete("t1", kind="tasks")
    assert sum("FROM assignkit_customers" in text for text in said) < 10


def test_what_others_did_before_a_rotation_was_locked_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = f"{TO_EAST} by round robin\n  accept within 5 minutes"
    one = open_desk(rules, east("a", "b", "c"), store=SharedStore())
    other = Desk(RuleSet.from_text(rules), one.store, clock=one.clock, seed="test")
    first = [one.assign({"id": number}) for number in range(4)][-1]
    find, between = one.store._books.rotations.find, list[Decision]()

    def interrupted(name: str) -> Rotation | None:
        if not between:
            between.append(Decision(kind="customers", item_id="other", outcome="waiting"))
            between[0] = other.assign({"id": "other"})
        return find(name)

    monkeypatch.setattr(one.store._books.rotations, "find", interrupted)
    second = one.decline(str(first.offer_id), first.fence or 0, "busy")
    assert {each.agent_id for each in (first, *between, second)} == {"a", "b", "c"}


class Curious(Refusing):
    """A host's customers that do what they are told to do once, when the desk next looks for one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.ask: Callable[[], object] = list

    def find(self, id: str) -> Customer | None:
        ask, self.ask = self.ask, list
        ask()
        return super().find(id)


def test_a_decision_within_a_decision_is_written_by_itself() -> None:
    customers = Curious()
    store = MemoryStore(customers=customers)
    desk = Desk(RuleSet.from_text(TO_EAST + " by round robin"), store, clock=ManualClock(NOON))
    for agent in east("a", "b", "c", "d"):
        desk.agents.add(agent)
    first = desk.assign(Customer(id="c0")).agent_id
    within: list[Decision] = []
    customers.ask = lambda: within.append(desk.assign(Customer(id="c2")))
    decided = [*desk.assign_many([Customer(id="c1"), Customer(id="c3")]), *within]
    assert {decision.agent_id for decision in decided} == {"a", "b", "c", "d"} - {first}
    store._check()
