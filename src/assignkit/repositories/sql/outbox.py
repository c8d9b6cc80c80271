"""What is still to be told to the outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError
from assignkit.model.assignment import Event
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import inserting
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import event_data, numbered_event_of
from assignkit.repositories.sql.numbering import NumberingStatements, number_pending
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

_AS_IN_THE_HISTORY = "{}"


class OutboxStatements:
    """What is said to the database about events that are still to be told."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, outbox, events, numbers = (
            database.dialect(),
            *(tables[name] for name in ("outbox", "history", "numbers")),
        )
        self.later = NumberingStatements(tables, database) if database.numbers_later else None
        self.insert = inserting(outbox, database)
        told = sa.and_(events.c.tenant == outbox.c.tenant, events.c.id == outbox.c.id)
        found, number = sa.outerjoin(outbox, events, told), events.c.number
        if self.later is not None:
            numbered = sa.and_(numbers.c.tenant == events.c.tenant, numbers.c.place == events.c.number)
            found, number = sa.outerjoin(found, numbers, numbered), numbers.c.number
        own, theirs = database.document_text(outbox.c.data), database.document_text(events.c.data)
        data = sa.case((own == _AS_IN_THE_HISTORY, theirs), else_=own)
        order = (outbox.c.position,) if self.later is None else (number, outbox.c.position)
        pending = sa.select(number, data, events.c.id).select_from(found).where(this(outbox.c.tenant))
        self.pending = Statement(pending.order_by(*order).limit(sa.bindparam("most", type_=sa.Integer())), dialect)
        self.find = Statement(sa.select(outbox.c.id).where(this(outbox.c.tenant), this(outbox.c.id)), dialect)
        done = database.among(outbox.c.id, "ids")
        self.done = Statement(sa.delete(outbox).where(this(outbox.c.tenant), done), dialect)


class SqlOutbox:
    """Events in the order of the history; what was told is deleted, so that the table stays small.

    An event that this unit has written into the history is not written twice.
    """

    def __init__(self, session: Session, statements: OutboxStatements) -> None:
        self._session = session
        self._say = statements
        self._buffer = session.buffers.of("outbox")  # by place in this unit, from 0
        self._ids = session.buffers.of("outbox ids")
        self._history = session.buffers.of("history ids")
        session.buffers.sends(70, self._writes, self._buffer.dirty)

    def append(self, event: Event) -> None:
        """Add an event to be told; see `OutboxRepository.append`. One that is pending raises `AlreadyExistsError`."""
        data = _AS_IN_THE_HISTORY if self._history.known.get(event.id) == event else event_data(event)
        self._append(event.id, data)

    def note(self, event_id: str) -> None:
        """Add an event that this unit has just written into the history."""
        self._append(event_id, _AS_IN_THE_HISTORY)

    def note_all(self, event_ids: Sequence[str]) -> None:
        """Add events that this unit has just written into the history."""
        if self._session.careful or not self._ids.known.keys().isdisjoint(event_ids):
            for id in event_ids:
                self.note(id)  # which says what is in the way
            return
        tenant, first = self._session.tenant, len(self._buffer.known)
        rows = [(tenant, id, _AS_IN_THE_HISTORY) for id in event_ids]
        placed = dict(enumerate(rows, start=first))
        self._ids.see_all(dict.fromkeys(event_ids, True))
        self._session.add(self._buffer, Write(self._say.insert, rows), placed, stored={})

    def pending(self, *, limit: int = 1000) -> list[Event]:
        """Return events that are still to be told; see `OutboxRepository.pending`."""
        self._session.flush()
        rows = self._session.rows(self._say.pending, most=max(limit, 0))
        if self._say.later is not None and any(row[0] is None and row[2] is not None for row in rows):
            number_pending(self._session, self._say.later)
            rows = self._session.rows(self._say.pending, most=max(limit, 0))
        return [numbered_event_of(row) for row in rows]

    def done(self, event_ids: Sequence[str]) -> None:
        """Mark events as told; see `OutboxRepository.done`."""
        self._session.flush()
        self._session.count(self._say.done, ids=self._session.database.listed(event_ids))
        for id in event_ids:
            self._ids.forget(id)

    def _append(self, id: str, data: str) -> None:
        if id in self._ids.known or (self._session.careful and self._session.row(self._say.find, id=id)):
            raise AlreadyExistsError(noun="pending event", key=id)
        self._buffer.write(len(self._buffer.known), (self._session.tenant, id, data))
        self._ids.see(id, value=True)

    def _writes(self) -> Iterator[Write]:
        yield Write(self._say.insert, [row for _, row, _ in self._buffer.changes()])
