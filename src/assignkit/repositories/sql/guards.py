"""What hangs together: an item or an agent in use stays, and ceilings follow the capacity."""

from __future__ import annotations

from typing import Any, TypeVar

from assignkit.errors import InUseError
from assignkit.model.agent import Agent
from assignkit.model.record import Record
from assignkit.repositories.memory.guards import noun_of, refuse_taken, uses_of
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.loads import SqlLoads
from assignkit.repositories.sql.mapping import remembered_record_of
from assignkit.repositories.sql.placements import AGENTS, SqlPlacements
from assignkit.repositories.sql.records import RecordStatements, SqlRecords
from assignkit.repositories.sql.session import Session

R = TypeVar("R", bound=Record)


class SqlItems(SqlRecords[R]):
    """Items of one kind: one that an agent has cannot be removed."""

    def __init__(
        self,
        session: Session,
        statements: RecordStatements,
        placements: SqlPlacements,
        *,
        model: type[R],
        kind: str,
        shared: bool,
    ) -> None:
        noun, name = noun_of(kind), f"items of {kind}"
        super().__init__(session, statements, model=model, noun=noun, kind=kind if shared else None, name=name)
        self._placements = placements
        self._kind = kind

    def remove(self, id: str) -> None:
        """Remove the item; `InUseError` while an agent holds it or is offered it."""
        item = self.get(id)
        refuse_taken(self._placements.find(self._kind, item.id), self._kind, item.id)
        super().remove(item.id)


class SqlAgents(SqlRecords[Agent]):
    """Agents: one with items cannot be removed, and ceilings follow the capacity."""

    def __init__(
        self,
        session: Session,
        statements: RecordStatements,
        placements: SqlPlacements,
        *,
        loads: SqlLoads,
        model: type[Agent],
    ) -> None:
        how: Any = {"read": remembered_record_of, "name": AGENTS, "place": 12}
        super().__init__(session, statements, model=model, noun="agent", **how)
        self._knowledge = session.knowledge
        self._placements = placements
        self._loads = loads

    def add(self, record: Agent) -> Agent:
        """Store a new agent; one who was here before finds the old loads, under the new capacity."""
        added = super().add(record)
        self._knowledge.touch(added.id, record=True)
        self._loads.follow(added)
        return added

    def save(self, record: Agent) -> Agent:
        """Replace the stored agent; the ceilings of the loads follow the capacity."""
        saved = super().save(record)
        self._knowledge.touch(saved.id, record=True)
        self._loads.follow(saved)
        return saved

    def remove(self, id: str) -> None:
        """Remove the agent; `InUseError` while the agent has items. History and assignments stay."""
        agent = self.get(id)
        # Removed first: whoever is about to give the agent an item waits here, and finds nobody.
        with self._session.savepoint():
            super().remove(agent.id)
            self._knowledge.touch(agent.id, record=True)
            taken = self._placements.of_agent(agent.id)
            if taken:
                raise InUseError(noun="agent", key=agent.id, uses=uses_of(taken))

    def rely_on(self, agent: Agent) -> None:
        """Take a record that was read before the unit for what is stored; the agent's next item is checked against it.

        What others write is forgotten on each connection that sees it, but only those who lag behind read it again.
        """
        if agent.id in self._buffer.dirty:
            return
        known = self._buffer.known[agent.id] if agent.id in self._buffer.known else self._remembered(agent.id)
        if known is None and agent.id not in self._buffer.known:
            self._buffer.read(agent.id, agent, agent.version)
        elif known is None or known.version != agent.version:
            found = None if known is None else known.version
            raise OvertakenError(what=f"version of agent `{agent.id}`", expected=agent.version, found=found)

    def _remembered(self, id: str) -> Agent | None:
        mirror = self._knowledge.remembered()
        return None if mirror is None else mirror.agents.get(id)
