"""What a store promises about rotations, history, outbox and answers."""
# A contract is made of tests: their names say what they show, they assert, and a whole unit of work has to raise.
# ruff: noqa: D102, PLR2004, PT012, S101

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Seated, Store
from assignkit.repositories.seating import seated_one_by_one
from assignkit.testing.samples import NOW, OfStore, answered, happened


class LedgerContract(OfStore):
    """Turns are exact, history has no gaps, what is pending comes in order, a key has one answer."""

    # --- rotations

    def test_an_unknown_rotation_is_none(self, store: Store) -> None:
        assert store.rotations.find("East") is None
        assert store.rotations.seat("East", "li") is None
        assert store.rotations.seats("East") == []
        assert store.rotations.list() == []

    def test_a_rotation_comes_back_as_it_was(self, store: Store) -> None:
        full = Rotation(name="East", level=Fraction(10**30, 7), decisions=12, present=frozenset({"li", "wu"}))
        store.rotations.put(full)
        assert store.rotations.find("East") == full
        store.rotations.put(Rotation(name="East", level=3))
        assert store.rotations.find("East") == Rotation(name="East", level=3)

    def test_the_present_are_a_snapshot(self, store: Store) -> None:
        present = {"li"}
        store.rotations.put(Rotation(name="East", present=present))  # type: ignore[arg-type]
        present.add("wu")
        assert store.rotations.find("East") == Rotation(name="East", present=frozenset({"li"}))

    def test_seats_come_by_agent(self, store: Store) -> None:
        store.rotations.put(Rotation(name="East"))
        store.rotations.put(Rotation(name="West"))
        for agent_id in ("wu", "li", "10", "9"):
            store.rotations.put_seat("East", Seat(agent_id=agent_id))
        store.rotations.put_seat("West", Seat(agent_id="zu"))
        store.rotations.put_seat("East", Seat(agent_id="li", turn=Fraction(1, 3), last=4))
        assert [seat.agent_id for seat in store.rotations.seats("East")] == ["10", "9", "li", "wu"]
        assert store.rotations.seat("East", "li") == Seat(agent_id="li", turn=Fraction(1, 3), last=4)
        assert store.rotations.seat("West", "li") is None

    def test_seats_and_loads_are_read_together(self, store: Store) -> None:
        wanted = {"East": ["li", "wu", "zu"], "West": ["li"], "North": ["li", "nobody"]}
        with store.unit() as unit:
            for agent_id in ("li", "wu"):
                unit.agents.add(Agent(id=agent_id))
                unit.loads.put(AgentLoad(agent_id=agent_id, kind="customers", load=2, items=2, received=3))
            unit.loads.put(AgentLoad(agent_id="li", kind="tasks", load=Decimal("0.5"), touched_at=NOW))
            for name in ("East", "West"):
                unit.rotations.put(Rotation(name=name))
                unit.rotations.put_seat(name, Seat(agent_id="li", turn=Fraction(1, 3), last=4))
        with store.unit() as unit:
            unit.rotations.put_seat("East", Seat(agent_id="wu", turn=1, last=5))
            unit.loads.put(AgentLoad(agent_id="wu", kind="customers", load=3, items=3, received=4))
            read = sorted(unit.seated(wanted), key=_by_place)
            assert [(one.rotation, one.agent_id) for one in read] == sorted((a, b) for a in wanted for b in wanted[a])
            assert read == sorted(seated_one_by_one(unit, wanted), key=_by_place)
            assert [(one.rotation, one.seat.last) for one in read if one.seat is not None] == [
                ("East", 4),
                ("East", 5),
                ("West", 4),
            ]
            assert read[-1].loads.keys() == {"customers", "tasks"}

    def test_rotations_come_by_name(self, store: Store) -> None:
        for name in ("b", "a", "B", "王"):
            store.rotations.put(Rotation(name=name))
        assert [rotation.name for rotation in store.rotations.list()] == ["B", "a", "b", "王"]

    # --- history

    def test_events_are_numbered_from_1_without_gaps(self, store: Store) -> None:
        stored = [store.history.append(happened(f"e{number}", number=99)) for number in range(3)]
        assert [event.number for event in stored] == [1, 2, 3]
        assert store.history.since(0) == stored

    def test_a_rollback_leaves_no_gap(self, store: Store) -> None:
        store.history.append(happened("e1"))
        with pytest.raises(ZeroDivisionError), store.unit() as unit:
            unit.history.append(happened("e2"))
            unit.history.append(happened("e3"))
            raise ZeroDivisionError
        assert store.history.append(happened("e4")).number == 2
        assert [(event.number, event.id) for event in store.history.since(0)] == [(1, "e1"), (2, "e4")]
        assert [event.id for event in store.history.of_item("customers", "c1")] == ["e1", "e4"]

    def test_an_event_comes_back_as_it_was(self, store: Store) -> None:
        facts: dict[str, Any] = {"counts": {"capacity": 3}, "key": ["1", "li"]}
        event = happened("e1", agent_id="li", fence=3, rule="r", actor="boss", reason="why", facts=facts)
        stored = store.history.append(event)
        facts["key"].append("wu")
        kept = store.history.of_item("customers", "c1")[0]
        assert kept == stored
        assert kept.model_dump(exclude={"number", "facts"}) == event.model_dump(exclude={"number", "facts"})
        assert kept.facts == {"counts": {"capacity": 3}, "key": ["1", "li"]}

    def test_the_facts_handed_out_cannot_change_the_history(self, store: Store) -> None:
        store.history.append(happened("e1", facts={"key": ["1"]}))
        handed_out = store.history.since(0)[0].facts
        with pytest.raises((TypeError, AttributeError)):
            handed_out["key"].append("2")
        with pytest.raises(TypeError):
            handed_out["more"] = 1
        assert store.history.since(0)[0].facts == {"key": ["1"]}

    def test_of_item_gives_the_oldest_first(self, store: Store) -> None:
        store.history.append(happened("e1"))
        store.history.append(happened("e2", "c2"))
        store.history.append(happened("e3", kind="tasks"))
        store.history.append(happened("e4"))
        assert [event.id for event in store.history.of_item("customers", "c1")] == ["e1", "e4"]
        assert store.history.of_item("tasks", "c9") == []

    def test_since_pages_through(self, store: Store) -> None:
        for number in range(1, 6):
            store.history.append(happened(f"e{number}"))
        assert [event.number for event in store.history.since(0, limit=2)] == [1, 2]
        assert [event.number for event in store.history.since(2, limit=2)] == [3, 4]
        assert [event.number for event in store.history.since(4, limit=2)] == [5]
        assert store.history.since(5) == []
        assert store.history.since(99) == []

    # --- outbox

    def test_pending_events_come_in_order_until_done(self, store: Store) -> None:
        events = [store.history.append(happened(f"e{number}")) for number in range(5)]
        for event in events:
            store.outbox.append(event)
        assert store.outbox.pending() == events
        assert store.outbox.pending(limit=2) == events[:2]
        store.outbox.done(["e3", "e0", "never heard of"])
        assert [event.id for event in store.outbox.pending()] == ["e1", "e2", "e4"]
        store.outbox.done(["e3"])
        store.outbox.done([])
        assert [event.id for event in store.outbox.pending()] == ["e1", "e2", "e4"]

    def test_a_rollback_puts_the_done_back_in_their_place(self, store: Store) -> None:
        for number in range(4):
            store.outbox.append(store.history.append(happened(f"e{number}")))
        with pytest.raises(ZeroDivisionError), store.unit() as unit:
            unit.outbox.done(["e0", "e2"])
            unit.outbox.append(unit.history.append(happened("e4")))
            raise ZeroDivisionError
        assert [event.id for event in store.outbox.pending()] == ["e0", "e1", "e2", "e3"]

    # --- answers

    def test_a_key_has_one_answer(self, store: Store) -> None:
        assert store.idempotency.find("assign", "k1") is None
        store.idempotency.add(answered(result='{"a": 1}'))
        with pytest.raises(ConflictError):
            store.idempotency.add(answered(result='{"a": 2}'))
        assert store.idempotency.find("assign", "k1") == answered(result='{"a": 1}')

    def test_operations_and_keys_are_apart(self, store: Store) -> None:
        store.idempotency.add(answered("k1", "assign"))
        store.idempotency.add(answered("k1", "claim"))
        store.idempotency.add(answered("K1", "assign"))
        assert store.idempotency.find("claim", "k1") == answered("k1", "claim")
        assert store.idempotency.find("claim", "K1") is None


def _by_place(one: Seated) -> tuple[str, str]:
    return one.rotation, one.agent_id
