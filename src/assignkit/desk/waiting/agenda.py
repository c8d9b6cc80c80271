"""What is due when: the ends of offers, and the instants at which waiting items are worth another look."""

from __future__ import annotations

from datetime import datetime
from heapq import heappop, heappush

from assignkit.desk.receiving import CUSTOMERS
from assignkit.model.placement import Placement
from assignkit.repositories.base import Unit

ItemKey = tuple[str, str]

_PAGE = 1000


class Agenda:
    """The due list of one desk, kept up to date from the history instead of read anew. Used inside units of work only.

    Reading costs O(events since the last time); asking what is due costs O(log n) for each item that is.
    """

    def __init__(self) -> None:
        self._seen: int | None = None
        self._due: dict[ItemKey, datetime] = {}
        self._queue: list[tuple[datetime, ItemKey]] = []

    def refresh(self, unit: Unit) -> bool:
        """Take over what happened since the last time, by whomever; the first time, everything that waits.

        Returns whether a customer moved, on whose owner tasks may hang.
        """
        if self._seen is None:
            self._load(unit)
            return True
        customers_moved = False
        while events := unit.history.since(self._seen, limit=_PAGE):
            for event in events:
                self._note(unit.placements.find(event.kind, event.item_id), (event.kind, event.item_id))
                customers_moved = customers_moved or event.kind == CUSTOMERS
            self._seen = events[-1].number
        return customers_moved

    def due(self, now: datetime) -> list[ItemKey]:
        """Return the items that are due now, the longest due first; they stay due until something becomes of them."""
        found: list[ItemKey] = []
        kept: list[tuple[datetime, ItemKey]] = []
        while self._queue and self._queue[0][0] <= now:
            at, item = heappop(self._queue)
            if self._due.get(item) == at and item not in found:
                found.append(item)
                kept.append((at, item))
        for entry in kept:
            heappush(self._queue, entry)
        return found

    def __len__(self) -> int:
        return len(self._due)

    def _load(self, unit: Unit) -> None:
        for placement in (*unit.placements.in_state("offered"), *unit.placements.in_state("waiting")):
            self._note(placement, (placement.kind, placement.item_id))
        self._seen = last_number(unit)

    def _note(self, placement: Placement | None, item: ItemKey) -> None:
        at = due_at(placement)
        if at is None:
            self._due.pop(item, None)
        elif self._due.get(item) != at:
            self._due[item] = at
            heappush(self._queue, (at, item))


def due_at(placement: Placement | None) -> datetime | None:
    """Return when time alone calls for the item: its offer ends, or it is worth another try; None for never."""
    if placement is None or placement.state not in ("waiting", "offered"):
        return None
    return placement.offer_until or placement.next_retry_at


def last_number(unit: Unit) -> int:
    """Return the number of the newest event, in O(log n) look-ups."""
    low, high = 0, 1
    while unit.history.since(high, limit=1):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if unit.history.since(middle, limit=1):
            low = middle + 1
        else:
            high = middle
    return low
