"""Agents: the people (or bots) who take customers and do tasks."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from assignkit.messages.text import spelled_out
from assignkit.model.customer import Location
from assignkit.model.frozen import FrozenDict
from assignkit.model.leaves import Leave, read_leaves
from assignkit.model.ratings import Ratings
from assignkit.model.record import Identity, Number, Record, Texts, Units
from assignkit.model.shifts import canonical_shifts


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        msg = f"there is no time zone `{spelled_out(value)}`; names look like `Asia/Shanghai`"
        raise ValueError(msg) from error
    return value


ZoneName = Annotated[str, AfterValidator(_known_zone)]
Capacity = Annotated[Units, Field(gt=0)]
Weight = Annotated[Units, Field(gt=0)]


def _one_text(value: object) -> object:
    # A file's list of parts is the same as one text with semicolons.
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value


Shifts = Annotated[str, BeforeValidator(_one_text), AfterValidator(canonical_shifts)]
Leaves = Annotated[tuple[Leave, ...], BeforeValidator(read_leaves)]


class Agent(Record):
    """Someone who can be given items. Only `id` is required.

    `capacity` maps a kind of item to units of effort; a kind that is not named is unlimited. `skills` maps a skill to
    its level. `weight` is the agent's share in weighted orders. A missing fact never excludes.

    `shifts` are weekly hours as text (`mon-fri 09:00-18:00; sat 10:00-14:00`), kept in canonical form, and `leaves`
    are absences; both are in the agent's `zone`, or the desk's. `presence` was said at `presence_at` and holds for
    `presence_seconds`. `quota` is how many items the agent should get per `quota_period`, a calendar period. `rating`
    is the mean of `rated` ratings, and `ratings` has those of each category.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    active: bool = True
    teams: frozenset[str] = frozenset()
    manager: Identity | None = None
    level: Number | None = None
    skills: dict[str, Number] = Field(default_factory=FrozenDict)
    languages: Texts = ()
    industries: Texts = ()
    provinces: Texts = ()
    city: str | None = None
    location: Location | None = None
    capacity: dict[str, Capacity] = Field(default_factory=FrozenDict)
    weight: Weight = 1
    quota: Annotated[Number, Field(ge=0)] | None = None
    quota_period: Literal["hour", "day", "week", "month"] = "month"
    rating: Number | None = None
    rated: Annotated[int, Field(ge=1)] | None = None
    ratings: dict[str, Ratings] = Field(default_factory=FrozenDict)
    zone: ZoneName | None = None
    shifts: Shifts | None = None
    leaves: Leaves = ()
    presence: Literal["online", "away", "offline"] | None = None
    presence_at: AwareDatetime | None = None
    presence_seconds: Annotated[Units, Field(gt=0)] | None = None
    signed_on_at: AwareDatetime | None = None
    hired_at: AwareDatetime | None = None
