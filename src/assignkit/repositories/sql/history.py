"""What happened, append-only."""

from __future__ import annotations

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError
from assignkit.model.assignment import Event
from assignkit.model.building import altered
from assignkit.model.frozen import freeze
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import event_of, model_data
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

_COUNTER = "history"


class HistoryStatements:
    """What is said to the database about the history."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, events, counters = database.dialect(), tables["history"], tables["counters"]
        data = sa.select(database.document_text(events.c.data)).where(this(events.c.tenant))
        counter = sa.and_(this(counters.c.tenant), this(counters.c.name))
        insert = database.insert(counters)
        counted = insert.on_conflict_do_update(
            index_elements=list(counters.primary_key), set_={"value": counters.c.value + 1}
        )
        self.count_up = Statement(counted.returning(counters.c.value), dialect)
        self.count_down = Statement(sa.update(counters).where(counter).values(value=counters.c.value - 1), dialect)
        self.insert = Statement(database.insert(events).on_conflict_do_nothing(), dialect)
        by_number = data.order_by(events.c.number)
        self.of_item = Statement(by_number.where(this(events.c.kind), this(events.c.item_id)), dialect)
        above = events.c.number > sa.bindparam("above", type_=events.c.number.type)
        self.since = Statement(by_number.where(above).limit(sa.bindparam("most", type_=sa.Integer())), dialect)


class SqlHistory:
    """Events by number, from 1 without gaps.

    Numbers come from a row that counts, locked from the first event of a unit until the unit ends: units commit in the
    order of their numbers. That is why the history is written last.
    """

    def __init__(self, session: Session, statements: HistoryStatements) -> None:
        self._session = session
        self._say = statements

    def append(self, event: Event) -> Event:
        """Store the event as the newest; see `HistoryRepository.append`. A taken id raises `AlreadyExistsError`."""
        number: int = self._session.rows(self._say.count_up, name=_COUNTER, value=1)[0][0]
        stored = altered(event, {"number": number, "facts": freeze(event.facts)})
        written = self._session.count(
            self._say.insert,
            number=number,
            id=event.id,
            kind=event.kind,
            item_id=event.item_id,
            data=model_data(stored, of=f"event `{event.id}`"),
        )
        if not written:
            self._session.count(self._say.count_down, name=_COUNTER)
            raise AlreadyExistsError(noun="event", key=event.id)
        return stored

    def of_item(self, kind: str, item_id: str) -> list[Event]:
        """Return the item's events; see `HistoryRepository.of_item`."""
        return [event_of(row) for row in self._session.rows(self._say.of_item, kind=kind, item_id=item_id)]

    def since(self, number: int, *, limit: int = 1000) -> list[Event]:
        """Return events with a higher number; see `HistoryRepository.since`."""
        return [event_of(row) for row in self._session.rows(self._say.since, above=number, most=max(limit, 0))]
