"""One open transaction, or one connection that reads: it runs statements, and sends what the unit wrote at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Protocol, TypeVar

from assignkit.errors import AssignkitError, BackendError, ConflictError
from assignkit.hashing import SEPARATOR
from assignkit.model.grant import Grant
from assignkit.repositories.sql.buffering import Buffer, Undo, Write, Writes
from assignkit.repositories.sql.bulk import Bulk
from assignkit.repositories.sql.bulk import Row as SentRow
from assignkit.repositories.sql.connections import Wire
from assignkit.repositories.sql.dialects import Database, Together
from assignkit.repositories.sql.errors import BusyError, DroppedError, OvertakenError, TransientError, translated
from assignkit.repositories.sql.mirroring import Changed, Mirror, remember
from assignkit.repositories.sql.statements import Row, Statement

K = TypeVar("K")
V = TypeVar("V")

Said = tuple[str, Any]  # a statement's text, and its parameters: one set of them, or rows
Question = tuple[Statement, dict[str, Any]]
Renew = Callable[[Wire], Wire]
Source = tuple[int, tuple[Sized, ...], Writes]  # its place, what shows that it has anything to write, and what gives it

_RENEWALS = 12  # a pool may be full of connections that a restart of the server has cut
_MOST_BUFFERS = 32  # there are about twenty without kinds of a host's own
_NOTHING: dict[str, Any] = {}


class Guests(Protocol):
    """What works in a unit beside the store's own repositories."""

    def leave(self) -> None:
        """Touch the connection no more: the unit is over."""
        ...


