"""One open unit of work on a connection, or one call that reads: what it writes is buffered, and sent at its end."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from assignkit.errors import AssignkitError, ConflictError
from assignkit.model.grant import Grant
from assignkit.repositories.sql.buffering import Buffer, Buffers, Undo, Write
from assignkit.repositories.sql.bulk import Bulk
from assignkit.repositories.sql.bulk import Row as SentRow
from assignkit.repositories.sql.connections import Wire
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import OvertakenError, TransientError
from assignkit.repositories.sql.knowing import Knowledge
from assignkit.repositories.sql.locking import Locks
from assignkit.repositories.sql.mirroring import Mirror
from assignkit.repositories.sql.presuming import Presumption
from assignkit.repositories.sql.statements import Row, Statement
from assignkit.repositories.sql.transaction import Question, Renew, Said, Transaction

K = TypeVar("K")
V = TypeVar("V")


class Guests(Protocol):
    """What works in a unit beside the store's own repositories."""

    def leave(self) -> None:
        """Touch the connection no more: the unit is over."""
        ...


class Session(Transaction):
    """A transaction together with what its unit has read and written, knows of others, and has locked.

    What a unit writes is kept in `buffers`, and sent in one go, in the order in which the buffers were asked for to be
    locked: `flush`. Only then does an inner unit need a savepoint in the database; until then it is a mark in a log.
    """

    def __init__(
        self,
        wire: Wire,
        database: Database,
        *,
        tenant: str,
        scope: str,
        writing: bool,
        opening: Sequence[str] = (),
        renew: Renew | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        super().__init__(wire, database, tenant=tenant, writing=writing, opening=opening, renew=renew)
        self.undo = Undo(writing=writing)
        self.buffers = Buffers(self.undo, writing=writing)
        self.knowledge = Knowledge(mirror if writing else None, self.buffers, alone=database.one_writer)
        self.presumption = Presumption()
        self.locks = Locks(self.undo, scope=scope, tenant=tenant)
        self.guests: Guests | None = None
        self.begin()

    def begin(self, *, careful: int = 0, repeats: bool = False) -> None:
        """Begin a unit: the first one, or the next one after `forget`."""
        self.careful = careful  # how often it was overtaken: then nothing is taken for granted that can be asked
        self._ventures = repeats and not careful  # it is done again if something does not hold that it took for granted
        self._begin()
        self.knowledge.begin(ventures=self._ventures)

    def forget(self) -> None:
        """Forget the unit that was kept, so that the next one may begin here."""
        self.knowledge.clear()
        self.locks.clear()
        self.buffers.clear()

    # --- what is not asked

    @property
    def may_presume(self) -> bool:
        """Whether it may take one thing for granted that is to be proved before it ends: it is done again if not."""
        return self._ventures and not self.presumption.is_open and self.sends_at_once

    def remember(self) -> None:
        """Have the connection remember what this unit knew, now that it is kept."""
        self.knowledge.keep(parted=self._parts > 0)

    @property
    def is_small(self) -> bool:
        """Whether it is worth keeping for the next unit."""
        return self.guests is None and self.buffers.are_few

    # --- locks

    def lacks_lock(self, *names: str) -> bool:
        """Return whether the name is still to be locked; a call that only reads locks nothing."""
        return self.writing and not self.locks.has(*names)

    def note_lock(self, *names: str) -> None:
        """Note that the name is locked."""
        self.locks.note(*names)
        self.knowledge.note_lock()

    def ask_locked(self, lock: Statement | None, names: Sequence[str], question: Question) -> list[Row]:
        """Return what a question gives once a name is locked until the unit ends, whether a row bears it or not.

        The lock is taken by a statement of its own, so that the question sees what others wrote before they let go. It
        is None where units exclude each other anyway.
        """
        if lock is None or not self.lacks_lock(*names):
            return self.ask(question)[0]
        _, rows = self.ask((lock, {"lock_key": self.locks.number_of(*names)}), question)
        self.note_lock(*names)
        return rows

    # --- writing

    @property
    def sends_at_once(self) -> bool:
        """Whether writes may be sent as they come: nothing is saved by waiting, and nothing is taken back alone."""
        return self.database.one_writer and not self.undo.takes_back

    def add(
        self,
        buffer: Buffer[K, V],
        write: Write,
        values: Mapping[K, V | Grant],
        *,
        stored: Mapping[K, Any],
        spelled: Iterable[Any] | None = None,
    ) -> None:
        """Send new rows, at once where that is done, else with whatever else the buffer has, which shows `values`.

        `stored` is what the database has of them then, and `spelled` what is kept to be sent, in their order.
        """
        if self.sends_at_once:
            self.send(write)
            buffer.sent_all(values, stored)
        else:
            buffer.write_all(values, spelled)

    def send(self, *writes: Write) -> None:
        """Send rows now; where `sends_at_once`."""
        self._refuse_if_broken()
        try:
            for bulk, rows in writes:
                if rows:
                    self._write(bulk, rows)
        except AssignkitError as error:
            raise self._broken_by(error) from error

    def flush(self, *, handing_out: Container[tuple[str, str]] = ()) -> None:
        """Send what was written, so that statements see it; in an inner unit so that it can be taken back alone.

        `handing_out` are items that are handed out next, which proves that they are new.
        """
        self._refuse_if_broken()
        self.presumption.prove(self.ask, handing_out)
        writes = self.buffers.writes()
        if writes or self._savepoints < self._depth:
            self._send(writes, commit=False)

    # --- ending

    def commit(self) -> None:
        """Keep everything; `BackendError` if a part of it failed, because then nothing can be kept."""
        if self.knowledge.assuming:
            self.knowledge.look()
        self._refuse_if_broken()
        self.presumption.prove(self.ask)
        self._send(self.buffers.writes(), commit=True)

    def doubt(self, error: BaseException) -> AssignkitError | None:
        """Return why a unit that ends by an error is to be done again: what was taken for granted does not hold."""
        if self.broken is not None or not isinstance(error, Exception):
            return None
        try:
            self.presumption.prove(self.ask)
            if self.knowledge.assuming:
                self.knowledge.look()
        except (OvertakenError, TransientError) as passing:
            return passing
        except AssignkitError:
            return None  # the first error says more
        return None

    def roll_back(self) -> None:
        """Take everything back; never raises."""
        self.usable = False  # until it is done, which an interruption may prevent
        self.knowledge.take_back(self.knowledge.touched)
        super().roll_back()

    @contextmanager
    def savepoint(self, *, flush: bool = False) -> Iterator[None]:
        """Keep what the block writes, or take back that alone if the block raises; `flush` sends it at the end."""
        self._refuse_if_broken()
        mark, knowledge = self.undo.begin(), self.knowledge
        self._depth += 1
        self._parts += 1
        try:
            yield
            if flush:
                self.flush()
            self._refuse_if_broken()
            if self._savepoints == self._depth:
                self.say(f"RELEASE SAVEPOINT unit_{self._depth}")
        except BaseException:
            if self._savepoints == self._depth:
                self._back_to(f"unit_{self._depth}")
            touched = set(knowledge.touched)
            self.undo.undo_to(mark)
            knowledge.take_back(touched.difference(knowledge.touched))
            raise
        finally:
            self.undo.end()
            self._depth -= 1
            self._savepoints = min(self._savepoints, self._depth)

    def let_go(self) -> None:
        """Let go of the repositories, which hold on to this: what refers to nothing in a circle needs no collector."""
        if self.guests is not None:
            self.guests.leave()
        self.buffers.let_go()
        self.knowledge.let_go()

    # --- sending

    def _send(self, writes: list[Write], *, commit: bool) -> None:
        if self._opening:
            if not writes:
                self._opening = () if commit else self._opening
                return
            self._first(())  # a connection that was cut is found before it cannot be known what became of a COMMIT
        savepoints = [] if commit else self._new_savepoints()
        try:
            if self.database.one_writer:
                self._send_in_turn(savepoints, writes, commit=commit)
            elif savepoints or writes or commit:
                self._send_together(savepoints, writes, commit=commit)
        except AssignkitError as error:
            raise self._broken_by(error) from error

    def _send_in_turn(self, savepoints: Sequence[str], writes: Sequence[Write], *, commit: bool) -> None:
        for text in savepoints:
            self.say(text)
        for bulk, rows in writes:
            self._write(bulk, rows)
        if commit:
            self.committing = True
            self.say("COMMIT")

    def _write(self, bulk: Bulk, rows: Sequence[SentRow]) -> None:
        cursor = self.wire.cursor
        text, parameters = bulk.said(rows)
        self._on_wire(cursor.executemany if len(rows) > 1 else cursor.execute, text, parameters)
        if cursor.rowcount != len(rows):
            raise OvertakenError(what=bulk.name, expected="as it was read", found="changed")
        if bulk.tells:
            self.undo.write(self.knowledge.told, "line", cursor.lastrowid)

    def _send_together(self, savepoints: Sequence[str], writes: Sequence[Write], *, commit: bool) -> None:
        said: list[Said] = [(text, None) for text in savepoints]
        said += [write.bulk.said(write.rows) for write in writes]
        cursors = self._together([*said, ("COMMIT", None)] if commit else said, commit=commit)
        for write, cursor in zip(writes, cursors[len(savepoints) :], strict=False):
            if write.bulk.tells:
                self.undo.write(self.knowledge.told, "line", cursor.fetchone()[0])

    def _broken_by(self, error: AssignkitError) -> AssignkitError:
        """Return what a failed write means; nothing can be written any more."""
        self.broken = _overtaken(error)
        return self.broken


def _overtaken(error: AssignkitError) -> AssignkitError:
    """Return what a failed write means: a row that is there already was not there when the unit looked."""
    if isinstance(error, ConflictError) and not isinstance(error, OvertakenError):
        return OvertakenError(what="a row that this unit adds", expected=None, found=str(error))
    return error
