"""Who held what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.assignment import Assignment
from assignkit.model.building import altered
from assignkit.model.grant import Grant
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import Row as SentRow
from assignkit.repositories.sql.bulk import inserting, updating
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import microseconds
from assignkit.repositories.sql.mapping import assignment_of, model_data
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables

ItemKey = tuple[str, str]


class Brief(NamedTuple):
    """What another assignment of the same item has to know of one."""

    id: str
    fence: int
    open: bool


class AssignmentStatements:
    """What is said to the database about assignments."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, held = database.dialect(), tables["assignments"]
        of_tenant, still_open = this(held.c.tenant), held.c.ended_at.is_(None)
        of_item = sa.and_(of_tenant, this(held.c.kind), this(held.c.item_id))
        through = sa.and_(of_tenant, this(held.c.target), this(held.c.agent_id))
        data = sa.select(database.document_text(held.c.data))
        by_id = data.where(of_tenant, this(held.c.id))
        count = sa.select(sa.func.count()).select_from(held)
        self.insert = inserting(held, database)
        # An offer that was not taken up loses its target, which stands in the data as well: limits count by the column.
        ended = ("target", "ended_at", "data")
        self.end = updating(held, database, key=("tenant", "id"), written=ended, when=still_open)
        self.get = Statement(by_id, dialect)
        self.get_locked = Statement(by_id.with_for_update(key_share=True), dialect)
        self.of_item = Statement(data.where(of_item), dialect)
        brief = sa.select(held.c.kind, held.c.item_id, held.c.id, held.c.fence, still_open)
        self.beside = Statement(brief.where(sa.or_(of_item, sa.and_(of_tenant, this(held.c.id)))), dialect)
        open_data = sa.case((still_open, database.document_text(held.c.data)))
        of_kind = sa.select(held.c.item_id, held.c.id, held.c.fence, open_data).where(of_tenant, this(held.c.kind))
        self.all_of = Statement(database.for_each(of_kind, held.c.item_id, "ids"), dialect)
        self.open_of_agent = Statement(data.where(of_tenant, this(held.c.agent_id), still_open), dialect)
        self.count_open = Statement(count.where(through, still_open), dialect)
        since = held.c.assigned_at >= sa.bindparam("since", type_=held.c.assigned_at.type)
        self.count_since = Statement(count.where(through, since), dialect)


