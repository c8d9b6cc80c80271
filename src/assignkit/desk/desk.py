"""The desk: what a host calls to have items decided, and to ask about them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from assignkit.clock import Clock, SystemClock
from assignkit.desk import assigning, inquiring, moving
from assignkit.desk.answering import answer_once
from assignkit.desk.assigning import Request
from assignkit.desk.chains import Chains
from assignkit.desk.directory import Directory
from assignkit.desk.draining import waiting_line
from assignkit.desk.moving import ByHand
from assignkit.desk.receiving import CUSTOMERS, TASKS, Received, identify, known_kind, label_of, receive
from assignkit.desk.records import ItemRecords
from assignkit.desk.session import Session
from assignkit.desk.telling import Subscriber, Teller
from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Repository, Store
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.ruleset import RuleSet

T = TypeVar("T")
Progress = Callable[[int, int], None]

_log = logging.getLogger("assignkit")


class Desk:
    """Hands out items by one rule set, from one store. Synchronous and thread-safe.

    `seed` settles what nothing else does: the same input, seed, clock and rules give the same decisions everywhere.
    `zone` is the desk's time zone, for calendar days and for times of day in rules. Items are given as a model, a
    `(kind, id)` pair, a bare id, a mapping, or an object of the host's with an `id`; `kind` is `customers` unless the
    item itself says otherwise.
    """

    def __init__(
        self,
        rules: RuleSet,
        store: Store | None = None,
        *,
        clock: Clock | None = None,
        seed: str = "",
        zone: str = "UTC",
    ) -> None:
        _check_zone(zone)
        self._rules = rules
        self._store: Store = store if store is not None else MemoryStore()
        self._clock = clock if clock is not None else SystemClock()
        self._seed = seed
        self._zone = zone
        self._chains = Chains(rules)
        self._chains.check()
        self._kinds = frozenset(rules.schema.kinds)
        self._directory = Directory(rules, seed=seed)
        self._tracked = self._store.changes(None) is not None
        self._teller = Teller(self._store)
        self._lock = threading.Lock()
        self._items: dict[str, ItemRecords[Any]] = {}

    # --- records -----------------------------------------------------------------------------------------------------

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self._rules

    @property
    def agents(self) -> Repository[Agent]:
        """The agents."""
        return self._store.agents

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

        A model or mapping is stored with its decision. A held item is `kept` unless `force`d, a waiting or pooled one
        is tried again. With a host's `version`, `ConflictError` if the item is no longer at it. Raises
        `InvalidItemError` for an item that does not fit, `NotFoundError` for an unknown id, `IdempotencyError` for a
        `key` that was used for something else. Nobody eligible is an outcome, not an error.
        """
        decision = self._assign(item, kind=kind, key=key, request=Request(force, actor, version))
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
    ) -> list[Decision]:
        """Decide many items one after the other; returns their decisions in input order.

        An item that fails is a decision with outcome `error` and the message as its reason; the rest go on.
        `progress` is called with (done, total) after each item.
        """
        waiting = list(items)
        request = Request(force, actor)
        decisions = []
        for number, item in enumerate(waiting):
            one_key = None if key is None else f"{key}:{number}"
            decisions.append(self._assign_or_error(item, number, kind=kind, key=one_key, request=request))
            if self._teller.has_subscribers:
                self._teller.tell()
            if progress is not None:
                progress(number + 1, len(waiting))
        self._teller.tell()
        return decisions

    def tick(self) -> list[Decision]:
        """Try every waiting item again, the most urgent and longest waiting first; returns what changed hands or place.

        Idempotent: a second call with nothing new changes nothing.
        """
        line = self._run(lambda session: waiting_line(session.unit, session.now))
        changed = []
        for placement in line:
            item = (placement.kind, placement.item_id)
            decision = self._assign_or_error(item, 0, kind=None, key=None, request=Request())
            if decision.outcome == "error":
                _log.warning("%s `%s` cannot be tried again: %s", *item, "; ".join(decision.reasons))
            elif decision.outcome != "waiting" and "held" not in decision.reasons:  # somebody else was faster
                changed.append(decision)
        self._teller.tell()
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
        key: str | None = None,
    ) -> Decision:
        """Give the item to the agent `to`, whoever holds it now; the history keeps who did it and why.

        `NotEligibleError` if the agent is inactive, barred by a `never`, or full; `NotFoundError` for an unknown agent
        or item; `ConflictError` if `fence` is given and is no longer the item's.
        """
        agent_id = to.id if isinstance(to, Agent) else str(to)
        by_hand = ByHand(actor, reason, fence)
        arguments = {"to": agent_id, "actor": actor, "reason": reason}
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

        `InvalidTransitionError` if nobody holds it and it does not wait; `NotFoundError` for an item that the desk
        never saw, or a pool that neither the rules nor the store know; `ConflictError` if `fence` is given and is no
        longer the item's.
        """
        by_hand = ByHand(actor, reason, fence)
        arguments = {"pool": pool, "actor": actor, "reason": reason}
        return self._by_hand(
            "release",
            item_id,
            kind=kind,
            key=key,
            arguments=arguments,
            act=lambda s, i: moving.release(s, *i, pool, by_hand),
        )

    # --- asking ------------------------------------------------------------------------------------------------------

    def explain(self, item: Any, *, kind: str | None = None) -> Explanation:  # noqa: ANN401
        """Return what would become of the item now and why, every candidate looked at; nothing is written.

        For an item that an agent holds: how it got there.
        """
        return self._run(lambda session: inquiring.explain_now(session, self._receive(session, item, kind)))

    def why_not(self, agent_id: str | int | Agent, item: Any, *, kind: str | None = None) -> Explanation:  # noqa: ANN401
        """Return why the agent does not get the item now; `NotFoundError` for an unknown agent or id."""
        wanted = agent_id.id if isinstance(agent_id, Agent) else str(agent_id)
        return self._run(
            lambda session: inquiring.explain_why_not(
                session, session.agent(wanted), self._receive(session, item, kind)
            )
        )

    def history(self, item_id: Any, *, kind: str | None = None) -> list[Event]:  # noqa: ANN401
        """Return what happened to the item, oldest first; each event explains itself. Empty for an unknown item."""
        settled, identity = identify(item_id, kind=kind, kinds=self._kinds)
        return self._store.history.of_item(settled, identity)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event committed from now on; returns what ends the subscription."""
        return self._teller.subscribe(callback)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _run(self, act: Callable[[Session], T]) -> T:
        """Return what `act` gives, in one unit of work."""
        with self._store.unit() as unit:
            # What a store does not track has to be read anew.
            directory = self._directory if self._tracked else Directory(self._rules, seed=self._seed)
            directory.refresh(self._store, unit)
            now = self._clock.now().astimezone(UTC)
            return act(Session(unit, directory, self._rules, self._chains, self._seed, self._zone, now))

    def _run_and_tell(self, act: Callable[[Session], T]) -> T:
        result = self._run(act)
        self._teller.tell()
        return result

    def _receive(self, session: Session, item: Any, kind: str | None) -> Received:  # noqa: ANN401
        return receive(item, kind=kind, records=session.unit, kinds=self._kinds)

    def _assign(self, item: Any, *, kind: str | None, key: str | None, request: Request) -> Decision:  # noqa: ANN401
        def act(session: Session) -> Decision:
            received = self._receive(session, item, kind)
            if key is None:
                return assigning.assign(session, received, request)
            arguments = {
                "item": (received.kind, received.item_id, received.told),
                "force": request.force,
                "actor": request.actor,
                "version": request.version,
            }
            return answer_once(
                session.unit,
                "assign",
                key,
                arguments,
                lambda: assigning.assign(session, received, request),
                now=session.now,
            )

        return self._run(act)

    def _assign_or_error(
        self,
        item: Any,  # noqa: ANN401
        number: int,
        *,
        kind: str | None,
        key: str | None,
        request: Request,
    ) -> Decision:
        try:
            return self._assign(item, kind=kind, key=key, request=request)
        except AssignkitError as error:
            return _error_decision(item, number, kind, str(error))
        except Exception as error:  # noqa: BLE001 - a host's object may raise anything, and may not stop the batch
            _log.exception("item %d of the batch failed", number)
            return _error_decision(item, number, kind, f"{type(error).__name__}: {error}")

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


def _error_decision(item: object, number: int, kind: str | None, message: str) -> Decision:
    settled, identity = label_of(item, kind=kind)
    return Decision(kind=settled, item_id=identity or f"#{number + 1}", outcome="error", reasons=(message,))


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        msg = f"there is no time zone `{zone}`; names look like `Asia/Shanghai`"
        raise ConfigurationError(msg) from error
