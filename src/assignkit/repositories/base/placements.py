"""Where items are."""

from __future__ import annotations

from typing import Protocol

from assignkit.model.placement import Placement, PlacementState


class PlacementRepository(Protocol):
    """Where each item is: one placement per (kind, item id)."""

    def find(self, kind: str, item_id: str) -> Placement | None:
        """Return where the item is, or None if the desk never saw it."""
        ...

    def put(self, placement: Placement, *, expected_fence: int | None) -> None:
        """Write the placement if the stored fence is `expected_fence` (None: there is none yet), else `ConflictError`.

        The new fence may not be lower than the stored one, and must be higher when the holder changes.
        """
        ...

    def of_agent(self, agent_id: str) -> list[Placement]:
        """Return what the agent holds or is offered, by (kind, item id)."""
        ...

    def in_state(self, state: PlacementState) -> list[Placement]:
        """Return all items in this state, longest in it first, then by (kind, item id)."""
        ...