class Session:
    """Runs statements on one connection; `writing` tells a unit of work from a call that only reads.

    What a unit writes is kept in buffers, and sent in one go, in the order in which the buffers were asked for to be
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
        self.wire = wire
        self.database = database
        self.tenant = tenant
        self.writing = writing
        self.undo = Undo(writing=writing)
        self.mirror = mirror if writing else None
        self.touched: dict[str, bool] = {}  # agents whom this unit changed, and whether that was sent
        self.rewritten: dict[str, bool] = {}  # those of them whose record it changed, and whether that was sent
        self.told: dict[str, int] = {}  # the transaction or position of what was sent of them
        self.look: Callable[[], None] = _see_nothing
        self.taken_back: Callable[[Collection[str]], None] = _tell_nobody
        self.guests: Guests | None = None
        self._to_open = tuple(opening)
        self._renew = renew
        self._scope = scope
        self._locked: dict[tuple[str, ...], bool] = {}
        self._buffers: dict[str, Buffer[Any, Any]] = {}
        self._sources: list[Source] = []
        self.begin()

    def begin(self, *, careful: int = 0, repeats: bool = False) -> None:
        """Begin a unit: the first one, or the next one after `forget`."""
        self.careful = careful  # how often it was overtaken: then nothing is taken for granted that can be asked
        self.repeats = repeats  # whether it is done again if it is overtaken
        self.broken: AssignkitError | None = None
        self.usable = True
        self.committing = False
        self.looked = False  # whether it is known who changed, since the last lock
        self.assuming = False  # whether something was taken for granted that is to be looked at before the end
        self.asked = False  # whether somebody outside was told
        self._presumed: tuple[tuple[str, str], Question] | None = None  # an item that passes for new
        self.parted = False  # whether it has had inner units, of which others may know more than its outermost caller
        self._valid = False
        self._opening = self._to_open
        self._depth = 0
        self._parts = 0  # how many inner units it has had
        self._savepoints = 0  # how many of the open inner units have one in the database

    def forget(self) -> None:
        """Forget the unit that was kept, so that the next one may begin here."""
        for noted in (self.touched, self.rewritten, self.told, self._locked):
            noted.clear()
        for buffer in self._buffers.values():
            buffer.clear()

    # --- one statement

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:  # noqa: ANN401 - any column's value
        """Return what a statement gives."""
        return self._run(statement, parameters).fetchall()  # type: ignore[no-any-return]

    def row(self, statement: Statement, **parameters: Any) -> Row | None:  # noqa: ANN401 - any column's value
        """Return the first row that a statement gives, or None."""
        return self._run(statement, parameters).fetchone()  # type: ignore[no-any-return]

    def count(self, statement: Statement, **parameters: Any) -> int:  # noqa: ANN401 - any column's value
        """Return how many rows a statement wrote."""
        return self._run(statement, parameters).rowcount  # type: ignore[no-any-return]

    def ask(self, *questions: Question) -> list[list[Row]]:
        """Return what each of several statements gives, which are sent at once where that saves time."""
        self._refuse_if_broken()
        said = [(statement.text, self._filled(statement, parameters)) for statement, parameters in questions]
        if self._opening:
            return [answer.fetchall() for answer in self._first(said)]
        return [answer.fetchall() for answer in self._answers(said)]

    def apart(self, *commands: Question) -> None:
        """Run statements that write, within the unit or, for a call that only reads, in a transaction of their own."""
        if self.writing:
            for text in self._new_savepoints():
                self.say(text)
            for statement, parameters in commands:
                self.count(statement, **parameters)
            return
        try:
            for text in self.database.begin:
                self.say(text)
            for statement, parameters in commands:
                self.count(statement, **parameters)
            self.say("COMMIT")
        except AssignkitError:
            self.roll_back()
            raise

    def say(self, text: str) -> None:
        """Run a statement that has no parameters and gives nothing, whether the unit failed before or not."""
        if self.database.one_writer:
            self._on_wire(self.wire.cursor.execute, text)
        else:
            self._together([(text, None)])

    # --- locks

    def lock(self, statement: Statement | None, *names: str) -> None:
        """Lock a name until the unit ends, whether a row bears it or not; a call that only reads locks nothing."""
        if self.must_lock(statement, *names) and statement is not None:
            self.row(statement, lock_key=self.number_of(*names))
            self.note_lock(*names)

    def must_lock(self, statement: Statement | None, *names: str) -> bool:
        """Return whether the name is still to be locked."""
        return statement is not None and self.writing and names not in self._locked

    def note_lock(self, *names: str) -> None:
        """Note that the name is locked."""
        self.undo.write(self._locked, names, value=True)
        if not self.database.one_writer:
            self.looked = False  # others may have written while this unit waited

    def others_version(self) -> int | None:
        """Return what changes when other connections write, where that is quick to ask."""
        if self.database.others is None:
            return None
        self.say(self.database.others)
        version: int = self.wire.cursor.fetchone()[0]
        return version

    def number_of(self, *names: str) -> int:
        """Return the number that stands for a name among locks."""
        return _number_of(SEPARATOR.join((self._scope, self.tenant, *names)))

    # --- what changed

    def touch(self, agent_id: str, *, record: bool = False) -> None:
        """Note that this unit changed an agent: the record, or merely a load or a seat."""
        if agent_id not in self.touched:
            self.undo.write(self.touched, agent_id, value=False)
        if record:
            self.undo.write(self.rewritten, agent_id, value=False)
            self.undo.write(self.touched, agent_id, value=False)

    @property
    def changed(self) -> Changed:
        """Whom this unit changed."""
        return Changed(frozenset(self.touched), frozenset(self.rewritten))

    def remembered(self) -> Mirror | None:
        """Return what the connection remembers, if it is known to be as the database has it."""
        if not self._valid and self.mirror is not None and self.database.one_writer:
            self.look()
        return self.mirror if self._valid else None

    def assumed(self) -> Mirror | None:
        """Return what the connection remembers of published rules before it is known whether that still holds.

        It is looked before the unit ends, which saves a trip as most units look anyway; if it does not hold, the unit
        is done again, and takes nothing for granted. None where looking is quick, or where nothing is remembered, and
        for a unit that is not done again.
        """
        mirror = self.mirror
        if self.looked or self.careful or not self.repeats or self.database.one_writer:
            return None
        if mirror is None or mirror.lines is None:
            return None
        self.assuming = True
        return mirror

    @property
    def may_presume(self) -> bool:
        """Whether it may take one thing for granted that is to be proved before it ends: it is done again if not."""
        return self._presumed is None and self.repeats and not self.careful and self.sends_at_once

    def presume(self, key: tuple[str, str], question: Question) -> None:
        """Take for granted that a question gives nothing, which is about an item: its kind and id."""
        self._presumed = key, question

    def note_handed_out(self, keys: Container[tuple[str, str]]) -> None:
        """Note that items were handed out, whose rows the database has taken: it knew nothing of them."""
        if self._presumed is not None and self._presumed[0] in keys:
            self._presumed = None

    def _prove(self, but: Container[tuple[str, str]] = ()) -> None:
        """Ask what was taken for granted, but for items that prove themselves; `OvertakenError` if it does not hold.

        It is to be proved until it is: whoever catches the error does not get the unit kept.
        """
        if self._presumed is None or self._presumed[0] in but:
            return
        (kind, item_id), question = self._presumed
        if any(self.ask(question)):
            raise OvertakenError(what=f"the item {item_id} of {kind}", expected="new", found="known")
        self._presumed = None

    def note_look(self, changed: Changed) -> None:
        """Note that it is known who changed; what was read of them, and not written, is read again."""
        self.looked = self._valid = True
        self.assuming = False
        if changed.agents:
            self._forget(changed)

    def remember(self) -> None:
        """Have the connection remember what this unit knew, now that it is kept."""
        mirror, alone = self.mirror, self.database.one_writer
        if mirror is None:
            return
        if self.touched and alone and not self._valid:
            mirror.reset(None)  # it would pass over what others did before: nobody has looked
            return
        if self.touched:
            if mirror.state is not None and self.told:
                if alone:
                    mirror.step(self.told["line"], self.changed, own=not self.parted)
                else:
                    mirror.own.add(self.told["line"])
            mirror.forget_written(self.touched)
        if alone and not self._valid:
            mirror.forget_others()
        remember(mirror, self._buffers, others=alone)

    @property
    def is_small(self) -> bool:
        """Whether it is worth keeping for the next unit: one that was at many kinds would have them all looked at."""
        return self.guests is None and len(self._buffers) <= _MOST_BUFFERS

    def remember_nothing(self) -> None:
        """Have the connection forget everything, as it is not known what became of this unit."""
        if self.mirror is not None:
            self.mirror.reset(None)

    # --- buffers

    def buffer(self, name: str) -> Buffer[Any, Any]:
        """Return what the unit knows of one table."""
        found = self._buffers.get(name)
        if found is None:
            found = self._buffers[name] = Buffer(self.undo)
        return found

    def sends(self, place: int, writes: Writes, *noted: Sized) -> None:
        """Have `writes` asked for what is to be written if anything is `noted`, those with a lower place first."""
        if self.writing:
            self._sources.append((place, noted, writes))
            self._sources.sort(key=_place)

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

        `handing_out` are items that are handed out next, which proves that they are new; see `note_handed_out`.
        """
        self._refuse_if_broken()
        self._prove(handing_out)
        writes = self._pending_writes()
        if writes or self._savepoints < self._depth:
            self._send(writes, commit=False)

    def commit(self) -> None:
        """Keep everything; `BackendError` if a part of it failed, because then nothing can be kept."""
        if self.assuming:
            self.look()
        self._refuse_if_broken()
        self._prove()
        self._send(self._pending_writes(), commit=True)

    def doubt(self, error: BaseException) -> AssignkitError | None:
        """Return why a unit that ends by an error is to be done again: what was taken for granted does not hold."""
        if self.broken is not None or not isinstance(error, Exception):
            return None
        try:
            self._prove()
            if self.assuming:
                self.look()
        except (OvertakenError, TransientError) as passing:
            return passing
        except AssignkitError:
            return None  # the first error says more
        return None

    def roll_back(self) -> None:
        """Take everything back; never raises."""
        self.usable = False  # until it is done, which an interruption may prevent
        self._take_back(self.touched)
        if not self._opening:
            try:
                self.say("ROLLBACK")
            except Exception:  # noqa: BLE001 - the host may have closed the connection, of which drivers say anything
                return  # whatever is wrong with the connection, the database undoes what was not committed on it
        self.usable = True

    @contextmanager
    def savepoint(self, *, flush: bool = False) -> Iterator[None]:
        """Keep what the block writes, or take back that alone if the block raises; `flush` sends it at the end."""
        self._refuse_if_broken()
        mark = self.undo.begin()
        self._depth += 1
        self._parts += 1
        self.parted = True
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
            touched = set(self.touched)
            self.undo.undo_to(mark)
            self._take_back(touched.difference(self.touched))
            raise
        finally:
            self.undo.end()
            self._depth -= 1
            self._savepoints = min(self._savepoints, self._depth)

    @property
    def part(self) -> tuple[int, int]:
        """Which part of the unit is at work: another one in each inner unit, and after it."""
        return self._depth, self._parts

    def open(self) -> None:
        """Have the transaction, and the savepoints of inner units, open in the database: somebody else writes there."""
        self._refuse_if_broken()
        if self._opening:
            self._first(())
        for text in self._new_savepoints():
            self.say(text)

    def let_go(self) -> None:
        """Let go of the repositories, which hold on to this: what refers to nothing in a circle needs no collector."""
        if self.guests is not None:
            self.guests.leave()
        self._sources.clear()
        self.look, self.taken_back = _see_nothing, _tell_nobody

    # --- inside

    def _forget(self, changed: Changed) -> None:
        for name, agent_ids in (("agents", changed.records), ("loads", changed.agents)):
            buffer = self.buffer(name)
            for agent_id in agent_ids:
                if agent_id not in self.touched:
                    buffer.forget(agent_id)
        for name, place in (("seats", 1), ("counts", 0)):
            buffer = self.buffer(name)
            for key in [key for key in buffer.known if key[place] in changed.agents and key[place] not in self.touched]:
                buffer.forget(key)

    def _take_back(self, agent_ids: Collection[str]) -> None:
        if self.asked and agent_ids:
            self.taken_back(agent_ids)

    def _pending_writes(self) -> list[Write]:
        return [write for _, noted, writes in self._sources if any(noted) for write in writes() if write.rows]

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

    def _broken_by(self, error: AssignkitError) -> AssignkitError:
        """Return what a failed write means; nothing can be written any more."""
        self.broken = _overtaken(error)
        return self.broken

    def _send_in_turn(self, savepoints: Sequence[str], writes: Sequence[Write], *, commit: bool) -> None:
        for text in savepoints:
            self.say(text)
        for bulk, rows in writes:
            self._write(bulk, rows)
        if commit:
            self.committing = True
            self.say("COMMIT")

    def _send_together(self, savepoints: Sequence[str], writes: Sequence[Write], *, commit: bool) -> None:
        said: list[Said] = [(text, None) for text in savepoints]
        said += [write.bulk.said(write.rows) for write in writes]
        cursors = self._together([*said, ("COMMIT", None)] if commit else said, commit=commit)
        for write, cursor in zip(writes, cursors[len(savepoints) :], strict=False):
            if write.bulk.tells:
                self.undo.write(self.told, "line", cursor.fetchone()[0])

    def _write(self, bulk: Bulk, rows: Sequence[SentRow]) -> None:
        cursor = self.wire.cursor
        text, parameters = bulk.said(rows)
        self._on_wire(cursor.executemany if len(rows) > 1 else cursor.execute, text, parameters)
        if cursor.rowcount != len(rows):
            raise OvertakenError(what=bulk.name, expected="as it was read", found="changed")
        if bulk.tells:
            self.undo.write(self.told, "line", cursor.lastrowid)

    def _answers(self, said: Sequence[Said]) -> Iterable[Any]:
        """Run statements, and give the answer of each before the next one may be run."""
        if not self.database.one_writer:
            return self._together(said)
        return self._in_turn(said)

    def _in_turn(self, said: Sequence[Said]) -> Iterator[Any]:
        for text, parameters in said:
            self._on_wire(self.wire.cursor.execute, text, parameters or _NOTHING)
            yield self.wire.cursor

    def _together(self, said: Sequence[Said], *, commit: bool = False) -> list[Any]:
        """Send statements without waiting for answers in between; returns the answers."""
        answers: list[Any] = []

        def last(text: str, parameters: Any) -> None:  # noqa: ANN401 - as the driver has it
            pipeline.add(text, parameters)
            answers.extend(pipeline.finish())

        pipeline: Together = self.database.pipeline(self.wire.driver, self.wire.info)

        with ExitStack() as way_out:
            way_out.callback(_without_a_word, pipeline.abandon)
            for text, parameters in said[:-1]:
                self._on_wire(pipeline.add, text, parameters)
            self.committing |= commit  # for good: a ROLLBACK that is tried afterwards takes nothing back
            self._on_wire(last, *said[-1])
            way_out.pop_all()
        return answers

    def _first(self, said: Sequence[Said]) -> list[Any]:
        """Begin with these statements, on another connection if this one turns out to be cut."""
        opening, self._opening = self._opening, ()
        for left in range(_RENEWALS - 1, -1, -1):
            try:
                return self._together([*((text, None) for text in opening), *said])[len(opening) :]
            except DroppedError:
                if not left or self._renew is None:
                    raise
                self.wire = self._renew(self.wire)
                self.broken = None
        msg = "there is always a first attempt"
        raise AssertionError(msg)

    def _new_savepoints(self) -> list[str]:
        levels = range(self._savepoints + 1, self._depth + 1)
        self._savepoints = self._depth
        return [f"SAVEPOINT unit_{level}" for level in levels]

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
            raise (BusyError if _passes(self.broken) else BackendError)(msg) from self.broken

    def _run(self, statement: Statement, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - a driver's cursor
        self._refuse_if_broken()
        said = statement.text, self._filled(statement, parameters)
        if self._opening:
            return self._first([said])[-1]
        if statement.writes and self._savepoints < self._depth:
            for text in self._new_savepoints():
                self.say(text)
        if self.database.one_writer:
            self._on_wire(self.wire.cursor.execute, *said)
            return self.wire.cursor
        return self._together([said])[0]

    def _filled(self, statement: Statement, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - as the driver has it
        parameters["tenant"] = self.tenant
        return statement.filled(parameters)

    def _on_wire(self, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - as the driver has it
        try:
            act(*arguments)
        except Exception as error:
            ours = translated(error, self.database.fault)
            if self.writing and not self.database.in_transaction(self.wire.driver):
                self.broken = ours
            raise ours from error


def _without_a_word(leave: Callable[[], None]) -> None:
    """Leave a pipeline on the way of an error, which says more than whatever comes of leaving."""
    with suppress(Exception):
        leave()


def _see_nothing() -> None:
    """Look at nothing: this unit is not told of changes."""


def _tell_nobody(agent_ids: Collection[str]) -> None:
    """Tell nobody what was taken back: nobody was told of it before."""


def _place(source: Source) -> int:
    return source[0]


def _passes(error: AssignkitError) -> bool:
    return isinstance(error, OvertakenError | TransientError)


def _overtaken(error: AssignkitError) -> AssignkitError:
    """Return what a failed write means: a row that is there already was not there when the unit looked."""
    if isinstance(error, ConflictError) and not isinstance(error, OvertakenError):
        return OvertakenError(what="a row that this unit adds", expected=None, found=str(error))
    return error


def _number_of(name: str) -> int:
    # Names that share a number wait for each other without need, and nothing worse.
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
