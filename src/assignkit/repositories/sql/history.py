"""What happened, append-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError
from assignkit.model.assignment import Event
from assignkit.model.building import altered
from assignkit.model.frozen import freeze
from assignkit.model.grant import Grant
from assignkit.model.happening import Happening
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import Row, inserting
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import event_data, found_event_of, happening_data
from assignkit.repositories.sql.numbering import NumberingStatements, number_pending
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

NOTED = object()  # stands for an event that this unit has put into words for the database alone
_COUNTER = "history"


class HistoryStatements:
    """What is said to the database about the history."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, events = database.dialect(), tables["history"]
        numbers, data = tables["numbers"], database.document_text(events.c.data)
        self.later = NumberingStatements(tables, database) if database.numbers_later else None
        computed: dict[str, Any] = {"xid": database.transaction_number()}
        found_by = (events.c.id, events.c.kind, events.c.item_id)
        number, read = events.c.number, sa.select(events.c.number, *found_by, data)
        if self.later is not None:
            computed["number"] = tables.order_of_history.next_value()
            number = numbers.c.number
            numbered = sa.and_(numbers.c.tenant == events.c.tenant, numbers.c.place == events.c.number)
            read = sa.select(number, *found_by, data).select_from(sa.outerjoin(events, numbers, numbered))
        self.insert = inserting(events, database, computed=computed)
        self.find = Statement(sa.select(events.c.id).where(this(events.c.tenant), this(events.c.id)), dialect)
        count = sa.select(sa.func.max(events.c.number)).where(this(events.c.tenant))
        self.count = Statement(count, dialect)
        of_item = read.where(this(events.c.tenant), this(events.c.kind), this(events.c.item_id))
        self.of_item = Statement(of_item.order_by(number), dialect)
        above = number > sa.bindparam("above", type_=number.type)
        most = sa.bindparam("most", type_=sa.Integer())
        of_tenant = this(events.c.tenant) if self.later is None else this(numbers.c.tenant)
        self.since = Statement(read.where(of_tenant, above).order_by(number).limit(most), dialect)


class SqlHistory:
    """Events by number, from 1 without gaps.

    SQLite has one writer, who counts on from the last. On PostgreSQL an event gets its place when it is written, and
    its number when somebody reads: nobody has to wait for those who wrote before to commit. Until then it is 0.
    """

    def __init__(self, session: Session, statements: HistoryStatements) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._buffer = session.buffers.of("history")  # by place in this unit, from 0
        self._ids = session.buffers.of("history ids")
        self._counted = session.buffers.of("history counted")
        session.buffers.sends(60, self._writes, self._buffer.dirty)

    def append(self, event: Event) -> Event:
        """Store the event as the newest; see `HistoryRepository.append`. A taken id raises `AlreadyExistsError`."""
        number = self._next(event.id)
        kept = altered(event, {"number": number, "facts": freeze(event.facts)})
        self._keep(event, event_data(event), number)
        self._ids.see(event.id, kept)
        return kept

    def note(self, happening: Happening) -> None:
        """Store what happened as the newest event; its number is told by who reads it."""
        number = self._next(happening.id)
        self._keep(happening, happening_data(happening), number)
        self._ids.see(happening.id, NOTED)

    def note_all(self, grants: Sequence[Grant], data: Iterable[str]) -> None:
        """Store what happened as the newest events, in this order, by what is spelled already."""
        ids = {grant.id: NOTED for grant in grants}
        if self._session.careful or len(ids) != len(grants) or not self._ids.known.keys().isdisjoint(ids):
            for grant in grants:
                self.note(grant)  # which says what is in the way
            return
        first, tenant = len(self._buffer.known), self._session.tenant
        rows: list[Row] = [(tenant, one.id, *one.key, text) for one, text in zip(grants, data, strict=True)]
        if self._say.later is None:
            number = self._before() + first + 1
            rows = [(row[0], place, *row[1:]) for place, row in enumerate(rows, start=number)]
        numbered = dict(enumerate(rows, start=first))
        self._ids.see_all(ids)
        self._session.add(self._buffer, Write(self._say.insert, rows), numbered, stored={})

    def of_item(self, kind: str, item_id: str) -> list[Event]:
        """Return the item's events; see `HistoryRepository.of_item`."""
        self._session.flush()
        rows = self._session.rows(self._say.of_item, kind=kind, item_id=item_id)
        if self._say.later is not None and any(row[0] is None for row in rows):
            number_pending(self._session, self._say.later)
            rows = self._session.rows(self._say.of_item, kind=kind, item_id=item_id)
        return [found_event_of(row) for row in rows]

    def since(self, number: int, *, limit: int = 1000) -> list[Event]:
        """Return events with a higher number; see `HistoryRepository.since`."""
        self._session.flush()
        if self._say.later is not None:
            number_pending(self._session, self._say.later)
        return [found_event_of(row) for row in self._session.rows(self._say.since, above=number, most=max(limit, 0))]

    def _next(self, id: str) -> int:
        """Return the number of the next event, 0 where it gets that later; `AlreadyExistsError` for a taken id."""
        if id in self._ids.known or (self._session.careful and self._session.row(self._say.find, id=id)):
            raise AlreadyExistsError(noun="event", key=id)
        return 0 if self._say.later is not None else self._before() + len(self._buffer.known) + 1

    def _keep(self, event: Event | Happening, data: str, number: int) -> None:
        row: Row = (self._session.tenant, event.id, event.kind, event.item_id, data)
        if self._say.later is None:
            row = (row[0], number, *row[1:])
        self._buffer.write(len(self._buffer.known), row)

    def _before(self) -> int:
        """Return how many events there were before this unit."""
        known: int | None = self._counted.known.get(_COUNTER)
        if known is None:
            mirror = self._knowledge.remembered()
            known = None if mirror is None else mirror.counted
            if known is None:
                known = self._session.rows(self._say.count)[0][0] or 0
            self._counted.see(_COUNTER, known)
        return known

    def _writes(self) -> Iterator[Write]:
        yield Write(self._say.insert, [row for _, row, _ in self._buffer.changes()])
