"""What each agent carries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.repositories.memory.loads import refuse_out_of_bounds, under_capacity
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.encoding import is_plain
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mapping import LOAD_COLUMNS, load_columns, load_of, texts
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables


class LoadStatements:
    """What is said to the database about loads."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, loads = database.dialect(), tables["loads"]
        of_agent = sa.and_(this(loads.c.tenant), this(loads.c.agent_id))
        of_kind = sa.and_(of_agent, this(loads.c.kind))
        every = sa.select(*(loads.c[name] for name in LOAD_COLUMNS), loads.c.revision)
        insert = database.insert(loads)
        values = {c.name: sa.bindparam(c.name, type_=c.type) for c in loads.c if not c.primary_key}
        over = {**{name: insert.excluded[name] for name in values}, "revision": loads.c.revision + 1}
        upsert = insert.on_conflict_do_update(index_elements=list(loads.primary_key), set_=over)
        update = sa.update(loads).where(of_kind, this(loads.c.revision, "expected")).values(values)
        self.find = Statement(every.where(of_kind), dialect)
        self.of_agent = Statement(every.where(of_agent).order_by(loads.c.kind), dialect)
        self.of_agent_locked = Statement(
            every.where(of_agent).order_by(loads.c.kind).with_for_update(key_share=True), dialect
        )
        of_agents = every.where(this(loads.c.tenant), loads.c.agent_id.in_(database.texts_of("ids")))
        self.of_agents = Statement(of_agents.order_by(loads.c.agent_id, loads.c.kind), dialect)
        self.insert = Statement(insert.on_conflict_do_nothing(), dialect)
        self.update = Statement(update, dialect)
        self.upsert = Statement(upsert.returning(loads.c.revision), dialect)


class SqlLoads:
    """Loads by agent and kind.

    Nothing is locked by reading, because a choice reads the loads of many agents. Instead a load is written only if it
    is still as the unit read it first; otherwise the unit is overtaken, and has to be done again.
    """

    def __init__(self, session: Session, statements: LoadStatements) -> None:
        self._session = session
        self._say = statements

    def find(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return the agent's load of this kind, or None; see `LoadRepository.find`."""
        row = self._session.row(self._say.find, agent_id=agent_id, kind=kind)
        if row is None:
            self._note_read(agent_id, kind, 0)
            return None
        return self._read(row)

    def of_agent(self, agent_id: str) -> Mapping[str, AgentLoad]:
        """Return the agent's loads by kind; see `LoadRepository.of_agent`."""
        return self._by_kind(self._say.of_agent, agent_id)

    def of_agents(self, agent_ids: Collection[str]) -> Mapping[str, Mapping[str, AgentLoad]]:
        """Return the loads of each of these agents; see `LoadRepository.of_agents`. One query for all of them."""
        found: dict[str, dict[str, AgentLoad]] = {agent_id: {} for agent_id in sorted(agent_ids)}
        for row in self._session.rows(self._say.of_agents, ids=texts(filter(is_plain, found))):
            load = self._read(row)
            found[load.agent_id][load.kind] = load
        return {agent_id: MappingProxyType(loads) for agent_id, loads in found.items()}

    def put(self, load: AgentLoad) -> None:
        """Write the load; see `LoadRepository.put`. `OvertakenError` if it is no longer as this unit read it."""
        refuse_out_of_bounds(load)
        session, columns = self._session, load_columns(load, self._session.database)
        read = session.memory.recall(_key(load.agent_id, load.kind))
        revision = 1 if read is None else read + 1
        if read is None:
            revision = session.rows(self._say.upsert, revision=1, **columns)[0][0]
        elif read == 0:
            self._written(load, session.count(self._say.insert, revision=1, **columns))
        else:
            self._written(load, session.count(self._say.update, expected=read, revision=revision, **columns))
        session.memory.note(_key(load.agent_id, load.kind), revision)

    def follow(self, agent: Agent) -> None:
        """Set the ceilings of the agent's loads to the agent's capacity, or to the load where that is higher."""
        for load in self._by_kind(self._say.of_agent_locked, agent.id).values():
            following = under_capacity(load, agent)
            if following.ceiling != load.ceiling:
                self.put(following)

    def _by_kind(self, statement: Statement, agent_id: str) -> Mapping[str, AgentLoad]:
        loads = (self._read(row) for row in self._session.rows(statement, agent_id=agent_id))
        return MappingProxyType({load.kind: load for load in loads})

    def _read(self, row: Row) -> AgentLoad:
        *columns, revision = row
        load = load_of(tuple(columns), self._session.database)
        self._note_read(load.agent_id, load.kind, revision)
        return load

    def _note_read(self, agent_id: str, kind: str, revision: int) -> None:
        if not self._session.writing:
            return
        noted: Any = self._session.memory.recall(_key(agent_id, kind))
        if noted is None:
            self._session.memory.note(_key(agent_id, kind), revision)
        elif noted != revision:
            # Something else that the unit read, such as a count, may be older than this.
            raise OvertakenError(what=f"load of `{agent_id}` in {kind}", expected="the same", found="another one")

    def _written(self, load: AgentLoad, count: int) -> None:
        if not count:
            what = f"load of `{load.agent_id}` in {load.kind}"
            raise OvertakenError(what=what, expected="as it was read", found="another one")


def _key(agent_id: str, kind: str) -> tuple[str, str, str]:
    return "load", agent_id, kind
