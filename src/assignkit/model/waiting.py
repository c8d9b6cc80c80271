"""What waits, as people look at it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Because = Literal["patience", "share", "points"]


class WaitingView(BaseModel):
    """One waiting item and its `place` in line, from 1, if all that wait could be given away one after the other.

    `because` says what put it there: `patience`, as it has waited for longer than anything may wait behind others;
    `share`, as its category is due a part of what is given away (`due` says how many items, as exact text); or its
    `points`, exact text: the urgency, and what waiting adds to it. `credit_seconds` is what it counted as having waited
    when it came. An item that is on offer to several is not in line.
    """

    model_config = ConfigDict(frozen=True)

    place: int
    kind: str
    item_id: str
    because: Because
    points: str
    urgency: str
    waited_seconds: float
    category: str | None = None
    credit_seconds: float = 0
    due: str | None = None
    rule: str | None = None
    queue: str | None = None
    received_at: datetime
    next_retry_at: datetime | None = None

    def to_text(self) -> str:
        """Return it as a person reads it, in one line."""
        waited = f"waiting for {self.waited_seconds / 60:.0f} minutes"
        credit = f" and {self.credit_seconds / 60:.0f} more of credit" if self.credit_seconds else ""
        whose = f" of {self.category}" if self.category else ""
        told = {
            "patience": f"first of all, {waited}",
            "share": f"by the share{whose}: {self.due} due",
            "points": f"{self.points} points: urgency {self.urgency}, {waited}{credit}",
        }
        return f"{self.place}. {self.kind} {self.item_id}{whose}: {told[self.because]}"
