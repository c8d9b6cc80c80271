"""Who held what."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from assignkit.model.assignment import Assignment


class AssignmentRepository(Protocol):
    """Who held what, open and ended."""

    def add(self, assignment: Assignment) -> None:
        """Store a new assignment; `ConflictError` if the item has one with this fence, or two would be open."""
        ...

    def get(self, id: str) -> Assignment:
        """Return the assignment; `NotFoundError` if there is none."""
        ...

    def end(self, id: str, *, at: datetime, because: str) -> Assignment:
        """End an open assignment and return it; `ConflictError` if it has ended already."""
        ...

    def of_item(self, kind: str, item_id: str) -> list[Assignment]:
        """Return the item's assignments, oldest first: by fence."""
        ...

    def open_of_agent(self, agent_id: str) -> list[Assignment]:
        """Return the agent's open assignments, by (kind, item id)."""
        ...

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds that came through `target`."""
        ...

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came to the agent through `target` at or after `since`, ended ones included.

        Offers that were not taken up (see `Assignment.counts`) do not count.
        """
        ...
