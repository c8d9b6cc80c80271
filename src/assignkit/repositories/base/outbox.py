"""What is still to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assignkit.model.assignment import Event


class OutboxRepository(Protocol):
    """Events that are committed and not yet told to the outside."""

    def append(self, event: Event) -> None:
        """Add an event to be told."""
        ...

    def pending(self, *, limit: int = 1000) -> list[Event]:
        """Return at most `limit` events that are still to be told, oldest first."""
        ...

    def done(self, event_ids: Sequence[str]) -> None:
        """Mark events as told; unknown ids are passed over."""
        ...
