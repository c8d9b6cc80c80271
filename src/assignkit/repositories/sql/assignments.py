"""Who held what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.assignment import Assignment
from assignkit.model.building import altered
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import microseconds
from assignkit.repositories.sql.mapping import assignment_of, model_data
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables


class AssignmentStatements:
    """What is said to the database about assignments."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, held = database.dialect(), tables["assignments"]
        of_tenant, still_open = this(held.c.tenant), held.c.ended_at.is_(None)
        of_item = sa.and_(of_tenant, this(held.c.kind), this(held.c.item_id))
        through = sa.and_(of_tenant, this(held.c.target), this(held.c.agent_id))
        data = sa.select(database.document_text(held.c.data))
        by_id = data.where(of_tenant, this(held.c.id))
        # An offer that was not taken up loses its target, which stands in the data as well: limits count by the column.
        ended = {name: sa.bindparam(name, type_=held.c[name].type) for name in ("ended_at", "data", "target")}
        count = sa.select(sa.func.count()).select_from(held)
        self.insert = Statement(database.insert(held).on_conflict_do_nothing(), dialect)
        self.get = Statement(by_id, dialect)
        self.get_locked = Statement(by_id.with_for_update(key_share=True), dialect)
        self.end = Statement(sa.update(held).where(of_tenant, this(held.c.id), still_open).values(ended), dialect)
        self.of_item = Statement(data.where(of_item).order_by(held.c.fence), dialect)
        self.open_of_agent = Statement(
            data.where(of_tenant, this(held.c.agent_id), still_open).order_by(held.c.kind, held.c.item_id), dialect
        )
        self.count_open = Statement(count.where(through, still_open), dialect)
        since = held.c.assigned_at >= sa.bindparam("since", type_=held.c.assigned_at.type)
        self.count_since = Statement(count.where(through, since), dialect)


class SqlAssignments:
    """Assignments; two partial indexes see to it that an item has one that is open, and one for each fence."""

    def __init__(self, session: Session, statements: AssignmentStatements) -> None:
        self._session = session
        self._say = statements

    def add(self, assignment: Assignment) -> None:
        """Store a new assignment; see `AssignmentRepository.add`. A taken id raises `AlreadyExistsError`."""
        written = self._session.count(
            self._say.insert,
            id=assignment.id,
            kind=assignment.kind,
            item_id=assignment.item_id,
            agent_id=assignment.agent_id,
            fence=assignment.fence,
            target=assignment.target if assignment.counts else None,
            assigned_at=microseconds(assignment.assigned_at),
            ended_at=None if assignment.ended_at is None else microseconds(assignment.ended_at),
            data=_data(assignment),
        )
        if not written:
            self._refuse(assignment)

    def get(self, id: str) -> Assignment:
        """Return the assignment; see `AssignmentRepository.get`."""
        return self._got(self._say.get, id)

    def end(self, id: str, *, at: datetime, because: str) -> Assignment:
        """End an open assignment; see `AssignmentRepository.end`."""
        stored = self._got(self._say.get_locked, id)
        ended = altered(stored, {"ended_at": at, "ended_because": because})
        if stored.ended_at is not None or not self._session.count(
            self._say.end,
            id=id,
            ended_at=microseconds(at),
            data=_data(ended),
            target=ended.target if ended.counts else None,
        ):
            raise ConflictError(what=f"end of assignment `{id}`", expected=None, found=str(stored.ended_at))
        return ended

    def of_item(self, kind: str, item_id: str) -> list[Assignment]:
        """Return the item's assignments; see `AssignmentRepository.of_item`."""
        return _all(self._session.rows(self._say.of_item, kind=kind, item_id=item_id))

    def open_of_agent(self, agent_id: str) -> list[Assignment]:
        """Return the agent's open assignments; see `AssignmentRepository.open_of_agent`."""
        return _all(self._session.rows(self._say.open_of_agent, agent_id=agent_id))

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds through `target`; see `AssignmentRepository.count_open`."""
        count: int = self._session.rows(self._say.count_open, target=target, agent_id=agent_id)[0][0]
        return count

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came through `target`; see `AssignmentRepository.count_since`."""
        rows = self._session.rows(self._say.count_since, target=target, agent_id=agent_id, since=microseconds(since))
        count: int = rows[0][0]
        return count

    def _got(self, statement: Statement, id: str) -> Assignment:
        row = self._session.row(statement, id=id)
        if row is None:
            raise NotFoundError(noun="assignment", key=id)
        return assignment_of(row)

    def _refuse(self, assignment: Assignment) -> None:
        if self._session.row(self._say.get, id=assignment.id):
            raise AlreadyExistsError(noun="assignment", key=assignment.id)
        label = f"`{assignment.item_id}` of {assignment.kind}"
        for other in self.of_item(assignment.kind, assignment.item_id):
            if other.fence == assignment.fence:
                what = f"assignment by fence {assignment.fence} of {label}"
                raise ConflictError(what=what, expected=None, found=other.id)
            if other.ended_at is None and assignment.ended_at is None:
                raise ConflictError(what=f"open assignment of {label}", expected=None, found=other.id)
        raise ConflictError(what=f"assignment of {label}", expected=None, found="one that is gone again")


def _data(assignment: Assignment) -> str:
    return model_data(assignment, of=f"assignment `{assignment.id}`")


def _all(rows: Iterable[Row]) -> list[Assignment]:
    return [assignment_of(row) for row in rows]
