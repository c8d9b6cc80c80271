"""Expecting: what a unit is going to look at is locked in one order, and read at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assignkit.repositories.sql.arrays import array_of
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.session import Question
from assignkit.repositories.sql.spelling import is_plain
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import RECORDS, Tables

if TYPE_CHECKING:
    from assignkit.repositories.sql.work import SqlUnit

Take = Callable[[list[Row]], object]

_ONE: sa.ColumnElement[int] = sa.literal_column("1")


class Newness:
    """Asks whether a store knows anything of one item; `of` has the statement for each table of records."""

    def __init__(self, tables: Tables, database: Database) -> None:
        self.of: dict[str, Statement] = {}
        placed, held = (_of_item(tables[name]) for name in ("placements", "assignments"))
        for name in (*RECORDS, "items"):
            table = tables[name]
            kinds = [this(column) for column in table.c if column.name == "kind"]
            kept = sa.select(_ONE).where(this(table.c.tenant), *kinds, this(table.c.id, "item_id"))
            self.of[name] = Statement(sa.union_all(placed, held, kept).limit(_ONE), database.dialect())


@dataclass(slots=True)
class Trip:
    """Questions that are asked together, and what takes each answer."""

    questions: list[Question] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)

    def ask(self, statement: Statement, parameters: dict[str, Any], take: Take) -> None:
        """Add a question."""
        self.questions.append((statement, parameters))
        self.takes.append(take)


def expect(unit: SqlUnit, rotations: Collection[str], items: Collection[tuple[str, str]]) -> None:
    """Lock and read what is not known yet; then look who changed while the unit waited."""
    if unit.alone and not rotations and len(items) == 1:
        ((kind, item_id),) = items
        if unit.placements.knows(kind, item_id) or not is_plain(item_id) or _is_new(unit, kind, item_id):
            return
    names = [name for name in sorted(set(rotations)) if not unit.rotations.knows(name)]
    of_kind: dict[str, list[str]] = {}
    for kind, item_id in sorted(set(items)):
        if is_plain(item_id) and not unit.placements.knows(kind, item_id):
            of_kind.setdefault(kind, []).append(item_id)
    if names or of_kind:
        _lock_and_read(unit, names, of_kind)


def _lock_and_read(unit: SqlUnit, names: list[str], of_kind: dict[str, list[str]]) -> None:
    session, trip = unit.session, Trip()
    locks = [*(unit.rotations.lock_name(name) for name in names)]
    locks += [unit.placements.lock_name(kind, item_id) for kind, ids in of_kind.items() for item_id in ids]

    def note(_: list[Row]) -> None:
        for lock in taken:
            session.note_lock(*lock)

    taken = [lock for lock in locks if session.must_lock(unit.lock_all, *lock)]
    if taken and unit.lock_all is not None:
        keys = {"lock_keys": array_of([session.number_of(*lock) for lock in taken])}
        trip.ask(unit.lock_all, keys, note)
    looks = unit.changed.questions()
    answers: list[list[Row]] = []
    for statement, parameters in looks:
        trip.ask(statement, parameters, answers.append)
    _read(unit, trip, names, of_kind)
    for take, rows in zip(trip.takes, session.ask(*trip.questions), strict=True):
        take(rows)
        if len(answers) == len(looks) and not session.looked:
            unit.changed.answered(answers)


def _of_item(table: sa.Table) -> sa.Select[Any]:
    return sa.select(_ONE).where(this(table.c.tenant), this(table.c.kind), this(table.c.item_id))


def _is_new(unit: SqlUnit, kind: str, item_id: str) -> bool:
    """Return whether nothing is known of an item, which is then noted: one statement, as most items are."""
    records = unit.records_of(kind)
    ask = unit.newness.of["items" if records.place else kind]
    if unit.session.rows(ask, kind=kind, item_id=item_id):
        return False
    unit.placements.note_new(kind, item_id)
    unit.assignments.note_new(kind, item_id)
    records.note_new(item_id)
    return True


def _read(unit: SqlUnit, trip: Trip, names: list[str], of_kind: dict[str, list[str]]) -> None:
    if names:
        ask = unit.rotations.all_of
        trip.ask(ask, {"ids": unit.session.database.listed(names)}, lambda rows: unit.rotations.take(names, rows))
    for name in names:
        if unit.rotations.is_awaited(name):
            trip.ask(unit.rotations.seats_of, {"rotation": name}, partial(unit.rotations.take_seats, name))
            trip.ask(unit.loads.of_seated, {"rotation": name}, unit.loads.take)
    for kind, ids in of_kind.items():
        listed = unit.session.database.listed(ids)
        known = {"kind": kind, "ids": listed}
        takes = (unit.placements.taker(kind, ids), unit.assignments.taker(kind, ids), unit.records_of(kind).taker(ids))
        trip.ask(unit.placements.all_of, dict(known), takes[0])
        trip.ask(unit.assignments.all_of, dict(known), takes[1])
        trip.ask(unit.records_of(kind).all_of, {**unit.records_of(kind).place, "ids": listed}, takes[2])
