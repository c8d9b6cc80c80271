"""What the desk answers: the outcome for one item, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from assignkit.errors import ConfigurationError
from assignkit.model.building import whole
from assignkit.model.explanation import Explanation

Outcome = Literal["assigned", "offered", "waiting", "pooled", "kept", "rejected", "unmatched", "done", "error"]


class Decision(BaseModel):
    """The outcome for one item. `reasons` are codes (`held`, `capacity`, `limit`, …), or the error's message.

    `agent_id` is who has the item now; `rule` and `step` (from 1) are what decided; `fence` is the item's current
    fence; `offer_id` is what `accept` and `decline` take, before `until`; `next_retry_at` is when a waiting item is
    next worth trying, None if only a change can help.
    """

    __slots__ = ("_explainer",)  # a private attribute would take a dict of its own, in millions of decisions

    model_config = ConfigDict(frozen=True)

    kind: str = "customers"
    item_id: str
    outcome: Outcome
    agent_id: str | None = None
    rule: str | None = None
    step: int | None = None
    target: str | None = None
    fence: int | None = None
    assignment_id: str | None = None
    offer_id: str | None = None
    until: datetime | None = None
    pool: str | None = None
    queue: str | None = None
    next_retry_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    rules_version: str | None = None
    at: datetime | None = None

    def explain(self, *, language: str = "en", format: Literal["text", "json"] = "text") -> str:
        """Return why, as text in `language` (`en` or `zh`), or as JSON text."""
        why = self.explanation()
        if format == "json":
            return why.to_json()
        if format == "text":
            return why.to_text(language=language)
        msg = f"an explanation comes as `text` or `json`, not `{format}`"
        raise ConfigurationError(msg)

    def explanation(self) -> Explanation:
        """Return why, as data. A decision that was read back from JSON has only its own fields to tell."""
        explainer = self._explained()
        if explainer is not None:
            return explainer()
        return Explanation(
            kind=self.kind,
            item_id=self.item_id,
            at=self.at,
            outcome=self.outcome,
            agent_id=self.agent_id,
            rule=self.rule,
            step=self.step,
            pool=self.pool,
            queue=self.queue,
            next_retry_at=self.next_retry_at,
            reasons=self.reasons,
            rules_version=self.rules_version,
        )

    def explained_by(self, explainer: Callable[[], Explanation]) -> Decision:
        """Attach where the full explanation comes from, and return this decision."""
        _put_explainer(self, explainer)
        return self

    def _explained(self) -> Callable[[], Explanation] | None:
        return getattr(self, "_explainer", None)

    def __copy__(self) -> Self:
        return self._as_explained(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self._as_explained(super().__deepcopy__(memo))

    def _as_explained(self, copy: Self) -> Self:
        explainer = self._explained()
        if explainer is not None:
            _put_explainer(copy, explainer)
        return copy

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "explainer": self._explained()}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        if state["explainer"] is not None:
            _put_explainer(self, state["explainer"])

    def __eq__(self, other: object) -> bool:
        """Compare what was decided; where an explanation comes from is no part of that."""
        return self.__dict__ == other.__dict__ if isinstance(other, Decision) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.kind, self.item_id, self.outcome, self.agent_id, self.fence, self.at))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.explain())}</pre>"


_put_explainer = Decision.__dict__["_explainer"].__set__  # past the refusal of a frozen model


def decision_of(values: dict[str, Any], explainer: Callable[[], Explanation]) -> Decision:
    """Return a decision of just these values, all of them and in the model's order, and of what explains it."""
    made = whole(Decision, values)
    _put_explainer(made, explainer)
    return made
