"""The desk: what a host calls to have items decided, and to ask about them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from assignkit.clock import Clock, SystemClock
from assignkit.desk import inquiring
from assignkit.desk.agents import AgentRecords
from assignkit.desk.answering import answer_once
from assignkit.desk.assigning import Request
from assignkit.desk.batching import Asked, Batches
from assignkit.desk.by_hand import moving
from assignkit.desk.by_hand.moving import ByHand
from assignkit.desk.by_hand.working import Working
from assignkit.desk.committing import replaying
from assignkit.desk.committing.replaying import Replayed
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.grouping import Grouping
from assignkit.desk.publishing.publishing import Publishing
from assignkit.desk.publishing.reloading import OnReload, WatchedRules
from assignkit.desk.publishing.rulebooks import Loan, Rulebook, Rulebooks
from assignkit.desk.publishing.shadowing import Shadow
from assignkit.desk.receiving import CUSTOMERS, TASKS, Received, identify, known_kind, receive
from assignkit.desk.records import ItemRecords
from assignkit.desk.session import Session
from assignkit.desk.telling import Subscriber, Teller
from assignkit.desk.together.deciding import TogetherBatches
from assignkit.desk.together.posing import BatchSolver, solver_of
from assignkit.desk.waiting import queues
from assignkit.desk.waiting.dispatching import Dispatcher, Retry, Run
from assignkit.desk.waiting.draining import Queue
from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.batch import Decisions
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.publication import Publication
from assignkit.model.shadow import ShadowReport
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.model.waiting import WaitingView
from assignkit.repositories.base import Repository, Store, Unit
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.collecting import collector_paused
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.waiting import QueuePolicy

T = TypeVar("T")
Progress = Callable[[int, int], None]

_log = logging.getLogger("assignkit")
_PLAINLY = Request()
_UNHEARD = timedelta(days=1)  # how long events wait on a shared store for somebody who listens
_CHUNK = 100  # how many items of a batch are committed together
_UNCOLLECTED = 10_000  # decisions of a batch, which are all kept: the collector would walk them again and again


class Desk(Working):
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
        seed: str = "",
        zone: str = "UTC",
        approvers: Iterable[str] | None = None,
        group_commit: int | None = None,
        queue: QueuePolicy | None = None,
    ) -> None:
        _check_zone(zone)
        self._store: Store = store if store is not None else MemoryStore()
        self._clock = clock if clock is not None else SystemClock()
        self._seed = seed
        self._zone = zone
        self._kinds = frozenset(rules.schema.kinds)
        self._books = Rulebooks(rules, seed=seed)
        self._publishing = Publishing(self._store, self._books, clock=self._clock, approvers=approvers)
        self._shadows: tuple[Shadow, ...] = ()
        self._shared = self._store.shared
        self._joined = False
        self._tracked = not self._shared and self._store.changes(None) is not None
        self._queue = Queue(queue if queue is not None else QueuePolicy())
        self._dispatcher = Dispatcher(self._queue, tracked=self._tracked)
        self._teller = Teller(self._store)
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
        return self._run(lambda session: session.rules)

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
                self._items[kind] = ItemRecords(kind, self._store, self._run_and_tell)
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
        limits of rules, but neither guards nor capacity. A waiting or pooled item is tried again. With a host's
        `version`, `ConflictError` if the item is no longer at it. Raises
        `InvalidItemError` for an item that does not fit, `NotFoundError` for an unknown id, `IdempotencyError` for a
        `key` that was used for something else. Nobody eligible is an outcome, not an error.
        """
        plainly = not force and actor is None and version is None
        asked = Asked(item, kind, key, _PLAINLY if plainly else Request(force, actor, version))
        grouping = self._grouping if self._grouping is not None and self._is_by_itself() else None
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
        waiting = list(items)
        request = Request(force, actor)
        book = self._book_in_force()
        keys = [None if key is None else f"{key}:{number}" for number in range(len(waiting))]
        asked = [Asked(item, kind, keys[number], request, number) for number, item in enumerate(waiting)]
        if optimise:
            return self._assign_together(asked, solver_of(optimise), book, progress)
        decisions = Decisions()
        while len(decisions) < len(asked):
            with collector_paused():
                self._decide_some(asked, decisions, book, progress)
        return decisions

    def tick(self) -> list[Decision]:
        """Do what is due: end offers, and try waiting items, the most urgent and longest waiting first.

        Returns what changed hands or place. Tried are items whose time has come, and all that wait where agents became
        free or rules read the time; with nothing new it is cheap, and changes nothing.
        """
        changed = self._dispatcher.tick(*self._hands())
        self._keep_shadows()
        self._teller.tell()
        self._teller.let_go(self._clock.now() - _UNHEARD)
        return changed

    # --- by hand -----------------------------------------------------------------------------------------------------

    def reassign(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        to: str | int | Agent,
        *,
        kind: str | None = None,
        actor: str,
        reason: str,
        fence: int | None = None,
        force: bool = False,
        key: str | None = None,
    ) -> Decision:
        """Give the item to the agent `to`, whoever holds it now; the history keeps who did it and why.

        `NotEligibleError` if the agent is inactive, barred by a `never`, or full; `NotFoundError` for an unknown agent
        or item; `ConflictError` if `fence` is given and is no longer the item's. `force` gives it to an agent who is
        full, too; it lifts nothing else, and takes an `actor` and a `reason` that are not blank.
        """
        agent_id = to.id if isinstance(to, Agent) else str(to)
        by_hand = ByHand(actor, reason, fence, force)
        arguments = {"to": agent_id, "actor": actor, "reason": reason, "force": force}
        return self._by_hand(
            "reassign",
            item_id,
            kind=kind,
            key=key,
            arguments=arguments,
            act=lambda s, i: moving.reassign(s, *i, agent_id, by_hand),
        )

    def release(
        self,
        item_id: Any,  # noqa: ANN401 - whatever a host hands in
        *,
        kind: str | None = None,
        pool: str | None = None,
        actor: str,
        reason: str,
        fence: int | None = None,
        key: str | None = None,
    ) -> Decision:
        """Take the item from its holder, into `pool` if one is named; its load is free again at once.

        The best waiting item that the holder may have comes to it at once.
        `InvalidTransitionError` if nobody holds it and it does not wait; `NotFoundError` for an item that the desk
        never saw, or a pool that neither the rules nor the store know; `ConflictError` if `fence` is given and is no
        longer the item's.
        """
        by_hand = ByHand(actor, reason, fence)
        arguments = {"pool": pool, "actor": actor, "reason": reason}
        freed: list[str] = []
        decision = self._by_hand(
            "release",
            item_id,
            kind=kind,
            key=key,
            arguments=arguments,
            act=lambda s, i: moving.release(s, *i, pool, by_hand, freed=freed),
        )
        for agent_id in freed:
            self._pull(agent_id)
        return decision

    # --- publishing --------------------------------------------------------------------------------------------------

    def publish(
        self,
        rules: RuleSet | str,
        *,
        actor: str,
        reason: str,
        effective: datetime | None = None,
        key: str | None = None,
    ) -> Publication:
        """Bring rules (or their text) into force for every desk on this store, at once or from `effective` on.

        A batch that runs goes on by the rules that it began with. With `approvers` they wait for `approve`. Asking for
        what is in force, or on its way, changes nothing. `RuleError` for a text with errors, `ConfigurationError` for
        rules with other kinds of items, `PublishingError` for an instant in the past. What `check` warns of, teams that
        are not there among it, stands in the publication's `warnings`.
        """
        return self._publishing.publish(rules, actor=actor, reason=reason, effective=effective, key=key)

    def approve(self, version: str, *, actor: str, key: str | None = None) -> Publication:
        """Let published rules decide that wait for a second person, from now or from their `effective` on.

        `PublishingError` if nothing of the version waits, or `actor` is no approver, or the one who published, however
        the name is written.
        """
        return self._publishing.approve(version, actor=actor, key=key)

    def withdraw(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Call off a publication that waits or is scheduled; `PublishingError` if there is none."""
        return self._publishing.withdraw(version, actor=actor, reason=reason, key=key)

    def rollback(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Bring a version that decided before into force again, at once, without another approval.

        `NotFoundError` for an unknown version, `PublishingError` for one that never was in force, or that is.
        """
        return self._publishing.roll_back(version, actor=actor, reason=reason, key=key)

    def publications(self) -> list[Publication]:
        """Return what was published, oldest first: who, why, when, and what became of it.

        Rules that a desk was made with, and that decided something, are among them as `made`.
        """
        return self._publishing.list()

    def rules_of(self, version: str) -> RuleSet:
        """Return the rules that a decision names by `version`; `NotFoundError` if they were never kept."""
        return self._publishing.rules_of(version)

    def shadow(self, rules: RuleSet | str, *, actor: str | None = None, key: str | None = None) -> Shadow:
        """Let other rules (or their text) look on: each item is decided by both, and only the rules in force act.

        The differences stand in the `report()` of what is returned, until its `stop()` and after; the store keeps them,
        see `shadow_report`. Asking again with the `key` of a shadow that looks on returns that one.
        """
        found = self._publishing.understood(rules)
        self._publishing.begin_shadow(found, actor=actor, key=key)
        shadow = Shadow(found, self._store, seed=self._seed, actor=actor, key=key)
        with self._lock:
            for other in self._shadows:
                if key is not None and other.key == key and not other.stopped:
                    return other
            self._shadows = (*self._shadows, shadow)
        return shadow

    def shadow_report(self, version: str) -> ShadowReport:
        """Return what all desks on this store, running or not, have seen of rules of this version that looked on.

        Other desks keep what they saw after a hundred items, some seconds, a `tick` or a `stop`. `NotFoundError` if
        none has seen anything.
        """
        self._keep_shadows()
        return self._publishing.shadow_report(version)

    def _keep_shadows(self) -> None:
        for shadow in self._shadows:
            shadow.keep()

    def reload_from(
        self,
        path: str | Path,
        *,
        actor: str = "file",
        every_seconds: float | None = None,
        on_reload: OnReload | None = None,
    ) -> WatchedRules:
        """Publish a file's rules whenever they change: at each `check()` of what is returned, or every so many seconds.

        A file that cannot be used leaves the rules in force and tells its diagnostics, to `on_reload` and the log.
        """
        watched = WatchedRules(
            Path(path), like=self._books.own.rules, publish=self.publish, actor=actor, on_reload=on_reload
        )
        if every_seconds is not None:
            watched.start(every_seconds)
        return watched

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
        self._tracked, self._joined = False, True
        self._shadows = ()
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
        return self._run(
            lambda session: inquiring.explain_now(session, self._receive(session, item, kind), self._queue)
        )

    def waiting(self) -> list[WaitingView]:
        """Return what waits, the next one in line first, each with what puts it there; see `WaitingView`.

        Takes time by the number of items that wait.
        """
        return self._run(lambda session: queues.waiting_line(session, self._queue))

    def why_not(self, agent_id: str | int | Agent, item: Any, *, kind: str | None = None) -> Explanation:  # noqa: ANN401
        """Return why the agent does not get the item now; `NotFoundError` for an unknown agent or id."""
        wanted = agent_id.id if isinstance(agent_id, Agent) else str(agent_id)
        return self._run(
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
        events = self._store.history.of_item(settled, identity)
        return events if until is None else [event for event in events if event.at <= until]

    def holder_at(self, item_id: Any, at: datetime, *, kind: str | None = None) -> str | None:  # noqa: ANN401
        """Return the id of the agent who held the item at an instant, or None; an offer is no holding."""
        return replaying.holder_at(self.history(item_id, kind=kind), at)

    def holders_at(self, at: datetime) -> Mapping[tuple[str, str], str]:
        """Return who held what at an instant: agent ids by (kind, item id), sorted. Reads the history up to then."""
        return self.state_at(at).holders()

    def state_at(self, at: datetime) -> Replayed:
        """Return how things stood at an instant: where items were, loads with ceilings, turns, assignments.

        Rebuilt from the history up to then, what happened at the instant included; `Replayed` says what it holds.
        """
        return replaying.replay(event for event in self._all_events() if event.at <= at)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event committed from now on; returns what ends the subscription."""
        return self._teller.subscribe(callback)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _run(self, act: Callable[[Session], T], *, book: Rulebook | None = None, expecting: bool = False) -> T:
        """Return what `act` gives, in one unit of work, by the rules in force or by those of `book`.

        `expecting`: it says what it is going to need, and looks what has changed when that is locked.
        """
        if self._shared:
            return self._run_shared(act, book=book, expecting=expecting)

        def run(unit: Unit) -> T:
            now = self._clock.now().astimezone(UTC)
            used = book or self._books.at(unit, now)
            # What a store does not track has to be read anew.
            directory = used.directory if self._tracked else Directory(used.rules, seed=self._seed)
            try:
                directory.refresh(self._store, unit)
                result = act(self._session(unit, used, directory, now))
                if self._tracked:
                    directory.settle(self._store)
            except BaseException as error:
                if not isinstance(error, Exception):
                    directory.begin_anew()
                raise
            return result

        return self._store.transact(run)

    def _run_shared(self, act: Callable[[Session], T], *, book: Rulebook | None, expecting: bool) -> T:
        """Do the same on a store where others have units open as well: each has a directory of its own meanwhile."""
        loan = Loan(lasting=not self._joined)

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

    def _session(self, unit: Unit, book: Rulebook, directory: Directory, now: datetime) -> Session:
        heard = self._teller.is_heard
        return Session(unit, directory, book.rules, book.chains, self._seed, self._zone, now, heard)

    def _assign_together(
        self, asked: list[Asked], solver: BatchSolver, book: Rulebook, progress: Progress | None
    ) -> Decisions:
        batches = TogetherBatches(self._run, self._store, self._publishing, self._kinds, self._seed)
        decisions = batches.decide(asked, solver, book=book)
        self._teller.tell()
        if progress is not None:
            for number in range(len(decisions)):
                progress(number + 1, len(decisions))
        return decisions

    def _hands(self) -> tuple[Run, Retry]:
        """Return what dispatches by one version of the rules from beginning to end."""
        book = self._book_in_force()
        return (
            lambda act: self._run(act, book=book),
            lambda item: self._batches.many([Asked(item, None, None, Request())], book=book)[0],
        )

    def _decide_some(
        self, asked: Sequence[Asked], decisions: list[Decision], book: Rulebook, progress: Progress | None
    ) -> None:
        """Add the next decisions of a batch: not so many that the garbage collector would be missed meanwhile."""
        end = min(len(decisions) + _UNCOLLECTED, len(asked))
        while len(decisions) < end:
            done = len(decisions)
            until = min(done + (1 if self._teller.has_subscribers else _CHUNK), end)
            decisions += self._batches.many(asked[done:until], book=book)
            self._teller.tell()
            if progress is not None:
                for number in range(done, len(decisions)):
                    progress(number + 1, len(asked))

    def _pull(self, agent_id: str) -> None:
        """Give an agent who became free what waits, when what made it free is kept."""
        if self._joined:  # only the host sees its commit
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

    def _book_in_force(self) -> Rulebook:
        """Return the rulebook in force, for a batch that is decided by one version from beginning to end."""
        return self._store.transact(lambda unit: self._books.at(unit, self._clock.now()))

    def _run_and_tell(self, act: Callable[[Session], T]) -> T:
        result = self._run(act)
        self._teller.tell()
        return result

    def _receive(self, session: Session, item: Any, kind: str | None) -> Received:  # noqa: ANN401
        return receive(item, kind=kind, records=session.unit, kinds=self._kinds)

    def _is_by_itself(self) -> bool:
        """Return whether this thread has no unit open, of which a decision would have to be a part."""
        asked: list[bool] = []
        self._store.after_commit(lambda: asked.append(True))
        return bool(asked)

    def _new_batches(self) -> Batches:
        return Batches(
            self._run,
            self._store,
            self._publishing,
            clock=self._clock,
            kinds=self._kinds,
            shadows=self._looking_on,
            lasting=not self._joined,
        )

    def _looking_on(self) -> tuple[Shadow, ...]:
        if self._shadows and any(shadow.stopped for shadow in self._shadows):
            with self._lock:
                self._shadows = tuple(shadow for shadow in self._shadows if not shadow.stopped)
        return self._shadows

    def _by_hand(
        self,
        operation: str,
        item_id: Any,  # noqa: ANN401
        *,
        kind: str | None,
        key: str | None,
        arguments: Mapping[str, Any],
        act: Callable[[Session, tuple[str, str]], Decision],
    ) -> Decision:
        item = identify(item_id, kind=kind, kinds=self._kinds)
        told = {"item": item, **arguments}
        return self._run_and_tell(
            lambda session: answer_once(session.unit, operation, key, told, lambda: act(session, item), now=session.now)
        )


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        msg = f"there is no time zone `{zone}`; names look like `Asia/Shanghai`"
        raise ConfigurationError(msg) from error
