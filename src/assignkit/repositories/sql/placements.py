"""Where each item is."""

from __future__ import annotations

import sqlalchemy as sa

from assignkit.errors import ConflictError
from assignkit.model.placement import Placement, PlacementState
from assignkit.repositories.memory.placements import refuse_conflict
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mapping import PLACEMENT_COLUMNS, placement_columns, placement_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import TAKEN, Tables

NOUN = "placement"


class PlacementStatements:
    """What is said to the database about placements."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, places, text = database.dialect(), tables["placements"], database.document_text
        of_item = sa.and_(this(places.c.tenant), this(places.c.kind), this(places.c.item_id))
        columns = [text(places.c.data) if name == "data" else places.c[name] for name in PLACEMENT_COLUMNS]
        every = sa.select(*columns).where(this(places.c.tenant))
        lock = database.lock()
        self.lock = None if lock is None else Statement(lock, dialect)
        self.find = Statement(sa.select(*columns).where(of_item), dialect)
        self.find_locked = Statement(sa.select(*columns).where(of_item).with_for_update(key_share=True), dialect)
        self.insert = Statement(database.insert(places).on_conflict_do_nothing(), dialect)
        written = {c.name: sa.bindparam(c.name, type_=c.type) for c in places.c if not c.primary_key}
        update = sa.update(places).where(of_item, this(places.c.fence, "expected")).values(written)
        self.update = Statement(update, dialect)
        agents = tables["agents"]
        self.agents = agents.name
        held = sa.select(agents.c.version).where(this(agents.c.tenant), this(agents.c.id)).with_for_update(read=True)
        # Where a unit keeps all other writers out, nobody can change an agent meanwhile.
        self.hold_agent = None if database.one_writer else Statement(held, dialect)
        self.of_agent = Statement(
            every.where(this(places.c.agent_id), sa.text(TAKEN)).order_by(places.c.kind, places.c.item_id), dialect
        )
        self.in_state = Statement(
            every.where(this(places.c.state)).order_by(places.c.since, places.c.kind, places.c.item_id), dialect
        )


class SqlPlacements:
    """Placements by (kind, item id). Within a unit, looking an item up locks it until the unit ends."""

    def __init__(self, session: Session, statements: PlacementStatements) -> None:
        self._session = session
        self._say = statements

    def find(self, kind: str, item_id: str) -> Placement | None:
        """Return where the item is, or None; see `PlacementRepository.find`."""
        session, key = self._session, (NOUN, kind, item_id)
        if key in session.memory:
            known: Placement | None = session.memory.recall(key)
            return known
        session.lock(self._say.lock, *key)
        statement = self._say.find_locked if session.writing else self._say.find
        row = session.row(statement, kind=kind, item_id=item_id)
        found = None if row is None else placement_of(row)
        if session.writing:
            session.memory.note(key, found)
        return found

    def put(self, placement: Placement, *, expected_fence: int | None) -> None:
        """Write the placement; see `PlacementRepository.put`."""
        refuse_conflict(self.find(placement.kind, placement.item_id), placement, expected_fence)
        session, columns = self._session, placement_columns(placement, self._session.database)
        if placement.taken and placement.agent_id is not None:
            self._hold(placement.agent_id)
        if expected_fence is None:
            written = session.count(self._say.insert, **columns)
        else:
            written = session.count(self._say.update, expected=expected_fence, **columns)
        if not written:
            what = f"fence of `{placement.item_id}` of {placement.kind}"
            raise ConflictError(what=what, expected=expected_fence, found="another one, written without its lock")
        session.memory.note((NOUN, placement.kind, placement.item_id), placement)

    def _hold(self, agent_id: str) -> None:
        """Keep an agent that this unit has read as it was read, until the unit ends."""
        read = self._session.memory.recall((self._say.agents, "", agent_id))
        if self._say.hold_agent is None or read is None:
            return
        row = self._session.row(self._say.hold_agent, id=agent_id)
        found = row[0] if row else 0
        if found != read:
            raise OvertakenError(what=f"version of agent `{agent_id}`", expected=read, found=found or None)

    def of_agent(self, agent_id: str) -> list[Placement]:
        """Return what the agent holds or is offered; see `PlacementRepository.of_agent`."""
        return [placement_of(row) for row in self._session.rows(self._say.of_agent, agent_id=agent_id)]

    def in_state(self, state: PlacementState) -> list[Placement]:
        """Return all items in this state; see `PlacementRepository.in_state`."""
        return [placement_of(row) for row in self._session.rows(self._say.in_state, state=state)]
