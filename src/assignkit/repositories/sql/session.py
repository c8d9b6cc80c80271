"""One open transaction, or one connection that reads: it runs statements and remembers what the unit has read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from assignkit.errors import AssignkitError, BackendError
from assignkit.hashing import SEPARATOR
from assignkit.repositories.sql.connections import Wire
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import translated
from assignkit.repositories.sql.statements import Row, Statement

_UNREAD: Final = object()


class Memory:
    """What a unit has read and written, by key: what its writes are compared with. Savepoints can take notes back."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}
        self._notes: list[tuple[Any, Any]] = []

    def recall(self, key: Any, otherwise: Any = None) -> Any:  # noqa: ANN401 - whatever was noted
        """Return what was noted under `key`."""
        return self._known.get(key, otherwise)

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def note(self, key: Any, value: Any) -> None:  # noqa: ANN401 - whatever is to be known
        """Note what the store holds under `key`, as far as this unit knows."""
        self._notes.append((key, self._known.get(key, _UNREAD)))
        self._known[key] = value

    def mark(self) -> int:
        """Return the place up to which `back_to` goes."""
        return len(self._notes)

    def back_to(self, mark: int) -> None:
        """Forget what was noted after `mark`."""
        while len(self._notes) > mark:
            key, before = self._notes.pop()
            if before is _UNREAD:
                del self._known[key]
            else:
                self._known[key] = before


class Session:
    """Runs statements on one connection; `writing` tells a unit of work from a call that only reads."""

    def __init__(self, wire: Wire, database: Database, *, tenant: str, scope: str, writing: bool) -> None:
        self.wire = wire
        self.database = database
        self.tenant = tenant
        self.writing = writing
        self.memory = Memory()
        self.broken: AssignkitError | None = None
        self.usable = True
        self._depth = 0
        self._scope = scope
        self._cursor = wire.driver.cursor()

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:  # noqa: ANN401 - any column's value
        """Return what a statement gives."""
        self._run(statement, parameters)
        rows: list[Row] = self._cursor.fetchall()
        return rows

    def row(self, statement: Statement, **parameters: Any) -> Row | None:  # noqa: ANN401 - any column's value
        """Return the first row that a statement gives, or None."""
        self._run(statement, parameters)
        row: Row | None = self._cursor.fetchone()
        return row

    def count(self, statement: Statement, **parameters: Any) -> int:  # noqa: ANN401 - any column's value
        """Return how many rows a statement wrote."""
        self._run(statement, parameters)
        written: int = self._cursor.rowcount
        return written

    def lock(self, statement: Statement | None, *names: str) -> None:
        """Lock a name until the unit ends, whether a row bears it or not; a call that only reads locks nothing."""
        if statement is None or not self.writing or ("lock", names) in self.memory:
            return
        self.row(statement, lock_key=_number_of(SEPARATOR.join((self._scope, self.tenant, *names))))
        self.memory.note(("lock", names), value=True)

    def say(self, text: str) -> None:
        """Run a statement that has no parameters and gives nothing, whether the unit failed before or not."""
        self._on_wire(self._cursor.execute, text)

    def commit(self) -> None:
        """Keep everything; `BackendError` if a part of it failed, because then nothing can be kept."""
        self._refuse_if_broken()
        self.say("COMMIT")

    def roll_back(self) -> None:
        """Take everything back; never raises."""
        try:
            self.say("ROLLBACK")
        except AssignkitError:
            # Whatever is wrong with the connection, the database undoes what was not committed on it.
            self.usable = False

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Keep what the block writes, or take back that alone if the block raises."""
        self._refuse_if_broken()
        mark, name = self.memory.mark(), f"unit_{self._depth}"
        self.say(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
            self._refuse_if_broken()
            self.say(f"RELEASE SAVEPOINT {name}")
        except BaseException:
            self._back_to(name)
            self.memory.back_to(mark)
            raise
        finally:
            self._depth -= 1

    def _back_to(self, name: str) -> None:
        try:
            self.say(f"ROLLBACK TO SAVEPOINT {name}")
            self.say(f"RELEASE SAVEPOINT {name}")
        except AssignkitError as error:
            self.broken = error
        else:
            self.broken = None

    def _refuse_if_broken(self) -> None:
        if self.broken is not None:
            msg = f"this unit of work failed before and can only be rolled back: {self.broken}"
            raise BackendError(msg) from self.broken

    def _run(self, statement: Statement, parameters: dict[str, Any]) -> None:
        if self.broken is not None:
            self._refuse_if_broken()
        parameters["tenant"] = self.tenant
        if statement.defaults:
            parameters = {**statement.defaults, **parameters}
        self._on_wire(self._cursor.execute, statement.text, parameters)

    def _on_wire(self, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - as the driver has it
        try:
            act(*arguments)
        except Exception as error:
            ours = translated(error, self.database.fault)
            if self.writing and not self.database.in_transaction(self.wire.driver):
                self.broken = ours
            raise ours from error


def _number_of(name: str) -> int:
    # Names that share a number wait for each other without need, and nothing worse.
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
