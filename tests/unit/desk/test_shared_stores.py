"""A desk on a store that others write to, and that tells of changes once they are committed, decides as on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, RuleSet, Schema
from assignkit.repositories.base import Changes, Unit
from tests.properties.test_desk_walk import DEALS, IDS, ORDERS, RULES, facts, play, steps
from tests.unit.desk.making import NOON, OpenDesk, east, open_desk

T = TypeVar("T")

TO_EAST = 'rule "r"\n  assign to team "East" by round robin\n  limit 5 open'


class SharedStore(MemoryStore):
    """A store in memory as one in a database is: what was rolled back is never told, and what is open only within."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: list[str] = []
        self._depth = 0
        self._began = self._ended = 0
        self.commits = True

    @property
    def shared(self) -> bool:
        return True

    @contextmanager
    def unit(self) -> Iterator[Unit]:  # type: ignore[override]
        with super().unit() as unit:
            if not self._depth:
                self._tell(self._ended)  # what was written outside of units
                self._began = self._now()
            self._depth += 1
            try:
                yield unit
            finally:
                self._depth -= 1
            if not self._depth and not self.commits:
                raise ConnectionError
            if not self._depth:
                self._tell(self._began)
                self._ended = self._now()

    def _now(self) -> int:
        return self._books.journal.since(None).cursor

    def _tell(self, since: int) -> None:
        self.committed += sorted(self._books.journal.since(since).agent_ids or ())

    def transact(self, act: Callable[[Unit], T]) -> T:
        for attempt in range(3):
            try:
                with self.unit() as unit:
                    return act(unit)
            except ConnectionError:
                self._ended = self._now()
                self.commits = True
                if self._depth or attempt > 1:
                    raise
        raise AssertionError

    def changes(self, cursor: int | None) -> Changes | None:
        if cursor is None:
            return Changes(len(self.committed), frozenset())
        changed = set(self.committed[cursor:])
        if self._depth:
            changed |= self._books.journal.since(self._began).agent_ids or set()
        return Changes(len(self.committed), frozenset(changed))


def store_of(desk: OpenDesk) -> SharedStore:
    assert isinstance(desk.store, SharedStore)
    return desk.store


def shared_desk(rules: str, agents: list[Agent], schema: Schema | None = None) -> OpenDesk:
    return open_desk(rules, agents, store=SharedStore(), seed="s", schema=schema)


@given(
    order=st.sampled_from([*ORDERS, "weighted round robin", "fair share"]),
    team=st.lists(facts(), min_size=len(IDS), max_size=len(IDS)),
    operations=st.lists(steps, min_size=5, max_size=30),
)
@settings(max_examples=40, deadline=None)
def test_a_shared_store_makes_no_difference(
    order: str, team: list[dict[str, Any]], operations: list[tuple[str, Any]]
) -> None:
    agents = [Agent(id=id, **told) for id, told in zip(IDS, team, strict=True)]
    text = RULES.format(order=order)
    own, shared = open_desk(text, agents, seed="s", schema=DEALS), shared_desk(text, agents, DEALS)
    expected = [(one, one.explain()) for one in play(own, operations)]
    assert [(one, one.explain()) for one in play(shared, operations)] == expected


def assign_and_fail(desk: OpenDesk, number: int) -> None:
    with desk.store.unit():
        assert desk.assign(Customer(id=f"x{number}")).agent_id == "b"
        assert desk.assign(Customer(id=f"y{number}")).agent_id == "a"
        raise ZeroDivisionError


def forget(store: SharedStore) -> None:
    """Let nobody hear of what was rolled back."""
    store._ended = store._now()


def test_what_a_host_rolls_back_is_not_remembered() -> None:
    desk = shared_desk(TO_EAST, east("a", "b"))
    assert desk.assign(Customer(id="c0")).agent_id == "a"
    for number in range(3):
        with pytest.raises(ZeroDivisionError):
            assign_and_fail(desk, number)
        forget(store_of(desk))
    assert [desk.assign(Customer(id=f"c{n}")).agent_id for n in (1, 2)] == ["b", "a"]


