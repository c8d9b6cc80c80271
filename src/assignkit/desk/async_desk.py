"""The desk for asyncio: the same calls, awaitable, carried out by a bounded number of threads."""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast

from assignkit.clock import Clock
from assignkit.desk.desk import Desk
from assignkit.desk.said import refuse_what_cannot_be_called
from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.customer import Customer
from assignkit.model.record import Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Page, Store
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.waiting import QueuePolicy

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record)

_Done = Coroutine[Any, Any, T]


class _Runs(Protocol):
    """What carries calls out."""

    async def run(self, act: Callable[[], T]) -> T:
        """Return what `act` gives."""
        ...

    async def close(self) -> None:
        """Take no more calls."""
        ...


class _Threads:
    """Carries calls out in threads, at most so many at once."""

    def __init__(self, count: object) -> None:
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            msg = f"`threads` is a whole number, at least 1, not {count!r:.60}"
            raise ConfigurationError(msg)
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="assignkit")

    async def run(self, act: Callable[[], T]) -> T:
        """Return what `act` gives. Cancelled before a thread took it up, it never happens; later, it is carried out."""
        import asyncio  # noqa: PLC0415 - costs a tenth of the import, and most hosts are synchronous

        try:
            taken_up = self._executor.submit(contextvars.copy_context().run, act)
        except RuntimeError as error:
            msg = "this AsyncDesk is closed, and takes no more calls: make another one"
            raise ConfigurationError(msg) from error
        return await asyncio.wrap_future(taken_up)

    async def close(self) -> None:
        """Take no more calls, and return when those that were taken up are done."""
        import asyncio  # noqa: PLC0415 - as in `run`

        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)


class _InTurn:
    """Carries calls out one after the other: what they share is no more than one at a time may use."""

    def __init__(self, threads: _Runs) -> None:
        import asyncio  # noqa: PLC0415 - as in `run` of the threads

        self._threads = threads
        self._turn = asyncio.Lock()

    async def run(self, act: Callable[[], T]) -> T:
        """Return what `act` gives. Cancelled while it is carried out, the next one still waits for its end."""
        import asyncio  # noqa: PLC0415 - as in `run` of the threads

        async with self._turn:
            done = asyncio.ensure_future(self._threads.run(act))
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                await asyncio.wait({done})
                raise

    async def close(self) -> None:
        """Leave the threads to the desk that has them."""


