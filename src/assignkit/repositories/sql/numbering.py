"""Numbering the history afterwards: whoever reads it gives numbers to what was committed since, without gaps.

One at a time does so, under a lock that writers never take. Events are numbered in the order of their places; one whose
unit commits late gets a later number than those that are told already. None is missed: the mark says below which
transaction all were finished, and their events numbered, when somebody last looked. Transactions of a database that was
dumped and restored have numbers of another server: a mark from there is no mark.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

_MARK = "numbered"
_NAME: sa.ColumnElement[str] = sa.literal_column(f"'{_MARK}'")
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0")
_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_NO_END: sa.ColumnElement[int] = sa.literal_column(str(2**63 - 1))


class NumberingStatements:
    """What is said to the database to number events."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, events, numbers = database.dialect(), tables["history"], tables["numbers"]
        pending = _pending(tables)
        last = sa.select(sa.func.coalesce(sa.func.max(numbers.c.number), _NOTHING)).where(this(numbers.c.tenant))
        number = last.scalar_subquery() + sa.func.row_number().over(order_by=events.c.number)
        numbered = sa.select(events.c.tenant, number, events.c.number).where(pending)
        give = database.insert(numbers).from_select(["tenant", "number", "place"], numbered)
        # In one statement, so that the mark is of the very snapshot in which the events were looked for.
        give = give.add_cte(_marking(tables["counters"], database).returning(_ONE.label("one")).cte("marked"))
        self.pending = Statement(sa.select(_ONE).where(pending).limit(_ONE), dialect)
        self.lock = Statement(database.lock(), dialect)  # type: ignore[arg-type]  # where numbers come later, names lock
        self.give = Statement(give, dialect)


def number_pending(session: Session, say: NumberingStatements) -> None:
    """Give numbers to all events that this unit can see and that have none."""
    if session.row(say.pending):
        session.apart((say.lock, {"lock_key": session.locks.number_of(_MARK)}), (say.give, {}))


def _pending(tables: Tables) -> sa.ColumnElement[bool]:
    """Return the condition that an event has no number, for an index of events by their transactions."""
    events, numbers, counters = (tables[name] for name in ("history", "numbers", "counters"))
    has_number = sa.exists().where(numbers.c.tenant == events.c.tenant, numbers.c.place == events.c.number)
    marked = sa.select(counters.c.value).where(this(counters.c.tenant), counters.c.name == _NAME)
    mark = sa.func.coalesce(marked.scalar_subquery(), _NOTHING)
    begun = _whole(sa.func.pg_snapshot_xmax(sa.func.pg_current_snapshot()))
    own = sa.func.coalesce(_whole(sa.func.pg_current_xact_id_if_assigned()), _NOTHING)
    from_elsewhere = mark > begun
    first = sa.case((from_elsewhere, _NOTHING), else_=mark)
    end = sa.case((from_elsewhere, _NO_END), else_=sa.func.greatest(begun, own + _ONE))
    return sa.and_(this(events.c.tenant), events.c.xid >= first, events.c.xid < end, ~has_number)


def _marking(counters: sa.Table, database: Database) -> Any:  # noqa: ANN401 - two classes with the same methods
    finished = _whole(sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot()))
    tenant = sa.bindparam("tenant", type_=counters.c.tenant.type)
    insert = database.insert(counters).values(tenant=tenant, name=_NAME, value=finished)
    return insert.on_conflict_do_update(
        index_elements=list(counters.primary_key), set_={"value": insert.excluded.value}
    )


def _whole(number: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.cast(number, sa.Text()), sa.BigInteger())