def test_what_is_done_again_is_decided_by_what_was_kept() -> None:
    desk = shared_desk(TO_EAST, east("a", "b"))
    assert desk.assign(Customer(id="c0")).agent_id == "a"
    store_of(desk).commits = False
    assert desk.assign(Customer(id="c1")).agent_id == "b"
    assert [d.agent_id for d in desk.assign_many([Customer(id=f"d{n}") for n in range(4)])] == ["a", "b", "a", "b"]
    store_of(desk).commits = False
    assert [d.agent_id for d in desk.assign_many([Customer(id=f"e{n}") for n in range(3)])] == ["a", "b", "a"]
    desk.store._check()


def test_an_item_that_fails_in_a_chunk_leaves_no_trace() -> None:
    desk = shared_desk(TO_EAST, east("a", "b"))

    class Odd:
        id = "odd"
        owner = None

        @property
        def effort(self) -> int:
            raise RuntimeError

    decisions = desk.assign_many([Customer(id="c1"), Odd(), Customer(id="c2"), "gone", Customer(id="c3")])
    assert [d.outcome for d in decisions] == ["assigned", "error", "assigned", "error", "assigned"]
    assert [d.agent_id for d in decisions if d.agent_id] == ["a", "b", "a"]


def test_two_desks_see_what_the_other_one_did() -> None:
    one = shared_desk(TO_EAST, east("a", "b", "c"))
    other = Desk(RuleSet.from_text(TO_EAST), one.store, clock=ManualClock(NOON), seed="s")
    desks = [one, other]
    chosen = [desks[n % 2].assign(Customer(id=f"c{n}")).agent_id for n in range(9)]
    assert all(set(chosen[n : n + 3]) == {"a", "b", "c"} for n in (0, 3, 6))


def test_a_crowd_keeps_every_turn() -> None:
    desk = shared_desk(TO_EAST.replace("5 open", "99 open"), east("a", "b", "c"))
    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(lambda n: desk.assign(Customer(id=f"c{n}")), range(60)))
    assert [desk.store.loads.find(agent_id, "customers").load for agent_id in "abc"] == [20, 20, 20]  # type: ignore[union-attr]


def test_rotations_and_items_are_expected_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = shared_desk(
        'rule "A" when customer.tier = "x"\n  assign to team "West" by least loaded\n  otherwise continue\n' + TO_EAST,
        [*east("a", "b"), Agent(id="w", teams={"West"})],
    )
    seen: list[tuple[list[str], list[tuple[str, str]]]] = []
    books = desk.store._books
    monkeypatch.setattr(type(books), "alone", False)
    monkeypatch.setattr(books, "expect", lambda *, rotations, items: seen.append((rotations, items)))
    desk.assign_many([Customer(id="c2"), Customer(id="c1", tier="x"), {"id": []}])
    assert seen[0] == (
        ['team "East" by round robin', 'team "West" by least loaded'],
        [("customers", "c1"), ("customers", "c2")],
    )


def test_where_nobody_else_can_write_only_what_is_foreseen_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = shared_desk(TO_EAST, east("a", "b"))
    seen: list[tuple[list[str], list[tuple[str, str]]]] = []
    monkeypatch.setattr(desk.store._books, "expect", lambda *, rotations, items: seen.append((rotations, items)))
    desk.assign(Customer(id="c1"))
    assert seen == [((), (("customers", "c1"),))]
    desk.assign_many([Customer(id="c2"), Customer(id="c3", owner="a"), {"id": "c4"}])
    foreseen = ['team "East" by round robin']  # not to be locked, but to be read together
    assert seen[1:] == [(foreseen, [("customers", name) for name in ("c2", "c3", "c4")])]
