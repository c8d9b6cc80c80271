"""Desks for tests: made of a rules text and a few agents, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from assignkit import Agent, Decision, Desk, ManualClock, MemoryStore, RuleSet, Schema
from assignkit.model.placement import PlacementState

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
TO_EAST = 'rule "East"\n  assign to team "East"'


new_store: Callable[[], MemoryStore] = MemoryStore  # the room can be run on another kind, see `on_sql`


class Ticking(ManualClock):
    """A clock that goes on by a second whenever somebody looks."""

    def now(self) -> datetime:
        """Return a second later than the last time."""
        self.advance(timedelta(seconds=1))
        return super().now()


class OpenDesk(Desk):
    """A desk whose store and clock a test can reach."""

    store: MemoryStore
    clock: ManualClock


def open_desk(
    text: str = TO_EAST,
    agents: Iterable[Agent] = (),
    *,
    schema: Schema | None = None,
    store: MemoryStore | None = None,
    at: datetime = NOON,
    seed: str = "test",
    zone: str = "UTC",
) -> OpenDesk:
    """Return a desk by these rules with these agents."""
    clock, kept = ManualClock(at), store or new_store()
    desk = OpenDesk(RuleSet.from_text(text, schema), kept, clock=clock, seed=seed, zone=zone)
    desk.store, desk.clock = kept, clock
    for agent in agents:
        desk.agents.add(agent)
    return desk


def east(*ids: str, **facts: object) -> list[Agent]:
    """Return agents of the team East."""
    return [Agent(id=id, teams={"East"}, **facts) for id in ids]


def edit(desk: Desk, agent_id: str, **facts: object) -> Agent:
    """Change facts of an agent's record."""
    return desk.agents.save(desk.agents.get(agent_id).model_copy(update=facts))


def holders(decisions: Iterable[Decision]) -> list[str | None]:
    """Return who has the item after each decision."""
    return [decision.agent_id for decision in decisions]


def load(desk: OpenDesk, agent_id: str, kind: str = "customers") -> Any:  # noqa: ANN401 - as the store has it
    """Return the agent's load, 0 where there never was any."""
    found = desk.store.loads.find(agent_id, kind)
    return found.load if found else 0


def state_of(store: MemoryStore, *, kinds: Iterable[str] = ("customers", "tasks")) -> dict[str, Any]:
    """Return everything that a store holds, to be compared."""
    places = [p for state in get_args(PlacementState) for p in store.placements.in_state(state)]
    agents = store.agents.list()
    return {
        "records": {kind: store.items(kind).list() for kind in kinds},
        "agents": agents,
        "placements": places,
        "loads": {agent.id: dict(store.loads.of_agent(agent.id)) for agent in agents},
        "assignments": [a for p in places for a in store.assignments.of_item(p.kind, p.item_id)],
        "rotations": [(rotation, store.rotations.seats(rotation.name)) for rotation in store.rotations.list()],
        "history": store.history.since(0, limit=10**6),
        "outbox": store.outbox.pending(limit=10**6),
    }
