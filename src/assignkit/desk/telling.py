"""Telling subscribers what was committed: in order, at least once, and never what was rolled back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from assignkit.model.assignment import Event
from assignkit.repositories.base import Store

Subscriber = Callable[[Event], None]

_log = logging.getLogger("assignkit")
_BATCH = 1000


class Teller:
    """Takes committed events from the outbox to the subscribers of one desk.

    A subscriber that raises is logged and passed over; it never undoes a decision. Without subscribers nothing is put
    into the outbox, and nothing taken from it.
    """

    def __init__(self, store: Store, *, listening: Callable[[], bool] = lambda: False) -> None:
        """`listening` says whether anybody else will take events from the outbox."""
        self._store = store
        self._listening = listening
        self._subscribers: list[Subscriber] = []
        self._lock = threading.RLock()
        self._telling = False

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every event committed from now on; returns what ends the subscription."""
        with self._lock:
            self._subscribers.append(subscriber)
        return lambda: self._unsubscribe(subscriber)

    @property
    def is_heard(self) -> bool:
        """Whether anybody is to be told of events."""
        return bool(self._subscribers) or self._listening()

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
