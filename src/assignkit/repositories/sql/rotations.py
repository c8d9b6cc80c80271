"""Whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa

from assignkit.model.placement import Rotation, Seat
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import ROTATION_COLUMNS, rotation_columns, rotation_of, seat_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables


class RotationStatements:
    """What is said to the database about rotations and their seats."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, turns, seats = database.dialect(), tables["rotations"], tables["seats"]
        document = database.document_text(turns.c.present)
        columns = [document if name == "present" else turns.c[name] for name in ROTATION_COLUMNS]
        every = sa.select(*columns).where(this(turns.c.tenant))
        seated = sa.select(seats.c.agent_id, seats.c.turn, seats.c.last).where(
            this(seats.c.tenant), this(seats.c.rotation)
        )
        lock = database.lock()
        self.lock = None if lock is None else Statement(lock, dialect)
        self.find = Statement(every.where(this(turns.c.name)), dialect)
        self.list = Statement(every.order_by(turns.c.name), dialect)
        self.put = Statement(_upsert(turns, database), dialect)
        self.seat = Statement(seated.where(this(seats.c.agent_id)), dialect)
        self.seats = Statement(seated.order_by(seats.c.agent_id), dialect)
        self.put_seat = Statement(_upsert(seats, database), dialect)


def _upsert(table: sa.Table, database: Database) -> sa.ClauseElement:
    insert = database.insert(table)
    over = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
    upsert: sa.ClauseElement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=over)
    return upsert


class SqlRotations:
    """Rotations by name, and their seats by agent. Within a unit, looking a rotation up locks it."""

    def __init__(self, session: Session, statements: RotationStatements) -> None:
        self._session = session
        self._say = statements

    def find(self, name: str) -> Rotation | None:
        """Return the rotation's shared state, or None; see `RotationRepository.find`. Others wait until the unit ends.

        The lock is taken by a statement of its own, so that the next one sees what the others wrote before they let go.
        """
        self._session.lock(self._say.lock, "rotation", name)
        row = self._session.row(self._say.find, name=name)
        return None if row is None else rotation_of(row)

    def put(self, rotation: Rotation) -> None:
        """Write the rotation's shared state; see `RotationRepository.put`."""
        self._session.lock(self._say.lock, "rotation", rotation.name)
        self._session.count(self._say.put, **rotation_columns(rotation))

    def seat(self, name: str, agent_id: str) -> Seat | None:
        """Return the agent's seat, or None; see `RotationRepository.seat`."""
        row = self._session.row(self._say.seat, rotation=name, agent_id=agent_id)
        return None if row is None else seat_of(row)

    def put_seat(self, name: str, seat: Seat) -> None:
        """Write one agent's seat; see `RotationRepository.put_seat`."""
        self._session.count(
            self._say.put_seat, rotation=name, agent_id=seat.agent_id, turn=str(seat.turn), last=seat.last
        )

    def seats(self, name: str) -> list[Seat]:
        """Return all seats of the rotation; see `RotationRepository.seats`."""
        return [seat_of(row) for row in self._session.rows(self._say.seats, rotation=name)]

    def list(self) -> list[Rotation]:
        """Return all rotations; see `RotationRepository.list`."""
        return [rotation_of(row) for row in self._session.rows(self._say.list)]
