"""Whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assignkit.model.placement import Rotation, Seat
from assignkit.repositories.memory.changes import ChangeJournal
from assignkit.repositories.memory.undo import UndoLog


class RotationBook:
    """Rotations by name, and their seats by agent."""

    def __init__(self, undo: UndoLog, changes: ChangeJournal) -> None:
        self._undo = undo
        self._changes = changes
        self._rotations: dict[str, Rotation] = {}
        self._seats: dict[str, dict[str, Seat]] = {}

    def find(self, name: str) -> Rotation | None:
        """Return the rotation's shared state, or None; see `RotationRepository.find`."""
        return self._rotations.get(name)

    def put(self, rotation: Rotation) -> None:
        """Write the rotation's shared state; see `RotationRepository.put`."""
        if isinstance(rotation.present, set):
            rotation = replace(rotation, present=frozenset(rotation.present))
        self._undo.write(self._rotations, rotation.name, rotation)

    def seat(self, name: str, agent_id: str) -> Seat | None:
        """Return the agent's seat, or None; see `RotationRepository.seat`."""
        seats = self._seats.get(name)
        return seats.get(agent_id) if seats else None

    def put_seat(self, name: str, seat: Seat) -> None:
        """Write one agent's seat; see `RotationRepository.put_seat`."""
        self._undo.write(self._seats.setdefault(name, {}), seat.agent_id, seat)
        self._changes.touch(seat.agent_id)

    def seats(self, name: str) -> list[Seat]:
        """Return all seats of the rotation; see `RotationRepository.seats`."""
        return [seat for _, seat in sorted(self._seats.get(name, {}).items())]

    def list(self) -> list[Rotation]:
        """Return all rotations; see `RotationRepository.list`."""
        return [rotation for _, rotation in sorted(self._rotations.items())]

    def problems(self) -> Iterator[str]:
        """Yield the rotations that are not known, but have seats."""
        for name, seats in self._seats.items():
            if seats and name not in self._rotations:
                yield f"there are {len(seats)} seats of rotation `{name}`, which is not known"
