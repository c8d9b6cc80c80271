"""What a store promises about placements and loads."""
# A contract is made of tests: their names say what they show, and they assert.
# ruff: noqa: D102, S101

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.repositories.base import Store
from assignkit.testing.samples import MICROSECOND, MINUTE, NOW, OfStore, placed


class PlacementContract(OfStore):
    """Fences rise, lists are ordered, loads stay within their ceilings."""

    # --- placements

    def test_an_unknown_item_has_no_placement(self, store: Store) -> None:
        assert store.placements.find("customers", "nothing") is None

    def test_a_placement_comes_back_as_it_was(self, store: Store) -> None:
        full = placed(
            agent_id="li",
            effort=Decimal("0.10"),
            fence=3,
            assignment_id="a1",
            rule="Strategic accounts",
            step=2,
            target='team "East"',
            queue="night",
            urgency=Decimal("1.5"),
            received_at=NOW.astimezone(ZoneInfo("Asia/Shanghai")),
            since=NOW + MICROSECOND,
            chosen_by="person",
            next_retry_at=NOW + MINUTE,
        )
        store.placements.put(full, expected_fence=None)
        assert store.placements.find("customers", "c1") == full

    def test_a_placement_cannot_be_changed_in_place(self, store: Store) -> None:
        store.placements.put(placed(), expected_fence=None)
        found = store.placements.find("customers", "c1")
        with pytest.raises(FrozenInstanceError):
            found.fence = 9  # type: ignore[misc,union-attr]

    def test_kinds_are_apart(self, store: Store) -> None:
        store.placements.put(placed(state="pooled", pool="open"), expected_fence=None)
        store.placements.put(placed(kind="tasks", state="waiting"), expected_fence=None)
        found = [store.placements.find(kind, "c1") for kind in ("customers", "tasks", "deals")]
        assert [place and place.state for place in found] == ["pooled", "waiting", None]

    @pytest.mark.parametrize(("stored", "expected"), [(None, 0), (None, 1), (1, None), (1, 0), (1, 2)])
    def test_an_unexpected_fence_is_a_conflict(self, store: Store, stored: int | None, expected: int | None) -> None:
        if stored is not None:
            store.placements.put(placed(agent_id="li", fence=stored), expected_fence=None)
        before = store.placements.find("customers", "c1")
        with pytest.raises(ConflictError) as caught:
            store.placements.put(placed(agent_id="wu", fence=9), expected_fence=expected)
        assert (caught.value.facts["expected"], caught.value.facts["found"]) == (expected, stored)
        assert store.placements.find("customers", "c1") == before

    def test_a_fence_never_falls(self, store: Store) -> None:
        store.placements.put(placed(fence=5), expected_fence=None)
        with pytest.raises(ConflictError):
            store.placements.put(placed(state="pooled", fence=4), expected_fence=5)
        store.placements.put(placed(state="pooled", fence=5), expected_fence=5)

    @pytest.mark.parametrize("to", [placed(agent_id="wu", fence=3), placed(fence=3), placed(state="pooled", fence=3)])
    def test_another_holder_needs_a_higher_fence(self, store: Store, to: object) -> None:
        store.placements.put(placed(agent_id="li", fence=3), expected_fence=None)
        with pytest.raises(ConflictError):
            store.placements.put(to, expected_fence=3)  # type: ignore[arg-type]
        store.placements.put(replace(to, fence=4), expected_fence=3)  # type: ignore[type-var,arg-type]

    def test_an_item_that_was_never_seen_starts_below_fence_1(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.placements.put(placed(agent_id="li", fence=0), expected_fence=None)
        with pytest.raises(ConflictError):
            store.placements.put(placed(fence=-1), expected_fence=None)
        assert store.placements.find("customers", "c1") is None

    def test_a_first_holder_needs_a_higher_fence_too(self, store: Store) -> None:
        store.placements.put(placed(), expected_fence=None)
        with pytest.raises(ConflictError):
            store.placements.put(placed(agent_id="li", fence=0), expected_fence=0)
        store.placements.put(placed(agent_id="li", fence=1), expected_fence=0)

    def test_the_same_holder_may_keep_the_fence(self, store: Store) -> None:
        store.placements.put(placed(agent_id="li", state="offered", fence=2), expected_fence=None)
        store.placements.put(placed(agent_id="li", state="held", fence=2), expected_fence=2)
        store.placements.put(placed(agent_id="li", state="held", fence=2, effort=3), expected_fence=2)
        assert [place.effort for place in store.placements.of_agent("li")] == [3]

    def test_nobody_cannot_hold(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.placements.put(placed(state="held", fence=1), expected_fence=None)

    def test_of_agent_gives_what_is_held_or_offered(self, store: Store) -> None:
        for place in (
            placed("c2", agent_id="li"),
            placed("c10", agent_id="li", state="offered"),
            placed("t1", agent_id="li", kind="tasks"),
            placed("c3", agent_id="wu"),
            placed("c4", state="waiting"),
            placed("c1", agent_id="li"),
        ):
            store.placements.put(place, expected_fence=None)
        found = [(place.kind, place.item_id) for place in store.placements.of_agent("li")]
        assert found == [("customers", "c1"), ("customers", "c10"), ("customers", "c2"), ("tasks", "t1")]
        assert store.placements.of_agent("nobody") == []

    def test_of_agent_follows_the_holder(self, store: Store) -> None:
        store.placements.put(placed(agent_id="li", fence=1), expected_fence=None)
        store.placements.put(placed(agent_id="wu", fence=2), expected_fence=1)
        assert store.placements.of_agent("li") == []
        assert [place.fence for place in store.placements.of_agent("wu")] == [2]
        store.placements.put(placed(state="pooled", fence=3), expected_fence=2)
        assert store.placements.of_agent("wu") == []

    def test_in_state_gives_the_longest_first(self, store: Store) -> None:
        for item_id, kind, age in (("b", "tasks", 0), ("b", "customers", 0), ("a", "customers", 0), ("c", "tasks", 9)):
            place = placed(item_id, kind=kind, state="waiting", since=NOW - age * MICROSECOND)
            store.placements.put(place, expected_fence=None)
        store.placements.put(placed("d", state="pooled"), expected_fence=None)
        found = [(place.item_id, place.kind) for place in store.placements.in_state("waiting")]
        assert found == [("c", "tasks"), ("a", "customers"), ("b", "customers"), ("b", "tasks")]
        assert store.placements.in_state("rejected") == []

    def test_in_state_compares_instants_and_not_clocks(self, store: Store) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        second = NOW.replace(month=10, day=25, hour=2, minute=0, tzinfo=berlin, fold=1)
        first = second.replace(minute=30, fold=0)
        store.placements.put(placed("second", state="waiting", since=second), expected_fence=None)
        store.placements.put(placed("first", state="waiting", since=first), expected_fence=None)
        assert [place.item_id for place in store.placements.in_state("waiting")] == ["first", "second"]

    def test_in_state_forgets_what_went_on(self, store: Store) -> None:
        store.placements.put(placed(state="waiting"), expected_fence=None)
        store.placements.put(placed(agent_id="li", fence=1), expected_fence=0)
        assert store.placements.in_state("waiting") == []
        assert [place.item_id for place in store.placements.in_state("held")] == ["c1"]

    # --- loads

    def test_an_unknown_load_is_none(self, store: Store) -> None:
        assert store.loads.find("li", "customers") is None
        assert dict(store.loads.of_agent("li")) == {}

    def test_a_load_comes_back_as_it_was(self, store: Store) -> None:
        load = AgentLoad(
            agent_id="li", kind="tasks", load=Decimal("0.3"), ceiling=Decimal("0.3"), received=7, touched_at=NOW
        )
        store.loads.put(load)
        store.loads.put(AgentLoad(agent_id="li", kind="customers", load=1))
        store.loads.put(AgentLoad(agent_id="wu", kind="tasks"))
        assert store.loads.find("li", "tasks") == load
        assert list(store.loads.of_agent("li").items()) == [
            ("customers", AgentLoad(agent_id="li", kind="customers", load=1)),
            ("tasks", load),
        ]

    @pytest.mark.parametrize(
        ("load", "ceiling"),
        [(3, 2), (-1, None), (-1, 5), (Decimal("2.01"), 2), (Decimal("0.3"), Decimal("0.29"))],
    )
    def test_a_load_stays_within_its_ceiling(self, store: Store, load: int | Decimal, ceiling: int | None) -> None:
        before = AgentLoad(agent_id="li", kind="customers", load=1, ceiling=2)
        store.loads.put(before)
        with pytest.raises(ConflictError):
            store.loads.put(AgentLoad(agent_id="li", kind="customers", load=load, ceiling=ceiling))
        assert store.loads.find("li", "customers") == before

    def test_sums_of_decimals_are_exact(self, store: Store) -> None:
        store.loads.put(AgentLoad(agent_id="li", kind="customers", load=0, ceiling=Decimal("0.3")))
        for _ in range(3):
            load = store.loads.find("li", "customers")
            assert load is not None
            store.loads.put(replace(load, load=load.load + Decimal("0.1")))
        full = store.loads.find("li", "customers")
        assert full is not None
        assert full.load == full.ceiling

    def test_the_loads_of_an_agent_are_a_snapshot(self, store: Store) -> None:
        store.loads.put(AgentLoad(agent_id="li", kind="customers", load=1))
        before = store.loads.of_agent("li")
        store.loads.put(AgentLoad(agent_id="li", kind="customers", load=2))
        assert before["customers"].load == 1
        with pytest.raises(TypeError):
            before["tasks"] = before["customers"]  # type: ignore[index]

    def test_the_loads_of_many_agents_come_by_agent(self, store: Store) -> None:
        for agent_id, kind in (("wu", "tasks"), ("li", "tasks"), ("li", "customers"), ("zu", "tasks")):
            store.loads.put(AgentLoad(agent_id=agent_id, kind=kind, load=1))
        found = store.loads.of_agents(["wu", "nobody", "li"])
        assert [(agent_id, list(loads)) for agent_id, loads in found.items()] == [
            ("li", ["customers", "tasks"]),
            ("nobody", []),
            ("wu", ["tasks"]),
        ]
        assert found["li"] == store.loads.of_agent("li")
        assert store.loads.of_agents([]) == {}

    @pytest.mark.parametrize(("capacity", "ceiling"), [(9, 9), (4, 4), (2, 4), (None, None)])
    def test_ceilings_follow_the_capacity(self, store: Store, capacity: int | None, ceiling: int | None) -> None:
        li = store.agents.add(Agent(id="li", capacity={"customers": 5}))
        store.loads.put(AgentLoad(agent_id="li", kind="customers", load=4, ceiling=5, received=6, touched_at=NOW))
        store.loads.put(AgentLoad(agent_id="li", kind="tasks", load=1))
        store.agents.save(li.model_copy(update={"capacity": {"customers": capacity} if capacity else {}}))
        load = store.loads.find("li", "customers")
        expected = AgentLoad(agent_id="li", kind="customers", load=4, ceiling=ceiling, received=6, touched_at=NOW)
        assert load == expected
        assert store.loads.find("li", "tasks") == AgentLoad(agent_id="li", kind="tasks", load=1)
