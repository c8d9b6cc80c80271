"""`skill match`: who fits the rule's preferences best."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.exact import exact, spell
from assignkit.strategies.least_loaded import DEFAULT_CAPACITY, LeastLoaded


class SkillMatch(LeastLoaded):
    """The largest sum of weight × degree over the rule's `prefer` clauses, then least loaded.

    With an `overqualification` above 0, agents of equal fit are first sorted by it times `candidate.surplus`: those
    whose levels are least above what is wanted come first, so that experts stay free for what only they can do.
    `SkillIndex` finds the same agents in the same order without looking at everybody.
    """

    name = "skill match"
    standing = False

    def __init__(
        self, *, default_capacity: int | Decimal = DEFAULT_CAPACITY, overqualification: float | Decimal = 0
    ) -> None:
        super().__init__(default_capacity=default_capacity)
        penalty = exact(overqualification)
        if penalty is None or penalty < 0:
            msg = f"overqualification must be a number at least 0, not {overqualification}"
            raise ConfigurationError(msg)
        self.overqualification = penalty

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:
        """Return (−preference, overqualification × surplus, load ratio, idle since, items received)."""
        fit = -(exact(candidate.preference) or 0)
        surplus = self.overqualification * (exact(candidate.surplus) or 0)
        return (fit, surplus, *super().key(candidate, question))

    def rest(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:
        """Return the part of the key that is the same whatever is preferred."""
        return super().key(candidate, question)

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the preference and the load."""
        beyond = f", {spell(candidate.surplus)} beyond" if self.overqualification else ""
        return f"preference {spell(candidate.preference)}{beyond}, {super().describe(candidate, question)}"


class ClosestSkillMatch(SkillMatch):
    """As `skill match`, but of those who fit equally well, whose levels are least above what is wanted come first.

    So experts stay free for what only they can do. The language has no word of its own for it: rules say
    `by "closest skill match"`.
    """

    name = "closest skill match"

    def __init__(self, *, default_capacity: int | Decimal = DEFAULT_CAPACITY) -> None:
        super().__init__(default_capacity=default_capacity, overqualification=1)
