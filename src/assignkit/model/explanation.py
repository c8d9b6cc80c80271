"""Why: everything that a decision looked at, as data. Rendering to text stands in `wording.py`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assignkit.model.wording import render_text

TrialVerdict = Literal["matched", "failed", "unknown", "inactive", "passed over"]


class ReadValue(BaseModel):
    """A field that a condition read: `customer.province`, its value as JSON-ready data (None where missing).

    `problem` says why a value that is there counts as missing: it has the wrong type, or is a naive datetime.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    value: Any = None
    missing: bool = False
    problem: str | None = None


class RuleTrial(BaseModel):
    """How one rule fared: `clause` is the text that decided, `values` what it read.

    `matched`: its condition is true. `failed`: false. `unknown`: a missing value left it open. `inactive`: outside its
    dates. `passed over`: it matched, and `continue` handed the item on.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    position: int
    verdict: TrialVerdict
    clause: str | None = None
    line: int | None = None
    file: str | None = None
    values: tuple[ReadValue, ...] = ()


class CandidateView(BaseModel):
    """How one agent fared in one step: a reason code and its detail, or the key by which it was ranked.

    `rank` counts from 1 among the eligible; `hint` says what would have made the difference. `chance` is how probable
    it was that the draw would choose this agent, where one is drawn.
    """

    model_config = ConfigDict(frozen=True)

    agent_id: str
    code: str | None = None
    detail: dict[str, Any] = Field(default_factory=dict)
    rank: int | None = None
    key: tuple[str, ...] = ()
    hint: str | None = None
    chance: float | None = None


class StepTrial(BaseModel):
    """How one step of the rule fared: the action, how many members its target has, and who was looked at.

    `candidates` holds the first that were looked at (all, in a dry run); `counts` counts reason codes over all that
    were looked at; `examined` is how many that is: an order that stands sorted stops at the first who is eligible.
    """

    model_config = ConfigDict(frozen=True)

    step: int
    action: str
    rule: str | None = None
    result: Literal["chosen", "nobody", "not due", "done"]
    due_at: datetime | None = None
    members: int | None = None
    examined: int | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    candidates: tuple[CandidateView, ...] = ()
    winner: str | None = None
    runner_up: str | None = None


class Together(BaseModel):
    """What a batch that chose for many items at once says of one of its choices.

    `items` is how many were chosen for; `fit` how well the agent suits the item by the rule's preferences; `score` the
    fit of all less what crowding costs, and `gap` how far it may be from the best one: 0 is proven to be the best.
    """

    model_config = ConfigDict(frozen=True)

    items: int
    fit: float
    score: float
    gap: float


class Explanation(BaseModel):
    """Why a decision came out as it did; the same input gives the same bytes.

    `rules` are the rules tried, in order; `steps` the steps of the rule that decided; `notes` what else to know.
    `dry_run`: nothing was decided, this is what would be.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    item_id: str
    at: datetime | None = None
    outcome: str | None = None
    dry_run: bool = False
    agent_id: str | None = None
    rule: str | None = None
    step: int | None = None
    pool: str | None = None
    queue: str | None = None
    next_retry_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    rules: tuple[RuleTrial, ...] = ()
    steps: tuple[StepTrial, ...] = ()
    notes: tuple[str, ...] = ()
    together: Together | None = None
    rules_version: str | None = None
    seed: str | None = None

    def to_text(self, *, language: str = "en") -> str:
        """Return the explanation as a person reads it, in `en` or `zh`."""
        return render_text(self.model_dump(mode="json"), language=language)

    def to_json(self) -> str:
        """Return the explanation as JSON text."""
        try:
            return self.model_dump_json(exclude_none=True)
        except ValueError:  # half a character, which somebody's field held, has only an escape in JSON
            return json.dumps(self.model_dump(mode="json", exclude_none=True), separators=(",", ":"))

    def __str__(self) -> str:
        return self.to_text()
