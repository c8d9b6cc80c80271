"""The store that lives in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import (
    AssignmentRepository,
    Changes,
    HistoryRepository,
    IdempotencyRepository,
    LoadRepository,
    OutboxRepository,
    PlacementRepository,
    PublicationRepository,
    Repository,
    RotationRepository,
    Unit,
)
from assignkit.repositories.fitting import kinds_given
from assignkit.repositories.memory.audit import audit
from assignkit.repositories.memory.books import Books
from assignkit.repositories.memory.undo import UndoLog
from assignkit.repositories.memory.work import Transactional, UnitOfWork, one_unit_per_call

T = TypeVar("T")


class MemoryStore:
    """A whole store in memory: thread-safe, with real rollback, gone when the process ends.

    A host may put its own repository in the place of any noun's; `items` maps the host's own kinds of item to theirs.
    Such a repository takes part in units of work if it is `Transactional`; otherwise what it wrote stays written. It is
    only ever called by one thread at a time.

    A unit holds one lock until it ends, so keep slow work out of it. A unit that is opened inside another one, by the
    same thread, belongs to it: if the inner block raises, the inner writes alone are taken back, and the exception goes
    on to the outer block.

    >>> store = MemoryStore()
    >>> with store.unit() as unit:
    ...     li = unit.agents.add(Agent(id="li", teams={"East"}))
    >>> store.agents.get("li").version
    1
    """

    def __init__(
        self,
        *,
        customers: Repository[Customer] | None = None,
        tasks: Repository[Task] | None = None,
        agents: Repository[Agent] | None = None,
        teams: Repository[Team] | None = None,
        pools: Repository[Pool] | None = None,
        categories: Repository[Category] | None = None,
        items: Mapping[str, Repository[Any]] | None = None,
    ) -> None:
        hosted: dict[str, Repository[Any] | None] = {
            "customers": customers,
            "tasks": tasks,
            "agents": agents,
            "teams": teams,
            "pools": pools,
            "categories": categories,
        }
        undo = UndoLog()
        kinds = kinds_given(items)
        books = Books(undo, hosted=hosted, items=kinds)
        hosts: dict[int, object] = {id(host): host for host in (*hosted.values(), *kinds.values())}
        transactional = [host for host in hosts.values() if isinstance(host, Transactional)]
        self._books = books
        self._work: UnitOfWork[Books] = UnitOfWork(books, undo, transactional)
        self._sees_all_changes = agents is None
        self._items: dict[str, Repository[Item]] = {}
        self.customers: Repository[Customer] = one_unit_per_call(books.customers, self._work)
        self.tasks: Repository[Task] = one_unit_per_call(books.tasks, self._work)
        self.agents: Repository[Agent] = one_unit_per_call(books.agents, self._work)
        self.teams: Repository[Team] = one_unit_per_call(books.teams, self._work)
        self.pools: Repository[Pool] = one_unit_per_call(books.pools, self._work)
        self.categories: Repository[Category] = one_unit_per_call(books.categories, self._work)
        self.placements: PlacementRepository = one_unit_per_call(books.placements, self._work)
        self.loads: LoadRepository = one_unit_per_call(books.loads, self._work)
        self.assignments: AssignmentRepository = one_unit_per_call(books.assignments, self._work)
        self.rotations: RotationRepository = one_unit_per_call(books.rotations, self._work)
        self.history: HistoryRepository = one_unit_per_call(books.history, self._work)
        self.outbox: OutboxRepository = one_unit_per_call(books.outbox, self._work)
        self.idempotency: IdempotencyRepository = one_unit_per_call(books.idempotency, self._work)
        self.publications: PublicationRepository = one_unit_per_call(books.publications, self._work)

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item: `customers`, `tasks`, or a host's own kind, which may be new."""
        with self._work as books:
            if kind not in self._items:
                self._items[kind] = one_unit_per_call(books.items(kind), self._work)
            return self._items[kind]

    @property
    def shared(self) -> bool:
        """False: a unit has the store to itself."""
        return False

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a unit of work: it commits when the block ends, and rolls back if the block raises."""
        return self._work

    def transact(self, act: Callable[[Unit], T]) -> T:
        """Return what `act` gives within a unit; it is called once, as nobody else can come in between."""
        with self._work as books:
            return act(books)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when this thread's open unit is kept, at once if it has none."""
        self._work.after_commit(callback)

    def within(self, connection: object) -> MemoryStore:
        """Raise `ConfigurationError`: there is no database whose transaction could be joined."""
        msg = f"a store in memory cannot join the transaction of a {type(connection).__name__}: use a SqlStore"
        raise ConfigurationError(msg)

    def changes(self, cursor: int | None) -> Changes | None:
        """Return which agents changed since `cursor`, rolled back or not; None if the agents are a host's.

        A host may change its agents behind this store's back. A cursor that this store never gave has `agent_ids` None.
        """
        if not self._sees_all_changes:
            return None
        with self._work.alone:
            return self._books.journal.since(cursor)

    def walk_agents(self) -> Iterator[Agent]:
        """Yield every agent, by id, as they are when the first is asked for."""
        yield from self.agents.list()

    def _check(self) -> None:
        """Raise `AssertionError` that names what is off, if the books disagree; for tests."""
        with self._work as books:
            audit(books)