def _awaitable(method: Callable[Concatenate[Desk, P], T]) -> Callable[Concatenate[AsyncDesk, P], _Done[T]]:
    """Return a method of the desk as one that is awaited."""

    @functools.wraps(method)
    async def call(self: AsyncDesk, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._threads.run(functools.partial(method, self.desk, *args, **kwargs))

    return cast("Callable[Concatenate[AsyncDesk, P], _Done[T]]", call)


class AsyncRecords(Generic[R]):
    """The records of one noun, awaitable; see `Repository`."""

    def __init__(self, records: Any, threads: _Runs) -> None:  # noqa: ANN401 - a repository, or the desk's records
        self._records = records
        self._threads = threads

    async def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        return cast("R", await self._call(self._records.add, record))

    async def get(self, id: str) -> R:
        """Return the record; `NotFoundError` if there is none."""
        return cast("R", await self._call(self._records.get, id))

    async def find(self, id: str) -> R | None:
        """Return the record, or None."""
        return cast("R | None", await self._call(self._records.find, id))

    async def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`."""
        return cast("R", await self._call(self._records.save, record))

    async def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        await self._call(self._records.remove, id)

    async def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return records as `Repository.list` does."""
        return cast("list[R]", await self._call(self._records.list, filter, order, page))

    async def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - as the repository
        return await self._threads.run(functools.partial(method, *arguments))


class AsyncDesk:
    """A `Desk` for asyncio hosts: the same names, arguments and errors; each call is awaited.

    Takes what `Desk` takes; `threads` is how many calls are carried out at once, the others wait. A call that is
    cancelled while it waits never happens. One that a thread has taken up is carried out in its unit of work, wholly or
    not at all, although nobody awaits it any more: with a `key`, asking again tells what came of it.

    Use it as an async context manager, or `close` it. `desk` is the synchronous one, to be shared with threads.
    """

    def __init__(
        self,
        rules: RuleSet,
        store: Store | None = None,
        *,
        clock: Clock | None = None,
        seed: str | int = "",
        zone: str = "UTC",
        approvers: Iterable[str] | None = None,
        group_commit: int | None = None,
        queue: QueuePolicy | None = None,
        threads: int = 8,
    ) -> None:
        self.desk = Desk(
            rules,
            store,
            clock=clock,
            seed=seed,
            zone=zone,
            approvers=approvers,
            group_commit=group_commit,
            queue=queue,
        )
        self._threads: _Runs = _Threads(threads)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Refuse further calls, and return when those that were taken up are done."""
        await self._threads.close()

    async def call(self, act: Callable[[Desk], T]) -> T:
        """Return what `act` does with the synchronous desk: for several calls in one thread, one after the other."""
        refuse_what_cannot_be_called("act", act)
        return await self._threads.run(functools.partial(act, self.desk))

    assign = _awaitable(Desk.assign)
    assign_many = _awaitable(Desk.assign_many)
    tick = _awaitable(Desk.tick)
    accept = _awaitable(Desk.accept)
    decline = _awaitable(Desk.decline)
    broadcast = _awaitable(Desk.broadcast)
    set_presence = _awaitable(Desk.set_presence)
    complete = _awaitable(Desk.complete)
    rotations = _awaitable(Desk.rotations)
    correct_rotation = _awaitable(Desk.correct_rotation)
    why_nothing_today = _awaitable(Desk.why_nothing_today)
    reassign = _awaitable(Desk.reassign)
    release = _awaitable(Desk.release)
    publish = _awaitable(Desk.publish)
    approve = _awaitable(Desk.approve)
    withdraw = _awaitable(Desk.withdraw)
    rollback = _awaitable(Desk.rollback)
    publications = _awaitable(Desk.publications)
    rules_of = _awaitable(Desk.rules_of)
    shadow = _awaitable(Desk.shadow)
    shadow_report = _awaitable(Desk.shadow_report)
    reload_from = _awaitable(Desk.reload_from)
    explain = _awaitable(Desk.explain)
    why_not = _awaitable(Desk.why_not)
    waiting = _awaitable(Desk.waiting)
    history = _awaitable(Desk.history)
    holder_at = _awaitable(Desk.holder_at)
    holders_at = _awaitable(Desk.holders_at)
    state_at = _awaitable(Desk.state_at)

    @property
    def agents(self) -> AsyncRecords[Agent]:
        """The agents."""
        return AsyncRecords(self.desk.agents, self._threads)

    @property
    def teams(self) -> AsyncRecords[Team]:
        """The teams."""
        return AsyncRecords(self.desk.teams, self._threads)

    @property
    def pools(self) -> AsyncRecords[Pool]:
        """The public pools."""
        return AsyncRecords(self.desk.pools, self._threads)

    @property
    def categories(self) -> AsyncRecords[Category]:
        """The categories."""
        return AsyncRecords(self.desk.categories, self._threads)

    @property
    def customers(self) -> AsyncRecords[Customer]:
        """The customers."""
        return AsyncRecords(self.desk.customers, self._threads)

    @property
    def tasks(self) -> AsyncRecords[Task]:
        """The tasks."""
        return AsyncRecords(self.desk.tasks, self._threads)

    def items(self, kind: str) -> AsyncRecords[Any]:
        """Return the records of one kind of item; `ConfigurationError` for a kind that the schema does not have."""
        return AsyncRecords(self.desk.items(kind), self._threads)

    async def rules(self) -> RuleSet:
        """Return the rules in force."""
        return await self._threads.run(lambda: self.desk.rules)

    async def within(self, connection: Any) -> Self:  # noqa: ANN401 - as the store's database has it
        """Return this desk as a part of a host's open transaction; see `Desk.within`.

        The connection is a synchronous one, and the host leaves it alone while a call is awaited; calls are carried out
        one after the other. `ConfigurationError` for an `AsyncConnection`.
        """
        if hasattr(connection, "sync_connection"):
            msg = "an AsyncConnection cannot be joined: its driver belongs to the event loop; use a synchronous engine"
            raise ConfigurationError(msg)
        joined = copy(self)
        joined.desk = await self._threads.run(functools.partial(self.desk.within, connection))
        joined._threads = _InTurn(self._threads)  # noqa: SLF001 - a desk of our own
        return joined

    def subscribe(self, callback: Callable[[Event], Awaitable[None] | None]) -> Callable[[], None]:
        """Call `callback`, on the running event loop, with every event committed from now on; in order.

        A callback that is a coroutine function becomes a task of its own. Returns what ends the subscription.
        """
        import asyncio  # noqa: PLC0415 - as in `run` of the threads

        refuse_what_cannot_be_called("callback", callback)
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Future[None]] = set()

        def tell(event: Event) -> None:
            awaited = callback(event)
            if inspect.isawaitable(awaited):
                task = asyncio.ensure_future(awaited, loop=loop)
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(tell, event)

        return self.desk.subscribe(hand_over)
