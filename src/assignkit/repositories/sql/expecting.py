"""Expecting: what a unit is going to look at is locked in one order, and read at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assignkit.repositories.sql.arrays import array_of
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.spelling import is_plain
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import RECORDS, Tables
from assignkit.repositories.sql.transaction import Question

if TYPE_CHECKING:
    from assignkit.repositories.sql.work import SqlUnit

Take = Callable[[list[Row]], object]

IN_A_ROW = 16  # so many new items, one after the other, and the next one passes for new
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
    session, knowledge, trip = unit.session, unit.session.knowledge, Trip()
    locks = [*(unit.rotations.lock_name(name) for name in names)]
    locks += [unit.placements.lock_name(kind, item_id) for kind, ids in of_kind.items() for item_id in ids]

    def note(_: list[Row]) -> None:
        for lock in taken:
            session.note_lock(*lock)

    taken = [lock for lock in locks if unit.lock_all is not None and session.lacks_lock(*lock)]
    if taken and unit.lock_all is not None:
        keys = {"lock_keys": array_of([session.locks.number_of(*lock) for lock in taken])}
        trip.ask(unit.lock_all, keys, note)
    alone = _alone(of_kind)
    perhaps_new = alone is not None and knowledge.mirror is not None and knowledge.mirror.last_was_new
    looks = unit.changed.questions()
    answers: list[list[Row]] = []
    for statement, parameters in looks:
        trip.ask(statement, parameters, answers.append)
    _read_rotations(unit, trip, names)
    if alone is not None and perhaps_new:
        trip.ask(*_newness(unit, *alone), partial(_note_new, unit, *alone))
    else:
        _read_items(unit, trip, of_kind)
    for take, rows in zip(trip.takes, session.ask(*trip.questions), strict=True):
        take(rows)
        if len(answers) == len(looks) and not knowledge.looked:
            unit.changed.answered(answers)
    if alone is not None:
        _look_closer(unit, *alone)


def _alone(of_kind: dict[str, list[str]]) -> tuple[str, str] | None:
    """Return the item that is asked for, if it is one alone."""
    items = [(kind, item_id) for kind, ids in of_kind.items() for item_id in ids]
    return items[0] if len(items) == 1 else None


def _look_closer(unit: SqlUnit, kind: str, item_id: str) -> None:
    """Read an item of which something is known, if that is not done yet; whether it was new is kept in mind."""
    if not unit.placements.knows(kind, item_id):
        trip = Trip()
        _read_items(unit, trip, {kind: [item_id]})
        for take, rows in zip(trip.takes, unit.session.ask(*trip.questions), strict=True):
            take(rows)
    elif (mirror := unit.session.knowledge.mirror) is not None:
        placed = unit.placements.find(kind, item_id) is not None
        mirror.last_was_new = not placed and unit.records_of(kind).find(item_id) is None


def _of_item(table: sa.Table) -> sa.Select[Any]:
    return sa.select(_ONE).where(this(table.c.tenant), this(table.c.kind), this(table.c.item_id))


def _newness(unit: SqlUnit, kind: str, item_id: str) -> Question:
    ask = unit.newness.of["items" if unit.records_of(kind).place else kind]
    return ask, {"kind": kind, "item_id": item_id}


def _note_new(unit: SqlUnit, kind: str, item_id: str, rows: list[Row]) -> bool:
    """Return whether nothing is known of an item, which is then noted as new."""
    mirror = unit.session.knowledge.mirror
    if mirror is not None:
        mirror.last_was_new = not rows
        mirror.new_in_a_row = 0 if rows else mirror.new_in_a_row + 1
    if rows:
        return False
    unit.placements.note_new(kind, item_id)
    unit.assignments.note_new(kind, item_id)
    unit.records_of(kind).note_new(item_id)
    return True


def _is_new(unit: SqlUnit, kind: str, item_id: str) -> bool:
    """Return whether nothing is known of an item, which is then noted: one statement, as most items are.

    After many that were new the next one passes for new, unless its record was found: whoever hands it out finds its
    place taken if it is not, and whoever does anything else has the unit ask before it ends.
    """
    session, question = unit.session, _newness(unit, kind, item_id)
    mirror = session.knowledge.mirror
    often_new = mirror is not None and mirror.new_in_a_row >= IN_A_ROW
    if often_new and session.may_presume and not unit.records_of(kind).has_found(item_id):
        session.presumption.presume((kind, item_id), question)
        return _note_new(unit, kind, item_id, [])
    return _note_new(unit, kind, item_id, *session.ask(question))


def _read_rotations(unit: SqlUnit, trip: Trip, names: list[str]) -> None:
    if names:
        ask = unit.rotations.all_of
        trip.ask(ask, {"ids": unit.session.database.listed(names)}, lambda rows: unit.rotations.take(names, rows))
    for name in names:
        if unit.rotations.is_awaited(name):
            trip.ask(unit.rotations.seated, {"rotation": name}, partial(_take_seated, unit, name))


def _take_seated(unit: SqlUnit, name: str, rows: list[Row]) -> None:
    unit.rotations.take_seats(name, list({row[0]: row[:3] for row in rows}.values()))
    unit.loads.take((row[0], *row[3:]) for row in rows if row[3] is not None)


def _read_items(unit: SqlUnit, trip: Trip, of_kind: dict[str, list[str]]) -> None:
    for kind, ids in of_kind.items():
        listed = unit.session.database.listed(ids)
        known = {"kind": kind, "ids": listed}
        takes = (unit.placements.taker(kind, ids), unit.assignments.taker(kind, ids), unit.records_of(kind).taker(ids))
        trip.ask(unit.placements.all_of, dict(known), takes[0])
        trip.ask(unit.assignments.all_of, dict(known), takes[1])
        trip.ask(unit.records_of(kind).all_of, {**unit.records_of(kind).place, "ids": listed}, takes[2])
