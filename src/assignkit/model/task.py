"""Tasks: work to be done, for a customer or not."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from assignkit.model.customer import Location
from assignkit.model.record import Identity, Item, Number, Texts


class Task(Item):
    """A piece of work. Only `id` is required.

    `customer` is the id of the customer that it is for; rules read that customer's fields as `task.customer.x`.
    `priority` is the host's own number, higher is more urgent; `progress` is 0 to 100.
    """

    title: str | None = None
    description: str | None = None
    type: str | None = None
    priority: Number | None = None
    customer: Identity | None = None
    project: str | None = None
    language: str | None = None
    province: str | None = None
    city: str | None = None
    location: Location | None = None
    skills: Texts = ()
    tags: Texts = ()
    difficulty: Number | None = None
    estimated_hours: Number | None = None
    progress: Annotated[Number, Field(ge=0, le=100)] = 0
    created_at: AwareDatetime | None = None
    planned_start_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
