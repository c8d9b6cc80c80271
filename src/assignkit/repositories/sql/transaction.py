"""One transaction on one connection: it runs statements, singly or many in one trip, and has savepoints.

A call that only reads has none open, and runs its statements on the connection as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from assignkit.errors import AssignkitError, BackendError
from assignkit.repositories.sql.connections import Wire
from assignkit.repositories.sql.dialects import Database, Together
from assignkit.repositories.sql.errors import BusyError, DroppedError, OvertakenError, TransientError, translated
from assignkit.repositories.sql.statements import Row, Statement

Said = tuple[str, Any]  # a statement's text, and its parameters: one set of them, or rows
Question = tuple[Statement, dict[str, Any]]
Renew = Callable[[Wire], Wire]

_RENEWALS = 12  # a pool may be full of connections that a restart of the server has cut
_NOTHING: dict[str, Any] = {}


class Transaction:
    """Runs statements on one connection; `writing` tells a unit of work from a call that only reads.

    It is opened in the database by its first statement, where there is an `opening`, on another connection if this one
    turns out to be cut. A savepoint is made there when something is written within an inner unit, and not before.
    """

    def __init__(
        self,
        wire: Wire,
        database: Database,
        *,
        tenant: str,
        writing: bool,
        opening: Sequence[str] = (),
        renew: Renew | None = None,
    ) -> None:
        self.wire = wire
        self.database = database
        self.tenant = tenant
        self.writing = writing
        self._to_open = tuple(opening)
        self._renew = renew

    def _begin(self) -> None:
        self.broken: AssignkitError | None = None
        self.usable = True
        self.committing = False
        self._opening = self._to_open
        self._depth = 0
        self._parts = 0  # how many inner units it has had
        self._savepoints = 0  # how many of the open inner units have one in the database

    # --- statements

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

    def others_version(self) -> int | None:
        """Return what changes when other connections write, where that is quick to ask."""
        if self.database.others is None:
            return None
        self.say(self.database.others)
        version: int = self.wire.cursor.fetchone()[0]
        return version

    # --- the transaction as a whole

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

    def roll_back(self) -> None:
        """Take everything back; never raises."""
        self.usable = False  # until it is done, which an interruption may prevent
        if not self._opening:
            try:
                self.say("ROLLBACK")
            except Exception:  # noqa: BLE001 - the host may have closed the connection, of which drivers say anything
                return  # whatever is wrong with the connection, the database undoes what was not committed on it
        self.usable = True

    # --- inside

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


def _passes(error: AssignkitError) -> bool:
    return isinstance(error, OvertakenError | TransientError)
