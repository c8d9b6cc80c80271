"""Running: what a desk does is done in one unit of work of its store, by the rules in force."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from typing import TypeVar

from assignkit.clock import Clock
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.publishing.rulebooks import Loan, Rulebook, Rulebooks
from assignkit.desk.session import Session
from assignkit.desk.telling import Teller
from assignkit.repositories.base import Store, Unit

T = TypeVar("T")


class Runner:
    """Opens the units of work of one desk, each with what a session needs.

    `tracked`: the store says what has changed, so that what was read stays known from one unit to the next. `joined`:
    it is a part of a host's transaction.
    """

    def __init__(self, store: Store, books: Rulebooks, teller: Teller, *, clock: Clock, seed: str, zone: str) -> None:
        self._store = store
        self._books = books
        self._teller = teller
        self._clock = clock
        self._seed = seed
        self._zone = zone
        self._shared = store.shared
        self.tracked = not self._shared and store.changes(None) is not None
        self.joined = False

    def within(self, store: Store, teller: Teller) -> Runner:
        """Return the same on a store that is a part of a host's transaction."""
        joined = copy(self)
        joined._store, joined._teller = store, teller  # noqa: SLF001 - a runner of our own
        joined.tracked, joined.joined = False, True
        return joined

    def run(self, act: Callable[[Session], T], *, book: Rulebook | None = None, expecting: bool = False) -> T:
        """Return what `act` gives, in one unit of work, by the rules in force or by those of `book`.

        `expecting`: it says what it is going to need, and looks what has changed when that is locked.
        """
        if self._shared:
            return self._run_shared(act, book=book, expecting=expecting)

        def run(unit: Unit) -> T:
            now = self._clock.now().astimezone(UTC)
            used = book or self._books.at(unit, now)
            # What a store does not track has to be read anew.
            directory = used.directory if self.tracked else Directory(used.rules, seed=self._seed)
            try:
                directory.refresh(self._store, unit)
                result = act(self._session(unit, used, directory, now))
                if self.tracked:
                    directory.notes.settle(self._store)
            except BaseException as error:
                if not isinstance(error, Exception):
                    directory.begin_anew()
                raise
            return result

        return self._store.transact(run)

    def _run_shared(self, act: Callable[[Session], T], *, book: Rulebook | None, expecting: bool) -> T:
        """Do the same on a store where others have units open as well: each has a directory of its own meanwhile."""
        loan = Loan(lasting=not self.joined)

        def run(unit: Unit) -> T:
            now = self._clock.now().astimezone(UTC)
            used = book or self._books.at(unit, now)
            directory = loan.of(used, self._store, unit)
            if not expecting or not directory.is_loaded:
                directory.refresh(self._store, unit)
            result = act(self._session(unit, used, directory, now))
            self._store.after_commit(loan.trusting())
            return result

        try:
            return self._store.transact(run)
        except BaseException as error:
            if not isinstance(error, Exception):
                loan.begin_anew()
            raise
        finally:
            loan.give_back()

    def run_and_tell(self, act: Callable[[Session], T]) -> T:
        """Do the same, and tell those who listen what came of it."""
        result = self.run(act)
        self._teller.tell()
        return result

    def book_in_force(self) -> Rulebook:
        """Return the rulebook in force, for a batch that is decided by one version from beginning to end."""
        return self._store.transact(lambda unit: self._books.at(unit, self._clock.now()))

    def is_idle(self) -> bool:
        """Return whether this thread has no unit open, of which another one would have to be a part."""
        asked: list[bool] = []
        self._store.after_commit(lambda: asked.append(True))
        return bool(asked)

    def _session(self, unit: Unit, book: Rulebook, directory: Directory, now: datetime) -> Session:
        heard = self._teller.is_heard
        return Session(unit, directory, book.rules, book.chains, self._seed, self._zone, now, heard)
