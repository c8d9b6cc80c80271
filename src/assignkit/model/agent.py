"""Agents: the people (or bots) who take customers and do tasks."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field

from assignkit.model.customer import Location
from assignkit.model.frozen import FrozenDict
from assignkit.model.record import Identity, Number, Record, Units


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        msg = f"there is no time zone `{value}`; names look like `Asia/Shanghai`"
        raise ValueError(msg) from error
    return value


ZoneName = Annotated[str, AfterValidator(_known_zone)]
Capacity = Annotated[Units, Field(gt=0)]
Weight = Annotated[Units, Field(gt=0)]


class Agent(Record):
    """Someone who can be given items. Only `id` is required.

    `capacity` maps a kind of item to units of effort; a kind that is not named is unlimited. `skills` maps a skill to
    its level. `weight` is the agent's share in weighted orders. A missing fact never excludes.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    active: bool = True
    teams: frozenset[str] = frozenset()
    manager: Identity | None = None
    level: Number | None = None
    skills: dict[str, Number] = Field(default_factory=FrozenDict)
    languages: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    city: str | None = None
    location: Location | None = None
    capacity: dict[str, Capacity] = Field(default_factory=FrozenDict)
    weight: Weight = 1
    quota: Number | None = None
    rating: Number | None = None
    zone: ZoneName | None = None
    presence: Literal["online", "away", "offline"] | None = None
    signed_on_at: AwareDatetime | None = None
    hired_at: AwareDatetime | None = None
