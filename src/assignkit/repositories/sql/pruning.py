"""Pruning: letting go of what has served its time, when the host says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from assignkit.clock import Clock
from assignkit.errors import ConfigurationError
from assignkit.repositories.memory.instants import universal
from assignkit.repositories.sql.changes import PRUNED
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import instant_of
from assignkit.repositories.sql.outbox import SqlOutbox
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

KEPT = timedelta(hours=24)
_PAGE = 1_000
_LINES = 10_000  # of changes, for connections that have not looked for a while


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went: answers to idempotency keys, and events that nobody was told of."""

    answers: int
    outbox: int


class PruningStatements:
    """What is said to the database about old answers."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, answers = database.dialect(), tables["answers"]
        operation, of_tenant = this(answers.c.operation), this(answers.c.tenant)
        given = sa.select(answers.c.operation, answers.c.key, answers.c.at)
        self.answers = Statement(given.where(of_tenant), dialect)
        keys = database.among(answers.c.key, "ids")
        lines, counters = tables["changes"], tables["counters"]
        told = this(lines.c.tenant)
        newest = sa.select(lines.c.position).where(told).order_by(lines.c.position.desc())
        self.beyond = Statement(newest.limit(sa.literal_column("1")).offset(sa.literal_column(str(_LINES))), dialect)
        up_to = lines.c.position <= sa.bindparam("position", type_=lines.c.position.type)
        gone = lines.c.position if database.one_writer else lines.c.xid
        self.gone = Statement(sa.select(sa.func.max(gone)).where(told, up_to), dialect)
        self.drop_lines = Statement(sa.delete(lines).where(told, up_to), dialect)
        count = database.insert(counters)
        values = {"value": count.excluded.value}
        count = count.on_conflict_do_update(index_elements=list(counters.primary_key), set_=values)
        self.note_gone = Statement(count, dialect)
        self.forget = Statement(sa.delete(answers).where(of_tenant, operation, keys), dialect)


def refuse_too_young(before: datetime, clock: Clock) -> None:
    """Raise `ConfigurationError` if an answer could go that has to be kept, or for what is no instant."""
    given: object = before
    if not isinstance(given, datetime):
        msg = f"`before` is an instant, a datetime with a zone, not {given!r:.60}"
        raise ConfigurationError(msg)
    if universal(before) > clock.now() - KEPT:
        hours = KEPT.total_seconds() / 3600
        msg = f"answers are kept for at least {hours:g} hours, so that a retry finds them: {before}"
        raise ConfigurationError(msg)


def prune(session: Session, say: PruningStatements, outbox: SqlOutbox, before: datetime) -> Pruned:
    """Delete answers and events of the outbox that are older than `before`."""
    old: dict[str, list[str]] = {}
    for operation, key, at in session.rows(say.answers):
        if instant_of(at) < before:
            old.setdefault(operation, []).append(key)
    listed = session.database.listed
    answers = sum(session.count(say.forget, operation=name, ids=listed(keys)) for name, keys in sorted(old.items()))
    untold = 0
    while told := [event.id for event in outbox.pending(limit=_PAGE) if event.at < before]:
        outbox.done(told)
        untold += len(told)
    _prune_changes(session, say)
    return Pruned(answers, untold)


def _prune_changes(session: Session, say: PruningStatements) -> None:
    """Delete all but the last lines of changes; who has not seen those that go reads everything again."""
    row = session.row(say.beyond)
    if row is None:
        return
    gone = session.rows(say.gone, position=row[0])[0][0]
    session.count(say.note_gone, name=PRUNED, value=gone)
    session.count(say.drop_lines, position=row[0])
    if session.knowledge.mirror is not None:
        session.knowledge.mirror.pruned = gone
