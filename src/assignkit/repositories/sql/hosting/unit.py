"""A unit of work some of whose records are a host's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Engine

from assignkit.model.agent import Agent
from assignkit.model.grant import HandOut
from assignkit.model.record import Item, Record
from assignkit.repositories.base import Repository
from assignkit.repositories.handing_out import hand_out_one_by_one
from assignkit.repositories.sql.hosting.guarding import HostedAgents, HostedItems, HostedRecords
from assignkit.repositories.sql.hosting.handed_over import AGENTS, Host
from assignkit.repositories.sql.hosting.lending import Lender
from assignkit.repositories.sql.mirroring import Cursors
from assignkit.repositories.sql.placements import SqlPlacements
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.work import MODELS, SqlUnit, Statements, once


class HostedUnit(SqlUnit):
    """The repositories of one open unit: a host's where it has handed some over, ours for the rest."""

    def __init__(
        self,
        session: Session,
        statements: Statements,
        models: Mapping[str, type[Record]],
        *,
        cursors: Cursors,
        hosts: Mapping[str, Host],
        engine: Engine,
    ) -> None:
        super().__init__(session, statements, models, cursors=cursors)
        self._hosts = hosts
        self._lender = session.guests = Lender(session, engine)
        self._hosted: dict[str, HostedItems[Any]] = {}

    def forget(self) -> None:
        """Know nothing any more of what was read or written; see `SqlUnit.forget`."""
        super().forget()
        self._lender.forget()

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item, a host's or ours."""
        host = self._hosts.get(kind)
        if host is None:
            return super().items(kind)
        found = self._hosted.get(kind)
        if found is None:
            found = HostedItems[Any](self._lender, host, self.session, placements=self.placements)
            self._hosted[kind] = found
        return found

    @property
    def agents(self) -> Repository[Agent]:
        """The agents, a host's or ours."""
        return self._hosted_agents or super().agents

    def rely_on(self, agent: Agent) -> None:
        """Have the unit kept only if the agent is as it was read, as far as a host can say; see `Unit.rely_on`."""
        if self._hosted_agents is None:
            super().rely_on(agent)
        else:
            self._hosted_agents.rely_on(agent)

    def hand_out(self, out: HandOut, *, told: bool) -> None:
        """Write grants; those of items that a host keeps one by one."""
        if out.grants[0].kind in self._hosts:
            hand_out_one_by_one(self, out, told=told)
        else:
            super().hand_out(out, told=told)

    @once
    def placements(self) -> SqlPlacements:
        """Where each item is."""
        return SqlPlacements(self.session, self._say.placements, holds=AGENTS not in self._hosts)

    @once
    def _hosted_agents(self) -> HostedAgents | None:
        host = self._hosts.get(AGENTS)
        if host is None:
            return None
        return HostedAgents(self._lender, host, self.session, placements=self.placements, loads=self.loads)

    def _records(self, name: str, noun: str) -> Repository[Any]:
        host = self._hosts.get(name)
        if host is None:
            return super()._records(name, noun)
        return HostedRecords(self._lender, host, self.session, noun=noun, model=MODELS[name])
