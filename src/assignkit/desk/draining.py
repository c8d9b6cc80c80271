"""Draining: items that wait are tried again, the most urgent and longest waiting first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from assignkit.model.placement import Placement
from assignkit.repositories.base import Unit
from assignkit.strategies.priority_queue import waiting_key


def waiting_line(unit: Unit, now: datetime) -> list[Placement]:
    """Return all waiting items in the order in which they are to be tried; O(n log n) in their number."""
    return in_line(unit.placements.in_state("waiting"), now)


def in_line(waiting: Iterable[Placement], now: datetime) -> list[Placement]:
    """Return waiting items in the order in which they are to be tried.

    Items of a `priority queue` and of every other rule stand in one line: by urgency and age, then first come first.
    """

    def key(placement: Placement) -> tuple[object, ...]:
        age = (now - placement.received_at).total_seconds()
        return (
            waiting_key(placement.urgency, age_seconds=age),
            placement.received_at,
            placement.kind,
            placement.item_id,
        )

    return sorted(waiting, key=key)
