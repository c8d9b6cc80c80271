"""What is still to be told to the outside."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError
from assignkit.model.assignment import Event
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import event_of, model_data, texts
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables


class OutboxStatements:
    """What is said to the database about events that are still to be told."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, outbox = database.dialect(), tables["outbox"]
        columns = [c.name for c in outbox.c if c.name != "position"]
        values = {name: sa.bindparam(name, type_=outbox.c[name].type) for name in columns}
        self.insert = Statement(database.insert(outbox).values(values).on_conflict_do_nothing(), dialect)
        pending = sa.select(database.document_text(outbox.c.data)).where(this(outbox.c.tenant))
        self.pending = Statement(
            pending.order_by(outbox.c.position).limit(sa.bindparam("most", type_=sa.Integer())), dialect
        )
        told = outbox.c.id.in_(database.texts_of("ids"))
        self.done = Statement(sa.delete(outbox).where(this(outbox.c.tenant), told), dialect)


class SqlOutbox:
    """Events in the order in which they came in; what was told is deleted, so that the table stays small."""

    def __init__(self, session: Session, statements: OutboxStatements) -> None:
        self._session = session
        self._say = statements

    def append(self, event: Event) -> None:
        """Add an event to be told; see `OutboxRepository.append`. One that is pending raises `AlreadyExistsError`."""
        if not self._session.count(self._say.insert, id=event.id, data=model_data(event, of=f"event `{event.id}`")):
            raise AlreadyExistsError(noun="pending event", key=event.id)

    def pending(self, *, limit: int = 1000) -> list[Event]:
        """Return events that are still to be told; see `OutboxRepository.pending`."""
        return [event_of(row) for row in self._session.rows(self._say.pending, most=max(limit, 0))]

    def done(self, event_ids: Sequence[str]) -> None:
        """Mark events as told; see `OutboxRepository.done`."""
        self._session.count(self._say.done, ids=texts(event_ids))
