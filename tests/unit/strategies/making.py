"""Candidates and questions for tests, and a desk in miniature that takes turns."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.chain import OrderChain

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def candidate(
    agent_id: str,
    *,
    weight: float | Decimal = 1,
    idle_minutes: int | None = None,
    agent: Mapping[str, Any] | None = None,
    **facts: Any,  # noqa: ANN401 - the fields of a candidate
) -> Candidate:
    """Return a candidate who is idle since `idle_minutes` before noon; `agent` has more of the agent's own facts."""
    idle_since = None if idle_minutes is None else NOON - timedelta(minutes=idle_minutes)
    fields = {"tie": stable_hash("seed", "scope", agent_id), "idle_since": idle_since, **facts}
    record = Agent.model_validate({"id": agent_id, "weight": weight, **(agent or {})})
    return Candidate(agent_id=agent_id, agent=record, **fields)


def question(
    *, item_id: str = "c1", seed: str = "seed", level: int | Fraction = 0, present: Iterable[str] | None = None
) -> Question:
    """Return a question at noon about a rotation whose floor is `level`."""
    here = None if present is None else frozenset(present)
    return Question(item_id, NOON, seed, Rotation(name="r", level=level, present=here))


def dice(seed: int) -> random.Random:
    """Return dice that fall the same way every time."""
    return random.Random(seed)  # noqa: S311 - games, not secrets


def ids(candidates: Iterable[Candidate]) -> list[str]:
    """Return the ids, in order."""
    return [one.agent_id for one in candidates]


@dataclass
class Floor:
    """A shop floor where a chain decides who is next: it keeps the rotation, the seats, and who was chosen when."""

    chain: OrderChain
    weights: Mapping[str, float | Decimal] = field(default_factory=dict)
    rotation: Rotation = field(default_factory=lambda: Rotation(name="r"))
    seats: dict[str, Seat] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)

    def candidates(self, eligible: Iterable[str]) -> list[Candidate]:
        """Return the agents as candidates, in their seats."""
        return [self._candidate(agent_id) for agent_id in eligible]

    def _candidate(self, agent_id: str) -> Candidate:
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(id=agent_id, weight=self.weights.get(agent_id, 1))
        tie = stable_hash("seed", "r", agent_id)
        return Candidate(agent_id=agent_id, agent=agent, tie=tie, seat=self.seats.get(agent_id))

    def choose(self, eligible: Iterable[str]) -> str:
        """Choose one of the eligible and take the turn; return who."""
        candidates = self.candidates(eligible)
        asked = Question(str(self.rotation.decisions), NOON, "seed", self.rotation)
        winner = self.chain.rank(candidates, asked)[0]
        turn = self.chain.turn(winner, candidates, asked)
        assert turn is not None
        self.rotation = turn.rotation
        self.seats.update((seat.agent_id, seat) for seat in turn.seats)
        return winner.agent_id

    def run(self, shifts: Sequence[Iterable[str]]) -> list[str]:
        """Choose once for each set of eligible agents; return who, in order."""
        return [self.choose(eligible) for eligible in shifts]
