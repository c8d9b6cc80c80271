"""What agents carry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from assignkit.model.placement import AgentLoad


class LoadRepository(Protocol):
    """What each agent carries, per kind of item."""

    def find(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return the agent's load of this kind, or None if there never was any."""
        ...

    def of_agent(self, agent_id: str) -> Mapping[str, AgentLoad]:
        """Return the agent's loads by kind."""
        ...

    def of_agents(self, agent_ids: Collection[str]) -> Mapping[str, Mapping[str, AgentLoad]]:
        """Return the loads by kind of each of these agents, by agent; empty for one who never had any.

        For whoever looks at many: a store in a database reads them with one query.
        """
        ...

    def put(self, load: AgentLoad) -> None:
        """Write the load; `ConflictError` if it is negative or above its ceiling."""
        ...
