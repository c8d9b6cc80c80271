"""Assignments: who was given what, when, by what; and the events of the history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assignkit.model.record import Identity

Origin = Literal["rule", "person", "import", "claim", "handover"]


class Assignment(BaseModel):
    """One agent's holding of one item, from `assigned_at` until `ended_at` (None while it lasts).

    `target` is what the rule pointed at (`team "East"`): limits count by it.
    """

    model_config = ConfigDict(frozen=True)

    id: Identity
    kind: str
    item_id: Identity
    agent_id: Identity
    fence: int
    effort: int | Decimal = 1
    origin: Origin = "rule"
    rule: str | None = None
    step: int | None = None
    target: str | None = None
    rules_version: str | None = None
    assigned_at: datetime
    ended_at: datetime | None = None
    ended_because: str | None = None
    actor: str | None = None
    reason: str | None = None


EventType = Literal[
    "assigned", "kept", "waiting", "pooled", "rejected", "unmatched", "reassigned", "released", "imported", "corrected"
]


class Event(BaseModel):
    """One thing that happened, as the history keeps it; `number` orders all events of a store, from 1.

    `facts` is JSON-ready and holds identities and measures only, never personal data.
    """

    model_config = ConfigDict(frozen=True)

    number: int = 0
    id: str
    type: EventType
    at: datetime
    kind: str
    item_id: str
    agent_id: str | None = None
    fence: int | None = None
    rule: str | None = None
    actor: str | None = None
    reason: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
