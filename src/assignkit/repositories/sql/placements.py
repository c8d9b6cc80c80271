"""Where each item is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa

from assignkit.model.grant import Grant
from assignkit.model.placement import Placement, PlacementState
from assignkit.repositories.memory.placements import refuse_conflict
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import Row as SentRow
from assignkit.repositories.sql.bulk import holding, inserting, updating
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import microseconds
from assignkit.repositories.sql.mapping import (
    PLACEMENT_COLUMNS,
    PLACEMENT_KEY,
    PLACEMENT_REST,
    held_columns,
    placement_columns,
    placement_of,
)
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import TAKEN, Tables

NOUN = "placement"
_FENCE = len(PLACEMENT_KEY) + PLACEMENT_REST.index("fence")  # where it stands in a row
AGENTS = "agents"  # what a unit knows of agents; an agent who is given an item has to be as the unit read it

ItemKey = tuple[str, str]


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
        of_kind = every.where(this(places.c.kind)).order_by(places.c.item_id)
        many = database.for_each(of_kind.with_for_update(key_share=True, of=places), places.c.item_id, "ids")
        self.all_of = Statement(many, dialect)
        how: Any = {"key": PLACEMENT_KEY, "written": PLACEMENT_REST, "expected": {"fence": "expected"}}
        self.insert = inserting(places, database)
        self.update = updating(places, database, **how)
        agents = tables["agents"]
        self.hold = None if database.one_writer else holding(agents, database, key=("tenant", "id", "version"))
        self.of_agent = Statement(every.where(this(places.c.agent_id), sa.text(TAKEN)), dialect)
        self.in_state = Statement(every.where(this(places.c.state)), dialect)


class SqlPlacements:
    """Placements by (kind, item id). Within a unit, looking an item up locks it until the unit ends.

    `holds`: the agents who are given items are in our tables, and are kept there as they were read.
    """

    def __init__(self, session: Session, statements: PlacementStatements, *, holds: bool = True) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._buffer = session.buffers.of(NOUN)
        self._buffer.make = Grant.placement
        session.buffers.sends(20, self._writes, self._buffer.dirty)
        if holds and statements.hold is not None:  # where a unit is alone, nobody can change an agent meanwhile
            session.buffers.sends(15, self._holds, self._buffer.dirty)

    def find(self, kind: str, item_id: str) -> Placement | None:
        """Return where the item is, or None; see `PlacementRepository.find`."""
        session, key = self._session, (kind, item_id)
        if key in self._buffer.known:
            return self._buffer.value(key)
        if not session.writing:
            row = session.row(self._say.find, kind=kind, item_id=item_id)
            return None if row is None else placement_of(row)
        read = (self._say.find_locked, {"kind": kind, "item_id": item_id})
        rows = session.ask_locked(self._say.lock, self.lock_name(kind, item_id), read)
        found = placement_of(rows[0]) if rows else None
        self._buffer.read(key, found, None if found is None else found.fence)
        return found

    @property
    def all_of(self) -> Statement:
        """What asks for many of one kind at once."""
        return self._say.all_of

    def knows(self, kind: str, item_id: str) -> bool:
        """Return whether the unit has looked the item up."""
        return (kind, item_id) in self._buffer.known

    def lock_name(self, kind: str, item_id: str) -> tuple[str, ...]:
        """Return what the item is locked by."""
        return NOUN, kind, item_id

    def note_new(self, kind: str, item_id: str) -> None:
        """Note that the database knows nothing of an item."""
        self._buffer.read((kind, item_id), None, None)

    def taker(self, kind: str, ids: Sequence[str]) -> Callable[[Sequence[Row]], None]:
        """Return what notes what the database has of these items."""

        def take(rows: Sequence[Row]) -> None:
            found = {row[1]: placement_of(row) for row in rows}
            for item_id in ids:
                place = found.get(item_id)
                self._buffer.read((kind, item_id), place, None if place is None else place.fence)

        return take

    def put(self, placement: Placement, *, expected_fence: int | None) -> None:
        """Write the placement; see `PlacementRepository.put`. `OvertakenError` later, if it is not as it was read."""
        refuse_conflict(self.find(placement.kind, placement.item_id), placement, expected_fence)
        if type(placement.effort) is not int:
            placement_columns(placement, self._session.database)  # raises here what cannot be kept
        microseconds(placement.since)
        self._buffer.write((placement.kind, placement.item_id), placement)

    def take(self, grants: Sequence[Grant], data: Iterable[str]) -> None:
        """Write where items are that agents are given, by what is spelled already; see `put`."""
        database, tenant = self._session.database, self._session.tenant
        rows: list[SentRow] = []
        for grant, spelled in zip(grants, data, strict=True):
            if self.find(*grant.key) is not None:
                self.put(grant.placement(), expected_fence=None)  # which says what is in the way
            rows.append((tenant, *held_columns(grant, spelled, database)))
        taken = {grant.key: grant for grant in grants}
        fences = dict.fromkeys(taken, 1)
        self._session.add(self._buffer, Write(self._say.insert, rows), taken, stored=fences, spelled=rows)

    def of_agent(self, agent_id: str) -> list[Placement]:
        """Return what the agent holds or is offered; see `PlacementRepository.of_agent`."""
        found = self._seen(self._session.rows(self._say.of_agent, agent_id=agent_id))
        return [found[key] for key in sorted(found) if found[key].taken and found[key].agent_id == agent_id]

    def in_state(self, state: PlacementState) -> list[Placement]:
        """Return all items in this state; see `PlacementRepository.in_state`."""
        found = self._seen(self._session.rows(self._say.in_state, state=state)).values()
        return sorted((place for place in found if place.state == state), key=_by_age)

    def _seen(self, rows: list[tuple[object, ...]]) -> dict[ItemKey, Placement]:
        """Return placements of the database, with those that this unit has written in their place."""
        places = (placement_of(row) for row in rows)
        found = {(place.kind, place.item_id): place for place in places}
        for key in self._buffer.dirty:
            found[key] = self._dirty(key)
        return found

    def _dirty(self, key: ItemKey) -> Placement:
        """Return a placement that this unit has written."""
        return cast("Placement", self._buffer.value(key))

    def _holds(self) -> Iterator[Write]:
        """Yield which agents have to be as this unit read them: those who are given something."""
        if self._say.hold is None or not self._buffer.dirty:
            return
        agents, held = self._session.buffers.of(AGENTS), {}
        mirror = self._knowledge.remembered()
        for key in self._buffer.dirty:
            place = self._dirty(key)
            if not place.taken or place.agent_id is None or place.agent_id in agents.dirty:
                continue
            version = agents.stored.get(place.agent_id)
            if version is None and mirror is not None and place.agent_id in mirror.agents:
                version = mirror.agents[place.agent_id].version
            if version:
                held[place.agent_id] = version
        tenant = self._session.tenant
        yield Write(self._say.hold, [(tenant, agent_id, held[agent_id]) for agent_id in sorted(held)])

    def _writes(self) -> Iterator[Write]:
        added: list[SentRow] = []
        moved: list[SentRow] = []
        tenant = self._session.tenant
        for key, placement, fence in self._buffer.changes():
            known = self._buffer.spelled.get(key)
            if known is not None and known[0] is placement:
                row = known[1]
            else:
                row = (tenant, *placement_columns(self._dirty(key), self._session.database))
            if fence is None:
                added.append(row)
            else:
                moved.append((*row[3:], *row[:3], fence))
            self._buffer.settle(key, row[_FENCE])
        yield Write(self._say.insert, added)
        yield Write(self._say.update, moved)


def _by_age(placement: Placement) -> tuple[int, str, str]:
    return microseconds(placement.since), placement.kind, placement.item_id
