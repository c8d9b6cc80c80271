"""What each agent carries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.repositories.memory.changes import ChangeJournal
from assignkit.repositories.memory.undo import UndoLog


class LoadBook:
    """Loads by agent and kind."""

    def __init__(self, undo: UndoLog, changes: ChangeJournal) -> None:
        self._undo = undo
        self._changes = changes
        self._of_agent: dict[str, dict[str, AgentLoad]] = {}  # each replaced by a new one when it changes

    def find(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return the agent's load of this kind, or None; see `LoadRepository.find`."""
        loads = self._of_agent.get(agent_id)
        return loads.get(kind) if loads is not None else None

    def of_agent(self, agent_id: str) -> Mapping[str, AgentLoad]:
        """Return the agent's loads by kind; see `LoadRepository.of_agent`."""
        loads = self._of_agent.get(agent_id)
        return MappingProxyType(loads) if loads is not None else _NONE

    def of_agents(self, agent_ids: Collection[str]) -> Mapping[str, Mapping[str, AgentLoad]]:
        """Return the loads of each of these agents; see `LoadRepository.of_agents`."""
        return {agent_id: self.of_agent(agent_id) for agent_id in sorted(agent_ids)}

    def put(self, load: AgentLoad) -> None:
        """Write the load; see `LoadRepository.put`."""
        refuse_out_of_bounds(load)
        known = self._of_agent.get(load.agent_id)
        loads = {load.kind: load}
        if known is not None and known.keys() != loads.keys():
            loads = dict(sorted({**known, **loads}.items()))
        self._undo.write(self._of_agent, load.agent_id, loads)
        self._changes.touch(load.agent_id)

    def follow(self, agent: Agent) -> None:
        """Set the ceilings of the agent's loads to the agent's capacity, or to the load where that is higher."""
        for load in self.of_agent(agent.id).values():
            following = under_capacity(load, agent)
            if following.ceiling != load.ceiling:
                self.put(following)

    def __iter__(self) -> Iterator[AgentLoad]:
        return (load for loads in self._of_agent.values() for load in loads.values())


_NONE: Mapping[str, AgentLoad] = MappingProxyType({})


def refuse_out_of_bounds(load: AgentLoad) -> None:
    """Raise `ConflictError` if a load is negative or above its ceiling."""
    if load.load < 0 or (load.ceiling is not None and load.load > load.ceiling):
        bounds = "0 or more" if load.ceiling is None else f"0 to {load.ceiling}"
        raise ConflictError(what=f"load of `{load.agent_id}` in {load.kind}", expected=bounds, found=load.load)


def under_capacity(load: AgentLoad, agent: Agent) -> AgentLoad:
    """Return the load with the agent's capacity as its ceiling, or the load itself where that is higher."""
    capacity = agent.capacity.get(load.kind)
    return replace(load, ceiling=None if capacity is None else max(capacity, load.load))
