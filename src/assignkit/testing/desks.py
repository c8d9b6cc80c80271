"""What a desk promises on any store: what goes in comes back, what is refused changes nothing, one of many wins."""
# A contract is made of tests: their names say what they show, and they assert.
# ruff: noqa: D102, S101

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from assignkit.clock import ManualClock
from assignkit.desk.desk import Desk
from assignkit.errors import AssignkitError, ConflictError, IdempotencyError, InvalidTransitionError, NotEligibleError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.repositories.base import Page, Store
from assignkit.rules.ruleset import RuleSet
from assignkit.testing.samples import NOW, OfStore

THREADS = 6
_AGENTS = ("a", "é", "李")
_RULES = """
rule "Quick" when customer.source = "quick"
  assign to team "East" by round robin
rule "East"
  assign to team "East" by least loaded
  accept within 5 minutes
"""
_LOCAL = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))


def _desk(store: Store) -> Desk:
    return Desk(RuleSet.from_text(_RULES), store, clock=ManualClock(NOW), seed="contract", zone="Europe/Berlin")


def _staffed(store: Store, **facts: Any) -> Desk:  # noqa: ANN401 - any facts of an agent
    desk = _desk(store)
    for id in _AGENTS:
        desk.agents.add(Agent(id=id, teams={"East"}, **facts))
    return desk


def _books(store: Store) -> list[object]:
    """Return all that a desk writes."""
    items = [place for state in ("held", "offered", "waiting") for place in store.placements.in_state(state)]
    rotations = [(rotation, store.rotations.seats(rotation.name)) for rotation in store.rotations.list()]
    loads = [dict(store.loads.of_agent(id)) for id in _AGENTS]
    return [items, rotations, loads, store.customers.list(), store.agents.list(), store.history.since(0, limit=10**6)]


def _together(act: Callable[[int], Decision]) -> tuple[list[Decision], list[AssignkitError]]:
    """Let as many threads act at once, and return what was decided and what was refused."""
    gate = threading.Barrier(THREADS)

    def wait_and_act(number: int) -> Decision | AssignkitError:
        gate.wait()
        try:
            return act(number)
        except AssignkitError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(wait_and_act, range(THREADS)))
    decided = [result for result in results if isinstance(result, Decision)]
    return decided, [result for result in results if isinstance(result, AssignkitError)]


