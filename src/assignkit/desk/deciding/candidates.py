"""How the orders of rotations see agents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from assignkit.desk.deciding.lines import View
from assignkit.desk.deciding.world import agent_facts
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad, Seat
from assignkit.strategies.base import Candidate

NO_VALUES: Mapping[int, Any] = MappingProxyType({})


class Candidates:
    """Makes candidates of agents; what breaks a tie between two of them is worked out once, from the seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._ties: dict[tuple[str, str], int] = {}

    def of(self, view: View, agent: Agent, loads: Mapping[str, AgentLoad], seat: Seat | None) -> Candidate:
        """Return an agent as a rotation's orders see it, with what it carries, by kind, and its seat."""
        agent_id, kind = agent.id, view.kind
        load = loads.get(kind)
        return Candidate(
            agent_id,
            agent,
            self._tie(view.rotation, agent_id),
            load.load if load is not None else 0,
            agent.capacity.get(kind),
            load.received if load is not None else 0,
            _latest(agent.signed_on_at, loads),
            view.roster.members.get(agent_id, 0),
            seat,
            values=view.values(agent, agent_facts(load)) if view.values is not None else NO_VALUES,
        )

    def _tie(self, scope: str, agent_id: str) -> int:
        tie = self._ties.get((scope, agent_id))
        if tie is None:
            tie = self._ties[scope, agent_id] = stable_hash(self._seed, scope, agent_id)
        return tie


def _latest(first: datetime | None, loads: Mapping[str, AgentLoad]) -> datetime | None:
    """Return the latest of sign-on, and of the last assignment or release of any kind."""
    latest = first
    for load in loads.values():
        at = load.touched_at
        if at is not None and (latest is None or at > latest):
            latest = at
    return latest
