"""What was answered to which key."""

from __future__ import annotations

import sqlalchemy as sa

from assignkit.errors import ConflictError
from assignkit.repositories.base import Answer
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.instants import instant_of, told_instant
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables


class AnswerStatements:
    """What is said to the database about answers."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, answers = database.dialect(), tables["answers"]
        given = sa.select(answers.c.fingerprint, answers.c.result, answers.c.at)
        of_key = (this(answers.c.tenant), this(answers.c.operation), this(answers.c.key))
        lock = database.lock()
        self.lock = None if lock is None else Statement(lock, dialect)
        self.find = Statement(given.where(*of_key), dialect)
        self.insert = Statement(database.insert(answers).on_conflict_do_nothing(), dialect)


class SqlAnswers:
    """Answers by operation and key. Within a unit, looking a key up locks it: who asks the same meanwhile, waits."""

    def __init__(self, session: Session, statements: AnswerStatements) -> None:
        self._session = session
        self._say = statements

    def find(self, operation: str, key: str) -> Answer | None:
        """Return the answer given to this key, or None; see `IdempotencyRepository.find`."""
        self._session.lock(self._say.lock, "answer", operation, key)
        row = self._session.row(self._say.find, operation=operation, key=key)
        if row is None:
            return None
        fingerprint, result, at = row
        return Answer(operation, key, fingerprint, result, instant_of(at))

    def add(self, answer: Answer) -> None:
        """Keep an answer; see `IdempotencyRepository.add`."""
        written = self._session.count(
            self._say.insert,
            operation=answer.operation,
            key=answer.key,
            fingerprint=answer.fingerprint,
            result=answer.result,
            at=told_instant(answer.at),
        )
        if not written:
            found = self.find(answer.operation, answer.key)
            what = f"answer to `{answer.key}` of {answer.operation}"
            raise ConflictError(what=what, expected=None, found=None if found is None else found.at.isoformat())
