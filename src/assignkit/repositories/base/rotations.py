"""Whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from assignkit.model.placement import AgentLoad, Rotation, Seat


class RotationRepository(Protocol):
    """Whose turn it is: shared state per rotation, and one seat per agent in it."""

    def find(self, name: str) -> Rotation | None:
        """Return the rotation's shared state, or None if it never chose."""
        ...

    def put(self, rotation: Rotation) -> None:
        """Write the rotation's shared state."""
        ...

    def seat(self, name: str, agent_id: str) -> Seat | None:
        """Return the agent's seat in the rotation, or None for a newcomer."""
        ...

    def put_seat(self, name: str, seat: Seat) -> None:
        """Write one agent's seat."""
        ...

    def seats(self, name: str) -> list[Seat]:
        """Return all seats of the rotation, by agent id."""
        ...

    def list(self) -> list[Rotation]:
        """Return all rotations, by name."""
        ...


class Seated(NamedTuple):
    """One agent in one rotation: the seat, if there is one, and all that the agent carries, by kind."""

    rotation: str
    agent_id: str
    seat: Seat | None
    loads: Mapping[str, AgentLoad]
