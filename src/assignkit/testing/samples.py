"""Small records for the contracts, and the fixture that all contracts of a store share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assignkit.model.assignment import Assignment, Event
from assignkit.model.placement import Placement
from assignkit.repositories.base import Answer, Store

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


class OfStore:
    """A contract about a whole store."""

    def make_store(self) -> Store:
        """Return a new, empty store."""
        msg = f"{type(self).__name__} has to override make_store()"
        raise NotImplementedError(msg)

    @pytest.fixture
    def store(self) -> Store:
        """A new, empty store for each test."""
        return self.make_store()


def placed(item_id: str = "c1", **facts: Any) -> Placement:  # noqa: ANN401 - any facts of a placement
    """Return a placement of a customer, since `NOW`; with an agent it is held by fence 1."""
    held = {"state": "held", "fence": 1} if "agent_id" in facts else {}
    return Placement(**{"kind": "customers", "item_id": item_id, "received_at": NOW, "since": NOW, **held, **facts})


def assigned(id: str, item_id: str = "c1", **facts: Any) -> Assignment:  # noqa: ANN401 - any facts of an assignment
    """Return an open assignment of a customer to agent `li` at `NOW`, by fence 1, through target `East`."""
    usual = {"kind": "customers", "agent_id": "li", "fence": 1, "target": "East", "assigned_at": NOW}
    return Assignment(**{"id": id, "item_id": item_id, **usual, **facts})


def happened(id: str, item_id: str = "c1", **facts: Any) -> Event:  # noqa: ANN401 - any facts of an event
    """Return an event about a customer, at `NOW`."""
    return Event(**{"id": id, "type": "assigned", "at": NOW, "kind": "customers", "item_id": item_id, **facts})


def answered(key: str = "k1", operation: str = "assign", result: str = "{}") -> Answer:
    """Return an answer that was given at `NOW`."""
    return Answer(operation=operation, key=key, fingerprint="f", result=result, at=NOW)