class DeskContract(OfStore):
    """What hosts rely on when they put a desk on a store of their own.

    Override `make_store()` to return a new, empty store; or the fixture `store`, if making one needs other fixtures.
    """

    # --- what goes in comes back, and belongs to nobody else

    def test_what_was_handed_in_or_out_may_be_changed_without_harm(self, store: Store) -> None:
        desk = _staffed(store)
        handed = {"id": "客户 1", "source": "quick", "tags": ["x"], "more": {"z": [1], "a": None}}
        decision = desk.assign(handed)
        handed["tags"].append("y")  # type: ignore[attr-defined]
        handed["more"]["z"].append(2)  # type: ignore[index]
        desk.history("客户 1").clear()
        desk.agents.list().clear()
        told = desk.history("客户 1")[0].model_dump_json()
        found = desk.customers.get("客户 1")
        assert (found.tags, found.more) == (("x",), {"z": [1], "a": None})  # type: ignore[attr-defined]
        assert list(found.more) == ["z", "a"]  # type: ignore[attr-defined]
        assert found.owner == decision.agent_id
        assert desk.history("客户 1")[0].model_dump_json() == told

    def test_amounts_are_exact_and_spelled_in_one_way(self, store: Store) -> None:
        desk = _desk(store)
        desk.agents.add(Agent(id="li", teams={"East"}, capacity={"customers": Decimal("0.30")}))
        for id, effort in (("c1", 0.1), ("c2", Decimal("0.20"))):
            desk.assign({"id": id, "source": "quick", "effort": effort})
        load = store.loads.find("li", "customers")
        assert load is not None
        assert (str(load.load), str(desk.customers.get("c2").effort)) == ("0.3", "0.20")
        assert desk.assign({"id": "c3", "source": "quick", "effort": Decimal("0.000001")}).reasons == ("capacity",)

    def test_instants_keep_their_zone(self, store: Store) -> None:
        desk = _desk(store)
        desk.customers.add(Customer(id="c1", created_at=_LOCAL, seen=_LOCAL))
        found = desk.customers.get("c1")
        assert [found.created_at, found.seen] == [_LOCAL, _LOCAL]  # type: ignore[attr-defined]
        assert [str(at) for at in (found.created_at, found.seen)] == [str(_LOCAL)] * 2  # type: ignore[attr-defined]

    def test_records_are_listed_page_by_page(self, store: Store) -> None:
        desk = _desk(store)
        desk.assign_many({"id": id, "score": place % 3} for place, id in enumerate("héB李aA1"))
        pages = [desk.customers.list(order="-score", page=Page(offset=start, limit=3)) for start in (0, 3, 6, 9)]
        listed = [(customer.score, customer.id) for page in pages for customer in page]
        assert listed == sorted(listed, key=lambda one: (-one[0], one[1]))  # type: ignore[operator]
        assert [len(page) for page in pages] == [3, 3, 1, 0]

    def test_the_history_has_everything_in_order(self, store: Store) -> None:
        desk = _staffed(store)
        offer = desk.assign({"id": "c1"})
        desk.decline(str(offer.offer_id), offer.fence or 0, "busy")
        desk.release("c1", actor="boss", reason="recalled")
        types = [event.type for event in desk.history("c1")]
        assert types == ["offered", "declined", "offered", "released"]
        numbers = [event.number for event in store.history.since(0)]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_a_desk_opened_anew_goes_on_where_the_other_was(self, store: Store) -> None:
        desk = _staffed(store)
        agents = [desk.assign({"id": 1, "source": "quick"}).agent_id]
        agents += [_desk(store).assign({"id": id, "source": "quick"}).agent_id for id in (2, 3)]
        assert sorted(map(str, agents)) == sorted(_AGENTS)

    # --- what is refused changes nothing

    def test_what_is_refused_changes_nothing(self, store: Store) -> None:
        desk = _staffed(store, capacity={"customers": 1})
        held = desk.assign({"id": "c1", "source": "quick"})
        offer = desk.assign({"id": "c2"})
        other = str(offer.agent_id)
        stale = desk.customers.get("c1").model_copy(update={"version": 0})
        refused: list[Callable[[], object]] = [
            lambda: desk.reassign("c1", other, actor="x", reason="r"),
            lambda: desk.reassign("c1", "nobody", actor="x", reason="r"),
            lambda: desk.release("c1", actor="x", reason="r", fence=9),
            lambda: desk.release("c1", pool="nowhere", actor="x", reason="r"),
            lambda: desk.accept(str(offer.offer_id), 9),
            lambda: desk.decline("customers:c1:1", 1, "none of mine"),
            lambda: desk.complete("c2"),
            lambda: desk.broadcast("c1", list(_AGENTS), within=timedelta(minutes=1)),
            lambda: desk.assign({"id": "c3", "effort": 0}),
            lambda: desk.assign("c3"),
            lambda: desk.assign(stale.model_copy(update={"version": 7})),
            lambda: desk.customers.save(stale),
            lambda: desk.customers.add(Customer(id="c4", owner="nobody")),
            lambda: desk.customers.remove("c1"),
            lambda: desk.agents.remove(str(held.agent_id)),
            lambda: desk.agents.save(Agent(id="a", version=9)),
            lambda: desk.set_presence("nobody", "online"),
            lambda: desk.correct_rotation('team "East" by round robin', "nobody", 1, actor="x", reason="r"),
        ]
        before = _books(store)
        for act in refused:
            with pytest.raises(AssignkitError):
                act()
            assert _books(store) == before

    def test_an_item_of_a_batch_that_fails_leaves_the_others(self, store: Store) -> None:
        desk = _staffed(store)
        decisions = desk.assign_many([{"id": "c1"}, {"id": "c2", "effort": -1}, "unknown", {"id": "c3"}])
        assert [decision.outcome for decision in decisions] == ["offered", "error", "error", "offered"]
        assert [customer.id for customer in desk.customers.list()] == ["c1", "c3"]

    def test_a_used_key_answers_once(self, store: Store) -> None:
        desk = _staffed(store)
        first = desk.assign({"id": "c1"}, key="k")
        assert desk.assign({"id": "c1"}, key="k") == first
        before = _books(store)
        with pytest.raises(IdempotencyError):
            desk.assign({"id": "c2"}, key="k")
        assert _books(store) == before

    # --- one of many wins

    def test_one_of_many_accepts_an_offer(self, store: Store) -> None:
        desk = _staffed(store)
        offer = desk.assign({"id": "c1"})
        decided, refused = _together(lambda _: desk.accept(str(offer.offer_id), offer.fence or 0))
        assert [decision.agent_id for decision in decided] == [offer.agent_id]
        assert {type(error) for error in refused} == {InvalidTransitionError}

    def test_one_of_those_who_were_asked_gets_the_item(self, store: Store) -> None:
        desk = _staffed(store)
        offers = desk.broadcast({"id": "c1"}, list(_AGENTS), within=timedelta(minutes=1))
        asked = [(str(offer.offer_id), offer.fence or 0) for offer in offers]
        decided, _ = _together(lambda number: desk.accept(*asked[number % len(asked)]))
        assert [decision.agent_id for decision in decided] == [desk.customers.get("c1").owner]
        loads = [load.load for id in _AGENTS for load in store.loads.of_agent(id).values()]
        assert sum(loads) == 1

    def test_one_of_many_moves_what_all_saw_at_one_fence(self, store: Store) -> None:
        desk = _staffed(store)
        desk.agents.add(Agent(id="boss"))
        desk.customers.add(Customer(id="c1", owner="boss"))
        decided, refused = _together(
            lambda number: desk.reassign("c1", _AGENTS[number % 3], actor="x", reason="r", fence=1)
        )
        assert [decision.fence for decision in decided] == [2]
        assert {type(error) for error in refused} == {ConflictError}
        assert desk.customers.get("c1").owner == decided[0].agent_id

    def test_one_of_many_decides_an_item(self, store: Store) -> None:
        desk = _staffed(store)
        decided, refused = _together(lambda _: desk.assign({"id": "c1", "source": "quick"}))
        assert refused == []
        assert sorted(decision.outcome for decision in decided) == ["assigned", *["kept"] * (THREADS - 1)]
        assert {(decision.agent_id, decision.fence) for decision in decided} == {(decided[0].agent_id, 1)}

    def test_capacity_holds_however_many_come_at_once(self, store: Store) -> None:
        desk = _staffed(store, capacity={"customers": 1})
        decided, refused = _together(lambda number: desk.assign({"id": number, "source": "quick"}))
        assert refused == []
        assert sorted(str(decision.agent_id) for decision in decided if decision.outcome == "assigned") == list(_AGENTS)
        with pytest.raises(NotEligibleError):
            desk.reassign(next(d.item_id for d in decided if d.outcome == "waiting"), "a", actor="x", reason="r")
