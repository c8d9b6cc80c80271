"""Customers and leads."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from assignkit.model.record import Item, Number, Texts

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Location = tuple[Latitude, Longitude]


class Customer(Item):
    """A customer or lead. Only `id` is required; unknown fields are kept and can stand in rules by way of a schema.

    Money is in the host's currency; instants are aware; `location` is (latitude, longitude) in degrees.
    """

    name: str | None = None
    phones: Texts = ()
    emails: Texts = ()
    address: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    location: Location | None = None
    industry: str | None = None
    business_type: str | None = None
    size: str | None = None
    source: str | None = None
    intent: str | None = None
    expected_value: Number | None = None
    revenue: Number | None = None
    employees: Number | None = None
    tier: str | None = None
    score: Number | None = None
    language: str | None = None
    tags: Texts = ()
    stage: str = "potential"
    created_at: AwareDatetime | None = None
    last_contact_at: AwareDatetime | None = None
