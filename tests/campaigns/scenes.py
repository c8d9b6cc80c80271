"""Scenes for campaigns: rules, agents and items, made once for each process."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from assignkit import Agent, Customer, Desk, RuleSet, Schema
from assignkit.clock import Clock
from assignkit.repositories.base import Store

MORNING = datetime(2026, 11, 21, 9, tzinfo=UTC)
SCHEMA = Schema(customer={"lane": int})

_ROTATING = """
rule "Lane {lane}"
  when customer.lane = {lane}
  assign to team "T{lane}" by round robin
"""
_BESIDE = """
pool "Public"
rule "Asked"
  when customer.lane = -1
  assign to team "Asked" by round robin
  accept within 5 minutes
  otherwise assign to team "Asked" by least loaded
rule "Few"
  when customer.lane = -2
  assign to team "Few" by least loaded
  limit 2 per day
rule "Public"
  when customer.lane = -3
  hold in pool "Public"
"""


def dice(seed: int | str) -> random.Random:
    """Return dice that fall the same way every time."""
    return random.Random(seed)  # noqa: S311 - games, not secrets


@dataclass(frozen=True)
class Scene:
    """A sales desk with so many rotations, agents and items; every agent can carry `room`."""

    lanes: int
    agents: int
    items: int
    room: int | None
    seats: int = 4  # agents in each rotation
    beside: bool = True  # also offers, limits and a pool
    name: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def rules(self) -> RuleSet:
        """The rules, read once in each process."""
        text = "".join(_ROTATING.format(lane=lane) for lane in range(self.lanes))
        return RuleSet.from_text(text + (_BESIDE if self.beside else ""), SCHEMA)

    @cached_property
    def people(self) -> Mapping[str, Agent]:
        """The agents, by id."""
        return {agent.id: agent for agent in map(self._agent, range(self.agents))}

    @property
    def teams(self) -> dict[str, str]:
        """The team of each rule that takes plain turns, by the rule's name."""
        return {f"Lane {lane}": f"T{lane}" for lane in range(self.lanes)}

    @property
    def capacities(self) -> dict[str, int] | None:
        """What each agent can carry, if anything bounds it."""
        return None if self.room is None else dict.fromkeys(self.people, self.room)

    def _agent(self, number: int) -> Agent:
        lanes = {f"T{lane}" for lane in range(self.lanes) if (number - lane) % self.agents < self.seats}
        capacity = {} if self.room is None else {"customers": self.room}
        teams = lanes | ({"Asked", "Few"} if number < self.seats else set())
        return Agent(id=f"a{number:02}", teams=teams, capacity=capacity, presence="online", **self.extra)

    def item(self, number: int, **facts: Any) -> Customer:  # noqa: ANN401 - any field
        """Return an item; its number says which rule is for it."""
        beside = self.beside and number % 4 == 0
        lane = -1 - (number // 4) % 3 if beside else number % self.lanes
        return Customer(**{"id": f"c{number:03}", "lane": lane, **facts})

    def desk(self, store: Store, clock: Clock) -> Desk:
        """Return a desk at this scene."""
        return Desk(self.rules, store, clock=clock, seed="campaign")

    def open(self, store: Store) -> None:
        """Bring the agents into a new store."""
        for agent in self.people.values():
            store.agents.add(agent)


ONE_ROTATION = Scene(lanes=1, agents=6, seats=6, items=60, room=None, name="one rotation")
MANY_ROTATIONS = Scene(lanes=64, agents=16, seats=4, items=200, room=None, name="64 rotations")
SMALL_ROOMS = Scene(lanes=2, agents=6, seats=4, items=40, room=3, name="small rooms")
TURNS_ONLY = Scene(lanes=1, agents=5, seats=5, items=60, room=None, beside=False, name="turns only")
SCENES = {scene.name: scene for scene in (ONE_ROTATION, MANY_ROTATIONS, SMALL_ROOMS, TURNS_ONLY)}
