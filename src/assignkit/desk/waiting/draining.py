"""Draining: the line of waiting items at one desk, in the order in which they are to be tried."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from assignkit.desk.deciding.item_fields import category_of
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.errors import AssignkitError
from assignkit.model.placement import Placement
from assignkit.model.record import Item
from assignkit.strategies.waiting import Dues, QueuePolicy, Serving, WaitingItem

_NOBODY: Mapping[str, int] = {}


class Line:
    """Waiting items, the next one first, each once; what becomes of them is to be told."""

    def __init__(self, queue: Queue, placements: Mapping[tuple[str, str], Placement], serving: Serving) -> None:
        self._queue = queue
        self._placements = placements
        self._serving = serving
        self._items: dict[tuple[str, str], WaitingItem] = {}

    def next(self) -> Placement | None:
        """Return the item that is to be tried next, or None at the end."""
        item = self._serving.next()
        if item is None:
            return None
        self._items[item.kind, item.item_id] = item
        return self._placements[item.kind, item.item_id]

    def left(self, placement: Placement, *, agent_id: str | None) -> None:
        """Note that an item does not wait any more: it came to an agent, or somewhere else."""
        item = self._items[placement.kind, placement.item_id]
        if agent_id is None:
            self._serving.gone(item)
        else:
            self._queue.serve(self._serving, item)


class Queue:
    """How the waiting items of one desk are weighed, and what its classes are due.

    What is due is known to this desk only, and forgotten with it: of several desks on one store each gives a class its
    share of the items that it hands out itself.
    """

    def __init__(self, policy: QueuePolicy) -> None:
        self.policy = policy
        self._dues: Dues = {}
        self._lock = threading.Lock()

    @property
    def dues(self) -> Dues:
        """What each class with a share is due, in items."""
        return self._dues

    def line(self, session: Session, placements: Iterable[Placement], *, beside: Iterable[Placement] = ()) -> Line:
        """Return the line of these items; `beside` are others that wait as well, and are not to be tried."""
        items = [(self.item(session, each), each) for each in placements]
        counts: Mapping[str, int] = _NOBODY
        if self.policy.shares:
            counts = Counter(self.item(session, placement).category for placement in beside)
        serving = Serving(
            (item for item, _ in items), now=session.now, policy=self.policy, dues=self._dues, beside=counts
        )
        return Line(self, {(place.kind, place.item_id): place for _, place in items}, serving)

    def item(self, session: Session, placement: Placement) -> WaitingItem:
        """Return the item as a line sees it."""
        return WaitingItem(
            kind=placement.kind,
            item_id=placement.item_id,
            received_at=placement.received_at,
            urgency=placement.urgency,
            category=class_of(session, placement) if self.policy.has_classes else "",
        )

    def serve(self, serving: Serving, item: WaitingItem) -> None:
        """Note that an item of a line came to somebody; others may have done so in other threads meanwhile."""
        with self._lock:
            self._dues = serving.served(item, self._dues)


def class_of(session: Session, placement: Placement) -> str:
    """Return the class of a waiting item: its category, empty where it has none, or cannot be looked at."""
    try:
        record = session.unit.items(placement.kind).find(placement.item_id)
        if record is None:
            return ""
        received = Received(placement.kind, placement.item_id, record, owned=isinstance(record, Item), given=False)
        return category_of(session.case(received, placement).world) or ""
    except AssignkitError:
        return ""  # whoever tries the item finds out what is wrong with it
