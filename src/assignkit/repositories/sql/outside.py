"""Repositories outside a unit: each call is a unit of its own, or part of the one that the thread has open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assignkit.model.assignment import Event
from assignkit.repositories.sql.joining import JoinedUnits
from assignkit.repositories.sql.units import Units
from assignkit.repositories.sql.work import SqlUnit

# What needs no transaction, because it is one statement that changes nothing.
_READINGS = {
    *(
        "find",
        "get",
        "list",
        "of_agent",
        "of_agents",
        "in_state",
        "of_item",
        "open_of_agent",
        "count_open",
        "count_since",
    ),
    *("seat", "seats", "since", "pending", "files"),
}


class OneUnitPerCall:
    """Stands for the repository that `pick` takes out of a unit."""

    def __init__(self, units: Units[SqlUnit] | JoinedUnits[SqlUnit], pick: Callable[[SqlUnit], Any]) -> None:
        self._units = units
        self._pick = pick

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the repository has
        if name.startswith("_"):
            raise AttributeError(name)
        around = self._units.read if name in _READINGS else self._units.transact
        pick = self._pick

        def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the repository has it
            return around(lambda unit: getattr(pick(unit), name)(*arguments, **named))

        setattr(self, name, call)
        return call


class HistoryPerCall(OneUnitPerCall):
    """The history outside a unit: what is appended is numbered at once, as it is committed."""

    def append(self, event: Event) -> Event:
        """Store the event as the newest, and return it with its number; see `HistoryRepository.append`."""
        stored = self._units.transact(lambda unit: unit.history.append(event))
        if stored.number or self._units.is_open():
            return stored
        of_item = self._units.read(lambda unit: unit.history.of_item(event.kind, event.item_id))
        return next(one for one in of_item if one.id == event.id)
