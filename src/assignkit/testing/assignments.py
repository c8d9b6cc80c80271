"""What a store promises about assignments."""
# A contract is made of tests: their names say what they show, and they assert.
# ruff: noqa: D102, PLR2004, S101

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.repositories.base import Repositories, Store
from assignkit.testing.samples import MICROSECOND, MINUTE, NOW, OfStore, assigned


class AssignmentContract(OfStore):
    """One open assignment per item, one per fence, and counts that are right at the edges of a period."""

    def test_an_unknown_assignment_raises(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.assignments.get("nothing")
        with pytest.raises(NotFoundError):
            store.assignments.end("nothing", at=NOW, because="released")

    def test_an_assignment_comes_back_as_it_was(self, store: Store) -> None:
        full = assigned(
            "a1",
            effort=Decimal("0.10"),
            origin="person",
            rule="Strategic accounts",
            step=2,
            rules_version="v1",
            assigned_at=NOW.astimezone(ZoneInfo("Asia/Shanghai")),
            actor="boss",
            reason="she knows them",
        )
        store.assignments.add(full)
        assert store.assignments.get("a1") == full

    def test_an_item_has_one_open_assignment(self, store: Store) -> None:
        store.assignments.add(assigned("a1", fence=1))
        with pytest.raises(ConflictError):
            store.assignments.add(assigned("a2", fence=2, agent_id="wu"))
        assert [a.id for a in store.assignments.of_item("customers", "c1")] == ["a1"]
        assert store.assignments.open_of_agent("wu") == []
        store.assignments.add(assigned("a3", "c2", fence=2))
        store.assignments.add(assigned("a4", kind="tasks"))

    def test_an_item_has_one_assignment_per_fence(self, store: Store) -> None:
        store.assignments.add(assigned("a1", fence=1))
        store.assignments.end("a1", at=NOW, because="released")
        with pytest.raises(ConflictError):
            store.assignments.add(assigned("a2", fence=1))
        store.assignments.add(assigned("a2", fence=2))

    def test_an_id_is_used_once(self, store: Store) -> None:
        store.assignments.add(assigned("a1"))
        with pytest.raises(AlreadyExistsError):
            store.assignments.add(assigned("a1", "c2"))
        assert store.assignments.get("a1").item_id == "c1"

    def test_an_ended_one_may_be_added_beside_an_open_one(self, store: Store) -> None:
        store.assignments.add(assigned("a2", fence=2))
        store.assignments.add(assigned("a1", fence=1, ended_at=NOW, ended_because="import"))
        assert [a.id for a in store.assignments.of_item("customers", "c1")] == ["a1", "a2"]
        assert [a.id for a in store.assignments.open_of_agent("li")] == ["a2"]

    def test_end_ends_once(self, store: Store) -> None:
        store.assignments.add(assigned("a1"))
        ended = store.assignments.end("a1", at=NOW + MINUTE, because="released")
        assert (ended.ended_at, ended.ended_because) == (NOW + MINUTE, "released")
        assert store.assignments.get("a1") == ended
        with pytest.raises(ConflictError):
            store.assignments.end("a1", at=NOW, because="again")
        assert store.assignments.get("a1") == ended

    def test_within_a_unit_an_item_changes_hands_as_it_does_between_units(self, store: Store) -> None:
        store.assignments.add(assigned("a1"))
        with store.unit() as unit:
            unit.assignments.end("a1", at=NOW, because="declined")
            unit.assignments.add(assigned("a2", fence=2, agent_id="wu"))
            with pytest.raises(ConflictError):
                unit.assignments.add(assigned("a3", fence=3))
            unit.assignments.end("a2", at=NOW, because="released")
            with pytest.raises(ConflictError):
                unit.assignments.end("a2", at=NOW, because="again")
            with pytest.raises(AlreadyExistsError):
                unit.assignments.add(assigned("a2", "c2"))
            unit.assignments.add(assigned("a3", fence=3))
            seen = self._counts(unit)
            assert seen == ([("a1", True), ("a2", True), ("a3", False)], ["a3"], [], 1, 1, 1)
        assert self._counts(store) == seen

    @staticmethod
    def _counts(store: Repositories) -> tuple[object, ...]:
        assignments = store.assignments
        return (
            [(one.id, one.ended_at is not None) for one in assignments.of_item("customers", "c1")],
            *([one.id for one in assignments.open_of_agent(agent_id)] for agent_id in ("li", "wu")),
            assignments.count_open("East", "li"),
            *(assignments.count_since("East", agent_id, NOW) for agent_id in ("li", "wu")),
        )

    def test_of_item_gives_the_lowest_fence_first(self, store: Store) -> None:
        for fence in (9, 10, 2):
            store.assignments.add(assigned(f"a{fence}", fence=fence))
            store.assignments.end(f"a{fence}", at=NOW, because="released")
        assert [a.fence for a in store.assignments.of_item("customers", "c1")] == [2, 9, 10]
        assert store.assignments.of_item("tasks", "c1") == []

    def test_open_of_agent_comes_by_item(self, store: Store) -> None:
        for id, item_id, kind in (("a1", "c2", "customers"), ("a2", "c10", "customers"), ("a3", "b", "tasks")):
            store.assignments.add(assigned(id, item_id, kind=kind))
        store.assignments.add(assigned("a4", "c3", agent_id="wu"))
        assert [a.item_id for a in store.assignments.open_of_agent("li")] == ["c10", "c2", "b"]
        store.assignments.end("a2", at=NOW, because="released")
        assert [a.item_id for a in store.assignments.open_of_agent("li")] == ["c2", "b"]

    def test_count_open_counts_by_target_and_agent(self, store: Store) -> None:
        store.assignments.add(assigned("a1", "c1"))
        store.assignments.add(assigned("a2", "c2"))
        store.assignments.add(assigned("a3", "c3", target="West"))
        store.assignments.add(assigned("a4", "c4", agent_id="wu"))
        store.assignments.add(assigned("a5", "c5", target=None))
        store.assignments.add(assigned("a6", "c6", ended_at=NOW))
        assert store.assignments.count_open("East", "li") == 2
        store.assignments.end("a1", at=NOW, because="released")
        assert [store.assignments.count_open(*share) for share in (("East", "li"), ("West", "li"), ("East", "wu"))] == [
            1,
            1,
            1,
        ]
        assert store.assignments.count_open("North", "li") == 0

    def test_count_since_includes_the_instant_and_the_ended(self, store: Store) -> None:
        for number, at in enumerate((NOW, NOW - MICROSECOND, NOW + MICROSECOND, NOW)):
            store.assignments.add(assigned(f"a{number}", f"c{number}", assigned_at=at))
        store.assignments.end("a2", at=NOW + MINUTE, because="released")
        counts = [store.assignments.count_since("East", "li", NOW + step * MICROSECOND) for step in (-2, -1, 0, 1, 2)]
        assert counts == [4, 4, 3, 1, 0]
        assert store.assignments.count_since("West", "li", NOW) == 0
        assert store.assignments.count_since("East", "wu", NOW) == 0

    def test_count_since_leaves_out_offers_that_were_not_taken_up(self, store: Store) -> None:
        for number, because in enumerate(("declined", "expired", "rescinded", "released")):
            store.assignments.add(assigned(f"a{number}", f"c{number}", assigned_at=NOW))
            assert store.assignments.count_since("East", "li", NOW) == 1
            ended = store.assignments.end(f"a{number}", at=NOW + MINUTE, because=because)
            assert ended.target == store.assignments.get(f"a{number}").target == "East"
        assert store.assignments.count_since("East", "li", NOW) == 1
        store.assignments.add(assigned("a9", "c9", assigned_at=NOW))
        with pytest.raises(NotFoundError):
            _decline_and_fail(store, "a9")
        assert store.assignments.count_since("East", "li", NOW) == 2

    def test_count_since_compares_instants_and_not_clocks(self, store: Store) -> None:
        shanghai = ZoneInfo("Asia/Shanghai")
        midnight = datetime(2026, 11, 21, tzinfo=shanghai)
        for number, at in enumerate((midnight - MICROSECOND, midnight, midnight.astimezone(ZoneInfo("UTC")))):
            store.assignments.add(assigned(f"a{number}", f"c{number}", assigned_at=at))
        assert store.assignments.count_since("East", "li", midnight) == 2
        assert store.assignments.count_since("East", "li", midnight.astimezone(ZoneInfo("America/New_York"))) == 2

    def test_count_since_in_an_hour_that_comes_twice(self, store: Store) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        first = datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=berlin)
        second = datetime(2026, 10, 25, 2, 0, fold=1, tzinfo=berlin)
        store.assignments.add(assigned("a1", "c1", assigned_at=second))
        store.assignments.add(assigned("a2", "c2", assigned_at=first))
        assert store.assignments.count_since("East", "li", first) == 2
        assert store.assignments.count_since("East", "li", second) == 1

    def test_counts_of_another_kind_count_too(self, store: Store) -> None:
        store.assignments.add(assigned("a1", "x"))
        store.assignments.add(assigned("a2", "x", kind="tasks"))
        assert store.assignments.count_open("East", "li") == 2
        assert store.assignments.count_since("East", "li", NOW) == 2


def _decline_and_fail(store: Store, id: str) -> None:
    with store.unit() as unit:
        unit.assignments.end(id, at=NOW + MINUTE, because="declined")
        assert unit.assignments.count_since("East", "li", NOW) == 1
        unit.assignments.get("nobody has this id")
