"""Idempotency keys: the same request, the same answer; another request under a used key is refused."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from assignkit import Customer, Decision, Desk, IdempotencyError, NotFoundError, Task
from assignkit.desk.by_hand.working import Working
from assignkit.repositories.base import Answer
from tests.unit.desk.making import TO_EAST, OpenDesk, east, state_of

Make = Callable[..., OpenDesk]


@pytest.fixture
def desk(make: Make) -> OpenDesk:
    desk = make(TO_EAST + '\nrule "t" for tasks\n  assign to team "East"\npool "P"', east("li", "wang"))
    desk.customers.add(Customer(id="c1"))
    return desk


def same_twice(desk: OpenDesk, call: Callable[[], Decision]) -> Decision:
    first = call()
    before = state_of(desk.store)
    again = call()
    assert again == first
    assert again.model_dump_json() == first.model_dump_json()
    assert state_of(desk.store) == before
    return first


RICH = Customer(
    id="c2", effort=Decimal("0.5"), tags=["a"], created_at=datetime(2026, 1, 1, tzinfo=UTC), own={"b", "a"}, made={1: 2}
)


@pytest.mark.parametrize(
    "item", ["c1", ("customers", "c1"), Customer(id="c2"), {"id": "c2", "city": "Wuxi"}, Task(id="c1"), RICH]
)
def test_an_assignment_is_made_once(desk: OpenDesk, item: object) -> None:
    assert same_twice(desk, lambda: desk.assign(item, key="k")).outcome == "assigned"


def test_the_answer_is_that_of_the_first_time(desk: OpenDesk) -> None:
    first = desk.assign("c1", key="k")
    desk.release("c1", actor="b", reason="r")
    assert desk.assign("c1", key="k") == first
    assert desk.customers.get("c1").owner is None


def test_moves_by_hand_are_made_once(desk: OpenDesk) -> None:
    held = str(desk.assign("c1").agent_id)
    other = {"li": "wang", "wang": "li"}[held]
    same_twice(desk, lambda: desk.reassign("c1", other, actor="b", reason="r", key="k", fence=1))
    same_twice(desk, lambda: desk.release("c1", pool="P", actor="b", reason="r", key="k"))  # another operation
    assert [event.type for event in desk.history("c1")] == ["assigned", "reassigned", "released"]


def test_a_batch_is_made_once(desk: OpenDesk) -> None:
    items = [{"id": n} for n in range(5)]
    first = desk.assign_many(items, key="batch")
    assert {decision.outcome for decision in first} == {"assigned"}
    before = state_of(desk.store)
    assert desk.assign_many(items, key="batch") == first
    assert state_of(desk.store) == before


def test_a_used_key_is_refused_for_another_request(desk: OpenDesk) -> None:
    desk.assign({"id": "c2", "city": "Wuxi"}, key="k")
    desk.reassign("c2", "li", actor="b", reason="r", key="k")
    before = state_of(desk.store)
    others: list[Callable[[], object]] = [
        lambda: desk.assign({"id": "c3", "city": "Wuxi"}, key="k"),
        lambda: desk.assign({"id": "c2", "city": "Hefei"}, key="k"),
        lambda: desk.assign({"id": "c2", "city": "Wuxi"}, key="k", force=True),
        lambda: desk.assign({"id": "c2", "city": "Wuxi"}, key="k", actor="b"),
        lambda: desk.assign({"id": "c2", "city": "Wuxi"}, key="k", kind="tasks"),
        lambda: desk.reassign("c2", "wang", actor="b", reason="r", key="k"),
        lambda: desk.reassign("c2", "li", actor="x", reason="r", key="k"),
    ]
    for call in others:
        with pytest.raises(IdempotencyError, match="use a new key"):
            call()
    assert state_of(desk.store) == before


def test_a_request_that_failed_may_be_made_again_under_its_key(desk: OpenDesk) -> None:
    with pytest.raises(NotFoundError):
        desk.assign("c9", key="k")
    desk.customers.add(Customer(id="c9"))
    assert desk.assign("c9", key="k").outcome == "assigned"


def test_a_broadcast_is_made_once(desk: OpenDesk) -> None:
    def offer(**other: object) -> list[Decision]:
        asked = {"item": "c1", "to": ["wang", "li"], "within": timedelta(minutes=5), "actor": "boss", "key": "k"}
        return desk.broadcast(**{**asked, **other})  # type: ignore[arg-type]

    first = offer()
    before = state_of(desk.store)
    assert [decision.agent_id for decision in first] == ["li", "wang"]
    assert offer() == offer(to=(agent for agent in ("li", "wang"))) == first
    for other in (
        {"to": ["li"]},
        {"to": "East"},
        {"within": timedelta(minutes=6)},
        {"actor": "x"},
        {"item": {"id": 2}},
    ):
        with pytest.raises(IdempotencyError):
            offer(**other)
    assert state_of(desk.store) == before
    desk.accept(str(first[0].offer_id), first[0].fence or 0)
    assert offer() == first


@pytest.mark.parametrize("call", ["reassign", "release", "complete"])
def test_another_fence_is_another_request(desk: OpenDesk, call: str) -> None:
    held = desk.assign("c1")
    to = {"to": held.agent_id} if call == "reassign" else {}

    def move(fence: int) -> Decision:
        return getattr(desk, call)("c1", actor="b", reason="r", key="k", fence=fence, **to)

    same_twice(desk, lambda: move(held.fence))
    with pytest.raises(IdempotencyError):
        move(held.fence + 1)


def test_a_key_without_a_fence_stands_for_what_it_stood_for_before_fences_counted(desk: OpenDesk) -> None:
    held = str(desk.assign("c1").agent_id)
    told = {"item": ("customers", "c1"), "to": held, "actor": "b", "reason": "r", "force": False}
    first = desk.reassign("c1", held, actor="b", reason="r")
    fingerprint = sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    with desk.store.unit() as unit:
        answer = Answer("reassign", "k", fingerprint, first.model_dump_json(), desk.clock.now())
        unit.idempotency.add(answer)
    assert desk.reassign("c1", held, actor="b", reason="r", key="k") == first


ASKS = frozenset((
    "explain", "history", "holder_at", "holders_at", "publications", "rotations", "rules_of", "shadow_report",
    "state_at", "waiting", "why_not", "why_nothing_today",
))  # fmt: skip
WITHOUT_A_KEY = {
    "items": "hands out records",
    "reload_from": "watches from now on; publishing what is in force already changes nothing",
    "subscribe": "lasts as long as the process",
    "tick": "does what is due, once, however often it is called",
    "within": "joins a transaction; its calls take keys",
}


@pytest.mark.parametrize(
    "name", [name for name, value in vars(Desk).items() if inspect.isfunction(value) and not name.startswith("_")]
)
def test_every_call_that_changes_something_takes_a_key_and_an_actor(name: str) -> None:
    if name not in ASKS and name not in WITHOUT_A_KEY:
        assert {"key", "actor"} <= inspect.signature(getattr(Desk, name)).parameters.keys()


@pytest.mark.parametrize(
    "name", [name for name, value in vars(Working).items() if inspect.isfunction(value) and not name.startswith("_")]
)
def test_every_call_of_those_at_work_takes_a_key_and_an_actor(name: str) -> None:
    if name not in ASKS:
        assert {"key", "actor"} <= inspect.signature(getattr(Working, name)).parameters.keys()
