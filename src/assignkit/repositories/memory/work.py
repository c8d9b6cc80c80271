"""The unit of work: one thread at a time, and all of it or nothing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, runtime_checkable

from assignkit.repositories.memory.undo import UndoLog

U = TypeVar("U")
T = TypeVar("T")
P = ParamSpec("P")


@runtime_checkable
class Transactional(Protocol):
    """What a host's repository may offer, so that its writes too are undone when a unit of work fails.

    Calls nest as units do: `begin` inside an open transaction sets a savepoint, which the matching `commit` keeps and
    the matching `rollback` returns to. All calls of one unit come from one thread.
    """

    def begin(self) -> None:
        """Open a transaction, or a savepoint in the open one."""
        ...

    def commit(self) -> None:
        """Keep what was written since the matching `begin`."""
        ...

    def rollback(self) -> None:
        """Take back what was written since the matching `begin`."""
        ...


class UnitOfWork(Generic[U]):
    """A context manager that opens a unit each time it is entered; a unit inside another one is a savepoint of it."""

    def __init__(self, unit: U, undo: UndoLog, hosts: Sequence[Transactional]) -> None:
        self._unit = unit
        self._undo = undo
        self._hosts = hosts
        self._lock = threading.RLock()
        # What keeps all other threads away while it is held, without being a unit: for a glance at the books.
        self.alone: AbstractContextManager[object] = self._lock
        self._marks: list[int] = []  # where each open unit of the thread that has the lock began
        self._holder: int | None = None
        self._callbacks: list[tuple[int, Callable[[], None]]] = []  # with the depth of the unit that asked for them

    def __enter__(self) -> U:
        self._lock.acquire()
        try:
            if self._hosts:
                self._begin_hosts()
            if self._marks:
                self._marks.append(self._undo.mark())
            else:
                self._undo.open()
                self._marks.append(0)
                self._holder = threading.get_ident()
        except BaseException:
            self._lock.release()
            raise
        return self._unit

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        due: Sequence[tuple[int, Callable[[], None]]] = ()
        kept = False
        try:
            if kind is None:
                if self._hosts:
                    self._commit()
                kept = True
            else:
                self._roll_back(self._hosts)
        finally:
            due = self._settle(kept=kept)
            self._lock.release()
        for _, callback in due:
            callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when this thread's open unit is kept, at once if it has none; see `Store.after_commit`."""
        if self._holder == threading.get_ident():
            self._callbacks.append((len(self._marks), callback))
        else:
            callback()

    def _settle(self, *, kept: bool) -> Sequence[tuple[int, Callable[[], None]]]:
        """Close the innermost unit; returns the callbacks that are due now."""
        marks = self._marks
        depth = len(marks)
        marks.pop()
        if not self._callbacks:
            if not marks:
                self._undo.close()
                self._holder = None
            return ()
        if not kept:
            self._callbacks = [asked for asked in self._callbacks if asked[0] < depth]
        else:
            self._callbacks = [(min(asked, depth - 1), callback) for asked, callback in self._callbacks]
        if self._marks:
            return ()
        self._undo.close()
        self._holder = None
        due, self._callbacks = self._callbacks, []
        return due

    def _begin_hosts(self) -> None:
        begun: list[Transactional] = []
        try:
            for host in self._hosts:
                host.begin()
                begun.append(host)
        except BaseException:
            _roll_back_all(begun)
            raise

    def _commit(self) -> None:
        # Hosts first, because only they can refuse; what has committed by then is theirs to keep.
        for number, host in enumerate(self._hosts):
            try:
                host.commit()
            except BaseException:
                self._roll_back(self._hosts[number:])
                raise

    def _roll_back(self, hosts: Sequence[Transactional]) -> None:
        try:
            _roll_back_all(hosts)
        finally:
            self._undo.undo_to(self._marks[-1])


def _roll_back_all(hosts: Sequence[Transactional]) -> None:
    """Roll back every host, newest first, also when one of them fails; the first failure is raised at the end."""
    failures: list[BaseException] = []
    for host in reversed(hosts):
        try:
            host.rollback()
        except BaseException as failure:  # noqa: BLE001 - the others must still be rolled back
            failures.append(failure)
    if failures:
        raise failures[0]


class _OneUnitPerCall(Generic[T]):
    """Stands for a repository outside a unit: every call is a unit of its own, or part of the one that is open."""

    def __init__(self, repository: T, work: UnitOfWork[Any]) -> None:
        self._repository = repository
        self._work = work

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the repository has
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._repository, name)
        if not callable(value):
            return value
        call = _as_a_unit(value, self._work)
        setattr(self, name, call)
        return call

    def __dir__(self) -> list[str]:
        return dir(self._repository)


def one_unit_per_call(repository: T, work: UnitOfWork[Any]) -> T:
    """Return `repository` with every call made a unit of work."""
    return cast("T", _OneUnitPerCall(repository, work))


def _as_a_unit(method: Callable[P, T], work: UnitOfWork[Any]) -> Callable[P, T]:
    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with work:
            return method(*args, **kwargs)

    return call
