"""What was answered to which key."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from assignkit.errors import ConflictError
from assignkit.repositories.base import Answer
from assignkit.repositories.sql.buffering import Write
from assignkit.repositories.sql.bulk import Row, inserting
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import instant_of, told_instant
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables
from assignkit.repositories.sql.transaction import Question

NOUN = "answer"


class AnswerStatements:
    """What is said to the database about answers."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, answers = database.dialect(), tables["answers"]
        given = sa.select(answers.c.fingerprint, answers.c.result, answers.c.at)
        of_key = (this(answers.c.tenant), this(answers.c.operation), this(answers.c.key))
        lock = database.lock()
        self.lock = None if lock is None else Statement(lock, dialect)
        self.find = Statement(given.where(*of_key), dialect)
        self.insert = inserting(answers, database)


class SqlAnswers:
    """Answers by operation and key. Within a unit, looking a key up locks it: who asks the same meanwhile, waits."""

    def __init__(self, session: Session, statements: AnswerStatements) -> None:
        self._session = session
        self._say = statements
        self._buffer = session.buffers.of("answers")
        session.buffers.sends(80, self._writes, self._buffer.dirty)

    def find(self, operation: str, key: str) -> Answer | None:
        """Return the answer given to this key, or None; see `IdempotencyRepository.find`."""
        session, place = self._session, (operation, key)
        if place in self._buffer.known:
            known: Answer | None = self._buffer.known[place]
            return known
        read: Question = (self._say.find, {"operation": operation, "key": key})
        rows = session.ask_locked(self._say.lock, (NOUN, operation, key), read)
        found = None
        if rows:
            fingerprint, result, at = rows[0]
            found = Answer(operation, key, fingerprint, result, instant_of(at))
        if session.writing:
            self._buffer.read(place, found, None)
        return found

    def add(self, answer: Answer) -> None:
        """Keep an answer; see `IdempotencyRepository.add`."""
        found = self.find(answer.operation, answer.key)
        if found is not None:
            what = f"answer to `{answer.key}` of {answer.operation}"
            raise ConflictError(what=what, expected=None, found=found.at.isoformat())
        self._buffer.write((answer.operation, answer.key), answer)

    def _writes(self) -> Iterator[Write]:
        tenant = self._session.tenant
        rows: list[Row] = [
            (tenant, answer.operation, answer.key, answer.fingerprint, answer.result, told_instant(answer.at))
            for _, answer, _ in self._buffer.changes()
        ]
        yield Write(self._say.insert, rows)
