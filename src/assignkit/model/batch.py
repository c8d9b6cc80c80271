"""What deciding a batch gives: the decisions, and what deciding them together was worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from assignkit.model.decision import Decision


class BatchChoice(BaseModel):
    """One item of a batch that was chosen for: who has it now, and who would have it one after the other.

    `fit` is how well the agent suits the item by the preferences of the rule that found it; None where nobody has it.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    item_id: str
    agent_id: str | None = None
    fit: float | None = None
    greedy_agent_id: str | None = None
    greedy_fit: float | None = None


class BatchReport(BaseModel):
    """What was gained by deciding a batch together instead of one item after the other, as `assign_many` else does.

    Only items are counted that an agent could be chosen for. `late` is how many steps that find somebody were passed
    over for later ones, `preference` the sum of the fits, `crowding` how loaded the agents are, and `score` is
    preference − fairness × crowding. No plan for as many items by steps as early has a score above `bound`. The fields
    that begin with `greedy_` say what the same desk would have made of the same items one after the other, measured
    alike: on top of the loads that all other items of the batch leave. `planned` is False where that was as good, and
    was done.
    """

    model_config = ConfigDict(frozen=True)

    items: int
    placed: int
    late: int
    preference: float
    crowding: float
    score: float
    bound: float
    method: str
    planned: bool
    greedy_placed: int
    greedy_late: int
    greedy_preference: float
    greedy_crowding: float
    greedy_score: float
    choices: tuple[BatchChoice, ...] = ()

    @property
    def gap(self) -> float:
        """How far the score may be from the best one; 0 is proven to be the best."""
        return max(self.bound - self.score, 0.0)

    @property
    def optimal(self) -> bool:
        """Whether no way of placing as many items has a better score, up to the solver's rounding."""
        return self.gap <= 1e-6 * max(1.0, abs(self.score))

    @property
    def gained_items(self) -> int:
        """How many more items found somebody than one after the other."""
        return self.placed - self.greedy_placed

    @property
    def gained_steps(self) -> int:
        """How many steps earlier items are placed, all together; it may be negative only where more items are."""
        return self.greedy_late - self.late

    @property
    def gained_preference(self) -> float:
        """How much better the agents suit their items, all together; more items placed count here too."""
        return self.preference - self.greedy_preference

    @property
    def gained_score(self) -> float:
        """How much higher the score is; it may be negative only where `gained_items` or `gained_steps` is positive."""
        return self.score - self.greedy_score

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per item: who has it, how well they suit it, and the same one after the other."""
        return [choice.model_dump() for choice in self.choices]

    def __str__(self) -> str:
        proven = "the best there is" if self.optimal else f"at most {self.gap:.4g} below the best"
        return (
            f"{self.placed} of {self.items} items placed ({self.gained_items:+d} against one after the other), "
            f"fit {self.preference:.4g} ({self.gained_preference:+.4g}), score {self.score:.4g} "
            f"({self.gained_score:+.4g}), {proven}"
        )


class Decisions(list[Decision]):
    """The decisions of a batch, in input order; `report` where they were made together, else None."""

    report: BatchReport | None

    def __init__(self, decisions: Iterable[Decision] = (), report: BatchReport | None = None) -> None:
        super().__init__(decisions)
        self.report = report

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per decision, in input order, with every field of it."""
        return [decision.model_dump() for decision in self]
