"""Group commit: many callers at once get what they would have got one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignkit import (
    Agent,
    ConfigurationError,
    ConflictError,
    Customer,
    Decision,
    Desk,
    IdempotencyError,
    ManualClock,
    MemoryStore,
    NotFoundError,
    RuleSet,
)
from assignkit.desk.assigning import Request
from assignkit.desk.batching import Asked
from assignkit.desk.grouping import Grouping
from assignkit.repositories.base import Store
from assignkit.repositories.sql import SqlStore

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = 'rule "All"\n  assign to team "East" by round robin\n  limit 50 per day'


def staffed(store: Store, **named: Any) -> Desk:  # noqa: ANN401 - what a desk takes
    desk = Desk(RuleSet.from_text(RULES), store, clock=ManualClock(NOON), seed="s", **named)
    for agent_id in ("a", "b", "c"):
        desk.agents.add(Agent(id=agent_id, teams={"East"}, capacity={"customers": 20}))
    return desk


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with closing(SqlStore(f"sqlite:///{tmp_path / 'desk.db'}")) as found:
        found.migrate()
        yield found


def test_a_crowd_gets_what_a_queue_gets(store: Store) -> None:
    desk = staffed(store, group_commit=8)
    with ThreadPoolExecutor(16) as crowd:
        decisions = list(crowd.map(lambda n: desk.assign(Customer(id=f"c{n}")), range(60)))
    assert {decision.outcome for decision in decisions} == {"assigned"}
    assert [store.loads.find(agent_id, "customers").load for agent_id in "abc"] == [20, 20, 20]  # type: ignore[union-attr]
    assert desk.assign(Customer(id="late")).reasons == ("capacity",)
    in_order = [event.agent_id for event in store.history.since(0) if event.type == "assigned"]
    assert all(set(in_order[n : n + 3]) == {"a", "b", "c"} for n in range(0, 60, 3))
    assert all(desk.history(d.item_id)[0].agent_id == d.agent_id for d in decisions)


def test_who_fails_fails_alone(store: Store) -> None:
    desk = staffed(store, group_commit=50)
    barrier = threading.Barrier(6)

    def ask(item: object, **named: Any) -> object:  # noqa: ANN401
        barrier.wait(30)
        try:
            return desk.assign(item, **named).outcome
        except (NotFoundError, ConflictError, ConfigurationError) as error:
            return type(error)

    with ThreadPoolExecutor(6) as crowd:
        asked = [
            crowd.submit(ask, item, **named)
            for item, named in [
                (Customer(id="c1"), {}),
                ("nobody", {}),
                (Customer(id="c2"), {}),
                ({"id": "x"}, {"kind": "houses"}),
                (Customer(id="c3"), {"version": 7}),
                (Customer(id="c4"), {}),
            ]
        ]
        found = [one.result() for one in asked]
    wanted = ["assigned", NotFoundError, "assigned", ConfigurationError, ConflictError, "assigned"]
    assert found == wanted
    assert sorted(record.id for record in desk.customers.list()) == ["c1", "c2", "c4"]


def test_a_key_is_answered_once_within_a_group(store: Store) -> None:
    desk = staffed(store, group_commit=50)
    with ThreadPoolExecutor(8) as crowd:
        decisions = list(crowd.map(lambda _: desk.assign(Customer(id="c1"), key="k"), range(24)))
    assert {decision.fence for decision in decisions} == {1}
    assert {decision.outcome for decision in decisions} == {"assigned"}
    with pytest.raises(IdempotencyError):
        desk.assign(Customer(id="c2"), key="k")


class _TakenBackError(Exception):
    pass


def _assign_and_fail(desk: Desk, store: Store) -> None:
    with store.unit():
        desk.assign(Customer(id="c1"))
        raise _TakenBackError


def test_a_call_within_a_unit_is_a_part_of_it(store: Store) -> None:
    desk = staffed(store, group_commit=50)
    with store.unit(), pytest.raises(_TakenBackError):
        _assign_and_fail(desk, store)
    assert desk.history("c1") == []


def test_a_group_has_room_for_somebody() -> None:
    with pytest.raises(ConfigurationError, match="1 or more, not 0"):
        Desk(RuleSet.from_text(RULES), group_commit=0)


# --- the line itself


class Scene:
    """Grouping with decisions that only say when they were made; `plan` says what becomes of each group."""

    def __init__(self, plan: Callable[[list[str]], object], most: int = 3) -> None:
        self.groups: list[list[str]] = []
        self.apart: list[str] = []
        self._plan = plan
        self.grouping = Grouping(self._together, self._alone, most=most)

    def _together(self, group: Sequence[Asked]) -> list[Decision | Exception]:
        names = [asked.item for asked in group]
        self.groups.append(names)
        self._plan(names)
        return [KeyError(name) if name.startswith("bad") else decided(name) for name in names]

    def _alone(self, asked: Asked) -> Decision:
        self.apart.append(asked.item)
        return decided(asked.item)

    def ask(self, name: str) -> object:
        try:
            return self.grouping.assign(Asked(name, None, None, Request())).item_id
        except KeyError as error:
            return error.args[0] + "!"


def decided(name: str) -> Decision:
    return Decision(item_id=name, outcome="assigned")


@given(names=st.lists(st.sampled_from(["x", "y", "bad"]), min_size=1, max_size=12), most=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_everybody_gets_an_own_answer(names: list[str], most: int) -> None:
    scene = Scene(lambda _: None, most)
    calls = [f"{name}{number}" for number, name in enumerate(names)]
    with ThreadPoolExecutor(len(calls)) as crowd:
        found = list(crowd.map(scene.ask, calls))
    assert found == [f"{call}!" if call.startswith("bad") else call for call in calls]
    assert sorted(name for group in scene.groups for name in group) == sorted(calls)
    assert all(len(group) <= most for group in scene.groups)


def test_who_waits_meanwhile_is_led_by_the_first_of_them() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def plan(names: list[str]) -> None:
        if names == ["first"]:
            begun.set()
            go_on.wait(30)

    scene = Scene(plan)
    with ThreadPoolExecutor(6) as crowd:
        first = crowd.submit(scene.ask, "first")
        begun.wait(30)
        others = [crowd.submit(scene.ask, str(n)) for n in range(4)]
        while len(scene.grouping._waiting) < 4:
            pass
        go_on.set()
        assert [first.result(), *(other.result() for other in others)] == ["first", "0", "1", "2", "3"]
    assert [len(group) for group in scene.groups] == [1, 3, 1]


def test_a_group_that_fails_is_decided_call_by_call() -> None:
    def fail(names: list[str]) -> None:
        raise ConflictError(what="a row", expected="as it was", found=names)

    scene = Scene(fail)
    assert scene.ask("x") == "x"
    assert scene.apart == ["x"]


def test_an_interrupt_of_who_leads_leaves_the_others_in_line() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def plan(names: list[str]) -> None:
        if names[0] == "first":
            begun.set()
            go_on.wait(30)
        if names[0] == "0":
            raise KeyboardInterrupt

    scene = Scene(plan)
    with ThreadPoolExecutor(5) as crowd:
        first = crowd.submit(scene.ask, "first")
        begun.wait(30)
        interrupted = crowd.submit(scene.ask, "0")
        while len(scene.grouping._waiting) < 1:
            pass
        others = [crowd.submit(scene.ask, str(n)) for n in (1, 2)]
        while len(scene.grouping._waiting) < 3:
            pass
        go_on.set()
        assert [first.result(), *(other.result() for other in others)] == ["first", "1", "2"]
        with pytest.raises(KeyboardInterrupt):
            interrupted.result()
    assert scene.ask("late") == "late"
