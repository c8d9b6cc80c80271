"""Offers and dispatch on a store that keeps no track of changes: the same answers as in memory."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assignkit import Agent, Decision, Desk, ManualClock, MemoryStore, RuleSet, Store
from assignkit.errors import InvalidTransitionError
from assignkit.repositories.sql import SqlStore
from tests.unit.desk.making import NOON

TEXT = """
rule "East"
  assign to team "East" by {order}
  accept within 2 minutes
  limit 3 per day
"""


def told(decision: Decision) -> tuple[object, ...]:
    return decision.item_id, decision.outcome, decision.agent_id, decision.fence, decision.until, decision.reasons


def day(store: Store, order: str) -> list[object]:
    """Return what one course of offers gives."""
    clock = ManualClock(NOON)
    desk = Desk(RuleSet.from_text(TEXT.format(order=order)), store, clock=clock, seed="test")
    for name, weight in (("li", 1), ("wang", 3)):
        desk.agents.add(Agent(id=name, teams={"East"}, weight=weight, capacity={"customers": 2}))
    first, second = desk.assign({"id": "c1"}), desk.assign({"id": "c2"})
    seen = [told(first), told(second), told(desk.decline(str(first.offer_id), first.fence or 0, "busy"))]
    with pytest.raises(InvalidTransitionError, match="declined"):
        desk.accept(str(first.offer_id), first.fence or 0)
    seen.append(told(desk.accept(str(second.offer_id), second.fence or 0)))
    desk.release("c1", actor="boss", reason="recalled")
    seen += [told(desk.assign({"id": f"d{number}"})) for number in range(4)]
    for minutes in (1, 1, 1, 2):
        clock.advance(timedelta(minutes=minutes))
        seen += map(told, desk.tick())
        assert desk.tick() == []
    desk.complete("c2")
    desk.set_presence("li", "away", ttl=timedelta(minutes=1))
    seen += map(told, desk.tick())
    shared = desk.broadcast({"id": "b1"}, ["li", "wang"], within=timedelta(minutes=1))
    seen += map(told, shared)
    seen += [view.model_dump() for view in desk.rotations()]
    return seen


@pytest.mark.parametrize("order", ["round robin", "weighted round robin", "fair share", "least loaded"])
def test_offers_on_sqlite_are_those_in_memory(tmp_path: Path, order: str) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'desk.db'}")
    store.migrate()
    try:
        assert day(store, order) == day(MemoryStore(), order)
    finally:
        store.close()