_OPEN = -(2**63)  # stands for "open now" among the instants since which assignments are counted
_STARTS = 3  # instants that are remembered for one agent and target, besides the last
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class SqlAssignments:
    """Assignments; two unique indexes see to it that an item has one that is open, and one for each fence."""

    def __init__(self, session: Session, statements: AssignmentStatements) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._buffer = session.buffers.of("assignments")  # `stored` is what the database has of one that changed
        self._buffer.make = Grant.assignment
        self._items = session.buffers.of("assignments of items")
        self._counts = session.buffers.of("counts")  # by agent and target, then by since when
        session.buffers.sends(50, self._writes, self._buffer.dirty)

    @property
    def all_of(self) -> Statement:
        """What asks for those of many items of one kind at once."""
        return self._say.all_of

    def note_new(self, kind: str, item_id: str) -> None:
        """Note that an item has no assignments."""
        self._items.read((kind, item_id), (), None)

    def taker(self, kind: str, ids: Sequence[str]) -> Callable[[Sequence[Row]], None]:
        """Return what notes which assignments these items have; an open one is known in full."""

        def take(rows: Sequence[Row]) -> None:
            briefs: dict[str, list[Brief]] = {item_id: [] for item_id in ids}
            for item_id, id, fence, data in rows:
                briefs[item_id].append(Brief(id, fence, data is not None))
                if data is not None and id not in self._buffer.known:
                    found = assignment_of((data,))
                    self._buffer.read(id, found, found)
            for item_id, known in briefs.items():
                if (kind, item_id) not in self._items.known:
                    self._items.read((kind, item_id), tuple(known), None)

        return take

    def add(self, assignment: Assignment) -> None:
        """Store a new assignment; see `AssignmentRepository.add`. A taken id raises `AlreadyExistsError`."""
        id, key = assignment.id, (assignment.kind, assignment.item_id)
        briefs = self._beside(id, key)
        if self._buffer.known.get(id) is not None or any(brief.id == id for brief in briefs):
            raise AlreadyExistsError(noun="assignment", key=id)
        is_open = assignment.ended_at is None
        _refuse_conflict(assignment, briefs)
        self._buffer.spelled[id] = assignment, self._row(assignment)  # raises here what cannot be kept
        self._items.see(key, (*briefs, Brief(id, assignment.fence, is_open)))
        self._carry_on(assignment)
        self._buffer.write(id, assignment)

    def take(self, grants: Sequence[Grant], data: Iterable[str]) -> None:
        """Store the assignments of items that agents are given, by what is spelled already; see `add`."""
        tenant, known, rows = self._session.tenant, self._buffer.known, []
        added: dict[str, Grant] = {}
        briefs: dict[ItemKey, tuple[Brief, ...]] = {}
        for grant, spelled in zip(grants, data, strict=True):
            key, id, agent_id, target = grant.key, grant.id, grant.agent.id, grant.terms.target
            if self._beside(id, key) or known.get(id) is not None:
                self.add(grant.assignment())
                continue
            rows.append((tenant, id, *key, agent_id, 1, target, microseconds(grant.at), None, spelled))
            added[id] = grant
            briefs[key] = (Brief(id, 1, open=True),)
            self._knowledge.touch(agent_id)
            if (agent_id, target) in self._counts.known:
                self._carry_on(grant.assignment())
        self._items.see_all(briefs)
        if rows:
            self._session.add(self._buffer, Write(self._say.insert, rows), added, stored=added, spelled=rows)

    def get(self, id: str) -> Assignment:
        """Return the assignment; see `AssignmentRepository.get`."""
        return self._got(self._say.get, id)

    def end(self, id: str, *, at: datetime, because: str) -> Assignment:
        """End an open assignment; see `AssignmentRepository.end`."""
        stored = self._got(self._say.get_locked, id)
        if stored.ended_at is not None:
            raise ConflictError(what=f"end of assignment `{id}`", expected=None, found=str(stored.ended_at))
        ended = altered(stored, {"ended_at": at, "ended_because": because})
        microseconds(at)
        key = (stored.kind, stored.item_id)
        if key in self._items.known:
            closed = (brief._replace(open=False) if brief.id == id else brief for brief in self._items.known[key])
            self._items.see(key, tuple(closed))
        self._carry_on(ended, stored)
        self._buffer.write(id, ended)
        return ended

    def of_item(self, kind: str, item_id: str) -> list[Assignment]:
        """Return the item's assignments; see `AssignmentRepository.of_item`."""
        rows = self._session.rows(self._say.of_item, kind=kind, item_id=item_id)
        found = self._seen(rows, lambda one: (one.kind, one.item_id) == (kind, item_id))
        return sorted(found, key=lambda one: one.fence)

    def open_of_agent(self, agent_id: str) -> list[Assignment]:
        """Return the agent's open assignments; see `AssignmentRepository.open_of_agent`."""
        rows = self._session.rows(self._say.open_of_agent, agent_id=agent_id)
        found = self._seen(rows, lambda one: one.agent_id == agent_id and one.ended_at is None)
        return sorted(found, key=lambda one: (one.kind, one.item_id))

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds through `target`; see `AssignmentRepository.count_open`."""
        return self._count(target, agent_id, _OPEN)

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came through `target`; see `AssignmentRepository.count_since`."""
        return self._count(target, agent_id, microseconds(since))

    # --- inside

    def _count(self, target: str, agent_id: str, start: int) -> int:
        """Return how many came since `start`, or are open; counted once, and then carried on with each change.

        A remembered count is as good as the remembered load of the same agent: who adds an assignment changes the load,
        and a unit whose agent's load was not what it took for granted is done again.
        """
        key = (agent_id, target)
        known = self._counts.known.get(key) or self._remembered_counts(target, agent_id)
        if start not in known:
            known = {**dict(list(known.items())[-_STARTS:]), start: self._counted(target, agent_id, start)}
        if self._session.writing:
            self._counts.see(key, known)
        return known[start]

    def _remembered_counts(self, target: str, agent_id: str) -> Mapping[int, int]:
        careful = self._session.careful or agent_id in self._knowledge.touched
        mirror = None if careful else self._knowledge.remembered()
        return mirror.counts.get(agent_id, _NOTHING).get(target, _NOTHING) if mirror is not None else _NOTHING

    def _counted(self, target: str, agent_id: str, start: int) -> int:
        """Return what the database counts, with what this unit has changed and not sent yet."""
        through = {"target": target, "agent_id": agent_id}
        if start == _OPEN:
            count: int = self._session.rows(self._say.count_open, **through)[0][0]
        else:
            count = self._session.rows(self._say.count_since, **through, since=start)[0][0]
        for id in self._buffer.dirty:
            one, stored = self._dirty(id), self._buffer.stored.get(id)
            before = stored.assignment() if isinstance(stored, Grant) else stored
            if one.target == target and one.agent_id == agent_id:
                count += _is_counted(one, start) - (before is not None and _is_counted(before, start))
        return count

    def _carry_on(self, after: Assignment, before: Assignment | None = None) -> None:
        """Carry on what is known of counts with a change of one assignment."""
        self._knowledge.touch(after.agent_id)
        key = (after.agent_id, after.target)
        known = self._counts.known.get(key)
        if known is not None:
            was = {start: before is not None and _is_counted(before, start) for start in known}
            carried = {start: count + _is_counted(after, start) - was[start] for start, count in known.items()}
            self._counts.see(key, carried)

    def _beside(self, id: str, key: ItemKey) -> tuple[Brief, ...]:
        """Return what stands beside a new assignment; `AlreadyExistsError` if another item's bears its id.

        When the item was expected, its own were read ahead, and that an id is new is left to the database.
        """
        known: tuple[Brief, ...] | None = self._items.known.get(key)
        if known is not None and not self._session.careful:
            return known
        briefs: dict[str, Brief] = {}
        for kind, item_id, *brief in self._session.rows(self._say.beside, id=id, kind=key[0], item_id=key[1]):
            if (kind, item_id) != key:
                raise AlreadyExistsError(noun="assignment", key=id)
            briefs[brief[0]] = Brief(brief[0], brief[1], bool(brief[2]))
        for one in map(self._dirty, self._buffer.dirty):
            if (one.kind, one.item_id) == key:
                briefs[one.id] = Brief(one.id, one.fence, one.ended_at is None)
        return tuple(briefs.values())

    def _dirty(self, id: str) -> Assignment:
        """Return an assignment that this unit has written."""
        return cast("Assignment", self._buffer.value(id))

    def _got(self, statement: Statement, id: str) -> Assignment:
        known: Assignment | None = self._buffer.value(id)
        if known is not None:
            return known
        row = self._session.row(statement, id=id)
        if row is None:
            raise NotFoundError(noun="assignment", key=id)
        found = assignment_of(row)
        if self._session.writing and statement is self._say.get_locked:
            self._buffer.read(id, found, found)
        return found

    def _seen(self, rows: Iterable[Row], fits: Callable[[Assignment], bool]) -> list[Assignment]:
        """Return assignments of the database, with those that this unit has written in their place."""
        found = {one.id: one for one in map(assignment_of, rows)}
        found |= {id: self._dirty(id) for id in self._buffer.dirty}
        return [one for one in found.values() if fits(one)]

    def _row(self, assignment: Assignment) -> SentRow:
        return (
            self._session.tenant,
            assignment.id,
            assignment.kind,
            assignment.item_id,
            assignment.agent_id,
            assignment.fence,
            assignment.target if assignment.counts else None,
            microseconds(assignment.assigned_at),
            None if assignment.ended_at is None else microseconds(assignment.ended_at),
            model_data(assignment, of=f"assignment `{assignment.id}`"),
        )

    def _writes(self) -> Iterator[Write]:
        added, ended = [], []
        for id, changed, stored in self._buffer.changes():
            known = self._buffer.spelled.get(id)
            row = known[1] if known is not None and known[0] is changed else self._row(self._dirty(id))
            if stored is None:
                added.append(row)
            else:
                ended.append((row[6], *row[8:], *row[:2]))
            self._buffer.settle(id, changed)
        yield Write(self._say.end, ended)  # first, as an item has one that is open
        yield Write(self._say.insert, added)


def _is_counted(assignment: Assignment, start: int) -> bool:
    if start == _OPEN:
        return assignment.counts and assignment.ended_at is None
    return assignment.counts and microseconds(assignment.assigned_at) >= start


def _refuse_conflict(assignment: Assignment, others: Iterable[Brief]) -> None:
    label = f"`{assignment.item_id}` of {assignment.kind}"
    for other in others:
        if other.fence == assignment.fence:
            what = f"assignment by fence {assignment.fence} of {label}"
            raise ConflictError(what=what, expected=None, found=other.id)
        if other.open and assignment.ended_at is None:
            raise ConflictError(what=f"open assignment of {label}", expected=None, found=other.id)
