"""Telling subscribers what was committed: in order, at least once, and never what was rolled back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from assignkit.desk.said import refuse_what_cannot_be_called
from assignkit.errors import AssignkitError
from assignkit.model.assignment import Event
from assignkit.repositories.base import Store

Subscriber = Callable[[Event], None]

_log = logging.getLogger("assignkit")
_BATCH = 1000


class Teller:
    """Takes committed events from the outbox to the subscribers of one desk.

    A subscriber that raises is logged and passed over; it never undoes a decision. A desk without subscribers takes
    nothing from the outbox: on a store that many share somebody else may listen, or begin to. On a store of its own it
    puts nothing in, either.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._subscribers: list[Subscriber] = []
        self._lock = threading.RLock()
        self._telling = False

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every event that is pending or to come; returns what ends the subscription."""
        refuse_what_cannot_be_called("callback", subscriber)
        with self._lock:
            self._subscribers.append(subscriber)
        return lambda: self._unsubscribe(subscriber)

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody listens at this desk."""
        return bool(self._subscribers)

    @property
    def is_heard(self) -> bool:
        """Whether there may be anybody to tell of events, at this desk or at another one."""
        return bool(self._subscribers) or self._store.shared

    def let_go(self, before: datetime) -> None:
        """Let go of events that happened before an instant and that nobody has wanted to hear since."""
        if self._subscribers or not self._store.shared:
            return
        limit = 1
        while events := [event for event in self._store.outbox.pending(limit=limit) if event.at < before]:
            self._store.outbox.done([event.id for event in events])
            limit = _BATCH

    def tell(self) -> None:
        """Hand all pending events to the subscribers, once what surrounds the call in this thread is committed.

        A call from within a subscriber leaves that to the outer one.
        """
        if self._subscribers:
            self._store.after_commit(self._tell)

    def _tell(self) -> None:
        with self._lock:
            if self._telling:
                return
            self._telling = True
            try:
                while events := self._store.outbox.pending(limit=_BATCH):
                    for event in events:
                        self._tell_all(event)
                    self._store.outbox.done([event.id for event in events])
            except AssignkitError:
                # What was decided is kept, and whoever asked for it has to hear of that; the events are still pending.
                _log.exception("events could not be told now; they are told with the next call")
            finally:
                self._telling = False

    def _tell_all(self, event: Event) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception:  # noqa: BLE001 - whatever a subscriber raises, the event is committed
                _log.exception("a subscriber failed on event %s", event.id)

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        with self._lock:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)
