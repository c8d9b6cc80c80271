"""What happened."""

from __future__ import annotations

from typing import Protocol

from assignkit.model.assignment import Event


class HistoryRepository(Protocol):
    """What happened, append-only."""

    def append(self, event: Event) -> Event:
        """Store the event as the newest, and return it with its number.

        Within a unit the number may be 0, if the store numbers what was committed when somebody reads it.
        """
        ...

    def of_item(self, kind: str, item_id: str) -> list[Event]:
        """Return the item's events, oldest first."""
        ...

    def since(self, number: int, *, limit: int = 1000) -> list[Event]:
        """Return at most `limit` events with a number above `number`, oldest first."""
        ...
