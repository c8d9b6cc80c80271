"""The desk: what a host calls to have items decided, and to ask about them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from assignkit.clock import Clock
from assignkit.desk import furnishing, inquiring
from assignkit.desk.agents import AgentRecords
from assignkit.desk.assigning import Request
from assignkit.desk.batching import Asked, Batches
from assignkit.desk.by_hand.working import Working
from assignkit.desk.chunking import Progress, decide_in_chunks, show
from assignkit.desk.committing import replaying
from assignkit.desk.committing.replaying import Replayed
from assignkit.desk.grouping import Grouping
from assignkit.desk.publishing.governing import Governing
from assignkit.desk.publishing.onlookers import Onlookers
from assignkit.desk.publishing.publishing import Publishing
from assignkit.desk.publishing.rulebooks import Rulebook, Rulebooks
from assignkit.desk.receiving import CUSTOMERS, TASKS, identify, items_of, known_kind
from assignkit.desk.records import ItemRecords
from assignkit.desk.running import Runner
from assignkit.desk.said import refuse_what_cannot_be_called, said, said_instant, said_to_force
from assignkit.desk.telling import Subscriber, Teller
from assignkit.desk.together.deciding import TogetherBatches
from assignkit.desk.together.posing import BatchSolver, solver_of
from assignkit.desk.waiting import queues
from assignkit.desk.waiting.dispatching import Dispatcher, Retry, Run
from assignkit.desk.waiting.draining import Queue
from assignkit.errors import AssignkitError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.batch import Decisions
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.model.waiting import WaitingView
from assignkit.repositories.base import Repository, Store
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.waiting import QueuePolicy

_log = logging.getLogger("assignkit")
_PLAINLY = Request()
_UNHEARD = timedelta(days=1)  # how long events wait on a shared store for somebody who listens


class Desk(Working, Governing):
    """Hands out items by its rules, from one store. Synchronous and thread-safe.

    `rules` decide until others are published. With `approvers`, published rules wait until one of them, who is not the
    one who published, approves.

    `seed` settles what nothing else does: the same input, seed, clock and rules give the same decisions everywhere.
    `zone` is the desk's time zone, for calendar days and for times of day in rules. Items are given as a model, a
    `(kind, id)` pair, a bare id, a mapping, or an object of the host's with an `id`; `kind` is `customers` unless the
    item itself says otherwise.

    `group_commit` lets up to so many calls of `assign` that wait at the same time be committed together, which pays
    where a commit costs more than a decision: with a `SqlStore` and many threads. None is each call on its own.

    `queue` says how items that wait are weighed against each other: how much a time of waiting counts, and which
    categories of items are credited with some, or are sure of a share.
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
    ) -> None:
        zone = furnishing.zone_given(zone)
        rules = furnishing.rules_given(rules)
        self._store = furnishing.store_given(store)
        self._clock = furnishing.clock_given(clock)
        self._seed = seed = furnishing.seed_given(seed)
        self._kinds = frozenset(rules.schema.kinds)
        furnishing.refuse_misspelt_hosts(self._store, self._kinds)
        self._books = Rulebooks(rules, seed=seed)
        self._publishing = Publishing(self._store, self._books, clock=self._clock, approvers=approvers)
        self._onlookers = Onlookers()
        self._teller = Teller(self._store)
        self._runner = Runner(self._store, self._books, self._teller, clock=self._clock, seed=seed, zone=zone)
        self._queue = Queue(furnishing.queue_given(queue))
        self._dispatcher = Dispatcher(self._queue, tracked=self._runner.tracked)
        self._lock = threading.Lock()
        self._items: dict[str, ItemRecords[Any]] = {}
        self._batches = self._new_batches()
        self._grouping: Grouping | None = None
        if group_commit is not None:
            self._grouping = Grouping(self._batches.together, self._batches.one, most=group_commit)

    # --- records -----------------------------------------------------------------------------------------------------

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self._runner.run(lambda session: session.rules)

    @property
    def agents(self) -> Repository[Agent]:
        """The agents."""
        return AgentRecords(self._store, self._clock, self._teller, came=self._pull)

    @property
    def teams(self) -> Repository[Team]:
        """The teams."""
        return self._store.teams

    @property
    def pools(self) -> Repository[Pool]:
        """The public pools."""
        return self._store.pools

    @property
    def categories(self) -> Repository[Category]:
        """The categories."""
        return self._store.categories

    @property
    def customers(self) -> ItemRecords[Customer]:
        """The customers."""
        return self.items(CUSTOMERS)

    @property
    def tasks(self) -> ItemRecords[Task]:
        """The tasks."""
        return self.items(TASKS)

    def items(self, kind: str) -> ItemRecords[Any]:
        """Return the records of one kind of item; `ConfigurationError` for a kind that the schema does not have."""
        known_kind(kind, self._kinds)
        with self._lock:
            if kind not in self._items:
                self._items[kind] = ItemRecords(kind, self._store, self._runner.run_and_tell)
            return self._items[kind]

    # --- deciding ----------------------------------------------------------------------------------------------------

    def assign(
        self,
        item: Any,  # noqa: ANN401 - whatever a host hands in
        *,
        kind: str | None = None,
        key: str | None = None,
        force: bool = False,
        actor: str | None = None,
        version: Any = None,  # noqa: ANN401 - whatever a host counts versions in
    ) -> Decision:
        """Decide the item by the rules and record the outcome, all or nothing.

        A model or mapping is stored with its decision. A held item is `kept` unless `force`d, which also lifts the
        limits of rules, but neither guards nor capacity; the history keeps `actor` as who forced it. A waiting or
        pooled item is tried again. With a host's `version`, `ConflictError` if the item is no longer at it. Raises
        `InvalidItemError` for an item that does not fit, `NotFoundError` for an unknown id, `IdempotencyError` for a
        `key` that was used for something else. Nobody eligible is an outcome, not an error.
        """
        plainly = not force and actor is None and version is None
        request = _PLAINLY if plainly else Request(said_to_force(force), said("actor", actor), version)
        asked = Asked(item, kind, key if key is None else said("key", key), request)
        grouping = self._grouping if self._grouping is not None and self._runner.is_idle() else None
        decision = self._batches.one(asked) if grouping is None else grouping.assign(asked)
        self._teller.tell()
        return decision

    def assign_many(
        self,
        items: Iterable[Any],
        *,
        kind: str | None = None,
        key: str | None = None,
        force: bool = False,
        actor: str | None = None,
        progress: Progress | None = None,
        optimise: bool | BatchSolver = False,
    ) -> Decisions:
        """Decide many items one after the other; returns their decisions in input order.

        An item that fails is a decision with outcome `error` and the message as its reason; the rest go on. `progress`
        is called with (done, total) for each item, once it is committed. Up to a hundred items are committed together,
        or one by one if somebody listens, who then hears of each before the next is decided.

        With `optimise` the agents are chosen for all items at once, and committed together: as many items as possible,
        well matched by what the rules prefer, evenly spread, within capacities and limits; the orders of the rules do
        not choose then, nor is a turn taken, and shadows do not look on. Never worse than one after the other: the
        `report` of what is returned says what was gained. Give an `Optimiser` instead of True to say how much fairness
        counts, or how long to search. `MissingExtraError` without the extra `optimize`, `ConfigurationError` with
        `force`.
        """
        waiting = items_of(items)
        if progress is not None:
            refuse_what_cannot_be_called("progress", progress)
        key = said("key", key)
        request = Request(said_to_force(force), said("actor", actor))
        book = self._runner.book_in_force()
        keys = [None if key is None else f"{key}:{number}" for number in range(len(waiting))]
        asked = [Asked(item, kind, keys[number], request, number) for number, item in enumerate(waiting)]
        if optimise:
            return self._assign_together(asked, solver_of(optimise), book, progress)
        return decide_in_chunks(asked, self._batches, self._teller, book=book, progress=progress)

    def tick(self) -> list[Decision]:
        """Do what is due: end offers, and try waiting items, the most urgent and longest waiting first.

        Returns what changed hands or place. Tried are items whose time has come, and all that wait where agents became
        free or rules read the time; with nothing new it is cheap, and changes nothing.
        """
        changed = self._dispatcher.tick(*self._hands())
        self._onlookers.keep()
        self._teller.tell()
        self._teller.let_go(self._clock.now() - _UNHEARD)
        return changed

    # --- a host's transaction ----------------------------------------------------------------------------------------

    def within(self, connection: Any) -> Desk:  # noqa: ANN401 - as the store's database has it
        """Return this desk as a part of a host's open transaction, such as SQLAlchemy's `engine.begin()` gives.

        "Create the lead and assign it" then commits together, or not at all. Use it in one thread until the transaction
        is over. What it did is told to subscribers of this desk with the next call after the commit. Shadows do not
        look on. `ConfigurationError` if the store cannot join it: that takes a `SqlStore`, in the same database.
        """
        joined = copy(self)
        joined._join(self._store.within(connection))  # noqa: SLF001 - a desk of our own
        return joined

    def _join(self, store: Store) -> None:
        self._store = store
        self._publishing = self._publishing.on(store)
        self._teller = Teller(store)
        self._runner = self._runner.within(store, self._teller)
        self._onlookers = Onlookers()
        self._items = {}
        goes_short = self._batches.goes_short
        self._batches = self._new_batches()
        self._batches.goes_short = goes_short
        self._grouping = None  # what is done here is the host's transaction's

    # --- asking ------------------------------------------------------------------------------------------------------

    def explain(self, item: Any, *, kind: str | None = None) -> Explanation:  # noqa: ANN401
        """Return what would become of the item now and why, every candidate looked at; nothing is written.

        For an item that an agent holds: how it got there.
        """
        return self._runner.run(
            lambda session: inquiring.explain_now(session, self._receive(session, item, kind), self._queue)
        )

    def waiting(self) -> list[WaitingView]:
        """Return what waits, the next one in line first, each with what puts it there; see `WaitingView`.

        Takes time by the number of items that wait.
        """
        return self._runner.run(lambda session: queues.waiting_line(session, self._queue))

    def why_not(self, agent_id: str | int | Agent, item: Any, *, kind: str | None = None) -> Explanation:  # noqa: ANN401
        """Return why the agent does not get the item now; `NotFoundError` for an unknown agent or id."""
        wanted = agent_id.id if isinstance(agent_id, Agent) else str(agent_id)
        return self._runner.run(
            lambda session: inquiring.explain_why_not(
                session, session.agent(wanted), self._receive(session, item, kind)
            )
        )

    def history(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        *,
        kind: str | None = None,
        until: datetime | None = None,
    ) -> list[Event]:
        """Return what happened to the item, oldest first; each event explains itself. Empty for an unknown item.

        With `until`, only what had happened by that instant, itself included.
        """
        settled, identity = identify(item_id, kind=kind, kinds=self._kinds)
        last = None if until is None else said_instant("until", until)
        events = self._store.history.of_item(settled, identity)
        return events if last is None else [event for event in events if event.at <= last]

    def holder_at(self, item_id: Any, at: datetime, *, kind: str | None = None) -> str | None:  # noqa: ANN401
        """Return the id of the agent who held the item at an instant, or None; an offer is no holding."""
        return replaying.holder_at(self.history(item_id, kind=kind), said_instant("at", at))

    def holders_at(self, at: datetime) -> Mapping[tuple[str, str], str]:
        """Return who held what at an instant: agent ids by (kind, item id), sorted. Reads the history up to then."""
        return self.state_at(at).holders()

    def state_at(self, at: datetime) -> Replayed:
        """Return how things stood at an instant: where items were, loads with ceilings, turns, assignments.

        Rebuilt from the history up to then, what happened at the instant included; `Replayed` says what it holds.
        """
        last = said_instant("at", at)
        return replaying.replay(event for event in self._all_events() if event.at <= last)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event committed from now on; returns what ends the subscription.

        On a store that others share, events wait for somebody who listens: those of the last day that nobody was told
        of come first. `ConfigurationError` for what cannot be called.
        """
        return self._teller.subscribe(callback)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _assign_together(
        self, asked: list[Asked], solver: BatchSolver, book: Rulebook, progress: Progress | None
    ) -> Decisions:
        batches = TogetherBatches(self._runner.run, self._store, self._publishing, self._kinds, self._seed)
        decisions = batches.decide(asked, solver, book=book)
        self._teller.tell()
        show(progress, 0, len(decisions), len(decisions))
        return decisions

    def _hands(self) -> tuple[Run, Retry]:
        """Return what dispatches by one version of the rules from beginning to end."""
        book = self._runner.book_in_force()
        return (
            lambda act: self._runner.run(act, book=book),
            lambda item: self._batches.many([Asked(item, None, None, Request())], book=book)[0],
        )

    def _pull(self, agent_id: str) -> None:
        """Give an agent who became free what waits, when what made it free is kept."""
        if self._runner.joined:  # only the host sees its commit
            self._pull_now(agent_id)
        else:
            self._store.after_commit(lambda: self._pull_now(agent_id))

    def _pull_now(self, agent_id: str) -> None:
        try:
            self._dispatcher.pull(agent_id, *self._hands())
        except AssignkitError:
            # What made the agent free is kept, and whoever did it has to hear of that.
            _log.exception("%s could not be given what waits now; the next tick looks again", agent_id)
        self._teller.tell()

    def _all_events(self) -> Iterator[Event]:
        number = 0
        while events := self._store.history.since(number):
            yield from events
            number = events[-1].number

    def _new_batches(self) -> Batches:
        return Batches(
            self._runner.run,
            self._store,
            self._publishing,
            clock=self._clock,
            kinds=self._kinds,
            shadows=self._onlookers.looking,
            lasting=not self._runner.joined,
        )
