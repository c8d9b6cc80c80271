"""Whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from assignkit.model.placement import Rotation, Seat
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import inserting, updating
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.mapping import LOAD_COLUMNS, ROTATION_COLUMNS, rotation_columns, rotation_of, seat_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables
from assignkit.repositories.sql.transaction import Question

NOUN = "rotation"
_MOST_AT_ONCE = 100  # seats that are read without knowing whether they are needed

_NONE: Mapping[str, Any] = {}
_NEVER: tuple[object, dict[str, Seat]] = (object(), {})  # when seats were read, and which
_Rows = list[Row]  # `SqlRotations` has a `list` of its own


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
        self.all_of = Statement(database.for_each(every, turns.c.name, "ids"), dialect)
        named = sa.select(seats.c.rotation, seats.c.agent_id, seats.c.turn, seats.c.last).where(this(seats.c.tenant))
        pair = seats.c.rotation, seats.c.agent_id
        self.named = Statement(database.for_each_pair(named, pair, "wanted"), dialect)
        self.begin = inserting(turns, database)
        self.turn = updating(turns, database, key=("tenant", "name"), written=ROTATION_COLUMNS[1:])
        self.seat = Statement(seated.where(this(seats.c.agent_id)), dialect)
        joined, carried = _carried(seats, tables["loads"], database)
        with_loads = seated.add_columns(*carried).select_from(joined).order_by(seats.c.agent_id, carried[0])
        self.seated = Statement(with_loads, dialect)
        self.seats = Statement(seated.order_by(seats.c.agent_id), dialect)
        key, as_read = ("tenant", "rotation", "agent_id"), {"turn": "turn_read", "last": "last_read"}
        self.sit = inserting(seats, database)
        self.move = updating(seats, database, key=key, written=("turn", "last"), expected=as_read)


def _carried(seats: sa.Table, loads: sa.Table, database: Database) -> tuple[sa.FromClause, list[sa.ColumnElement[Any]]]:
    """Return seats with what their agents carry, and the columns of that."""
    names = *LOAD_COLUMNS[1:], "revision"
    its = sa.and_(loads.c.tenant == seats.c.tenant, loads.c.agent_id == seats.c.agent_id)
    if database.one_writer:
        return sa.outerjoin(seats, loads, its), [loads.c[name] for name in names]
    # Looked up one by one, whatever the planner believes of tables that nobody has analysed.
    each = sa.select(*(loads.c[name] for name in names)).where(its).offset(sa.literal_column("0")).lateral("carried")
    return sa.outerjoin(seats, each, sa.true()), list(each.c)


class SqlRotations:
    """Rotations by name, and their seats by agent. Within a unit, looking a rotation up locks it.

    A seat that is written without the rotation's lock, as a turn is returned, is compared with what was read.
    """

    def __init__(self, session: Session, statements: RotationStatements) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._turns = session.buffers.of("rotations")
        self._seats = session.buffers.of("seats")
        self._seated = session.buffers.of("seated")  # rotations all of whose seats are known
        session.buffers.sends(10, self._writes, self._turns.dirty, self._seats.dirty)

    def find(self, name: str) -> Rotation | None:
        """Return the rotation's shared state, or None; see `RotationRepository.find`. Whoever else asks, waits."""
        if self.knows(name):
            known: Rotation | None = self._turns.known[name]
            return known
        rows = self._session.ask_locked(self._say.lock, self.lock_name(name), (self._say.find, {"name": name}))
        return self._found(name, rows)

    @property
    def all_of(self) -> Statement:
        """What asks for many at once."""
        return self._say.all_of

    def knows(self, name: str) -> bool:
        """Return whether the rotation need not be asked for: the unit has looked it up, or nobody can change it."""
        return name in self._turns.known or self._recalled(name)

    def lock_name(self, name: str) -> tuple[str, ...]:
        """Return what the rotation is locked by."""
        return NOUN, name

    def take(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Note what the database has of these rotations."""
        found = {row[0]: row for row in rows}
        for name in names:
            self._found(name, [found[name]] if name in found else [])

    def put(self, rotation: Rotation) -> None:
        """Write the rotation's shared state; see `RotationRepository.put`."""
        self.find(rotation.name)
        self._turns.write(rotation.name, rotation)

    def seat(self, name: str, agent_id: str) -> Seat | None:
        """Return the agent's seat, or None; see `RotationRepository.seat`."""
        key = (name, agent_id)
        if self.knows_seat(name, agent_id):
            known: Seat | None = self._seats.known[key]
            return known
        row = self._session.row(self._say.seat, rotation=name, agent_id=agent_id)
        self._note_calm(name, (), calm=False)
        found = self._read(name, agent_id, row)
        self.knows_seat(name, agent_id)  # what is written is compared with what the unit notes
        return found

    def knows_seat(self, name: str, agent_id: str) -> bool:
        """Return whether the seat need not be asked for; what is remembered of it is then noted as read."""
        key = (name, agent_id)
        if key in self._seats.known:
            return True
        mirror = self._knowledge.remembered()
        if mirror is None or name not in (its_seats := mirror.seats.get(agent_id, _NONE)):
            return False
        self._seats.read(key, *its_seats[name])
        return True

    def asking_for(self, wanted: Mapping[str, Collection[str]]) -> Question:
        """Return what asks for the seats of agents, by rotation."""
        return self._say.named, self._session.database.paired("wanted", wanted)

    def take_asked(
        self, wanted: Mapping[str, Collection[str]], rows: Sequence[Row]
    ) -> Mapping[tuple[str, str], Seat | None]:
        """Return the seats of agents, None for those that there are not, by what the database has of them."""
        found = {row[:2]: row[1:] for row in rows}
        for name in wanted:
            self._note_calm(name, (), calm=False)
        keys = ((name, agent_id) for name, agent_ids in wanted.items() for agent_id in agent_ids)
        return {key: self._read(*key, found.get(key)) for key in keys}

    def put_seat(self, name: str, seat: Seat) -> None:
        """Write one agent's seat; see `RotationRepository.put_seat`."""
        self.seat(name, seat.agent_id)
        self._seats.write((name, seat.agent_id), seat)
        self._knowledge.touch(seat.agent_id)

    def send(self, turns: Iterable[tuple[Rotation, Iterable[Seat]]]) -> None:
        """Write rotations and seats in them now, as `put` and `put_seat` do by and by; where the unit sends at once."""
        begun: list[Row] = []
        turned: list[Row] = []
        added: list[Row] = []
        moved: list[Row] = []
        for rotation, seats in turns:
            name = rotation.name
            self.find(name)
            self._turns.see(name, rotation)
            self._settle(rotation, begun, turned, was_there=self._turns.stored.get(name))
            for seat in seats:
                self.seat(name, seat.agent_id)
                self._seats.see((name, seat.agent_id), seat)
                self._settle_seat(name, seat, added, moved)
                self._knowledge.touch(seat.agent_id)
        say = self._say
        self._session.send(
            Write(say.begin, begun), Write(say.turn, turned), Write(say.sit, added), Write(say.move, moved)
        )

    def seats(self, name: str) -> list[Seat]:
        """Return all seats of the rotation; see `RotationRepository.seats`."""
        mirror = self._knowledge.mirror
        looked, found = self._seated.known.get(name, _NEVER)
        if mirror is None or looked != mirror.state:  # or others may have changed them since
            rows = self._session.rows(self._say.seats, rotation=name)
            found = self._noted(name, rows)
            self._note_calm(name, rows, calm=False)
        found = found | {agent_id: seat for (of, agent_id), seat in self._seats.known.items() if of == name and seat}
        return [found[agent_id] for agent_id in sorted(found)]

    @property
    def seated(self) -> Statement:
        """What asks for all seats of a `rotation`, each with what its agent carries, or NULL."""
        return self._say.seated

    def is_awaited(self, name: str) -> bool:
        """Return whether the seats are to be read with the rotation, as others may have changed them."""
        mirror = self._knowledge.mirror
        return mirror is not None and not self._session.database.one_writer and name not in mirror.calm

    def take_seats(self, name: str, rows: Sequence[Row]) -> None:
        """Note what the database has of the rotation's seats."""
        mirror = self._knowledge.mirror
        self._note_calm(
            name, rows, calm=mirror is not None and all(name in mirror.seats.get(row[0], _NONE) for row in rows)
        )
        if mirror is not None:
            self._seated.see(name, (mirror.state, self._noted(name, rows)))

    def list(self) -> list[Rotation]:
        """Return all rotations; see `RotationRepository.list`."""
        found = {row[0]: rotation_of(row) for row in self._session.rows(self._say.list)}
        found |= {name: self._turns.known[name] for name in self._turns.dirty}
        return [found[name] for name in sorted(found)]

    def _recalled(self, name: str) -> bool:
        """Return whether the rotation is remembered, where nobody writes meanwhile; it is then noted as read."""
        mirror = self._knowledge.remembered() if self._say.lock is None else None
        if mirror is None or name not in mirror.rotations:
            return False
        known = mirror.rotations[name]
        self._turns.read(name, known, known is not None)
        return True

    def _noted(self, name: str, rows: Sequence[Row]) -> dict[str, Seat]:
        return {row[0]: cast("Seat", self._read(name, row[0], row)) for row in rows}

    def _read(self, name: str, agent_id: str, row: Row | None) -> Seat | None:
        """Return the seat of a row; the connection remembers it, or the unit, where it may be the unit's own."""
        found = None if row is None else seat_of(row)
        key = (name, agent_id)
        if key in self._seats.known or not self._session.writing:
            return found
        mirror = self._knowledge.remembered()
        if mirror is not None and agent_id not in self._knowledge.touched:
            mirror.seats.setdefault(agent_id, {})[name] = found, row
        else:
            self._seats.read(key, found, row)
        return found

    def _note_calm(self, name: str, rows: Sequence[Row], *, calm: bool) -> None:
        """Note whether the seats need not be read ahead the next time."""
        mirror = self._knowledge.mirror
        if mirror is None:
            return
        if calm or len(rows) > _MOST_AT_ONCE:
            mirror.calm[name] = len(rows) > _MOST_AT_ONCE
        elif not mirror.calm.get(name):
            mirror.calm.pop(name, None)

    def _found(self, name: str, rows: Sequence[Row]) -> Rotation | None:
        found = rotation_of(rows[0]) if rows else None
        if self._session.writing:
            self._turns.read(name, found, found is not None)
        return found

    def _writes(self) -> Iterator[Write]:
        begun: list[Row] = []
        turned: list[Row] = []
        for _, rotation, was_there in self._turns.changes():
            self._settle(rotation, begun, turned, was_there=was_there)
        yield Write(self._say.begin, begun)
        yield Write(self._say.turn, turned)
        added: list[Row] = []
        moved: list[Row] = []
        for (name, _), seat, _ in self._seats.changes():
            self._settle_seat(name, seat, added, moved)
        yield Write(self._say.sit, added)
        yield Write(self._say.move, moved)

    def _settle(self, rotation: Rotation, begun: _Rows, turned: _Rows, *, was_there: bool | None) -> None:
        """Add the row of a rotation to those that are sent, and take it for stored."""
        name, *columns = rotation_columns(rotation)
        if was_there:
            turned.append((*columns, self._session.tenant, name))
        else:
            begun.append((self._session.tenant, name, *columns))
        self._turns.settle(name, stored=True)

    def _settle_seat(self, name: str, seat: Seat, added: _Rows, moved: _Rows) -> None:
        """Add the row of a seat to those that are sent, and take it for stored."""
        key, turn, tenant = (name, seat.agent_id), str(seat.turn), self._session.tenant
        before = self._seats.stored.get(key)
        if before is None:
            added.append((tenant, *key, turn, seat.last))
        else:
            moved.append((turn, seat.last, tenant, *key, *before[1:]))
        self._seats.settle(key, (seat.agent_id, turn, seat.last))
