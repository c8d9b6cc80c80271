"""What each agent carries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from assignkit.errors import ConflictError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.repositories.memory.loads import refuse_out_of_bounds, under_capacity
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import inserting, updating
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mapping import LOAD_COLUMNS, LOAD_REST, load_columns, load_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.spelling import is_plain
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables
from assignkit.repositories.sql.transaction import Question

_NONE: Mapping[str, AgentLoad] = MappingProxyType({})
_DOUBTS = 8  # how often a load beyond its bounds is put down to somebody who was faster

Loads = Mapping[str, AgentLoad]
Revisions = Mapping[str, int]  # by kind; what a write is compared with


class LoadStatements:
    """What is said to the database about loads."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, loads = database.dialect(), tables["loads"]
        of_agent = sa.and_(this(loads.c.tenant), this(loads.c.agent_id))
        every = sa.select(*(loads.c[name] for name in LOAD_COLUMNS), loads.c.revision)
        self.of_agent = Statement(every.where(of_agent).order_by(loads.c.kind), dialect)
        of_tenant = every.where(this(loads.c.tenant)).order_by(loads.c.agent_id, loads.c.kind)
        self.of_agents = Statement(database.for_each(of_tenant, loads.c.agent_id, "ids"), dialect)
        how: Any = {"key": ("tenant", "agent_id", "kind"), "written": (*LOAD_REST, "revision")}
        self.insert = inserting(loads, database)
        self.update = updating(loads, database, **how, expected={"revision": "expected"})


