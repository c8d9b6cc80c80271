"""Which agents changed: a line per unit, and looking at the lines of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

import sqlalchemy as sa

from assignkit.repositories.base import Changes
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import telling
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mirroring import Changed, Cursors, State, Step
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Row, Statement, this
from assignkit.repositories.sql.tables import Tables
from assignkit.repositories.sql.transaction import Question

PUBLISHED = "publications"
PRUNED = "pruned changes"
_NOBODY = Changed()


class ChangeStatements:
    """What is said to the database about changes."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, lines, counters = database.dialect(), tables["changes"], tables["counters"]
        self.insert = telling(lines, database, computed={"xid": database.transaction_number()}, told="xid")
        published = sa.select(counters.c.value).where(this(counters.c.tenant), counters.c.name == _said(PUBLISHED))
        newest = sa.select(sa.func.max(lines.c.position))
        unseen = sa.and_(this(lines.c.tenant), database.unseen(lines))
        found = sa.select(lines.c.agents, lines.c.xid).where(unseen)
        pruned = sa.select(counters.c.value).where(this(counters.c.tenant), counters.c.name == _said(PRUNED))
        counts = (published.scalar_subquery(), pruned.scalar_subquery(), _events(tables, database))
        where = sa.select(database.state(newest).label("state"), *counts)
        self.where = Statement(where, dialect)
        self.since = Statement(found, dialect)
        now = where.subquery("now")
        looked = sa.select(*now.c, lines.c.agents, lines.c.xid).select_from(sa.outerjoin(now, lines, unseen))
        # Whoever was away for long finds the same few agents in thousands of lines.
        self.look = Statement(looked.distinct() if database.one_writer else looked, dialect)


class SqlChanges:
    """Who changed; a unit looks once, and again after it has waited for a lock."""

    def __init__(self, session: Session, statements: ChangeStatements, cursors: Cursors) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._cursors = cursors
        self._version: int | None = None  # of the database, as it was when a question was asked
        session.buffers.sends(90, self._writes, self._knowledge.touched)

    def since(self, cursor: int | None) -> Changes | None:
        """Return who changed since `cursor`, this unit's own changes among them; see `Store.changes`."""
        session, mirror = self._session, self._knowledge.mirror
        if mirror is None:
            return None
        self.look()
        self._knowledge.asked = True
        number, meant = self._cursors.exchange(cursor, mirror.state)
        if cursor is None:
            return Changes(number, *_NOBODY)
        if meant is None:
            return Changes(number, None)
        state, undone = meant
        step = mirror.since(state)
        if step is None and mirror.pruned >= session.database.first_unseen(state):
            return Changes(number, None)
        if step is None:
            step = Step(state, _told(session.rows(self._say.since, **session.database.seen(state))))
        if undone or self._knowledge.touched:
            step = Step(state, step.changed.and_also(Changed(undone, undone), self._knowledge.changed))
        return Changes(number, *step.changed, of_one_unit=step.from_here)

    def look(self) -> None:
        """See to it that what the connection remembers is as the database has it now."""
        if not self._knowledge.looked and self._knowledge.mirror is not None:
            questions = self.questions()
            self.answered(self._session.ask(*questions) if questions else [])

    def questions(self) -> list[Question]:
        """Return what has to be asked to know who changed since the connection last looked."""
        session, mirror = self._session, self._knowledge.mirror
        if mirror is None or (self._knowledge.looked and session.database.one_writer):
            return []
        version = session.others_version()
        if version is not None and version == mirror.version and mirror.state is not None:
            return []
        self._version = version
        if mirror.state is None:
            return [(self._say.where, {})]
        return [(self._say.look, session.database.seen(mirror.state))]

    def answered(self, answers: list[list[Row]]) -> None:
        """Take the answers over."""
        knowledge, mirror = self._knowledge, self._knowledge.mirror
        if not answers or mirror is None:
            knowledge.note_look(_NOBODY)
            return
        (rows,) = answers
        mirror.version = self._version  # not before there is an answer
        state, published, pruned, events = rows[0][:4]
        mirror.pruned = pruned or 0
        assumed = len(mirror.lines or ()) if knowledge.assuming else None
        state, lines = state or 0, [row[4:] for row in rows if row[4:] and row[4] is not None]
        changed = _told(row for row in lines if row[1] is None or row[1] not in mirror.written_here)
        if mirror.state is None or self._has_lost(state):
            mirror.reset(state)
        else:
            mirror.forget(changed)
            if state != mirror.state:
                mirror.step(state, _told(lines) if mirror.written_here else changed)
            mirror.written_here.clear()
        knowledge.note_look(changed)
        if self._session.database.one_writer:
            mirror.rotations.clear()
            mirror.counted = events or 0
        if mirror.lines is not None and len(mirror.lines) != (published or 0):
            mirror.lines = None
        if assumed is not None and assumed != (published or 0):
            raise OvertakenError(what="the rules in force", expected="as they were", found="published anew")

    def _has_lost(self, state: State) -> bool:
        """Return whether lines are gone that the connection has not seen, or the database is another one."""
        database, mirror = self._session.database, self._knowledge.mirror
        if mirror is None:
            return True
        return database.is_before(state, mirror.state) or mirror.pruned >= database.first_unseen(mirror.state)

    def _writes(self) -> Iterator[Write]:
        session, knowledge = self._session, self._knowledge
        agents, records = _unsent(knowledge.touched), _unsent(knowledge.rewritten)
        if agents:
            yield Write(self._say.insert, [(session.tenant, _line(agents, records))])
            for noted, agent_ids in ((knowledge.touched, agents), (knowledge.rewritten, records)):
                for agent_id in agent_ids:
                    session.undo.write(noted, agent_id, value=True)


def _line(agents: list[str], records: list[str]) -> str:
    """Return what `_told` reads."""
    if len(agents) == 1 and not records:  # most change one agent's load, and this is quicker than an encoder
        return f"[{encode_basestring_ascii(agents[0])}]"
    return json.dumps([*agents, records] if records else agents)


def _unsent(noted: Mapping[str, bool]) -> list[str]:
    return sorted([agent_id for agent_id, sent in noted.items() if not sent])


def _events(tables: Tables, database: Database) -> sa.ColumnElement[Any]:
    """Return how many events there are, where whoever writes numbers them."""
    if database.numbers_later:
        return sa.null()
    history = tables["history"]
    return sa.select(sa.func.max(history.c.number)).where(this(history.c.tenant)).scalar_subquery()


def _told(rows: Iterable[Row]) -> Changed:
    """Return whom lines tell of: each lists ids, and at its end the list of those whose record changed, if any."""
    agents: set[str] = set()
    records: set[str] = set()
    for row in rows:
        told = json.loads(row[0])
        if isinstance(told[-1], list):
            records.update(told.pop())
        agents.update(told)
    return Changed(frozenset(agents), frozenset(records))


def _said(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'")


__all__ = ["PUBLISHED", "ChangeStatements", "SqlChanges", "State"]
