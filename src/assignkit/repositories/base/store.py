"""The store itself: its repositories, and units of work over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from assignkit.model.agent import Agent
from assignkit.repositories.base.changes import Changes
from assignkit.repositories.base.work import Repositories, Unit

T = TypeVar("T")


class Store(Repositories, Protocol):
    """Repositories with a unit of work. Used outside a unit, each call is a unit of its own."""

    @property
    def shared(self) -> bool:
        """Whether other threads or processes may have units open beside one's own, and commit in between."""
        ...

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a unit of work: it commits when the block ends, and rolls back if the block raises.

        A unit within a unit of the same thread is a part of it: if the inner block raises, the inner writes are taken
        back, and the outer unit may go on.
        """
        ...

    def transact(self, act: Callable[[Unit], T]) -> T:
        """Return what `act` gives within a unit of work.

        A store that many share may be overtaken (serialisation failures, deadlocks, dropped connections): then it takes
        everything back and calls `act` again, within bounds, so `act` may change nothing but the unit. In the end it
        raises `ConflictError` or `BackendError` with nothing changed. Within an open unit `act` is called once.
        """
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the unit that this thread has open is kept, at once if none is open.

        It is called outside the unit, after the outermost one has committed; never if what surrounds it is rolled back.
        """
        ...

    def within(self, connection: Any) -> Store:  # noqa: ANN401 - as the store's database has it
        """Return this store as a part of the open transaction of a host's connection; the host commits.

        `ConfigurationError` if the store cannot join it.
        """
        ...

    def changes(self, cursor: int | None) -> Changes | None:
        """Return which agents changed since `cursor` (None: from now on), or None if the store does not keep track.

        A caller that gets None must read agents, loads and seats anew for every decision.
        """
        ...

    def walk_agents(self) -> Iterator[Agent]:
        """Yield every agent, by id."""
        ...
