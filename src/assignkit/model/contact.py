"""Follow-ups with a customer, and what colleagues say of them."""

from __future__ import annotations

from pydantic import AwareDatetime

from assignkit.model.record import Identity, Record


class Contact(Record):
    """One follow-up: a call, visit, message or note, with its result and what comes next."""

    kind: str = "customers"
    item_id: Identity | None = None
    agent_id: Identity | None = None
    at: AwareDatetime | None = None
    channel: str | None = None
    result: str | None = None
    note: str | None = None
    next_step: str | None = None
    next_contact_at: AwareDatetime | None = None


class Comment(Record):
    """What a person said about an item or a follow-up."""

    kind: str = "customers"
    item_id: Identity | None = None
    contact_id: Identity | None = None
    author: Identity | None = None
    at: AwareDatetime | None = None
    text: str | None = None
