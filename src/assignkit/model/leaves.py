"""Leaves: when somebody is away for days, and what becomes of their work meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from assignkit.messages.text import spelled_out
from assignkit.model.record import Identity

LeavePolicy = Literal["keep", "cover", "move"]

EXAMPLE = "2026-12-24 to 2026-12-31 cover li; 2027-02-17"
_TEXT = re.compile(
    r"(?P<start>\S+?)(?:\s*(?:\s(?:to|until|-)\s|\.\.|至|~)\s*(?P<until>[^\s]+))?"
    r"(?:\s+(?P<policy>keep|move|cover)(?:\s+(?P<cover>\S.*))?)?"
)


class Leave(BaseModel):
    """An absence from `start` until `until`; a day stands for all of it, in the agent's zone, an instant for itself.

    `policy` says what becomes of the agent's items: they are kept, covered by somebody until the return (`cover` names
    who), or moved for good. It may be given as text: `2026-12-24 to 2026-12-31 cover li`. One day is enough.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: AwareDatetime | date
    until: AwareDatetime | date
    policy: LeavePolicy = "keep"
    cover: Identity | None = None
    reason: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:  # noqa: ANN401 - whatever a host hands over
        fields: dict[str, Any]
        if isinstance(given, str):
            fields = _parts(given)
        elif isinstance(given, date):
            fields = {"start": given}
        elif isinstance(given, Mapping):
            fields = {"start" if name == "from" else name: value for name, value in given.items()}
        else:
            return given
        if "start" in fields and not isinstance(fields["start"], datetime):
            fields.setdefault("until", fields["start"])
        return fields

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        start, until = self.start, self.until
        if isinstance(start, datetime) and isinstance(until, datetime):
            wrong = until.astimezone(UTC) <= start.astimezone(UTC)
        else:
            wrong = _day(until) < _day(start)
        if wrong:
            msg = f"a leave that ends before it starts: from {start.isoformat()} until {until.isoformat()}"
            raise ValueError(msg)
        if self.cover is not None and self.policy != "cover":
            msg = f"`{self.cover}` covers nothing: the policy is `{self.policy}`"
            raise ValueError(msg)
        return self

    def starts_at(self, zone: str) -> datetime:
        """Return the first instant of the leave, in UTC; `zone` is where a day begins at midnight."""
        return _midnight(self.start, zone)

    def ends_at(self, zone: str) -> datetime:
        """Return the first instant after the leave, in UTC; a last day is included."""
        if isinstance(self.until, datetime):
            return self.until.astimezone(UTC)
        return _midnight(self.until + timedelta(days=1), zone)


def read_leaves(given: object) -> object:
    """Return the leaves in a text, separated by `;`, or in a list, as a list for pydantic to check."""
    if isinstance(given, str):
        return [part.strip() for part in given.replace("；", ";").split(";") if part.strip()]
    return [given] if isinstance(given, date | Leave | Mapping) else given


def _parts(text: str) -> dict[str, Any]:
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        msg = f"leaves like `{EXAMPLE}`, not `{spelled_out(text.strip())}`"
        raise ValueError(msg)
    return {name: part for name, part in found.groupdict().items() if part is not None}


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _midnight(value: date, zone: str) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time(), ZoneInfo(zone)).astimezone(UTC)
