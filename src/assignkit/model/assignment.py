"""Assignments: who was given what, when, by what; and the events of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from assignkit.model.explanation import Explanation, StepTrial
from assignkit.model.record import Identity

NOT_TAKEN_UP = frozenset(("declined", "expired", "rescinded"))  # how an offer ends that nobody accepted

Origin = Literal["rule", "person", "import", "claim", "handover"]


class Assignment(BaseModel):
    """One agent's holding of one item, from `assigned_at` until `ended_at` (None while it lasts).

    `target` is what the rule pointed at (`team "East"`): limits count by it. One that began as an offer says until when
    it could be accepted; `ended_because` is `declined`, `expired` or `rescinded` if it was not.
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
    assigned_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    ended_because: str | None = None
    offered_until: AwareDatetime | None = None
    actor: str | None = None
    reason: str | None = None

    @property
    def counts(self) -> bool:
        """Whether limits per period count it: an offer that was not taken up does not."""
        return self.ended_because not in NOT_TAKEN_UP


EventType = Literal[
    "assigned",
    "offered",
    "accepted",
    "declined",
    "expired",
    "rescinded",
    "kept",
    "waiting",
    "pooled",
    "rejected",
    "unmatched",
    "reassigned",
    "released",
    "imported",
    "completed",
    "presence",
    "corrected",
]


class Event(BaseModel):
    """One thing that happened, as the history keeps it; `number` orders all events of a store, from 1.

    `facts` is JSON-ready and holds identities and measures only, never personal data.
    """

    model_config = ConfigDict(frozen=True)

    number: int = 0
    id: str
    type: EventType
    at: AwareDatetime
    kind: str
    item_id: str
    agent_id: str | None = None
    fence: int | None = None
    rule: str | None = None
    actor: str | None = None
    reason: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)

    def __hash__(self) -> int:
        """Return a hash of what tells events apart: their facts are a map, which has none."""
        return hash((self.number, self.id))

    def explanation(self) -> Explanation:
        """Return why it happened, as far as the history keeps it: the deciding rule, and the first candidates."""
        steps = tuple(StepTrial.model_validate(step) for step in self.facts.get("steps", ()))
        pool = self.facts.get("pool")
        return Explanation(
            kind=self.kind,
            item_id=self.item_id,
            at=self.at,
            outcome="pooled" if self.type == "released" and pool is not None else _OUTCOMES[self.type],
            agent_id=self.agent_id,
            rule=self.rule,
            step=steps[-1].step if self.rule is not None and steps else None,
            pool=pool,
            queue=self.facts.get("queue"),
            next_retry_at=self.facts.get("next_retry_at"),
            reasons=tuple(self.facts.get("reasons", ())),
            steps=steps,
            notes=tuple(self._notes()),
            together=self.facts.get("together"),
            rules_version=self.facts.get("rules_version"),
        )

    def explain(self, *, language: str = "en") -> str:
        """Return why it happened, as text in `en` or `zh`."""
        return self.explanation().to_text(language=language)

    def _notes(self) -> Iterator[str]:
        if self.facts.get("from"):
            yield f"{self.facts['from']} had it before"
        if self.actor or self.reason:
            yield f"{self.type} by {self.actor or 'the desk'}: {self.reason or 'no reason given'}"


_OUTCOMES: Mapping[EventType, str] = {
    "assigned": "assigned",
    "offered": "offered",
    "accepted": "assigned",
    "declined": "waiting",
    "expired": "waiting",
    "rescinded": "waiting",
    "kept": "kept",
    "waiting": "waiting",
    "pooled": "pooled",
    "rejected": "rejected",
    "unmatched": "unmatched",
    "reassigned": "assigned",
    "released": "unmatched",
    "imported": "kept",
    "completed": "done",
    "presence": "none",
    "corrected": "none",
}