class SqlLoads:
    """Loads by agent and kind; those of an agent are read at once.

    Nothing is locked by reading, because a choice reads the loads of many agents. Instead a load is written only if it
    is still as the unit read it; otherwise the unit is overtaken, and has to be done again.
    """

    def __init__(self, session: Session, statements: LoadStatements) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._buffer = session.buffers.of("loads")  # by agent
        self._written = session.buffers.of("loads written")  # by (agent, kind)
        session.buffers.sends(40, self._writes, self._written.dirty)

    def find(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return the agent's load of this kind, or None; see `LoadRepository.find`."""
        return self.of_agent(agent_id).get(kind)

    def of_agent(self, agent_id: str) -> Loads:
        """Return the agent's loads by kind; see `LoadRepository.of_agent`."""
        known: Loads | None = self.recalled(agent_id)
        if known is None:
            known = self._read(agent_id, self._session.rows(self._say.of_agent, agent_id=agent_id))
            self.recalled(agent_id)  # what is written of them is compared with what the unit notes
        return known

    def of_agents(self, agent_ids: Collection[str]) -> Mapping[str, Loads]:
        """Return the loads of each of these agents; see `LoadRepository.of_agents`. One query for all of them."""
        found: dict[str, Loads] = {}
        unknown = []
        for agent_id in sorted(agent_ids):
            known = self.recalled(agent_id)
            found[agent_id] = _NONE if known is None else known
            if known is None and is_plain(agent_id):
                unknown.append(agent_id)
        if unknown:
            found |= self.take_asked(unknown, *self._session.ask(self.asking_for(unknown)))
        return found

    def asking_for(self, agent_ids: Collection[str]) -> Question:
        """Return what asks for the loads of agents."""
        return self._say.of_agents, {"ids": self._session.database.listed(agent_ids)}

    def take_asked(self, agent_ids: Collection[str], rows: Iterable[Row]) -> dict[str, Loads]:
        """Return the loads of agents, those with none among them, by what the database has of them."""
        of: dict[str, list[Row]] = {agent_id: [] for agent_id in agent_ids}
        for row in rows:
            of[row[0]].append(row)
        return {agent_id: self._read(agent_id, its_rows) for agent_id, its_rows in of.items()}

    def take(self, rows: Iterable[Row]) -> None:
        """Note what the database has of agents."""
        for agent_id, its_rows in groupby(rows, key=itemgetter(0)):
            if agent_id not in self._buffer.known:
                self._read(agent_id, its_rows)

    def put(self, load: AgentLoad) -> None:
        """Write the load; see `LoadRepository.put`. `OvertakenError` later, if it is no longer as this unit read it."""
        self._refuse_out_of_bounds(load)
        if type(load.load) is not int or type(load.ceiling) is not int:
            load_columns(load, self._session.database)  # raises here what cannot be kept
        self._see(load)
        self._written.write((load.agent_id, load.kind), load)

    def send(self, loads: Iterable[AgentLoad]) -> None:
        """Write loads now, as `put` does by and by; where the unit `sends_at_once`."""
        added: list[Row] = []
        changed: list[Row] = []
        for load in loads:
            self._refuse_out_of_bounds(load)
            self._see(load)
            self._settle(load, added, changed)
        self._session.send(Write(self._say.insert, added), Write(self._say.update, changed))

    def _see(self, load: AgentLoad) -> None:
        """Note what the agent carries from now on."""
        known = self.of_agent(load.agent_id)
        loads = {**known, load.kind: load}
        if len(loads) > max(len(known), 1):
            loads = dict(sorted(loads.items()))
        self._buffer.see(load.agent_id, MappingProxyType(loads))
        self._knowledge.touch(load.agent_id)

    def _refuse_out_of_bounds(self, load: AgentLoad) -> None:
        try:
            refuse_out_of_bounds(load)
        except ConflictError:
            self._refuse_if_overtaken(load)
            raise

    def _refuse_if_overtaken(self, load: AgentLoad) -> None:
        """Raise `OvertakenError` if others may have written the agent's loads since the caller decided by them.

        Where others write meanwhile, the caller may have looked before this unit did: it is done again some times.
        """
        session = self._session
        self.of_agent(load.agent_id)
        known: Revisions | None = self._buffer.stored.get(load.agent_id)
        now = {row[1]: row[-1] for row in session.rows(self._say.of_agent, agent_id=load.agent_id)}
        if now != known or not (session.careful >= _DOUBTS or session.database.one_writer):
            raise OvertakenError(what=f"load of `{load.agent_id}` in {load.kind}", expected=known, found=now)

    def follow(self, agent: Agent) -> None:
        """Set the ceilings of the agent's loads to the agent's capacity, or to the load where that is higher."""
        for load in self.of_agent(agent.id).values():
            following = under_capacity(load, agent)
            if following.ceiling != load.ceiling:
                self.put(following)

    def recalled(self, agent_id: str) -> Loads | None:
        """Return the agent's loads, if they need not be asked for; they are then noted as read."""
        known: Loads | None = self._buffer.known.get(agent_id)
        if known is None and (mirror := self._knowledge.remembered()) is not None:
            known, revisions = mirror.loads.get(agent_id, (None, None))
            if known is not None:
                self._buffer.read(agent_id, known, revisions)
        return known

    def _read(self, agent_id: str, rows: Iterable[Row]) -> Loads:
        """Return the loads of rows; the connection remembers them, or the unit, where they may be the unit's own."""
        loads: dict[str, AgentLoad] = {}
        revisions: dict[str, int] = {}
        for *columns, revision in rows:
            load = load_of(tuple(columns), self._session.database)
            loads[load.kind], revisions[load.kind] = load, revision
        found: Loads = MappingProxyType(loads)
        if not self._session.writing:
            return found
        mirror = self._knowledge.remembered()
        if mirror is not None and agent_id not in self._knowledge.touched:
            mirror.loads[agent_id] = found, revisions
        else:
            self._buffer.read(agent_id, found, revisions)
        return found

    def _writes(self) -> Iterator[Write]:
        added: list[Row] = []
        changed: list[Row] = []
        for _, load, _ in self._written.changes():
            self._settle(load, added, changed)
        yield Write(self._say.insert, added)
        yield Write(self._say.update, changed)

    def _settle(self, load: AgentLoad, added: list[Row], changed: list[Row]) -> None:
        """Add the row of a load to those that are sent, and take it for stored."""
        tenant, agent_id, kind = self._session.tenant, load.agent_id, load.kind
        revisions: Revisions = self._buffer.stored[agent_id]
        expected = revisions.get(kind, 0)
        columns = load_columns(load, self._session.database)
        if expected:
            changed.append((*columns, expected + 1, tenant, agent_id, kind, expected))
        else:
            added.append((tenant, agent_id, kind, *columns, 1))
        self._buffer.settle(agent_id, {**revisions, kind: expected + 1})
